// Where a network lies in the memories: descriptors and the words that each memory needs.
#pragma once

#include <cstdint>
#include <vector>

#include "config/configuration.hpp"
#include "machine/descriptor.hpp"
#include "model/quantized_network.hpp"

namespace bru {

struct NetworkPlacement {
    std::vector<Descriptor> descriptors; ///< of every layer direction, then dense where the network has one
    std::int64_t weight_words = 0;
    std::int64_t scale_words = 0;
    std::int64_t bias_words = 0;
    std::int64_t state_words = 0;
    std::int64_t cell_words = 0;
    std::int64_t input_chunks = 0; ///< words of one input step
};

/// Throws InputError where the network has more parts than the core has descriptors.
NetworkPlacement place_network(const Shape& shape, const QuantizedNetwork& network);

/// Chunks of a layer's output vector for one direction.
std::uint32_t chunks_of(int size, const Shape& shape);

} // namespace bru
