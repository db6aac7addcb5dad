// From real scales and biases to mantissas, one binary point per layer direction, and 48-bit integers, with
// the checks that make every later sum of the machine and of the reference exact.
#include "model/quantized_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"

namespace bru {
namespace {

constexpr int kExponentOfZeroScales = 16;       ///< k where every scale of the rows is zero
constexpr double kBiasLimit = 70368744177664.0; ///< 2^46: leaves the products room in 48 bits
constexpr double kSumLimit = 140737488355328.0; ///< 2^47: what 48 bits hold
constexpr double kNarrowPartLimit = 16777216.0; ///< 2^24: one DSP48 multiplier input, A <= 8
constexpr double kWidePartLimit = 2147483648.0; ///< 2^31: the accumulator, A > 8
constexpr int kMostPaddings = 63;               ///< columns that a lane of the widest kind pads (A = 1)

/// One part of the rows before quantization: scale = weights->scales[row] * 2^exponent.
struct RealPart {
    const WeightMatrix* weights;
    bool one_hot;
    int exponent;

    double scale(int row) const { return std::ldexp(weights->scales[row], exponent); }
};

/// All rows that share one binary point, and how to name them in a message.
struct RealRows {
    std::vector<RealPart> parts;
    const std::vector<double>* bias;
    int result_fraction_bits; ///< of z or of a logit
    std::string where;        ///< "layer 0 forward"; messages put the name of the file in front
    int units;                ///< H for gate-major LSTM rows, 0 for dense rows

    int row_count() const { return count_of(*bias); }
    std::string row_name(int row) const {
        if (units == 0) return fmt::format("{}, output {}", where, row);
        return fmt::format("{}, gate {} of unit {}", where, "ifgo"[row / units], row % units);
    }
};

double round_half_up(double value) { return std::floor(value + 0.5); }

/// The largest magnitude that the part of a row can take, as an integer.
double largest_part(const RealPart& part, int row, int activation_bits) {
    const std::size_t columns = part.weights->columns;
    const std::int8_t* values = part.weights->values.data() + row * columns;
    std::int64_t sum = 0;
    std::int64_t largest = 0;
    for (std::size_t column = 0; column < columns; ++column) {
        const std::int64_t magnitude = std::abs(values[column]);
        sum += magnitude;
        largest = std::max(largest, magnitude);
    }
    return std::ldexp(part.one_hot ? largest : sum, activation_bits - 1);
}

void check_parts(const RealRows& rows, int activation_bits) {
    const double limit = activation_bits <= 8 ? kNarrowPartLimit : kWidePartLimit;
    for (int row = 0; row < rows.row_count(); ++row) {
        for (const RealPart& part : rows.parts) {
            const double magnitude = largest_part(part, row, activation_bits);
            if (magnitude < limit) continue;
            throw InputError({"", 0, rows.row_name(row)},
                             fmt::format("{} inputs of {} bits with {}-plane weights can sum up to {:.0f}, and a "
                                         "part must stay below {:.0f}; "
                                         "use fewer activation bits, fewer weight bits or a smaller layer",
                                         part.weights->columns, activation_bits, part.weights->planes, magnitude,
                                         limit));
        }
    }
}

void check_finite(const RealRows& rows) {
    for (int row = 0; row < rows.row_count(); ++row) {
        for (const RealPart& part : rows.parts) {
            const double scale = part.scale(row);
            if (!(scale >= 0) || !std::isfinite(scale))
                throw InputError({"", 0, rows.row_name(row)},
                                 fmt::format("the scale is {}; a scale is a finite number, zero or more", scale));
        }
        const double bias = (*rows.bias)[row];
        if (!std::isfinite(bias))
            throw InputError({"", 0, rows.row_name(row)},
                             fmt::format("the bias is {}; it must be a finite number", bias));
    }
}

/// The k of the rule: the largest scale fills the mantissa.
int exponent_of_largest(const RealRows& rows, int scale_bits) {
    double largest = 0;
    for (int row = 0; row < rows.row_count(); ++row)
        for (const RealPart& part : rows.parts) largest = std::max(largest, part.scale(row));
    if (largest == 0) return kExponentOfZeroScales;
    int binary_exponent = 0;
    std::frexp(largest, &binary_exponent); // largest = f * 2^binary_exponent, 0.5 <= f < 1
    const int k = scale_bits - binary_exponent;
    return round_half_up(std::ldexp(largest, k)) < std::ldexp(1.0, scale_bits) ? k : k - 1;
}

/// Whether the loaded bias of the row (with the rounding constant and, for A = 1, the corrections for padded
/// columns) and every partial sum stay within 48 bits with this k.
bool row_fits(const RealRows& rows, int row, int k, int activation_bits) {
    const int fraction_bits = k + activation_fraction_bits(activation_bits);
    const int shift = fraction_bits - rows.result_fraction_bits;
    const double bias = std::fabs(round_half_up(std::ldexp((*rows.bias)[row], fraction_bits)));
    if (!(bias < kBiasLimit)) return false;
    double sum = bias + (shift > 0 ? std::ldexp(1.0, shift - 1) : 0);
    for (const RealPart& part : rows.parts) {
        const double mantissa = round_half_up(std::ldexp(part.scale(row), k));
        sum += mantissa * (largest_part(part, row, activation_bits) + (activation_bits == 1 ? kMostPaddings : 0));
    }
    return sum < kSumLimit;
}

/// k of the rule, lowered where the shift, a bias or a sum would not fit. Throws where no k in range does.
int choose_exponent(const RealRows& rows, const NumberFormats& formats) {
    const int fraction_bits = activation_fraction_bits(formats.activation_bits);
    const int highest = kMaxSumShift + rows.result_fraction_bits - fraction_bits;
    const int lowest = kMinSumShift + rows.result_fraction_bits - fraction_bits;
    int k = std::min(exponent_of_largest(rows, formats.scale_bits), highest);
    const char* const too_large = "the machine's binary point has no place for numbers that large; "
                                  "scale the model's inputs or weights down (for vector inputs, see input_exponent)";
    if (k < lowest)
        throw InputError({"", 0, rows.where},
                         fmt::format("the largest scale is 2^{} or more: {}", formats.scale_bits - 1 - k, too_large));
    for (int row = 0; row < rows.row_count(); ++row) {
        while (!row_fits(rows, row, k, formats.activation_bits)) {
            if (--k >= lowest) continue;
            throw InputError({"", 0, rows.row_name(row)},
                             fmt::format("the bias {} does not fit: {}", (*rows.bias)[row], too_large));
        }
    }
    return k;
}

QuantizedRows quantize_rows(const RealRows& rows, const NumberFormats& formats) {
    check_finite(rows);
    check_parts(rows, formats.activation_bits);
    QuantizedRows result;
    result.scale_exponent = choose_exponent(rows, formats);
    result.fraction_bits = result.scale_exponent + activation_fraction_bits(formats.activation_bits);
    for (const RealPart& part : rows.parts) {
        QuantizedPart quantized{part.weights, part.one_hot, {}};
        for (int row = 0; row < rows.row_count(); ++row)
            quantized.mantissas.push_back(
                static_cast<std::uint32_t>(round_half_up(std::ldexp(part.scale(row), result.scale_exponent))));
        result.parts.push_back(std::move(quantized));
    }
    for (const double bias : *rows.bias)
        result.bias.push_back(static_cast<std::int64_t>(round_half_up(std::ldexp(bias, result.fraction_bits))));
    return result;
}

/// "" where all values lie within -limit to limit.
std::string clamped_message(const std::string& where, const char* what, const std::vector<double>& values,
                            double limit) {
    const auto count =
        std::count_if(values.begin(), values.end(), [limit](double value) { return std::fabs(value) > limit; });
    if (count == 0) return "";
    double largest = 0;
    for (const double value : values) largest = std::max(largest, std::fabs(value));
    return fmt::format(
        "{}: {} of {} {} ({:.1f} %) lie outside -{} to {}; the largest is {:g} ({:g} times the limit). They are "
        "clamped, so the first steps of each sequence differ from those of the model; export other initial states",
        where, count, values.size(), what, 100.0 * real(count) / real(values.size()), limit, limit, largest,
        largest / limit);
}

void add_clamped_states(std::vector<std::string>& messages, const std::string& where, const LstmDirection& direction) {
    constexpr double kHiddenLimit = 1; // of tanh; an activation stops one LSB earlier
    const double cell_limit = std::ldexp(1.0, kCellBits - 1 - kCellFractionBits);
    for (const std::string& message : {clamped_message(where, "initial values of h", direction.initial_h, kHiddenLimit),
                                       clamped_message(where, "initial values of c", direction.initial_c, cell_limit)})
        if (!message.empty()) messages.push_back(message);
}

std::string direction_text(std::size_t layer_index, const LstmDirection& direction) {
    return fmt::format("layer {} {}", layer_index, direction.reverse ? "reverse" : "forward");
}

/// Initial values of what a cell keeps, with so many fraction bits.
std::vector<std::int32_t> quantize_kept(const std::vector<double>& values, int fraction_bits,
                                        const std::string& where) {
    const double high = std::ldexp(1.0, kCellBits - 1) - 1;
    std::vector<std::int32_t> kept;
    for (const double value : values) {
        if (!std::isfinite(value))
            throw InputError({"", 0, where}, fmt::format("an initial c is {}; it must be finite", value));
        const double scaled = round_half_up(std::ldexp(value, fraction_bits));
        kept.push_back(static_cast<std::int32_t>(std::clamp(scaled, -high - 1, high)));
    }
    return kept;
}

QuantizedDirection quantize_direction(const Network& network, std::size_t layer_index, const LstmDirection& direction,
                                      const NumberFormats& formats) {
    const LstmLayer& layer = network.layers[layer_index];
    const bool from_input = layer_index == 0;
    const bool one_hot = from_input && network.input_encoding == InputEncoding::one_hot;
    const RealRows rows{{{&direction.input, one_hot, from_input && !one_hot ? network.input_exponent : 0},
                         {&direction.recurrent, false, 0}},
                        &direction.bias,
                        kZFractionBits,
                        direction_text(layer_index, direction),
                        layer.hidden_size};

    QuantizedDirection result;
    result.reverse = direction.reverse;
    result.rows = quantize_rows(rows, formats);
    for (const double h : direction.initial_h) {
        if (!std::isfinite(h))
            throw InputError({"", 0, rows.where}, fmt::format("an initial h is {}; it must be finite", h));
        result.initial_h.push_back(quantize_activation(h, 0, formats.activation_bits).integer);
    }
    const bool is_gru = layer.cell == CellKind::gru;
    result.initial_c = quantize_kept(is_gru ? direction.initial_h : direction.initial_c,
                                     is_gru ? kStateFractionBits : kCellFractionBits, rows.where);
    return result;
}

void check_formats(const NumberFormats& formats) {
    const auto check = [](const char* name, int value, int low, int high) {
        if (value < low || value > high)
            throw InputError(fmt::format("{} is {}; it must be {} to {}", name, value, low, high));
    };
    check("activation_bits", formats.activation_bits, kMinActivationBits, kMaxActivationBits);
    check("lut_address_bits", formats.lut_address_bits, kMinLutAddressBits, kMaxLutAddressBits);
    check("scale_bits", formats.scale_bits, kMinScaleBits, kMaxScaleBits);
}

} // namespace

QuantizedNetwork quantize(const Network& network, const NumberFormats& formats) {
    check_formats(formats);
    QuantizedNetwork result;
    result.network = &network;
    result.formats = formats;
    for (std::size_t index = 0; index < network.layers.size(); ++index) {
        const LstmLayer& layer = network.layers[index];
        QuantizedLayer quantized{layer.input_size, layer.hidden_size, {}, layer.cell};
        for (const LstmDirection& direction : layer.directions) {
            add_clamped_states(result.messages, fmt::format("{}: {}", network.name, direction_text(index, direction)),
                               direction);
            quantized.directions.push_back(quantize_direction(network, index, direction, formats));
        }
        result.layers.push_back(std::move(quantized));
    }
    if (network.dense) {
        const DenseLayer& dense = *network.dense;
        const std::string where = std::string("dense layer");
        result.dense =
            quantize_rows({{{&dense.weights, false, 0}}, &dense.bias, kLogitFractionBits, where, 0}, formats);
    }
    result.sigmoid_table = make_table(TableFunction::sigmoid, formats.lut_address_bits);
    result.tanh_table = make_table(TableFunction::tanh, formats.lut_address_bits);
    return result;
}

} // namespace bru
