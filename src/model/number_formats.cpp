#include "model/number_formats.hpp"

#include <algorithm>
#include <cmath>

namespace bru {

QuantizedActivation quantize_activation(double value, int exponent, int activation_bits) {
    return ActivationQuantizer(exponent, activation_bits)(value);
}

ActivationQuantizer::ActivationQuantizer(int exponent, int activation_bits)
    : activation_bits_(activation_bits), factor_(std::ldexp(1.0, activation_fraction_bits(activation_bits) - exponent)),
      high_(std::ldexp(1.0, activation_bits - 1) - 1) {}

double activation_value(std::int32_t integer, int exponent, int activation_bits) {
    return std::ldexp(integer, exponent - activation_fraction_bits(activation_bits));
}

std::vector<std::int16_t> make_table(TableFunction function, int address_bits) {
    const std::int32_t entries = std::int32_t{1} << address_bits;
    std::vector<std::int16_t> table(entries);
    for (std::int32_t address = -entries / 2; address < entries / 2; ++address) {
        const double argument = std::ldexp(address, 4 - address_bits);
        const double value = function == TableFunction::sigmoid ? 1 / (1 + std::exp(-argument)) : std::tanh(argument);
        const double entry = std::floor(std::ldexp(value, kGateFractionBits) + 0.5);
        table[address & (entries - 1)] = static_cast<std::int16_t>(std::clamp(entry, -32768.0, 32767.0));
    }
    return table;
}

} // namespace bru
