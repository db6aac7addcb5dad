#include "run/hints.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/error.hpp"

namespace bru {

namespace {

constexpr double kLeastSavedPercent = 2;

struct Change {
    std::string key;
    std::int64_t value = 0;
};

/// A power of two more of everything that can hold a step back.
std::vector<Change> neighbours(const Configuration& configuration) {
    const Shape& shape = configuration.shape;
    std::vector<Change> changes = {{"bru.update_width", 2 * shape.update_width},
                                   {"bru.lane_width", 2 * shape.lane_width},
                                   {"bru.lanes", 2 * shape.lanes},
                                   {"bru.output_fifo_beats", 2 * shape.output_fifo_beats},
                                   {"dma.burst_beats", 2 * configuration.dma.burst_beats},
                                   {"dma.outstanding_bursts", 2 * configuration.dma.outstanding_bursts},
                                   {"dma.fifo_beats", 2 * configuration.dma.fifo_beats},
                                   {"host.input_transfer_steps", 4 * configuration.host.input_transfer_steps}};
    if (shape.input_words != kAuto) changes.push_back({"bru.input_words", 2 * shape.input_words});
    if (configuration.host.output_packet_vectors != kAuto)
        changes.push_back({"host.output_packet_vectors", 4 * configuration.host.output_packet_vectors});
    return changes;
}

/// Throws InputError where the parameter does not allow the value, or where the shape is none.
Configuration changed(Configuration configuration, const Change& change) {
    for (const Parameter& parameter : parameters())
        if (parameter.key == change.key) parameter.set(configuration, fmt::format("{}", change.value));
    check_shape(configuration);
    return configuration;
}

/// Nothing where the change is not possible or of no use.
std::optional<Hint> tried(const Run& run, const RunOutcome& outcome, const Change& change) {
    try {
        RunSpecification specification = run.specification();
        specification.configuration = changed(specification.configuration, change);
        const Run neighbour(run.library(), specification);
        const ResourceEstimate& now = outcome.estimate->resources;
        const ResourceEstimate then = estimate_resources(neighbour.configuration(), run.device(), run.calibration());
        if (!then.fits || (now.meets_clock() && !then.meets_clock())) return std::nullopt;
        const double cycles = measure_steady_state(run.library(), specification, run.pattern()).cycles_per_step();
        const double before = outcome.figures->steady.cycles_per_step();
        const double saved_percent = 100 * (before - cycles) / before;
        if (saved_percent < kLeastSavedPercent) return std::nullopt;
        return Hint{change.key, fmt::format("{}", change.value), cycles, saved_percent, then.total.lut - now.total.lut};
    } catch (const InputError&) {
        return std::nullopt;
    }
}

} // namespace

std::vector<Hint> find_hints(const Run& run, const RunOutcome& outcome) {
    std::vector<Hint> hints;
    for (const Change& change : neighbours(run.specification().configuration))
        if (auto hint = tried(run, outcome, change)) hints.push_back(std::move(*hint));
    std::stable_sort(hints.begin(), hints.end(),
                     [](const Hint& a, const Hint& b) { return a.cycles_per_step < b.cycles_per_step; });
    return hints;
}

} // namespace bru
