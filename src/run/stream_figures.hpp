// How evenly a machine serves its streams: the best, the median and the worst of them, and how fair that is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "platform/simulation.hpp"

namespace bru {

struct StreamFigures {
    std::size_t served = 0; ///< streams that had an output; the figures are about these
    std::size_t best = 0;   ///< stream with the lowest 99th percentile of the latency; ties: lowest mean
    std::size_t median = 0; ///< in the same order; of an even number the better one of the middle
    std::size_t worst = 0;
    std::size_t late = 0; ///< streams that missed the deadline at least once
    /// Jain's index over the mean latencies x of n streams: (sum of x)^2 / (n * sum of x^2). 1: all equal; 1/n: one
    /// stream has all the waiting. (R. Jain, D. Chiu, W. Hawe: A Quantitative Measure of Fairness and Discrimination
    /// for Resource Allocation in Shared Computer Systems, DEC TR-301, 1984.)
    double fairness = 1;
};

/// nullopt: fewer than two streams had an output.
std::optional<StreamFigures> stream_figures(const std::vector<StreamResult>& streams);

} // namespace bru
