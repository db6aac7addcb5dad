// Sizes of networks that only some shapes can hold, and that use the upper bits of counters, addresses and sums.
#pragma once

#include "machine/shape.hpp"

namespace bru {

constexpr int kMostPlanes = 8;        ///< of weights
constexpr int kLeastBeyondByte = 257; ///< units, chunks, row groups or steps that a counter of eight bits cannot count

/// Units of the largest layer that a byte cannot count and whose weights and cells fit; 0: there is none. Its h is
/// read in so few chunks that the last ones wait, or in so many that a byte cannot count them either.
int widest_layer(const Shape& shape);

/// Units of a layer of two directions whose h a dense layer finds 128 chunks or more apart; 0: none fits.
int units_of_wide_directions(const Shape& shape);

/// Inputs of a step whose sums need the uppermost bit of a part, if weights have kMostPlanes and all numbers are
/// extreme; 0: the input memory holds no such step.
int inputs_of_large_sums(const Shape& shape);

} // namespace bru
