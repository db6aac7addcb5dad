#include "run/fastest_shape.hpp"

#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "run/cycle_bound.hpp"

namespace bru {

namespace {

/// Bounds are sums of fractions, whose rounding must not decide.
constexpr double kRounding = 1e-9;

struct Candidate {
    Shape shape; ///< as given
    double least_cycles = 0;
    std::int64_t luts = 0;
};

struct RejectedShape {
    double least_cycles = 0;
    std::vector<std::string> limits;
};

struct Candidates {
    std::vector<Candidate> fitting; ///< in the order in which they are worth a simulation
    std::vector<RejectedShape> rejected;
};

RunSpecification with_shape(const Run& run, const Shape& shape) {
    RunSpecification specification = run.specification();
    specification.configuration.shape = shape;
    return specification;
}

Candidates candidates_of(const Run& run, const std::vector<Shape>& shapes) {
    Candidates candidates;
    for (const Shape& shape : shapes) {
        try {
            const Run tried(run.library(), with_shape(run, shape));
            const double least = least_cycles_per_step(tried, run.pattern());
            const ResourceEstimate estimate =
                estimate_resources(tried.configuration(), run.device(), run.calibration());
            std::vector<std::string> broken = broken_limits(estimate);
            if (broken.empty())
                candidates.fitting.push_back({shape, least, estimate.total.lut});
            else
                candidates.rejected.push_back({least, std::move(broken)});
        } catch (const InputError&) { // a depth that is given is too small for the network in this shape
            candidates.rejected.push_back({0, {"depth"}});
        }
    }
    std::stable_sort(candidates.fitting.begin(), candidates.fitting.end(), [](const Candidate& a, const Candidate& b) {
        return a.least_cycles != b.least_cycles ? a.least_cycles < b.least_cycles : a.luts < b.luts;
    });
    return candidates;
}

} // namespace

FastestShapeSearch find_fastest_shape(const Run& run, const std::vector<Shape>& shapes) {
    const Candidates candidates = candidates_of(run, shapes);
    FastestShapeSearch search;
    search.shapes = shapes.size();
    search.fitting = candidates.fitting.size();
    const Candidate* best = nullptr;
    double best_cycles = std::numeric_limits<double>::infinity();
    SteadyState best_steady;
    for (const Candidate& candidate : candidates.fitting) {
        if (candidate.least_cycles > best_cycles * (1 + kRounding)) break;
        const bool only_equal = candidate.least_cycles >= best_cycles * (1 - kRounding);
        if (only_equal && candidate.luts >= best->luts) continue;
        ++search.simulated;
        const SteadyState steady = measure_steady_state(run.library(), with_shape(run, candidate.shape), run.pattern());
        const double cycles = steady.cycles_per_step();
        if (cycles > best_cycles || (cycles == best_cycles && candidate.luts >= best->luts)) continue;
        best = &candidate;
        best_cycles = cycles;
        best_steady = steady;
    }
    LimitCounts counts;
    for (const RejectedShape& rejected : candidates.rejected)
        if (rejected.least_cycles < best_cycles * (1 - kRounding)) counts.add(rejected.limits);
    search.limits = counts.sorted();
    if (best == nullptr) return search;
    const Configuration configuration = Run(run.library(), with_shape(run, best->shape)).configuration();
    search.best = FastestShape{configuration, estimate_resources(configuration, run.device(), run.calibration()),
                               std::move(best_steady)};
    return search;
}

} // namespace bru
