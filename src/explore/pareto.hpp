// Pareto domination: which points no other point beats in every objective.
#pragma once

#include <cstddef>
#include <vector>

#include "explore/metrics.hpp"

namespace bru {

/// The objectives of a point, each so that less is better.
std::vector<double> objective_values(const MetricValues& values, const std::vector<std::size_t>& objectives);

/// a is no worse in any objective and better in one.
bool dominates(const std::vector<double>& a, const std::vector<double>& b);

/// Places of the points that none dominates, in their order; of points with the same objectives all are in it.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& points);

/// Fronts one behind the other: front 0 dominates the rest, and so on. Each point's front.
std::vector<std::size_t> front_ranks(const std::vector<std::vector<double>>& points);

} // namespace bru
