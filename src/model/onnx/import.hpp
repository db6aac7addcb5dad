// From an ONNX file to a Network: the only door of the importer (docs/models.md says what it accepts).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/network.hpp"

namespace bru {

struct ImportOptions {
    std::optional<int> lstm_weight_bits;    ///< quantize LSTM weights that are no bit planes yet, 1 to 8
    std::optional<int> dense_weight_bits;   ///< the same for the dense layer
    std::optional<int> input_exponent = {}; ///< in place of the file's, -kMaxInputExponent to kMaxInputExponent
};

struct ImportedModel {
    Network network;
    std::vector<std::string> messages; ///< what was seen through, left out or assumed
};

/// Throws InputError naming the file, the node and the attribute, and what to do.
ImportedModel import_onnx(const std::string& path, const ImportOptions& options = {});

} // namespace bru
