// A network in the machine's numbers: integer weights, scale mantissas, 48-bit biases, one binary point
// per layer direction. This is what the host loads and what the reference computes with.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/integers.hpp"
#include "model/network.hpp"
#include "model/number_formats.hpp"

namespace bru {

/// One source of a row (x or h), with the mantissas of its scales.
struct QuantizedPart {
    const WeightMatrix* weights = nullptr; ///< owned by the Network that was quantized
    bool one_hot = false;
    std::vector<std::uint32_t> mantissas; ///< one per row

    int size() const { return weights->columns; }
    int planes() const { return weights->planes; }
};

/// The rows of one layer direction (4H, gate-major as in Network) or of the dense layer. The exact sum
/// bias + sum of mantissa * part has `fraction_bits` fraction bits.
struct QuantizedRows {
    std::vector<QuantizedPart> parts; ///< x, then h (dense: x alone)
    int scale_exponent = 0;           ///< k: a scale is mantissa * 2^-k; see quantize() for its choice
    int fraction_bits = 0;            ///< n = k + fraction bits of a part
    std::vector<std::int64_t> bias;

    int row_count() const { return count_of(bias); }
};

struct QuantizedDirection {
    bool reverse = false;
    QuantizedRows rows;
    std::vector<std::int32_t> initial_h; ///< activations
    std::vector<std::int32_t> initial_c; ///< what the cell keeps: c in Q4.11, or s of a GRU with 15 fraction bits
};

struct QuantizedLayer {
    int input_size = 0;
    int hidden_size = 0;
    std::vector<QuantizedDirection> directions;
    CellKind cell = CellKind::lstm;
    int output_size() const { return hidden_size * count_of(directions); }
};

struct QuantizedNetwork {
    const Network* network = nullptr; ///< must outlive this
    NumberFormats formats;
    std::vector<QuantizedLayer> layers;
    std::optional<QuantizedRows> dense;
    std::vector<std::int16_t> sigmoid_table;
    std::vector<std::int16_t> tanh_table;
    std::vector<std::string> messages; ///< for the user: what of the network lies outside its number format
};

/// k of a layer direction (and of the dense layer) is such that the largest scale fills the mantissa; it is
/// lowered where a shift would pass kMaxSumShift, a bias 46 bits, or an exact sum with the rounding constant 48 bits.
/// Throws InputError where no k will do or where a part could pass its accumulator, naming layer and row.
QuantizedNetwork quantize(const Network& network, const NumberFormats& formats);

/// The range of shifts from an exact sum to z or to a logit that scale_bias has.
inline constexpr int kMinSumShift = -16;
inline constexpr int kMaxSumShift = 47;

} // namespace bru
