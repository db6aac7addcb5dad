// The machine's number formats (docs/architecture.md, "Number formats"): two's complement, rounded half
// up, saturated after rounding. Every function here is one line of that table.
#pragma once

#include <cstdint>
#include <vector>

namespace bru {

/// What a user chooses; everything else is fixed by the constants below.
struct NumberFormats {
    int activation_bits = 8;   ///< A: inputs and h; 1 means +1 or -1
    int lut_address_bits = 10; ///< N: address bits of the sigmoid and tanh tables
    int scale_bits = 16;       ///< mantissa bits of a scale

    bool operator==(const NumberFormats& other) const {
        return activation_bits == other.activation_bits && lut_address_bits == other.lut_address_bits &&
               scale_bits == other.scale_bits;
    }
};

inline constexpr int kMinActivationBits = 1;
inline constexpr int kMaxActivationBits = 16;
inline constexpr int kMinLutAddressBits = 4;
inline constexpr int kMaxLutAddressBits = 14;
inline constexpr int kMinScaleBits = 2;
inline constexpr int kMaxScaleBits = 16;

inline constexpr int kZFractionBits = 12; ///< z is Q3.12
inline constexpr int kZBits = 16;
inline constexpr int kGateFractionBits = 15; ///< gates and table entries
inline constexpr int kCellFractionBits = 11; ///< c is Q4.11
inline constexpr int kCellBits = 16;
inline constexpr int kStateFractionBits = 15; ///< s of a GRU, in the place of c
inline constexpr int kLogitFractionBits = 16;
inline constexpr int kLogitBits = 32;
inline constexpr int kBiasBits = 48;
inline constexpr int kScaleFieldBits = 16; ///< of a mantissa in memory, whatever scale_bits says
inline constexpr int kTableEntryBits = 16; ///< of the sigmoid and tanh tables

/// Adds half an LSB and shifts right: value / 2^shift, ties towards plus infinity. shift may be
/// negative (an exact left shift).
constexpr std::int64_t round_shift(std::int64_t value, int shift) {
    return shift <= 0 ? value * (std::int64_t{1} << -shift) : (value + (std::int64_t{1} << (shift - 1))) >> shift;
}

/// Clamps to what `bits` bits of two's complement hold.
constexpr std::int64_t saturate(std::int64_t value, int bits) {
    const std::int64_t high = (std::int64_t{1} << (bits - 1)) - 1;
    return value > high ? high : value < -high - 1 ? -high - 1 : value;
}

/// Fraction bits of an activation and of a part: A - 1.
constexpr int activation_fraction_bits(int activation_bits) { return activation_bits - 1; }

/// A real number as an activation of A bits with the value integer * 2^(exponent - A + 1); A = 1: +1 or -1,
/// zero gives +1. The number is finite. `saturated` says that the number lay outside the format (never so for A = 1).
struct QuantizedActivation {
    std::int32_t integer = 0;
    bool saturated = false;
};
QuantizedActivation quantize_activation(double value, int exponent, int activation_bits);

/// The same for many values of one exponent and width.
class ActivationQuantizer {
public:
    ActivationQuantizer(int exponent, int activation_bits);
    QuantizedActivation operator()(double value) const {
        if (activation_bits_ == 1) return {value >= 0 ? 1 : -1, false};
        const double scaled = value * factor_ + 0.5;
        if (!(scaled < high_ + 1)) return {static_cast<std::int32_t>(high_), true};
        if (scaled < -high_ - 1) return {static_cast<std::int32_t>(-high_ - 1), true};
        const auto truncated = static_cast<std::int32_t>(scaled);
        return {truncated > scaled ? truncated - 1 : truncated, false};
    }

private:
    int activation_bits_;
    double factor_; ///< a power of two
    double high_;   ///< the largest activation
};

/// The inverse: the real number that an activation stands for.
double activation_value(std::int32_t integer, int exponent, int activation_bits);

enum class TableFunction { sigmoid, tanh };

/// 2^address_bits entries of 16 bits, 15 fraction bits, indexed by the address as an unsigned number
/// (two's complement address a is at index a mod 2^address_bits).
std::vector<std::int16_t> make_table(TableFunction function, int address_bits);

/// Table address (signed) of a z in Q3.12.
constexpr std::int32_t table_address(std::int32_t z, int address_bits) {
    return static_cast<std::int32_t>(saturate(round_shift(z, kZBits - address_bits), address_bits));
}

/// c' from the gates (15 fraction bits) and c (Q4.11): exact sum, one rounding, saturated.
constexpr std::int32_t next_cell(std::int32_t f, std::int32_t c, std::int32_t i, std::int32_t g) {
    const std::int64_t sum = std::int64_t{f} * c * 16 + std::int64_t{i} * g;
    return static_cast<std::int32_t>(saturate(round_shift(sum, 2 * kGateFractionBits - kCellFractionBits), kCellBits));
}

/// c as the Q3.12 number whose tanh is looked up.
constexpr std::int32_t cell_as_z(std::int32_t c) {
    return static_cast<std::int32_t>(saturate(std::int64_t{c} * 2, kZBits));
}

/// h from o and tanh(c) (15 fraction bits each): A bits, or +1/-1 for A = 1.
constexpr std::int32_t next_hidden(std::int32_t o, std::int32_t tanh_c, int activation_bits) {
    const std::int64_t product = std::int64_t{o} * tanh_c;
    if (activation_bits == 1) return product >= 0 ? 1 : -1;
    return static_cast<std::int32_t>(saturate(
        round_shift(product, 2 * kGateFractionBits - activation_fraction_bits(activation_bits)), activation_bits));
}

/// The argument u of a GRU's candidate: the sum of x, and r (15 fraction bits) times the sum of h; Q3.12 all but r.
constexpr std::int32_t candidate_sum(std::int32_t x, std::int32_t r, std::int32_t h) {
    const std::int64_t sum = std::int64_t{x} * (1 << kGateFractionBits) + std::int64_t{r} * h;
    return static_cast<std::int32_t>(saturate(round_shift(sum, kGateFractionBits), kZBits));
}

/// s' of a GRU from the candidate n, z and s (15 fraction bits each): n + z (s - n), one rounding.
constexpr std::int32_t next_state(std::int32_t n, std::int32_t z, std::int32_t s) {
    const std::int64_t sum = std::int64_t{n} * (1 << kGateFractionBits) + std::int64_t{z} * (s - n);
    return static_cast<std::int32_t>(saturate(round_shift(sum, kGateFractionBits), kCellBits));
}

/// h of a GRU from s (15 fraction bits): A bits, or +1/-1 for A = 1.
constexpr std::int32_t state_as_hidden(std::int32_t s, int activation_bits) {
    if (activation_bits == 1) return s >= 0 ? 1 : -1;
    return static_cast<std::int32_t>(
        saturate(round_shift(s, kStateFractionBits - activation_fraction_bits(activation_bits)), activation_bits));
}

} // namespace bru
