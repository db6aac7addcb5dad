// What the host loads: a quantized network placed in the memories of a shape, with the core's registers and
// descriptors (docs/interfaces.md).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/descriptor.hpp"
#include "machine/registers.hpp"
#include "model/quantized_network.hpp"
#include "platform/network_placement.hpp"

namespace bru {

/// A run of words of one memory.
struct LoadRegion {
    LoadTarget target = LoadTarget::weights;
    std::uint32_t first_word = 0;
    int beats_per_word = 1;
    std::size_t beat_count = 0;
    std::vector<std::uint64_t> beats; ///< beat_count of them; none in an image without values
};

struct NetworkImage {
    std::vector<Descriptor> descriptors;
    std::array<LoadRegion, 6> regions; ///< weights, scales, biases, tables, state, cell
    OutputMode mode;
    bool has_values = true; ///< false: for a simulation of timing alone
    bool sequence_mode = false;
    bool one_hot = false;
    std::uint32_t input_chunks = 0; ///< memory words of a step; one-hot: 1
    std::uint32_t input_slots = 0;
    int beats_per_input_step = 0;
    int beats_per_output_vector = 0;
    int values_per_output_vector = 0; ///< of one direction
    int vectors_per_output = 1;       ///< 2: hidden of a bidirectional last layer
    bool reverse_output = false;      ///< hidden of a last layer that is reverse only
};

/// The shape of the placement must be resolved (resolved_placement). Without values the regions have sizes only.
NetworkImage make_network_image(const NetworkPlacement& placement, const QuantizedNetwork& network, OutputMode mode,
                                bool with_values = true);

} // namespace bru
