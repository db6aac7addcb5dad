// Outputs come from the reference execution alone; the machine only lends its cycles.
#include "cli/golden_update.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "cli/progress.hpp"
#include "base/error.hpp"
#include "trace/golden_writer.hpp"

namespace bru::cli {

namespace {

/// "0123456789abcdef A8 N10 S16 logits every" as the pieces it was made of.
struct SectionName {
    std::string fingerprint;
    std::string activation_bits, lut_address_bits, scale_bits;
    std::string kind, steps;
};

SectionName parse_section(const std::string& text, const std::string& golden) {
    std::istringstream words(text);
    SectionName name;
    words >> name.fingerprint >> name.activation_bits >> name.lut_address_bits >> name.scale_bits >> name.kind >>
        name.steps;
    if (!words || name.activation_bits[0] != 'A' || name.lut_address_bits[0] != 'N' || name.scale_bits[0] != 'S')
        throw InputError(fmt::format("{}: the section '{}' has no known form; write it again with bru check --update",
                                     golden, text));
    return name;
}

OutputMode mode_of(const SectionName& name, const std::string& golden) {
    OutputMode mode;
    bool known = false;
    for (const OutputKind kind : {OutputKind::hidden, OutputKind::logits, OutputKind::argmax}) {
        for (const OutputSteps steps : {OutputSteps::every, OutputSteps::last, OutputSteps::final_state}) {
            if (name.kind != output_kind_name(kind) || name.steps != output_steps_name(steps)) continue;
            mode = {kind, steps};
            known = true;
        }
    }
    if (!known)
        throw InputError(fmt::format("{}: unknown output mode '{} {}' in a section", golden, name.kind, name.steps));
    return mode;
}

bool wanted(const SectionName& name, const Arguments& arguments) {
    return arguments.text_or("output", name.kind) == name.kind &&
           arguments.text_or("output-steps", name.steps) == name.steps;
}

/// The arguments name an output mode or a number format themselves.
bool names_outputs(const Arguments& arguments) {
    const auto is_format = [](const Override& given) {
        return given.key == "bru.activation_bits" || given.key == "bru.lut_address_bits" ||
               given.key == "bru.scale_bits";
    };
    return arguments.has("output") || arguments.has("output-steps") ||
           std::any_of(arguments.overrides.begin(), arguments.overrides.end(), is_format);
}

void say(const std::string& trace_path, const GoldenChange& change) {
    fmt::print("{} {} {}: {}\n",
               !change.existed  ? "new "
               : change.changed ? "CHANGED"
                                : "same",
               trace_path, change.section, change.description);
}

void write_outputs(GoldenWriter& writer, const Session& session, const std::string& trace_path) {
    const GoldenKey key{session.network.fingerprint, session.quantized.formats, session.mode};
    TraceReader trace(trace_path, session.network);
    ProgressSource source(trace, trace_path, steps_for_progress(trace_path, std::nullopt));
    Reference reference(session.quantized, session.mode);
    writer.begin_outputs(key, session.network.output_size(session.mode.kind));
    reference.run(source, [&writer](const OutputVector& output) { writer.add(output); });
    say(trace_path, writer.end_outputs());
}

} // namespace

std::string GoldenTarget::name() const {
    return fmt::format("A{} N{} S{} {} {}", configuration.shape.activation_bits, configuration.shape.lut_address_bits,
                       configuration.shape.scale_bits, output_kind_name(mode.kind), output_steps_name(mode.steps));
}

std::vector<GoldenTarget> golden_targets(const std::string& golden, const Network& network,
                                         const Arguments& arguments) {
    std::vector<GoldenTarget> targets;
    for (const std::string& text : golden_sections(golden)) {
        const SectionName section = parse_section(text, golden);
        if (section.fingerprint != network.fingerprint || !wanted(section, arguments)) continue;
        // Formats of the section win over the file and the command line: they are what the outputs were made with.
        Configuration configuration =
            with_overrides(configuration_from(arguments), {{"bru.activation_bits", section.activation_bits.substr(1)},
                                                           {"bru.lut_address_bits", section.lut_address_bits.substr(1)},
                                                           {"bru.scale_bits", section.scale_bits.substr(1)}});
        targets.push_back({std::move(configuration), mode_of(section, golden)});
    }
    return targets;
}

GoldenCycles cycles_of(const Session& session, const Replay& replayed) {
    GoldenCycles cycles{text_digest(cycles_manifest(session, replayed.timed_arrivals)), {}};
    cycles.counts.emplace_back("total", replayed.result.total_cycles);
    for (int i = 0; i < kCycleClasses; ++i)
        cycles.counts.emplace_back(cycle_class_name(static_cast<CycleClass>(i)),
                                   replayed.result.class_cycles[static_cast<std::size_t>(i)]);
    return cycles;
}

void update_golden(const std::string& trace_path, const std::string& model_path, const Arguments& arguments) {
    const Network network = network_from(model_path, arguments);
    std::vector<GoldenTarget> targets;
    if (!names_outputs(arguments)) targets = golden_targets(golden_path(trace_path), network, arguments);
    if (targets.empty()) targets.push_back({configuration_from(arguments), output_mode_from(arguments, network)});
    GoldenWriter writer(golden_path(trace_path), true);
    for (const GoldenTarget& target : targets) {
        const Session session(target.configuration, network, target.mode);
        write_outputs(writer, session, trace_path);
        ReplayOptions options;
        options.compare_golden = false;
        options.core = core_from(arguments);
        options.progress = trace_path;
        say(trace_path, writer.set_cycles(cycles_of(session, replay(session, trace_path, options))));
    }
    writer.commit();
}

} // namespace bru::cli
