// Outputs come from the reference execution alone; the machine only lends its cycles.
#include "run/golden_runs.hpp"

#include <sstream>

#include <fmt/format.h>

#include "base/error.hpp"
#include "config/load_configuration.hpp"
#include "model/output_mode.hpp"
#include "trace/golden_outputs.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

namespace bru {

namespace {

/// "0123456789abcdef A8 N10 S16 logits every" as the pieces it was made of.
struct SectionName {
    std::string fingerprint;
    std::string activation_bits, lut_address_bits, scale_bits;
    std::string kind, steps;
};

bool is_output_mode(const SectionName& name) {
    for (const OutputKind kind : {OutputKind::hidden, OutputKind::logits, OutputKind::argmax})
        for (const OutputSteps steps : {OutputSteps::every, OutputSteps::last, OutputSteps::final_state})
            if (name.kind == output_kind_name(kind) && name.steps == output_steps_name(steps)) return true;
    return false;
}

SectionName parse_section(const std::string& text, const std::string& golden) {
    std::istringstream words(text);
    SectionName name;
    words >> name.fingerprint >> name.activation_bits >> name.lut_address_bits >> name.scale_bits >> name.kind >>
        name.steps;
    if (!words || name.activation_bits[0] != 'A' || name.lut_address_bits[0] != 'N' || name.scale_bits[0] != 'S')
        throw InputError(
            {golden}, fmt::format("the section '{}' has no known form; write it again with bru check --update", text));
    if (!is_output_mode(name))
        throw InputError({golden}, fmt::format("unknown output mode '{} {}' in a section", name.kind, name.steps));
    return name;
}

} // namespace

std::vector<RunSpecification> golden_runs(Library& library, const RunSpecification& base) {
    const std::string golden = golden_path(base.trace.path);
    const std::string fingerprint = library.network(base.model)->fingerprint;
    std::vector<RunSpecification> runs;
    for (const std::string& text : golden_sections(golden)) {
        const SectionName section = parse_section(text, golden);
        if (section.fingerprint != fingerprint || base.output.kind.value_or(section.kind) != section.kind ||
            base.output.steps.value_or(section.steps) != section.steps)
            continue;
        // The formats of the section win over those of `base`: they are what the outputs were made with.
        RunSpecification run = base;
        run.configuration =
            with_overrides(base.configuration, {{"bru.activation_bits", section.activation_bits.substr(1)},
                                                {"bru.lut_address_bits", section.lut_address_bits.substr(1)},
                                                {"bru.scale_bits", section.scale_bits.substr(1)}});
        run.output = {section.kind, section.steps};
        runs.push_back(std::move(run));
    }
    return runs;
}

std::vector<GoldenChange> update_golden(Library& library, const std::vector<RunSpecification>& runs,
                                        const std::function<void(const Step&)>& on_step) {
    std::vector<GoldenChange> changes;
    if (runs.empty()) return changes;
    GoldenWriter writer(golden_path(runs.front().trace.path), true);
    for (RunSpecification specification : runs) {
        specification.compare_golden = false;
        const Run run(library, std::move(specification));
        TraceReader trace(run.specification().trace.path, run.network());
        ObservedSteps steps(trace, on_step);
        changes.push_back(write_golden_outputs(writer, run.network(), run.quantized(), run.mode(), steps).change);
        RunObservers observers;
        observers.on_step = on_step;
        changes.push_back(writer.set_cycles(golden_cycles(run, run.execute(observers))));
    }
    writer.commit();
    return changes;
}

} // namespace bru
