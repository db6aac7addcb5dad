#include "trace/first_steps.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

namespace bru {

std::vector<Step> read_first_steps(const std::string& path, const Network& network, std::size_t most) {
    TraceReader trace(path, network);
    if (trace.header().streams > 1)
        throw InputError({path}, fmt::format("the trace has {} streams, and their steps interleave; give one of a "
                                             "single stream, made by `bru trace` without --streams",
                                             trace.header().streams));
    LimitedSteps limited(trace, most);
    std::vector<Step> steps;
    while (const Step* const step = limited.next()) steps.push_back(*step);
    if (steps.empty()) throw InputError({path}, "the trace has no steps; give one with at least one step");
    return steps;
}

} // namespace bru
