#include "explore/genetic_search.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "base/integers.hpp"
#include "explore/pareto.hpp"
#include "explore/sampling.hpp"

namespace bru {

namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr int kTriesForOffspring = 32; ///< until one is new; then any new point

double chance(std::mt19937_64& random) { return real(random() >> 11) / 9007199254740992.0; }

} // namespace

GeneticSearch::GeneticSearch(const SweepPlan& plan) : plan_(plan), random_(plan.seed) {}

std::vector<Assignment> GeneticSearch::next_generation() {
    asked_.clear();
    const std::uint64_t left = plan_.points - std::min(plan_.points, evaluated_);
    const std::uint64_t count = std::min(left, plan_.population);
    if (count == 0) return asked_;
    if (population_.empty()) {
        asked_ = latin_hypercube(plan_, count, random_, seen_);
        return asked_;
    }
    while (asked_.size() < count) {
        Assignment child = offspring();
        for (int tries = 1; tries < kTriesForOffspring && seen_.count(child) != 0; ++tries) child = offspring();
        if (seen_.insert(child).second)
            asked_.push_back(child);
        else
            break;
    }
    if (asked_.size() < count) { // the neighbourhood is used up: points from anywhere
        const std::vector<Assignment> fresh = latin_hypercube(plan_, count - asked_.size(), random_, seen_);
        asked_.insert(asked_.end(), fresh.begin(), fresh.end());
    }
    return asked_;
}

void GeneticSearch::report(const std::vector<Outcome>& outcomes) {
    evaluated_ += outcomes.size();
    for (std::size_t k = 0; k < outcomes.size(); ++k) population_.push_back({asked_[k], outcomes[k], 0, 0});
    rank_all();
    std::stable_sort(population_.begin(), population_.end(), better);
    if (population_.size() > plan_.population) population_.resize(plan_.population);
}

/// Constrained domination decides the rank; within a rank, who has more room around.
bool GeneticSearch::better(const Individual& a, const Individual& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    return a.crowding > b.crowding;
}

/// Feasible points by fronts; behind them the others, by how far they are from feasible; failed ones last.
void GeneticSearch::rank_all() {
    std::vector<std::size_t> feasible;
    std::vector<std::vector<double>> objectives;
    std::map<double, std::vector<std::size_t>> others;
    for (std::size_t k = 0; k < population_.size(); ++k) {
        const Outcome& outcome = population_[k].outcome;
        if (outcome.objectives.empty())
            others[kInfinite].push_back(k);
        else if (outcome.violation > 0)
            others[outcome.violation].push_back(k);
        else {
            feasible.push_back(k);
            objectives.push_back(outcome.objectives);
        }
    }
    std::map<std::size_t, std::vector<std::size_t>> fronts;
    const std::vector<std::size_t> ranks = front_ranks(objectives);
    for (std::size_t k = 0; k < feasible.size(); ++k) fronts[ranks[k]].push_back(feasible[k]);
    std::size_t rank = 0;
    for (auto& [number, members] : fronts) {
        for (const std::size_t member : members) population_[member].rank = rank;
        crowd(members);
        ++rank;
    }
    for (const auto& [violation, members] : others) {
        for (const std::size_t member : members) {
            population_[member].rank = rank;
            population_[member].crowding = 0;
        }
        ++rank;
    }
}

/// The size of the box between a point's neighbours on its front, ends infinite.
void GeneticSearch::crowd(std::vector<std::size_t>& members) {
    for (const std::size_t member : members) population_[member].crowding = 0;
    for (std::size_t objective = 0; objective < plan_.objectives.size(); ++objective) {
        const auto value = [&](std::size_t member) { return population_[member].outcome.objectives[objective]; };
        std::stable_sort(members.begin(), members.end(),
                         [&](std::size_t a, std::size_t b) { return value(a) < value(b); });
        const double range = value(members.back()) - value(members.front());
        population_[members.front()].crowding = kInfinite;
        population_[members.back()].crowding = kInfinite;
        for (std::size_t k = 1; range > 0 && k + 1 < members.size(); ++k)
            population_[members[k]].crowding += (value(members[k + 1]) - value(members[k - 1])) / range;
    }
}

const GeneticSearch::Individual& GeneticSearch::tournament() {
    const Individual& a = population_[draw(random_, population_.size())];
    const Individual& b = population_[draw(random_, population_.size())];
    return better(b, a) ? b : a;
}

Assignment GeneticSearch::offspring() {
    const Assignment& mother = tournament().assignment;
    const Assignment& father = tournament().assignment;
    Assignment child;
    for (std::size_t axis = 0; axis < mother.size(); ++axis)
        child.push_back(draw(random_, 2) == 0 ? mother[axis] : father[axis]);
    mutate(child);
    return child;
}

void GeneticSearch::mutate(Assignment& assignment) {
    const double probability = 1.0 / real(assignment.size());
    for (std::size_t axis = 0; axis < assignment.size(); ++axis) {
        if (chance(random_) >= probability) continue;
        const auto count = narrow<std::uint32_t>(plan_.axes[axis].values.size());
        std::uint32_t distance = 1; // short ones most often, each twice as far half as often
        while (distance < count && draw(random_, 2) == 0) distance *= 2;
        distance = 1 + narrow<std::uint32_t>(draw(random_, distance));
        if (draw(random_, 2) == 0)
            assignment[axis] = std::min(assignment[axis] + distance, count - 1);
        else
            assignment[axis] -= std::min(assignment[axis], distance);
    }
}

} // namespace bru
