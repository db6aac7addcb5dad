// Small networks to go with files in it.
#pragma once

#include <memory>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"
#include "support/temporary_folder.hpp"

namespace bru::testing {

/// A network of a bare input side: enough for readers, not for execution.
inline Network input_network(InputEncoding encoding, int size) {
    Network network;
    network.name = "model.onnx";
    network.fingerprint = "0123456789abcdef";
    network.input_encoding = encoding;
    network.layers.resize(1);
    network.layers[0].input_size = size;
    return network;
}

/// All steps that a source or a reader still has.
template <typename Source>
std::vector<Step> read_all(Source& source) {
    std::vector<Step> steps;
    while (const Step* step = source.next()) steps.push_back(*step);
    return steps;
}

template <typename Source>
std::vector<Step> read_all(const std::unique_ptr<Source>& source) {
    return read_all(*source);
}

} // namespace bru::testing
