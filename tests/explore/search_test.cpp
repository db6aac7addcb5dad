// Do the samplings take the points that they promise, and does the guided search find the front?
#include "support/catch.hpp"

#include <algorithm>
#include <set>

#include "explore/genetic_search.hpp"
#include "explore/pareto.hpp"
#include "explore/sampling.hpp"

using namespace bru;

namespace {

SweepPlan plan_with(const std::vector<std::size_t>& sizes, Sampling sampling, std::uint64_t points) {
    SweepPlan plan;
    for (const std::size_t size : sizes) {
        Axis axis{{"key"}, {}};
        for (std::size_t k = 0; k < size; ++k) axis.values.push_back({std::to_string(k)});
        plan.axes.push_back(axis);
    }
    plan.sampling = sampling;
    plan.points = points;
    plan.population = 32;
    plan.objectives = {metric_index("cycles_per_step"), metric_index("lut")};
    return plan;
}

std::vector<Assignment> all_of(const PointList& list) {
    std::vector<Assignment> points;
    for (std::uint64_t k = 0; k < list.size(); ++k) points.push_back(list[k]);
    return points;
}

/// Two objectives in conflict, with a valley that couples the axes, and a corner that is forbidden.
Outcome landscape(const Assignment& point) {
    const double a = point[0];
    const double b = point[1];
    const double c = point[2];
    Outcome outcome;
    outcome.objectives = {100 / (1 + a) + 3 * std::abs(b - a / 2) + c, 10 + 2 * a + b + std::abs(c - 7)};
    outcome.violation = a + b > 70 ? a + b - 70 : 0;
    return outcome;
}

/// Area that the points dominate below (200, 400).
double dominated_area(std::vector<std::vector<double>> points) {
    std::sort(points.begin(), points.end());
    double area = 0;
    double height = 400;
    for (const auto& point : points) {
        if (point[1] >= height) continue;
        area += (200 - point[0]) * (height - point[1]);
        height = point[1];
    }
    return area;
}

} // namespace

TEST_CASE("domination and fronts") {
    CHECK(dominates({1, 2}, {1, 3}));
    CHECK_FALSE(dominates({1, 2}, {1, 2}));
    CHECK_FALSE(dominates({1, 2}, {0, 3}));
    const std::vector<std::vector<double>> points = {{3, 1}, {1, 3}, {2, 2}, {3, 3}, {2, 2}, {4, 1}};
    CHECK(pareto_front(points) == std::vector<std::size_t>{0, 1, 2, 4});
    CHECK(front_ranks(points) == std::vector<std::size_t>{0, 0, 0, 1, 0, 1});
    CHECK(pareto_front({}).empty());
    std::mt19937_64 random(5);
    for (int round = 0; round < 50; ++round) { // against the definition
        std::vector<std::vector<double>> cloud(40);
        for (auto& point : cloud)
            for (int k = 0; k < 3; ++k) point.push_back(static_cast<double>(draw(random, 6)));
        std::vector<std::size_t> expected;
        for (std::size_t k = 0; k < cloud.size(); ++k)
            if (std::none_of(cloud.begin(), cloud.end(), [&](const auto& other) { return dominates(other, cloud[k]); }))
                expected.push_back(k);
        CHECK(pareto_front(cloud) == expected);
    }
}

TEST_CASE("random points are different ones, the same for the same seed") {
    SweepPlan plan = plan_with({10, 10, 10}, Sampling::random, 200);
    const std::vector<Assignment> points = all_of(PointList(plan));
    CHECK(std::set<Assignment>(points.begin(), points.end()).size() == 200);
    CHECK(all_of(PointList(plan)) == points);
    plan.seed = 2;
    CHECK(all_of(PointList(plan)) != points);
    const SweepPlan whole = plan_with({7, 9}, Sampling::random, 63); // nearly all: still all different
    const std::vector<Assignment> all = all_of(PointList(whole));
    CHECK(std::set<Assignment>(all.begin(), all.end()).size() == 63);
}

TEST_CASE("a Latin hypercube has every value of every key equally often") {
    const SweepPlan plan = plan_with({20, 10, 100}, Sampling::lhs, 100);
    const std::vector<Assignment> points = all_of(PointList(plan));
    REQUIRE(points.size() == 100);
    for (std::size_t axis = 0; axis < 3; ++axis) {
        std::vector<int> count(plan.axes[axis].values.size());
        for (const Assignment& point : points) ++count[point[axis]];
        CHECK(*std::min_element(count.begin(), count.end()) == static_cast<int>(100 / count.size()));
        CHECK(*std::max_element(count.begin(), count.end()) == static_cast<int>(100 / count.size()));
    }
    CHECK(all_of(PointList(plan_with({3, 3}, Sampling::lhs, 9))).size() == 9);
}

TEST_CASE("the guided search finds nearly the whole front of a large space with few evaluations") {
    SweepPlan plan = plan_with({64, 64, 16}, Sampling::nsga2, 3000); // of 65,536 points
    std::vector<std::vector<double>> feasible;
    for (std::uint64_t k = 0; k < plan.grid_size(); ++k) {
        const Outcome outcome = landscape(plan.grid_assignment(k));
        if (outcome.violation == 0) feasible.push_back(outcome.objectives);
    }
    const double best_area = dominated_area(feasible);
    for (const std::uint64_t seed : {1, 2, 3}) {
        plan.seed = seed;
        GeneticSearch search(plan);
        std::vector<std::vector<double>> found;
        std::set<Assignment> seen;
        std::uint64_t evaluated = 0;
        for (auto generation = search.next_generation(); !generation.empty(); generation = search.next_generation()) {
            std::vector<Outcome> outcomes;
            for (const Assignment& point : generation) {
                CHECK(seen.insert(point).second);
                outcomes.push_back(point[2] == 3 ? Outcome{} : landscape(point)); // some points fail
                if (!outcomes.back().objectives.empty() && outcomes.back().violation == 0)
                    found.push_back(outcomes.back().objectives);
            }
            evaluated += generation.size();
            search.report(outcomes);
        }
        CHECK(evaluated == 3000);
        CHECK(dominated_area(found) > 0.99 * best_area);
        // As many random points find less.
        std::mt19937_64 random(seed);
        std::vector<std::vector<double>> blind;
        for (int k = 0; k < 3000; ++k) {
            const Outcome outcome = landscape(random_assignment(plan, random));
            if (outcome.violation == 0) blind.push_back(outcome.objectives);
        }
        CHECK(dominated_area(found) > dominated_area(blind));
    }
}

TEST_CASE("the guided search ends where the space does") {
    SweepPlan plan = plan_with({5, 4}, Sampling::nsga2, 100);
    plan.population = 8;
    GeneticSearch search(plan);
    std::set<Assignment> seen;
    for (auto generation = search.next_generation(); !generation.empty(); generation = search.next_generation()) {
        std::vector<Outcome> outcomes;
        for (const Assignment& point : generation) {
            CHECK(seen.insert(point).second);
            outcomes.push_back({{static_cast<double>(point[0]), static_cast<double>(point[1])}, 0});
        }
        search.report(outcomes);
    }
    CHECK(seen.size() == 20);
}
