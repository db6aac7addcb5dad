// Row and unit arithmetic after the masked sums: plain loops that the compiler vectorizes for the
// instruction set of the including file. Include inside an anonymous namespace.
// Each formula is the one of model/number_formats.hpp and of docs/architecture.md.

template <int kPartCount>
void scale_bias_rows(const ScaleBiasArguments& a, std::size_t begin, std::size_t end) {
    const std::int64_t high = (std::int64_t{1} << (a.bits - 1)) - 1;
    const int doubling0 = a.masked_sum[0] ? 1 : 0; // shifts of unsigned: a left shift of a negative number is undefined
    const int doubling1 = a.masked_sum[1] ? 1 : 0;
    const std::int64_t sum0 = a.masked_sum[0] ? a.activation_sums[0] : 0;
    const std::int64_t sum1 = a.masked_sum[1] ? a.activation_sums[1] : 0;
    const std::int32_t* parts0 = a.parts[0];
    const std::int32_t* parts1 = a.parts[1];
    const std::int32_t* mantissas0 = a.mantissas[0];
    const std::int32_t* mantissas1 = a.mantissas[1];
    const std::int64_t* bias = a.bias;
    std::int32_t* __restrict result = a.result;
    const int right = a.shift > 0 ? a.shift : 0;
    const int left = a.shift < 0 ? -a.shift : 0;
    for (std::size_t row = begin; row < end; ++row) {
        // |operand| < 2^31, so the products are 32 x 32 to 64 bits.
        const auto operand0 = static_cast<std::int32_t>(static_cast<std::int64_t>(static_cast<std::uint64_t>(std::int64_t{parts0[row]}) << doubling0) - sum0);
        std::int64_t sum = bias[row] + static_cast<std::int64_t>(operand0) * mantissas0[row];
        if (kPartCount == 2) {
            const auto operand1 = static_cast<std::int32_t>(static_cast<std::int64_t>(static_cast<std::uint64_t>(std::int64_t{parts1[row]}) << doubling1) - sum1);
            sum += static_cast<std::int64_t>(operand1) * mantissas1[row];
        }
        sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) << left) >> right;
        sum = sum > high ? high : sum;
        sum = sum < -high - 1 ? -high - 1 : sum;
        result[row] = static_cast<std::int32_t>(sum);
    }
}

void scale_bias(const ScaleBiasArguments& a, std::size_t begin, std::size_t end) {
    if (a.part_count == 2)
        scale_bias_rows<2>(a, begin, end);
    else
        scale_bias_rows<1>(a, begin, end);
}

void next_cells(const std::int32_t* f, const std::int32_t* c, const std::int32_t* i, const std::int32_t* g,
                std::size_t count, std::int32_t* next) {
#pragma GCC ivdep // next may be c itself, element by element
    for (std::size_t k = 0; k < count; ++k) {
        const std::int64_t sum =
            static_cast<std::int64_t>(f[k] * c[k]) * 16 + static_cast<std::int64_t>(i[k] * g[k]) + (1 << 18);
        std::int64_t cell = sum >> 19;
        cell = cell > 32767 ? 32767 : cell;
        cell = cell < -32768 ? -32768 : cell;
        next[k] = static_cast<std::int32_t>(cell);
    }
}

void cells_as_z(const std::int32_t* c, std::size_t count, std::int32_t* __restrict z) {
    for (std::size_t k = 0; k < count; ++k) {
        std::int32_t value = c[k] * 2;
        value = value > 32767 ? 32767 : value;
        z[k] = value < -32768 ? -32768 : value;
    }
}

void next_hidden(const std::int32_t* o, const std::int32_t* tanh_c, std::size_t count, int activation_bits,
                 std::int16_t* __restrict hidden) {
    if (activation_bits == 1) {
        for (std::size_t k = 0; k < count; ++k) hidden[k] = o[k] * tanh_c[k] >= 0 ? 1 : -1;
        return;
    }
    const int shift = 30 - (activation_bits - 1);
    const std::int32_t half = 1 << (shift - 1);
    const std::int32_t high = (1 << (activation_bits - 1)) - 1;
    for (std::size_t k = 0; k < count; ++k) {
        std::int32_t value = (o[k] * tanh_c[k] + half) >> shift; // |o tanh(c)| < 2^30
        value = value > high ? high : value;
        value = value < -high - 1 ? -high - 1 : value;
        hidden[k] = static_cast<std::int16_t>(value);
    }
}
