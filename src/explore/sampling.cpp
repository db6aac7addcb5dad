#include "explore/sampling.hpp"

#include <algorithm>
#include <numeric>

#include "base/integers.hpp"

namespace bru {

namespace {

constexpr std::uint64_t kTriesPerPoint = 64;

void shuffle(std::vector<std::uint64_t>& numbers, std::mt19937_64& random) {
    for (std::size_t k = numbers.size(); k > 1; --k) std::swap(numbers[k - 1], numbers[draw(random, k)]);
}

std::vector<std::uint64_t> shuffled(std::uint64_t count, std::mt19937_64& random) {
    std::vector<std::uint64_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
    shuffle(numbers, random);
    return numbers;
}

/// Random points until there are `count`. In a grid that is not much larger, what is left is looked through instead.
void fill_up(const SweepPlan& plan, std::uint64_t count, std::mt19937_64& random, std::set<Assignment>& taken,
             std::vector<Assignment>& points) {
    for (std::uint64_t tries = 0; points.size() < count && tries < kTriesPerPoint * count; ++tries) {
        const Assignment assignment = random_assignment(plan, random);
        if (taken.insert(assignment).second) points.push_back(assignment);
    }
    if (points.size() >= count || plan.grid_size() > kTriesPerPoint * count + taken.size()) return;
    for (const std::uint64_t number : shuffled(plan.grid_size(), random)) {
        if (points.size() >= count) return;
        const Assignment assignment = plan.grid_assignment(number);
        if (taken.insert(assignment).second) points.push_back(assignment);
    }
}

} // namespace

Assignment random_assignment(const SweepPlan& plan, std::mt19937_64& random) {
    Assignment assignment;
    for (const Axis& axis : plan.axes) assignment.push_back(narrow<std::uint32_t>(draw(random, axis.values.size())));
    return assignment;
}

std::vector<Assignment> latin_hypercube(const SweepPlan& plan, std::uint64_t count, std::mt19937_64& random,
                                        std::set<Assignment>& taken) {
    std::vector<Assignment> columns(count, Assignment(plan.axes.size()));
    for (std::size_t axis = 0; axis < plan.axes.size(); ++axis) {
        const std::vector<std::uint64_t> shares = shuffled(count, random);
        for (std::uint64_t point = 0; point < count; ++point)
            columns[point][axis] = narrow<std::uint32_t>(shares[point] * plan.axes[axis].values.size() / count);
    }
    std::vector<Assignment> points;
    for (const Assignment& assignment : columns)
        if (taken.insert(assignment).second) points.push_back(assignment);
    fill_up(plan, count, random, taken, points);
    return points;
}

PointList::PointList(const SweepPlan& plan) : plan_(plan), size_(plan.points) {
    if (plan.sampling == Sampling::grid) return;
    std::mt19937_64 random(plan.seed);
    std::set<Assignment> taken;
    if (plan.sampling == Sampling::lhs)
        sampled_ = latin_hypercube(plan, plan.points, random, taken);
    else
        fill_up(plan, plan.points, random, taken, sampled_);
    size_ = sampled_.size();
}

} // namespace bru
