// Short names: for a network's numbers, which golden files carry, and for its inputs, which traces carry.
#pragma once

#include <string>

#include "model/network.hpp"

namespace bru {

/// 16 hex digits over layers, weights, scales, biases, initial states, dense layer and input format; not over
/// names, the vocabulary or what the graph puts out.
std::string network_fingerprint(const Network& network);

/// 16 hex digits over what decides how data enters: encoding, number of inputs, vocabulary. Traces carry it, so that
/// one trace serves every quantization of a network.
std::string input_fingerprint(const Network& network);

} // namespace bru
