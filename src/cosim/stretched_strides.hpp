// What no compiled network has: the h of a layer's steps lie further apart than its chunks.
#pragma once

#include <cstdint>

#include "cosim/draws.hpp"
#include "platform/network_image.hpp"

namespace bru {

/// Changes the strides of some layers, moves what lies in the state region, and fills the gaps. Of each layer the h of
/// `slots` steps is kept. The region becomes at most `most_words` long. For machines with one stream, whose descriptors
/// have not been moved yet.
void stretch_strides(NetworkImage& image, std::uint32_t slots, std::uint32_t most_words, Draws& draws);

} // namespace bru
