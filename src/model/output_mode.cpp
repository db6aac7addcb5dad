#include "model/output_mode.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace bru {

const char* output_kind_name(OutputKind kind) {
    switch (kind) {
    case OutputKind::hidden: return "hidden";
    case OutputKind::logits: return "logits";
    case OutputKind::argmax: break;
    }
    return "argmax";
}

const char* output_steps_name(OutputSteps steps) {
    switch (steps) {
    case OutputSteps::every: return "every";
    case OutputSteps::last: return "last";
    case OutputSteps::final_state: break;
    }
    return "final";
}

OutputMode choose_output(const Network& network, const std::optional<std::string>& kind,
                         const std::optional<std::string>& steps) {
    OutputMode mode = network.graph_output;
    if (kind)
        for (const OutputKind known : {OutputKind::hidden, OutputKind::logits, OutputKind::argmax})
            if (*kind == output_kind_name(known)) mode.kind = known;
    if (steps)
        for (const OutputSteps known : {OutputSteps::every, OutputSteps::last, OutputSteps::final_state})
            if (*steps == output_steps_name(known)) mode.steps = known;
    if (mode.kind != OutputKind::hidden && !network.dense)
        throw InputError(fmt::format("--output {}: {} has no dense layer; use --output hidden",
                                     output_kind_name(mode.kind), network.name));
    return mode;
}

} // namespace bru
