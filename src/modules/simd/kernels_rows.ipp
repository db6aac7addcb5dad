// Row and unit arithmetic around the masked sums: plain loops that the compiler vectorizes for the
// instruction set of the including file. Include inside an anonymous namespace, behind modules/simd/kernels.hpp.
// Each formula is the one of model/number_formats.hpp and of docs/architecture.md.

std::int32_t sum(const std::int16_t* activations, std::size_t count) {
    std::int32_t total = 0;
    for (std::size_t k = 0; k < count; ++k) total += activations[k];
    return total;
}

void one_hot(const std::int8_t* weights, int shift, std::size_t row_begin, std::size_t row_end,
             std::int32_t* __restrict sums) {
    const std::int32_t one = 1 << shift;
    for (std::size_t row = row_begin; row < row_end; ++row) sums[row] = weights[row] * one;
}

/// An exact sum, shifted, saturated to kBits. Shifts left are of unsigned: those of negative numbers are undefined.
template <int kBits>
inline std::int64_t shift_and_saturate(std::int64_t sum, int left, int right) {
    constexpr std::int64_t kHigh = (std::int64_t{1} << (kBits - 1)) - 1;
    sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) << left) >> right;
    sum = sum > kHigh ? kHigh : sum;
    return sum < -kHigh - 1 ? -kHigh - 1 : sum;
}

/// z of any sums; the levels have faster ones for narrow sums.
void scale_bias_wide_z(const ScaleBiasArguments& a, std::size_t begin, std::size_t end, std::int16_t* __restrict z) {
    const int right = a.shift > 0 ? a.shift : 0;
    const int left = a.shift < 0 ? -a.shift : 0;
    for (std::size_t row = begin; row < end; ++row) {
        std::int64_t sum = (row % 2 == 0 ? a.even_bias : a.odd_bias)[row / 2];
        for (int part = 0; part < 2; ++part) {
            const std::int64_t m = a.parts[part][row];
            sum += (a.masked_sum[part] ? 2 * m - a.activation_sums[part] : m) * a.mantissas[part][row];
        }
        z[row] = static_cast<std::int16_t>(shift_and_saturate<16>(sum, left, right));
    }
}

void scale_bias_logits(const ScaleBiasArguments& a, std::size_t begin, std::size_t end,
                       std::int32_t* __restrict logits) {
    const std::int32_t* parts = a.parts[0];
    const std::int32_t* mantissas = a.mantissas[0];
    const std::int64_t* bias = a.bias;
    const int right = a.shift > 0 ? a.shift : 0;
    const int left = a.shift < 0 ? -a.shift : 0;
    const std::int64_t factor = a.masked_sum[0] ? 2 : 1;
    const std::int64_t activation_sum = a.masked_sum[0] ? a.activation_sums[0] : 0;
    for (std::size_t row = begin; row < end; ++row) {
        // |operand| < 2^31, so the product is one of 32 x 32 to 64 bits.
        const auto operand = static_cast<std::int32_t>(factor * parts[row] - activation_sum);
        const std::int64_t sum = bias[row] + std::int64_t{operand} * mantissas[row];
        logits[row] = static_cast<std::int32_t>(shift_and_saturate<32>(sum, left, right));
    }
}

/// Entries of 64 addresses, four at a time through a register. Vectors put together from single loads are slower.
#if defined(__GNUC__) && !defined(__clang__)
__attribute__((optimize("no-tree-vectorize", "no-tree-slp-vectorize")))
#endif
void gather(const std::uint16_t* addresses, const std::int16_t* table, std::int16_t* results) {
    for (int k = 0; k < 64; k += 4) {
        std::uint64_t four = 0;
        std::memcpy(&four, addresses + k, sizeof four);
        for (int element = 0; element < 4; ++element, four >>= 16) results[k + element] = table[four & 0xFFFF];
    }
}

/// For any table.
void look_up_in_memory(const std::int16_t* values, const std::int16_t* table, int address_bits, std::size_t count,
                       std::int16_t* results) {
    const int shift = 16 - address_bits;
    const auto half = static_cast<std::int16_t>(1 << (shift - 1));
    const auto highest = static_cast<std::int16_t>(32767 - half); // rounding can only leave the range at the top
    constexpr std::size_t kBatch = 64;
    std::uint16_t addresses[kBatch] = {};
    std::int16_t rest[kBatch];
    for (std::size_t first = 0; first < count; first += kBatch) {
        const std::size_t batch = count - first < kBatch ? count - first : kBatch;
        for (std::size_t k = 0; k < batch; ++k) {
            const std::int16_t value = values[first + k] < highest ? values[first + k] : highest;
            // Two's complement: the address is the upper bits.
            addresses[k] = static_cast<std::uint16_t>(static_cast<std::uint16_t>(value + half) >> shift);
        }
        gather(addresses, table, batch == kBatch ? results + first : rest);
        if (batch < kBatch) std::memcpy(results + first, rest, batch * sizeof *rest);
    }
}

void next_cells(const std::int16_t* f, const std::int16_t* c, const std::int16_t* i, const std::int16_t* g,
                std::size_t count, std::int16_t* next) {
// next may be c itself, element by element
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
    for (std::size_t k = 0; k < count; ++k) {
        // (16 f c + i g + 2^18) >> 19, in 32 bits: the low four bits of the second part cannot carry.
        const std::int32_t rounded = i[k] * g[k] + (1 << 18);
        std::int32_t cell = (f[k] * c[k] + (rounded >> 4)) >> 15;
        cell = cell > 32767 ? 32767 : cell;
        cell = cell < -32768 ? -32768 : cell;
        next[k] = static_cast<std::int16_t>(cell);
    }
}

void cells_as_z(const std::int16_t* c, std::size_t count, std::int16_t* __restrict z) {
    for (std::size_t k = 0; k < count; ++k) {
        std::int32_t value = c[k] * 2;
        value = value > 32767 ? 32767 : value;
        z[k] = static_cast<std::int16_t>(value < -32768 ? -32768 : value);
    }
}

void next_hidden(const std::int16_t* o, const std::int16_t* tanh_c, std::size_t count, int activation_bits,
                 std::int16_t* __restrict hidden) {
    if (activation_bits == 1) {
        for (std::size_t k = 0; k < count; ++k) hidden[k] = o[k] * tanh_c[k] >= 0 ? 1 : -1;
        return;
    }
    const int shift = 30 - (activation_bits - 1);
    const std::int32_t half = 1 << (shift - 1);
    const std::int32_t high = (1 << (activation_bits - 1)) - 1;
    for (std::size_t k = 0; k < count; ++k) {
        std::int32_t value = (o[k] * tanh_c[k] + half) >> shift;
        value = value > high ? high : value;
        value = value < -high - 1 ? -high - 1 : value;
        hidden[k] = static_cast<std::int16_t>(value);
    }
}

void candidate_sums(const std::int16_t* x, const std::int16_t* r, const std::int16_t* h, std::size_t count,
                    std::int16_t* __restrict u) {
    for (std::size_t k = 0; k < count; ++k) { // (2^15 x + r h + 2^14) >> 15: the first summand has no bits below
        std::int32_t sum = x[k] + ((r[k] * h[k] + (1 << 14)) >> 15);
        sum = sum > 32767 ? 32767 : sum;
        u[k] = static_cast<std::int16_t>(sum < -32768 ? -32768 : sum);
    }
}

void next_states(const std::int16_t* n, const std::int16_t* z, const std::int16_t* s, std::size_t count,
                 std::int16_t* next) {
// next may be s itself, element by element
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
    for (std::size_t k = 0; k < count; ++k) {
        // z (s - n) fits 32 bits, and the result lies between n and s, as z is 0 to 1.
        const std::int32_t sum = n[k] * (1 << 15) + z[k] * (s[k] - n[k]);
        next[k] = static_cast<std::int16_t>((sum + (1 << 14)) >> 15);
    }
}

void states_as_hidden(const std::int16_t* s, std::size_t count, int activation_bits, std::int16_t* __restrict hidden) {
    if (activation_bits == 1) {
        for (std::size_t k = 0; k < count; ++k) hidden[k] = s[k] >= 0 ? 1 : -1;
        return;
    }
    const int shift = 16 - activation_bits;
    const std::int32_t half = shift > 0 ? 1 << (shift - 1) : 0;
    const std::int32_t high = (1 << (activation_bits - 1)) - 1;
    for (std::size_t k = 0; k < count; ++k) {
        const std::int32_t value = (s[k] + half) >> shift;
        hidden[k] = static_cast<std::int16_t>(value > high ? high : value);
    }
}

/// A level with the functions of this file. The including file sets what it does itself: the tables, masked_sums, and
/// what it has faster functions for.
Kernels kernels_with_shared_functions(const char* name) {
    Kernels kernels;
    kernels.name = name;
    kernels.one_hot = one_hot;
    kernels.sum = sum;
    kernels.scale_bias_z = scale_bias_wide_z;
    kernels.scale_bias_logits = scale_bias_logits;
    kernels.look_up = look_up_in_memory;
    kernels.next_cells = next_cells;
    kernels.cells_as_z = cells_as_z;
    kernels.next_hidden = next_hidden;
    kernels.candidate_sums = candidate_sums;
    kernels.next_states = next_states;
    kernels.states_as_hidden = states_as_hidden;
    return kernels;
}
