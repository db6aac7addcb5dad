// bru run: one trace through one machine, and the report about it.
#include <limits>
#include <memory>

#include <fmt/format.h>

#include "base/error.hpp"
#include "cli/float_comparison.hpp"
#include "cli/replay.hpp"
#include "cli/timeline_recording.hpp"
#include "cli/waveform.hpp"
#include "platform/activity.hpp"
#include "reference/predictions.hpp"
#include "report/run_report.hpp"
#include "report/text.hpp"
#include "trace/output_writer.hpp"

namespace bru::cli {

namespace {

constexpr double kLongestDeadlineUs = 1e12;
constexpr double kLargestBound = 1e9;

ReplayOptions replay_options(const Arguments& arguments) {
    ReplayOptions options;
    options.core = core_from(arguments);
    options.deadline_us = arguments.real("deadline-us", 0, kLongestDeadlineUs).value_or(0);
    if (const auto steps = arguments.integer("steps", 1, std::numeric_limits<std::int64_t>::max()))
        options.steps = static_cast<std::uint64_t>(*steps);
    return options;
}

std::unique_ptr<OutputWriter> writer_for(const Arguments& arguments, const Session& session) {
    const auto path = arguments.text("outputs");
    if (!path) return nullptr;
    return std::make_unique<OutputWriter>(*path, session.mode.kind, session.network.output_size(session.mode.kind),
                                          session.quantized.formats);
}

RunReport make_report(const Arguments& arguments, const Session& session, const Replay& replayed, double deadline_us) {
    RunReport report;
    report.configuration = session.configuration;
    report.network = &session.network;
    report.model_path = arguments.required("model");
    report.trace_path = arguments.required("trace");
    report.mode = session.mode;
    report.core = core_from(arguments);
    report.deadline_us = deadline_us;
    report.result = replayed.result;
    const Calibration calibration = read_calibration(session.device);
    report.resources = estimate_resources(session.configuration, session.device, calibration);
    report.synthesis = synthesis_evidence(session.configuration.shape, calibration);
    report.power = estimate_power(report.resources,
                                  activity_of(session.network, session.configuration, session.mode, replayed.result));
    report.golden.file = golden_path(report.trace_path);
    report.golden.first = replayed.golden_remark;
    if (replayed.golden) {
        report.golden.checked = replayed.golden->checked;
        report.golden.mismatches = replayed.golden->mismatches;
    }
    report.manifest = {{"arrivals", replayed.timed_arrivals ? "timed" : "back-to-back"},
                       {"config_file", arguments.text_or("config", "built-in")}};
    for (const char* option : {"steps", "lstm-weight-bits", "dense-weight-bits"}) {
        if (const auto text = arguments.text(option)) report.manifest.emplace_back(option, *text);
    }
    return report;
}

/// [run] of the configuration stands in for options that were not given.
Arguments with_run_keys(Arguments arguments) {
    const auto config = arguments.text("config");
    if (!config) return arguments;
    for (const auto& [option, text] : load_configuration(*config).run)
        if (!arguments.has(option)) arguments.set(option, text);
    return arguments;
}

int run_run(const Arguments& given) {
    const Arguments arguments = with_run_keys(given);
    const std::string trace_path = arguments.required("trace");
    refuse_overwriting(
        {arguments.text_or("json", ""), arguments.text_or("outputs", ""), arguments.text_or("vcd", ""),
         arguments.text_or("timeline", "")},
        {arguments.required("model"), trace_path, golden_path(trace_path), arguments.text_or("config", "")});
    const Session session(arguments, arguments.required("model"));
    const bool predictions = arguments.has("predictions");
    const auto bound = arguments.real("explain-divergence", 0, kLargestBound);
    if (predictions && session.mode.kind == OutputKind::hidden)
        throw InputError("--predictions needs what the network says: use --output logits or argmax with a model that "
                         "has a dense layer");

    const Waveform waveform(arguments);
    ReplayOptions options = replay_options(arguments);
    options.signals = waveform.signals();
    const TimelineRecording timeline(arguments);
    options.timeline = timeline.timeline();
    const std::unique_ptr<OutputWriter> writer = writer_for(arguments, session);
    std::unique_ptr<PredictionScorer> scorer;
    if (predictions) {
        scorer = std::make_unique<PredictionScorer>(session.mode);
    }
    if (scorer || options.timeline != nullptr) {
        options.on_step = [&](const Step& step) {
            if (scorer) scorer->expect(step);
            timeline.check_room();
        };
    }
    if (writer || scorer) {
        options.on_output = [&](const OutputVector& output) {
            if (writer) writer->write(output);
            if (scorer) scorer->score(output);
        };
    }
    const Replay replayed = replay(session, trace_path, options);
    RunReport report = make_report(arguments, session, replayed, options.deadline_us);
    if (predictions || bound) {
        const FloatComparison comparison = compare_with_float(session, trace_path, options.steps, bound);
        if (scorer) report.predictions = prediction_measures(scorer->result(), comparison.score);
        if (bound) report.divergence = comparison.divergence;
    }

    if (writer) writer->finish();
    waveform.write(session);
    timeline.write(session, trace_path);
    if (const auto path = arguments.text("json")) write_text_file(*path, run_json(report).dump(2) + "\n");
    fmt::print("{}", run_table(report, terminal_wants_colour()));
    return report.golden.mismatches == 0 ? kGood : kCheckFailed;
}

} // namespace

Command run_command() {
    Command command;
    command.name = "run";
    command.summary = "simulate a network over a trace: cycles, latency, resources, golden comparison";
    command.usage = "[--config FILE] [--model FILE] [--trace FILE] [options] [parameters]";
    command.details = "Prints a report, and writes the report as JSON with --json. Compares outputs with the golden "
                      "file beside the trace\n"
                      "(TRACE.golden), if that file has them. The exit status is 1 if an output differs. The section "
                      "[run] of the configuration\n"
                      "may name what runs: model, trace, output, steps and so on.";
    command.example = "bru run --config configs/z7020.ini --model models/warpeace_h256.onnx --trace "
                      "traces/warpeace.trace --json out.json";
    command.options = join(
        {config_options(),
         model_options(),
         {input("trace", ShippedKind::trace, "the steps to run, made by bru trace")},
         output_options(),
         core_options(),
         {file("json", "write the report as JSON"),
          file("outputs",
               "write the outputs of the network as real numbers: as CSV, or as NumPy if the name ends in .npy"),
          flag("predictions",
               "compare the predictions with the labels of the trace, beside those of the float network"),
          value("explain-divergence", "BOUND",
                "report the first step and unit in which machine and float network differ by more than BOUND"),
          file("vcd", "write the signals of the core in --window as a waveform, for example for GTKWave"),
          file("timeline", "write what each block does when, for ui.perfetto.dev: over the whole run, or in --window"),
          value("window", "FROM:TO",
                "cycles of --vcd and --timeline, from the start of the simulation; the window ends before TO"),
          value("deadline-us", "US", "count outputs that come later than US after the arrival of their step"),
          value("steps", "N", "run only the first N steps")}});
    command.parameters = parameter_options();
    command.run = run_run;
    return command;
}

} // namespace bru::cli
