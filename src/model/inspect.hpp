// What is in a network, for people and for programs: layers, shapes, planes, ranges of scales, weight bits.
// What of it fits a device is added by those who know devices (`bru inspect`).
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "model/network.hpp"

namespace bru {

/// Weight bits without padding: rows * columns * planes of every matrix.
std::int64_t weight_bits(const WeightMatrix& matrix);
std::int64_t weight_bits(const Network& network);

/// "logits of every step", "hidden values of the last step", ...
std::string output_mode_name(const OutputMode& mode);

/// Several lines, each ended by a newline.
std::string describe(const Network& network);

nlohmann::json describe_json(const Network& network);

} // namespace bru
