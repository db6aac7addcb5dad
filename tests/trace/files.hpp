// Small networks to go with files in it.
#pragma once

#include "model/network.hpp"
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

} // namespace bru::testing
