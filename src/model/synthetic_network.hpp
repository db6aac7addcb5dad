// Networks and inputs made from a seed, for measurements in which no weight's value matters.
#pragma once

#include <cstddef>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"

namespace bru {

inline constexpr int kSyntheticInputs = 82; ///< one-hot, as in the War and Peace model
inline constexpr int kSyntheticOutputs = 82;
inline constexpr int kSyntheticDensePlanes = 6;
inline constexpr int kMostSyntheticUnits = 65536;

/// One forward LSTM layer with one-bit weights on kSyntheticInputs one-hot inputs, and a dense layer; logits of every
/// step. The same numbers on every host.
Network synthetic_network(int hidden_size);

/// Random inputs for any network, in sequences of `sequence_steps`; the last one may be shorter.
std::vector<Step> synthetic_steps(const Network& network, std::size_t count, std::size_t sequence_steps);

} // namespace bru
