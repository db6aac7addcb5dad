#include "explore/pareto.hpp"

#include <algorithm>
#include <numeric>

namespace bru {

std::vector<double> objective_values(const MetricValues& values, const std::vector<std::size_t>& objectives) {
    std::vector<double> result;
    for (const std::size_t objective : objectives)
        result.push_back(metrics()[objective].better == Better::high ? -values[objective] : values[objective]);
    return result;
}

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
    bool better = false;
    for (std::size_t k = 0; k < a.size(); ++k) {
        if (a[k] > b[k]) return false;
        better = better || a[k] < b[k];
    }
    return better;
}

/// In lexicographic order only an earlier point can dominate a later one, and if any does, one of the front so far
/// does.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& points) {
    std::vector<std::size_t> order(points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return points[a] < points[b]; });
    std::vector<std::size_t> front;
    for (const std::size_t point : order) {
        // The latest ones are the nearest, and most likely to dominate.
        const bool beaten = std::any_of(front.rbegin(), front.rend(),
                                        [&](std::size_t other) { return dominates(points[other], points[point]); });
        if (!beaten) front.push_back(point);
    }
    std::sort(front.begin(), front.end());
    return front;
}

std::vector<std::size_t> front_ranks(const std::vector<std::vector<double>>& points) {
    std::vector<std::size_t> ranks(points.size(), 0);
    std::vector<std::size_t> left(points.size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    for (std::size_t rank = 0; !left.empty(); ++rank) {
        std::vector<std::vector<double>> remaining;
        for (const std::size_t point : left) remaining.push_back(points[point]);
        const std::vector<std::size_t> front = pareto_front(remaining);
        std::vector<std::size_t> rest;
        auto next = front.begin();
        for (std::size_t place = 0; place < left.size(); ++place) {
            if (next != front.end() && *next == place) {
                ranks[left[place]] = rank;
                ++next;
            } else {
                rest.push_back(left[place]);
            }
        }
        left = std::move(rest);
    }
    return ranks;
}

} // namespace bru
