// bru run: one trace through one machine, and the report about it.
#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/shipped_files.hpp"
#include "base/terminal.hpp"
#include "cli/progress.hpp"
#include "cli/shared_options.hpp"
#include "cli/timeline_recording.hpp"
#include "cli/waveform.hpp"
#include "cli/whole_run.hpp"
#include "config/run_keys.hpp"
#include "reference/predictions.hpp"
#include "report/float_report.hpp"
#include "report/run_report.hpp"
#include "report/text.hpp"
#include "run/float_comparison.hpp"
#include "run/hints.hpp"
#include "run/run.hpp"
#include "trace/output_writer.hpp"
#include "trace/trace_file.hpp"

namespace bru::cli {

namespace {

constexpr double kShortestDeadlineUs = 1e-3; // no deadline of 0 can be met
constexpr double kLongestDeadlineUs = 1e12;
constexpr double kLargestBound = 1e9;
constexpr std::int64_t kMostRandomSteps = 1'000'000;

/// Random steps tell cycles, and nothing about predictions.
void check_random_steps(const Arguments& arguments) {
    if (arguments.has("trace") && arguments.has("random-steps"))
        throw InputError("--trace and --random-steps: give one of them");
    if (arguments.has("trace")) return;
    for (const char* option : {"outputs", "predictions", "explain-divergence"})
        if (arguments.has(option))
            throw InputError(fmt::format("--{}: random steps say nothing about outputs; add --trace FILE", option));
    if (arguments.has("steps")) throw InputError("--steps cuts a trace; say --random-steps N for random ones");
}

RunSpecification specification_of_run(const Arguments& arguments) {
    RunSpecification specification = specification_from(arguments, arguments.required("model"));
    specification.trace.path = arguments.text_or("trace", "");
    if (const auto steps = arguments.integer("random-steps", 1, kMostRandomSteps))
        specification.trace.random_steps = *steps;
    if (const auto steps = arguments.integer("steps", 1, std::numeric_limits<std::int64_t>::max()))
        specification.trace.most_steps = *steps;
    specification.compare_golden = true;
    specification.figures = true;
    specification.deadline_us = arguments.real("deadline-us", kShortestDeadlineUs, kLongestDeadlineUs).value_or(0);
    return specification;
}

bool names_streams(const std::string& trace_path) {
    return !trace_path.empty() && read_trace_header(trace_path).streams > 1;
}

std::unique_ptr<OutputWriter> writer_for(const Arguments& arguments, const Run& run) {
    const auto path = arguments.text("outputs");
    if (!path) return nullptr;
    return std::make_unique<OutputWriter>(*path, run.mode().kind, run.network().output_size(run.mode().kind),
                                          run.quantized().formats, names_streams(run.specification().trace.path));
}

RunReport make_report(const Arguments& arguments, const Run& run, const RunOutcome& outcome) {
    const RunSpecification& specification = run.specification();
    RunReport report;
    report.configuration = run.configuration();
    report.network = &run.network();
    report.model_path = specification.model.path;
    report.trace_path = specification.trace.path;
    report.mode = run.mode();
    report.core = specification.core;
    report.deadline_us = specification.deadline_us;
    report.result = outcome.simulation;
    report.resources = outcome.estimate->resources;
    report.timed_arrivals = outcome.timed_arrivals;
    report.figures = *outcome.figures;
    report.power = *outcome.estimate->power;
    report.loading_uj = outcome.estimate->loading_uj;
    report.synthesis = synthesis_evidence(run.configuration().shape, run.calibration());
    report.shows_synthesis = arguments.has("synthesis");
    if (!report.trace_path.empty()) report.golden.file = golden_path(report.trace_path);
    report.golden.first = outcome.golden_remark;
    if (outcome.golden) {
        report.golden.checked = outcome.golden->checked;
        report.golden.mismatches = outcome.golden->mismatches;
    }
    report.manifest = {{"arrivals", outcome.timed_arrivals ? "timed" : "back-to-back"},
                       {"config_file", arguments.text_or("config", "built-in")}};
    for (const char* option :
         {"steps", "random-steps", "lstm-weight-bits", "dense-weight-bits", "input-exponent", "region"}) {
        if (const auto text = arguments.text(option)) report.manifest.emplace_back(option, *text);
    }
    if (const std::vector<std::string> inputs = arguments.all("input"); !inputs.empty())
        report.manifest.emplace_back("input", fmt::format("{}", fmt::join(inputs, " ")));
    return report;
}

/// [run] of the configuration stands in for options that were not given.
Arguments with_run_keys(Arguments arguments) {
    const auto config = arguments.text("config");
    if (!config) return arguments;
    const Configuration configuration = load_configuration(*config);
    for (const auto& [option, text] : configuration.run) {
        if (arguments.has(option)) continue;
        const auto key = std::find_if(run_keys().begin(), run_keys().end(),
                                      [&name = option](const RunKey& each) { return each.name == name; });
        if (key->is_path)
            in_place({*config, configuration.run_lines.at(option)}, [&, &path = text] {
                try {
                    find_input_file(key->kind, path);
                } catch (const InputError& error) {
                    throw InputError(fmt::format("{}: {}", key->key(), error.what()));
                }
            });
        arguments.set(option, text);
    }
    return arguments;
}

/// The simulation has a DMA for every length; the IP core has not.
void note_burst(std::int64_t beats) {
    if (beats != 2 && beats != 4 && beats != 8 && beats != 16)
        note(fmt::format(
            "dma.burst_beats = {}: AXI DMA has bursts of 2, 4, 8 or 16 beats here (PG021); these figures are "
            "those of a DMA that has others",
            beats));
}

int run_run(const Arguments& given) {
    const Arguments arguments = with_run_keys(given);
    check_random_steps(arguments);
    const std::string trace_path = arguments.text_or("trace", "");
    if (arguments.has("fail-on-deadline") && !arguments.has("deadline-us"))
        throw InputError("--fail-on-deadline: needs the deadline; add --deadline-us US");
    refuse_overwriting({arguments.text_or("json", ""), arguments.text_or("outputs", ""), arguments.text_or("vcd", ""),
                        arguments.text_or("timeline", "")},
                       {arguments.required("model"), trace_path, trace_path.empty() ? "" : golden_path(trace_path),
                        arguments.text_or("config", "")});
    note_ending(arguments.text("json"), "JSON", {".json"});
    note_ending(arguments.text("outputs"), "CSV", {".csv", ".npy"});
    note_ending(arguments.text("vcd"), "VCD", {".vcd"});
    note_ending(arguments.text("timeline"), "JSON", {".json"});
    NotingLibrary library;
    RunSpecification specification = specification_of_run(arguments);
    const std::unique_ptr<const WholeUse> use =
        whole_use_from(arguments, specification.model, specification.trace.path);
    if (use) {
        const OutputMode graph = library.network(specification.model)->graph_output;
        specification.output = OutputSpecification::of(whole_mode(use->model, graph));
    }
    const Run run(library, std::move(specification));
    const bool predictions = arguments.has("predictions");
    const auto bound = arguments.real("explain-divergence", 0, kLargestBound);
    std::unique_ptr<WholeRun> whole; // the outputs of the whole graph, where someone asks for them
    if (use && (predictions || arguments.has("outputs")))
        whole = std::make_unique<WholeRun>(*use, run, arguments.text_or("outputs", ""), predictions);
    if (predictions && !whole && run.mode().kind == OutputKind::hidden)
        throw InputError("--predictions needs what the network says: use --output logits or argmax with a model that "
                         "has a dense layer");

    const Waveform waveform(arguments);
    TimelineRecording timeline(arguments, narrow<std::size_t>(run.configuration().platform.cores));
    const std::unique_ptr<OutputWriter> writer = whole ? nullptr : writer_for(arguments, run);
    std::optional<PredictionScorer> scorer;
    if (predictions && !whole) scorer.emplace(run.mode());
    RunObservers observers;
    observers.signals = waveform.signals();
    timeline.observe(observers);
    observers.on_step = [&, progress = step_progress("run", run.specification().trace)](const Step& step) {
        progress(step);
        if (scorer) scorer->expect(step);
        if (whole) whole->expect(step);
        timeline.check_room();
    };
    if (writer || scorer || whole) {
        observers.on_output = [&](const OutputVector& output) {
            if (whole) whole->take(output);
            if (writer) writer->write(output);
            if (scorer) scorer->score(output);
        };
    }
    const RunOutcome outcome = run.execute(observers);
    RunReport report = make_report(arguments, run, outcome);
    if (whole) report.host_times = whole->finish();
    observers = {}; // its line of progress ends
    report.hints = find_hints(run, outcome);
    if (whole && predictions) report.predictions = whole->predictions();
    if (scorer || bound) {
        const FloatComparison comparison = compare_with_float(
            run, bound, step_progress(bound ? "float beside machine" : "float", run.specification().trace));
        if (scorer) report.predictions = prediction_measures(scorer->result(), comparison);
        if (bound) report.divergence = divergence_text(*comparison.divergence, run.mode().kind);
    }

    if (writer) writer->finish();
    waveform.write(run);
    timeline.write(run);
    if (const auto path = arguments.text("json")) write_json_file(*path, run_json(report));
    print_report({arguments.text("json")}, run_table(report, terminal_wants_colour()));
    note_burst(run.configuration().dma.burst_beats);
    const auto asked = run.specification().trace.most_steps;
    if (asked && *asked > report.result.steps)
        note(fmt::format("--steps {}: {} has {} steps, and all of them ran", *asked, trace_path, report.result.steps));
    const bool late = arguments.has("fail-on-deadline") && report.result.latency.missed_deadlines > 0;
    return report.golden.mismatches == 0 && !late ? kGood : kCheckFailed;
}

} // namespace

Command run_command() {
    Command command;
    command.name = "run";
    command.summary = "simulate a network over a trace: cycles, latency, resources, golden comparison";
    command.usage = "[--config FILE] [--model FILE] [--trace FILE] [options] [parameters]";
    command.details = "Prints a report, and writes the report as JSON with --json. Compares outputs with the golden "
                      "file beside the trace\n"
                      "(TRACE.golden), if that file has them. The exit status is 1 if an output differs or, with "
                      "--fail-on-deadline, is late. The section "
                      "[run] of the configuration\n"
                      "may name what runs: model, trace, output, steps and so on.";
    command.example = "bru run --config configs/z7020.ini --model models/warpeace_h256.onnx --trace "
                      "traces/warpeace.trace --json out.json";
    command.options = join(
        {config_options(),
         model_options(),
         {input("trace", ShippedKind::trace,
                "the steps to run, made by bru trace; without a trace, random steps give cycles and resources"),
          value("random-steps", "N", "in place of a trace: N random steps (default: 1,000)")},
         output_options(),
         core_options(),
         {synthesis_option(), file("json", "write the report as JSON"),
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
          flag("fail-on-deadline", "exit with status 1 if an output misses --deadline-us"),
          value("steps", "N", "run only the first N steps")}});
    command.parameters = parameter_options();
    command.run = run_run;
    return command;
}

} // namespace bru::cli
