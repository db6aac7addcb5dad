// `bru trace` of a model that the machine and the host run together.
#pragma once

#include <memory>

#include "cli/whole_use.hpp"
#include "trace/trace_command.hpp"
#include "whole/calls_file.hpp"

namespace bru::cli {

/// Feeds make_trace() with what the front makes of the data, and writes the file of calls beside the trace.
class WholeTrace {
public:
    /// Changes the options. `use` may be nullptr: then there is nothing to do.
    WholeTrace(const WholeUse* use, const Network& network, TraceOptions& options);

    /// After make_trace(): the file of calls takes its place; what the user should know is noted and printed.
    void finish(const Network& network);

private:
    void on_step(const Step& step);

    const WholeUse* use_;
    std::shared_ptr<FrontSteps> front_; ///< nullptr: the network takes the data as they are
    std::unique_ptr<CallsWriter> calls_;
    std::uint64_t steps_in_call_ = 0;
};

} // namespace bru::cli
