#include "trace/trace_command.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "model/quantized_network.hpp"
#include "trace/data_set.hpp"
#include "trace/golden_outputs.hpp"
#include "trace/trace_file.hpp"

namespace bru {
namespace {

constexpr std::uint64_t kStepsOfProgress = 4096;
constexpr int kPixelScale = 255; ///< the value of a pixel is a byte divided by this

std::string source_comment(const TraceOptions& options) {
    const std::string name = std::filesystem::path(options.path).filename().string();
    switch (options.source) {
    case TraceSource::text: return fmt::format("from the text {}", name);
    case TraceSource::images: return fmt::format("from the images {}", name);
    case TraceSource::csv: return fmt::format("from the CSV {}", name);
    case TraceSource::npy: return fmt::format("from the array {}", name);
    case TraceSource::wav: return fmt::format("from the sound {}", name);
    case TraceSource::sample: break;
    }
    return fmt::format("sampled from the model: {} steps, seed {}, formats A{} N{} S{}", options.sample_steps,
                       options.seed, options.formats.activation_bits, options.formats.lut_address_bits,
                       options.formats.scale_bits);
}

void check_streams(const Network& network, const TraceOptions& options) {
    if (options.streams < 1 || options.streams > kMostStreams)
        throw InputError(fmt::format("--streams is {}; it must be 1 to {}", options.streams, kMostStreams));
    if (options.streams > 1 && network.needs_whole_sequence())
        throw InputError(fmt::format("--streams {}: {} has reverse layers, which take one sequence at a time; leave "
                                     "--streams out",
                                     options.streams, network.name));
    if (options.phase == Phase::random && (options.streams == 1 || options.arrival.kind != Arrival::Kind::periodic))
        throw InputError("--phase says when each of several streams begins its periodic arrivals; add --streams K and "
                         "--arrival periodic:US, or leave --phase out");
}

void check_options(const TraceOptions& options) {
    if (options.out_path.empty()) throw InputError("no place to write the trace; name one with --out FILE");
    if (options.steps && *options.steps == 0) throw InputError("--steps is 0; it must be 1 or more");
    if (options.source == TraceSource::sample && options.sample_steps == 0)
        throw InputError("--sample is 0; it must be 1 or more");
    if (options.source == TraceSource::sample && (!options.labels_path.empty() || !options.indices_path.empty()))
        throw InputError("--labels and --indices choose from data, and --sample has none; leave them out");
    if (std::filesystem::is_directory(options.out_path))
        throw InputError({options.out_path}, "is a folder; name the trace to write");
    if (std::filesystem::exists(options.out_path) && !std::filesystem::is_regular_file(options.out_path))
        throw InputError({options.out_path},
                         "is no regular file; a trace and its golden file are two files side by side");
}

bool same_content(const std::string& a, const std::string& b) {
    std::ifstream first(a, std::ios::binary);
    std::ifstream second(b, std::ios::binary);
    if (!first) throw unreadable(a, errno);
    if (!second) throw unreadable(b, errno);
    std::vector<char> block_a(1 << 16);
    std::vector<char> block_b(1 << 16);
    while (first && second) {
        first.read(block_a.data(), block_a.size());
        second.read(block_b.data(), block_b.size());
        if (first.gcount() != second.gcount()) return false;
        if (!std::equal(block_a.begin(), block_a.begin() + first.gcount(), block_b.begin())) return false;
    }
    return first.eof() && second.eof();
}

/// Writes all steps; refuses sequences that the machine could not hold.
LabelCounts write_steps(TraceWriter& trace, StepSource& steps, const Network& network, const TraceOptions& options) {
    LabelCounts labels;
    std::uint64_t in_sequence = 0;
    while (const Step* step = steps.next()) {
        in_sequence = step->first ? 1 : in_sequence + 1;
        if (options.max_sequence_steps > 0 && in_sequence > options.max_sequence_steps &&
            network.needs_whole_sequence())
            throw InputError(
                {options.path},
                fmt::format(
                    "sequence {} has more than max_sequence_steps = {} steps, and {} has layers that need the whole "
                    "sequence; cut the data into shorter sequences or set bru.max_sequence_steps higher",
                    trace.sequences(), options.max_sequence_steps, network.name));
        trace.write(*step);
        if (options.on_step) options.on_step(*step);
        if (step->label != kNoLabel) {
            ++labels.steps;
            labels.largest = std::max<std::int64_t>(labels.largest, step->label);
        }
        if (options.progress && trace.steps() % kStepsOfProgress == 0) options.progress("trace", trace.steps());
    }
    if (trace.steps() == 0) throw without_steps(options.path);
    return labels;
}

struct WrittenTrace {
    LabelCounts labels;
    std::string remark;
};

WrittenTrace write_trace(TraceWriter& trace, const Network& network, const TraceOptions& options) {
    std::shared_ptr<DataSet> data = options.data;
    if (!data) data = open_data(options.source, options.path, network);
    std::unique_ptr<StepSource> source;
    QuantizedNetwork quantized;
    if (data) {
        source = std::make_unique<PickedSteps>(*data, options.indices_path, options.labels_path);
    } else {
        quantized = quantize(network, options.formats);
        source = std::make_unique<SampledSteps>(quantized, options.sample_steps, options.seed);
    }
    LimitedSteps limited(*source, options.steps.value_or(~std::uint64_t{0}));
    std::unique_ptr<StepSource> arriving;
    if (options.streams > 1)
        arriving = in_place({options.path}, [&]() -> std::unique_ptr<StepSource> {
            return std::make_unique<DealtSteps>(limited, network, options.streams, options.arrival, options.phase,
                                                options.seed);
        });
    else
        arriving = std::make_unique<TimedSteps>(limited, options.arrival, options.seed);
    WrittenTrace written;
    written.labels = write_steps(trace, *arriving, network, options);
    if (data) written.remark = data->remark();
    trace.finish();
    return written;
}

} // namespace

std::vector<OutputMode> golden_modes(const Network& network, const TraceOptions& options) {
    return options.modes.empty() ? std::vector<OutputMode>{network.graph_output} : options.modes;
}

TraceSummary make_trace(const Network& network, const TraceOptions& options) {
    check_options(options);
    check_streams(network, options);
    TraceSummary summary;
    summary.trace_path = options.out_path;
    summary.golden_path = golden_path(options.out_path);
    TraceHeader header =
        trace_header_for(network, options.arrival.kind != Arrival::Kind::back_to_back, options.streams);
    if (options.source == TraceSource::images && !options.data) header.divisor = kPixelScale;
    TraceWriter trace(options.out_path, header, source_comment(options));
    WrittenTrace written = write_trace(trace, network, options);
    summary.labels = written.labels;
    summary.remark = std::move(written.remark);
    summary.steps = trace.steps();
    summary.sequences = trace.sequences();
    summary.same_trace =
        std::filesystem::exists(options.out_path) && same_content(options.out_path, trace.written_path());
    GoldenWriter golden(summary.golden_path, summary.same_trace);
    const QuantizedNetwork quantized = quantize(network, options.formats);
    for (const OutputMode mode : golden_modes(network, options)) {
        TraceReader written_steps(trace.written_path(), network);
        std::uint64_t count = 0;
        ObservedSteps steps(written_steps, [&](const Step&) {
            if (options.progress && ++count % kStepsOfProgress == 0) options.progress("golden", count);
        });
        const GoldenOutputs outputs = write_golden_outputs(golden, network, quantized, mode, steps);
        summary.golden.push_back(outputs.change);
        summary.saturations = outputs.saturations;
    }
    golden.commit();
    trace.commit();
    return summary;
}

} // namespace bru
