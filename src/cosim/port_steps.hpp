// What the steps of a run at the pins have beyond those of a driver: header bits that mean nothing, and mistakes.
#pragma once

#include <cstdint>
#include <vector>

#include "cosim/draws.hpp"
#include "machine/core_shape.hpp"
#include "platform/network_image.hpp"

namespace bru {

/// Bits of headers that mean nothing become anything.
void fill_headers(std::vector<std::uint64_t>& beats, const NetworkImage& image, Draws& draws);

/// Some steps get a one-hot that is none, and between the steps come some of streams that the core does not have.
std::vector<std::uint64_t> with_mistakes(const std::vector<std::uint64_t>& beats, const NetworkImage& image,
                                         const CoreShape& shape, Draws& draws);

} // namespace bru
