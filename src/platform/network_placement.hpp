// Where a network lies in the memories: descriptors, the words that each memory needs, and the depths that follow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "machine/descriptor.hpp"
#include "model/quantized_network.hpp"

namespace bru {

struct NetworkPlacement {
    Shape shape;                         ///< that it was placed for; of resolved_placement(): every depth is resolved
    std::vector<Descriptor> descriptors; ///< of every layer direction, then dense where the network has one
    std::int64_t weight_words = 0;
    std::int64_t scale_words = 0;
    std::int64_t bias_words = 0;
    std::int64_t state_words = 0; ///< of several streams: of all areas (area_words)
    std::int64_t cell_words = 0;
    std::int64_t input_chunks = 0; ///< words of one input step
};

/// Throws InputError where the network has more parts than the core has descriptors, or reverse layers and the machine
/// several streams.
NetworkPlacement place_network(const Shape& shape, const QuantizedNetwork& network);

/// The same in a shape whose `auto` depths are replaced by what the network needs. Throws InputError where a given
/// depth is too small for the network, too, or where the network has no dense layer for the mode.
NetworkPlacement resolved_placement(const Configuration& configuration, const QuantizedNetwork& network,
                                    OutputMode mode);

/// What each descriptor computes: "layer 0", "layer 0 reverse", "dense".
std::vector<std::string> vector_names(const QuantizedNetwork& network);

/// Chunks of a layer's output vector for one direction.
std::uint32_t chunks_of(int size, const Shape& shape);

} // namespace bru
