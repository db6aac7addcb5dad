#include "trace/first_steps.hpp"

#include "model/error.hpp"
#include "trace/trace_file.hpp"

namespace bru {

std::vector<Step> read_first_steps(const std::string& path, const Network& network, std::size_t most) {
    TraceReader trace(path, network);
    std::vector<Step> steps;
    while (steps.size() < most) {
        const Step* const step = trace.next();
        if (step == nullptr) break;
        steps.push_back(*step);
    }
    if (steps.empty()) throw InputError(path + ": the trace has no steps; give one with at least one step");
    steps.back().last = true;
    return steps;
}

} // namespace bru
