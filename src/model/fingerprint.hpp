// A short name for a network's numbers: traces and golden files carry it.
#pragma once

#include <string>

#include "model/network.hpp"

namespace bru {

/// 16 hex digits over layers, weights, scales, biases, initial states, dense layer and input format; not over
/// names, the vocabulary or what the graph puts out.
std::string network_fingerprint(const Network& network);

} // namespace bru
