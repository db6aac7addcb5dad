// Guided search in spaces too large for a grid: NSGA-II (Deb et al., 2002), elitist, with fast non-dominated ranks,
// crowding distance and constrained domination. No point is evaluated twice; the same seed and the same outcomes give
// the same points.
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "explore/sweep_plan.hpp"

namespace bru {

/// What a point turned out to be.
struct Outcome {
    std::vector<double> objectives; ///< less is better; empty for a point that failed
    double violation = 0;           ///< sum over the constraints; 0: all hold
};

class GeneticSearch {
public:
    /// The plan must outlive the search.
    explicit GeneticSearch(const SweepPlan& plan);

    /// The next points to evaluate; empty where the budget or the space is used up.
    std::vector<Assignment> next_generation();
    /// What came of them, in their order.
    void report(const std::vector<Outcome>& outcomes);

private:
    struct Individual {
        Assignment assignment;
        Outcome outcome;
        std::size_t rank = 0;
        double crowding = 0;
    };
    static bool better(const Individual& a, const Individual& b);
    const Individual& tournament();
    Assignment offspring();
    void mutate(Assignment& assignment);
    void rank_all();
    void crowd(std::vector<std::size_t>& members);

    const SweepPlan& plan_;
    std::mt19937_64 random_;
    std::set<Assignment> seen_;
    std::vector<Assignment> asked_; ///< of the generation under way
    std::vector<Individual> population_;
    std::uint64_t evaluated_ = 0;
};

} // namespace bru
