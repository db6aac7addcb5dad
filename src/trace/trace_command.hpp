// `bru trace` without its command line: from a model and data to a trace and the golden file beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/network.hpp"
#include "model/number_formats.hpp"
#include "trace/data_source.hpp"
#include "trace/dealt_steps.hpp"
#include "trace/golden_writer.hpp"
#include "trace/step_sources.hpp"

namespace bru {

struct TraceOptions {
    TraceSource source = TraceSource::text;
    std::string path;                   ///< of the data; not for sample
    std::shared_ptr<DataSet> data;      ///< in place of the path's: steps that the host makes of it
    std::uint64_t sample_steps = 0;     ///< for sample: steps to write
    std::optional<std::uint64_t> steps; ///< at most so many steps, over all sequences
    std::string labels_path;            ///< empty: the data's own labels
    std::string indices_path;           ///< empty: all sequences
    std::uint32_t streams = 1;          ///< to which the data are dealt (DealtSteps)
    Arrival arrival;                    ///< of each stream
    Phase phase = Phase::staggered;
    std::uint64_t seed = 1; ///< of sampling, of random phases and of Poisson arrivals
    std::string out_path;
    NumberFormats formats;
    std::vector<OutputMode> modes;            ///< a section of the golden file each; empty: what the graph puts out
    std::uint64_t max_sequence_steps = 0;     ///< > 0: longest sequence of a network with reverse layers
    std::function<void(const Step&)> on_step; ///< each step of the trace, as it is written; may be empty
    std::function<void(const char* phase, std::uint64_t steps)> progress; ///< now and then; may throw to stop
};

struct LabelCounts {
    std::uint64_t steps = 0;   ///< that have a label
    std::int64_t largest = -1; ///< of all labels
};

struct TraceSummary {
    std::uint64_t steps = 0;
    std::uint64_t sequences = 0;
    LabelCounts labels;
    Saturations saturations;
    std::string trace_path;
    std::string golden_path;
    std::string remark;               ///< what the data was taken for (DataSet::remark)
    bool same_trace = false;          ///< the file was there with the same content: its other goldens were kept
    std::vector<GoldenChange> golden; ///< per mode
};

/// Writes both files, or neither. Throws InputError.
TraceSummary make_trace(const Network& network, const TraceOptions& options);

/// What the graph puts out, where the options name no mode.
std::vector<OutputMode> golden_modes(const Network& network, const TraceOptions& options);

} // namespace bru
