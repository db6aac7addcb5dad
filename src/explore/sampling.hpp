// Which points of the grid a sweep takes: all, a random choice, or a Latin hypercube. The same seed gives the same
// points in the same order on every machine.
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "explore/sweep_plan.hpp"

namespace bru {

/// A number from 0 to below; the standard's distributions differ between libraries.
inline std::uint64_t draw(std::mt19937_64& random, std::uint64_t below) { return random() % below; }

Assignment random_assignment(const SweepPlan& plan, std::mt19937_64& random);

/// `count` assignments that differ from each other and from those in `taken`, which they join; fewer where there are no
/// more. Every axis is cut into `count` equal shares and each share has one point, as far as points stay different.
std::vector<Assignment> latin_hypercube(const SweepPlan& plan, std::uint64_t count, std::mt19937_64& random,
                                        std::set<Assignment>& taken);

/// The points of a sweep that is not guided.
class PointList {
public:
    explicit PointList(const SweepPlan& plan);

    std::uint64_t size() const { return size_; }
    Assignment operator[](std::uint64_t number) const {
        return sampled_.empty() ? plan_.grid_assignment(number) : sampled_[number];
    }

private:
    const SweepPlan& plan_;
    std::uint64_t size_;
    std::vector<Assignment> sampled_; ///< empty: the grid
};

} // namespace bru
