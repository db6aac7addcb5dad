// Three rules make the bound. One chunk issues per cycle. A vector that reads the vector that was issued just before it
// waits for the pipeline between the two. scale_bias takes I cycles for each part.
#include "run/cycle_bound.hpp"

#include <algorithm>

#include "base/integers.hpp"
#include "machine/timing.hpp"
#include "platform/network_placement.hpp"

namespace bru {

namespace {

/// What vector of the machine a vector waits for, if it was issued just before.
enum class Source { none, below, itself };

/// What a descriptor does per step.
struct Work {
    const Descriptor* descriptor = nullptr;
    double vectors = 1;
    Source source = Source::none;
    const Descriptor* waits_for = nullptr; ///< what computes its source
    double waiting = 0;                    ///< of its vectors, those that follow their source directly
};

std::int64_t chunks_of(const Descriptor& descriptor) {
    return std::int64_t{descriptor.groups} * (std::int64_t{descriptor.x_chunks} * descriptor.x_planes +
                                              std::int64_t{descriptor.h_chunks} * descriptor.h_planes);
}

/// Chunks from the beginning of a vector to the first one that reads the last unit of its source.
std::int64_t chunks_to_last_unit(const Descriptor& descriptor, Source source) {
    if (source == Source::below) return descriptor.x_chunks;
    return std::int64_t{descriptor.x_chunks} * descriptor.x_planes + descriptor.h_chunks;
}

/// From the issue of the last chunk of a vector to that of a chunk that reads its last unit.
std::int64_t pipeline_cycles(const Descriptor& descriptor, const Shape& shape) {
    const std::int64_t last_unit = descriptor.size - (descriptor.groups - 1) * shape.units_per_group() - 1;
    return write_back_cycles(narrow<int>(shape.lane_width)) + last_unit / shape.update_width;
}

double least_cycles(const Work& work, const Shape& shape) {
    const std::int64_t chunks = chunks_of(*work.descriptor);
    std::int64_t after_source = chunks;
    if (work.source != Source::none)
        after_source =
            pipeline_cycles(*work.waits_for, shape) + chunks - chunks_to_last_unit(*work.descriptor, work.source);
    return work.vectors * (real(chunks) + work.waiting * real(std::max<std::int64_t>(0, after_source - chunks)));
}

/// In the order of work. A step that begins a sequence waits for no step before it.
std::vector<Work> work_of(const std::vector<Descriptor>& descriptors, const Run& run, const SequencePattern& pattern) {
    const bool whole_sequences = run.network().needs_whole_sequence();
    const double sequences = ratio(pattern.sequences(), pattern.steps()); // per step
    const double outputs = run.mode().steps == OutputSteps::every ? 1 : sequences;
    const bool dense_runs = run.network().dense && run.mode().kind != OutputKind::hidden;
    const std::size_t layers = descriptors.size() - (run.network().dense ? 1 : 0);
    const bool next_step_follows = layers == 1 && !(dense_runs && run.mode().steps == OutputSteps::every);
    std::vector<Work> work;
    for (std::size_t k = 0; k < layers; ++k) {
        Work layer{&descriptors[k]};
        if (whole_sequences || (k == 0 && next_step_follows)) {
            layer.source = Source::itself;
            layer.waits_for = &descriptors[k];
            layer.waiting = pattern.streams > 1 ? 0 : 1 - sequences; // the step before is of another stream
        } else if (k > 0) {
            layer.source = Source::below;
            layer.waits_for = &descriptors[k - 1];
            layer.waiting = 1;
        }
        work.push_back(layer);
    }
    if (dense_runs) {
        Work dense{&descriptors.back(), outputs};
        if (!whole_sequences) {
            dense.source = Source::below;
            dense.waits_for = &descriptors[layers - 1];
            dense.waiting = 1;
        }
        work.push_back(dense);
    }
    return work;
}

} // namespace

double least_cycles_per_step(const Run& run, const SequencePattern& pattern) {
    const Shape& shape = run.configuration().shape;
    const std::vector<Descriptor> descriptors = place_network(shape, run.quantized()).descriptors;
    double issue_cycles = 0;
    double parts = 0;
    for (const Work& work : work_of(descriptors, run, pattern)) {
        issue_cycles += least_cycles(work, shape);
        parts += work.vectors * real(std::int64_t{work.descriptor->groups} * work.descriptor->part_count());
    }
    // Of the parts that are measured, one may still be under way at the end.
    constexpr double kUnderWay = 1.0 / real(kLeastSteadySteps);
    const double part_cycles = real(std::max<std::int64_t>(shape.slices_per_group(), kScaleBiasTurnaround));
    return std::max(issue_cycles, (parts - kUnderWay) * part_cycles);
}

} // namespace bru
