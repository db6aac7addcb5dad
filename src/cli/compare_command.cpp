// bru compare: float inference of a network on this host beside the simulated time of BRU.
#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/numbers.hpp"
#include "base/text_list.hpp"
#include "cli/progress.hpp"
#include "cli/shared_options.hpp"
#include "host_runtime/session.hpp"
#include "model/output_mode.hpp"
#include "model/synthetic_network.hpp"
#include "report/compare_report.hpp"
#include "report/run_report.hpp"
#include "report/text.hpp"
#include "run/float_measurement.hpp"
#include "run/run.hpp"
#include "trace/first_steps.hpp"
#include "whole/runtime_timing.hpp"

namespace bru::cli {

namespace {

constexpr std::size_t kSteps = 2000;        ///< at most, of machine and host
constexpr std::size_t kSequenceSteps = 100; ///< of random inputs, where layers need whole sequences
constexpr std::uint64_t kMeasurements = 7;  ///< of a network: the machines, and six of the host
constexpr std::int64_t kDefaultRepeats = 7;
constexpr std::int64_t kMostRepeats = 1000;

std::vector<int> hidden_sizes_from(const std::string& list) {
    std::vector<int> sizes;
    for (const std::string& item : comma_list(list)) {
        const auto size = parse_integer<int>(item, 1, kMostSyntheticUnits);
        if (!size)
            throw InputError(fmt::format("--hidden {}: '{}' is no size; allowed are sizes of 1 to {}, as in 64,128,256",
                                         list.substr(0, 60), item.substr(0, 20), kMostSyntheticUnits));
        sizes.push_back(*size);
    }
    return sizes;
}

int largest_hidden(const Network& network) {
    int largest = 0;
    for (const LstmLayer& layer : network.layers) largest = std::max(largest, layer.hidden_size);
    return largest;
}

ComparedMachine simulated(Library& library, const RunSpecification& specification, const SequencePattern& pattern) {
    // A machine that is too large for the device is compared, too: its column says that it does not fit.
    const std::shared_ptr<const LoadedDevice> on = library.device(specification.configuration);
    const SteadyState steady = measure_steady_state(library, specification, pattern);
    ComparedMachine machine;
    machine.config = specification.configuration.file.empty() ? "built-in" : specification.configuration.file;
    machine.configuration = Run(library, specification).configuration();
    machine.cycles_per_step = steady.chip_cycles_per_step();
    machine.steps = steady.steps;
    machine.device = on->device.name;
    machine.fits = estimate_resources(machine.configuration, on->device, on->calibration).fits;
    return machine;
}

/// `hidden` 0: the network of --model.
ModelSpecification compared_model(const Arguments& arguments, int hidden) {
    if (hidden == 0) return model_from(arguments, arguments.required("model"));
    ModelSpecification model;
    model.network = std::make_shared<const Network>(synthetic_network(hidden));
    return model;
}

/// How bru-float-libtorch is told of the same network.
std::vector<std::string> model_words(const Arguments& arguments, int hidden) {
    if (hidden > 0) return {"--hidden", fmt::format("{}", hidden)};
    std::vector<std::string> words = {"--model", arguments.required("model")};
    for (const char* option : {"lstm-weight-bits", "dense-weight-bits", "region"})
        if (const auto text = arguments.text(option)) words.insert(words.end(), {std::string("--") + option, *text});
    for (const std::string& text : arguments.all("input")) words.insert(words.end(), {"--input", text});
    return words;
}

std::vector<std::string> step_words(const Arguments& arguments, std::size_t sequence_steps) {
    std::vector<std::string> words = {"--steps", fmt::format("{}", kSteps)};
    if (const auto trace = arguments.text("trace"))
        words.insert(words.end(), {"--trace", *trace});
    else
        words.insert(words.end(), {"--sequence-steps", fmt::format("{}", sequence_steps)});
    return words;
}

/// The file of --model as it is, or the random network.
TimedGraph graph_to_time(const Arguments& arguments, const Network& network, int hidden) {
    if (hidden > 0) return graph_of(network);
    const ModelSpecification model = model_from(arguments, arguments.required("model"));
    const WholeModel whole = read_whole_model(model.path, model.quantization);
    return {read_model_bytes(model.path, model.quantization.inputs), whole.inputs, whole.steps_per_call};
}

FloatMeasurement in_onnx_runtime(int threads, const std::function<BatchTiming()>& measure) {
    FloatMeasurement measurement;
    measurement.why_not = why_no_host_runtime().empty() ? "" : "bru was built without ONNX Runtime";
    if (!measurement.why_not.empty()) return measurement;
    try {
        BatchTiming timed = measure();
        measurement.timing = std::move(timed.timing);
        measurement.batch = timed.batch;
        measurement.by = host_runtime_name();
        measurement.threads = threads;
    } catch (const InputError& error) { // of this file, or of this version of ONNX Runtime
        measurement.why_not = error.what();
    }
    return measurement;
}

constexpr const char* kFixedBatch = "the graph is exported for one size of the batch";

void measure_onnx_runtime(ComparedNetwork& result, const TimedGraph& graph, int repeats, int threads,
                          std::int64_t streams, Progress& progress) {
    const auto one_batch = [&](int used) {
        if (streams > 1 && !has_open_batch(graph)) {
            FloatMeasurement measurement;
            measurement.why_not = kFixedBatch;
            return measurement;
        }
        return in_onnx_runtime(used, [&, used] {
            return BatchTiming{streams, time_in_onnx_runtime(graph, streams, kSteps, used, repeats)};
        });
    };
    result.onnx_one = one_batch(1);
    progress.advance();
    if (threads > 1)
        result.onnx_all = one_batch(threads);
    else
        result.onnx_all.why_not = "the host has one hardware thread";
    progress.advance();
    if (has_open_batch(graph))
        result.onnx_batch = in_onnx_runtime(threads, [&] { return time_best_batch(graph, kSteps, threads, repeats); });
    else
        result.onnx_batch.why_not = kFixedBatch;
    progress.advance();
}

/// `hidden` 0: the network of --model.
ComparedNetwork compared(const Arguments& arguments, int hidden, int repeats, const LibtorchProgram& libtorch,
                         const HostDescription& host, Progress& progress) {
    NotingLibrary library;
    RunSpecification specification;
    specification.model = compared_model(arguments, hidden);
    specification.output = output_from(arguments);
    specification.timing_only = true;
    specification.on_device = false;
    const std::shared_ptr<const Network> loaded = library.network(specification.model);
    const Network& network = *loaded;
    ComparedNetwork result;
    result.name = hidden > 0 ? network.name : arguments.required("model");
    result.layers = network_line(network);
    result.hidden_size = largest_hidden(network);
    result.mode = choose_output(network, specification.output.kind, specification.output.steps);
    const std::size_t sequence_steps = network.needs_whole_sequence() ? kSequenceSteps : kSteps;
    const auto trace = arguments.text("trace");
    const std::vector<Step> steps =
        trace ? read_first_steps(*trace, network, kSteps) : synthetic_steps(network, kSteps, sequence_steps);
    SequencePattern pattern;
    if (trace)
        pattern = library.pattern({*trace, std::nullopt}, network);
    else if (network.needs_whole_sequence())
        pattern.lengths = {sequence_steps};
    result.streams = arguments.integer("streams", 1, kMostStreams).value_or(1);
    if (result.streams > 1 && network.needs_whole_sequence())
        throw InputError(fmt::format("--streams {}: {} has reverse layers, of which the machine runs one sequence at a "
                                     "time; leave --streams out",
                                     result.streams, network.name));
    pattern.streams = narrow<std::uint64_t>(result.streams);
    for (const std::string& config : comma_list(arguments.text_or("config", ""))) {
        specification.configuration = resolve_configuration(config, arguments.overrides);
        std::int64_t& streams = specification.configuration.shape.streams;
        streams = std::max(streams, result.streams);
        result.machines.push_back(simulated(library, specification, pattern));
    }

    progress.advance();
    FloatWork work{network, result.mode, steps, model_words(arguments, hidden), repeats, result.streams};
    for (const std::string& word : step_words(arguments, sequence_steps)) work.words.push_back(word);
    result.cpu_one = measure_cpu(work, libtorch, 1);
    progress.advance();
    if (host.threads > 1)
        result.cpu_all = measure_cpu(work, libtorch, host.threads);
    else
        result.cpu_all.why_not = "the host has one hardware thread";
    progress.advance();
    result.gpu = measure_gpu(work, libtorch, host);
    progress.advance();
    measure_onnx_runtime(result, graph_to_time(arguments, network, hidden), repeats, host.threads, result.streams,
                         progress);
    return result;
}

int run_compare(const Arguments& arguments) {
    if (arguments.has("model") == arguments.has("hidden"))
        throw InputError("bru compare: give --model FILE or --hidden SIZES, one of them; see bru compare --help");
    if (arguments.has("hidden") && arguments.has("trace"))
        throw InputError("--trace and --hidden: a trace belongs to a model; random networks have random inputs");
    std::vector<std::string> read = comma_list(arguments.text_or("config", ""));
    read.insert(read.end(), {arguments.text_or("model", ""), arguments.text_or("trace", "")});
    refuse_overwriting({arguments.text_or("json", "")}, read);
    const int repeats = narrow<int>(arguments.integer("repeats", 1, kMostRepeats).value_or(kDefaultRepeats));
    const LibtorchProgram libtorch =
        arguments.has("without-libtorch") ? LibtorchProgram{"", "--without-libtorch"} : find_libtorch_program();

    CompareReport report;
    report.host = describe_host();
    report.repeats = repeats;
    const auto trace = arguments.text("trace");
    report.inputs = trace ? fmt::format("{}: its first {} steps at most", *trace, grouped(kSteps))
                          : fmt::format("random, {} steps", grouped(kSteps));
    const std::vector<int> sizes =
        arguments.has("hidden") ? hidden_sizes_from(arguments.required("hidden")) : std::vector<int>{0};
    Progress progress("compare", sizes.size() * kMeasurements, "measurements");
    for (const int hidden : sizes)
        report.networks.push_back(compared(arguments, hidden, repeats, libtorch, report.host, progress));
    report.manifest = {{"config", arguments.text_or("config", "built-in")},
                       {"libtorch_program", libtorch.path.empty() ? "none" : libtorch.path}};
    if (const auto path = arguments.text("json")) write_json_file(*path, compare_json(report));
    print_report({arguments.text("json")}, compare_table(report));
    return kGood;
}

} // namespace

Command compare_command() {
    Command command;
    command.name = "compare";
    command.summary = "measure float inference on the CPU and GPU of this host, beside the simulated time per step";
    command.usage = "--model FILE | --hidden SIZES [--trace FILE] [--config FILE,...] [options] [parameters]";
    command.details = "Measures the same network in float at batch 1, or K with --streams K: on one thread of the CPU, "
                      "on all threads, and on "
                      "a CUDA device. If ONNX Runtime was found at build time, the ONNX file itself is measured in it, "
                      "with a batch, too. If LibTorch was\n"
                      "found at build time (bru-float-libtorch), LibTorch computes; otherwise bru's own float "
                      "execution does. The input is the\n"
                      "first 2,000 steps of the trace, or random numbers; one whole sequence per call. The report says "
                      "what was not measured.\n"
                      "docs/comparison.md has results, and what they mean.";
    command.other_words = "bru diff compares two reports of bru run --json";
    command.example = "bru compare --hidden 64,128,256,512,1024 --json compare.json";
    Option configs =
        input("config", ShippedKind::configuration,
              "configurations to simulate: INI files, separated by commas (default: the built-in one)", "FILE,...");
    configs.completion.is_list = true;
    command.options =
        join({{configs},
              needing("model", model_options()),
              {value("hidden", "SIZES",
                     "in place of a model: random networks of one layer of these sizes, with 82 one-hot "
                     "inputs and 82 outputs"),
               input("trace", ShippedKind::trace, "the inputs, made by bru trace")},
              output_options(),
              {value("streams", "K",
                     "BRU with K streams (1 to 256) beside a batch of K sequences in LibTorch and in ONNX "
                     "Runtime; times are per step of one stream (default: 1)"),
               value("repeats", "N", "number of measurements; the median counts (default: 7)"),
               flag("without-libtorch", "measure bru's own float execution even if LibTorch is there"),
               file("json", "write the comparison as JSON")}});
    command.parameters = parameter_options();
    command.run = run_compare;
    return command;
}

} // namespace bru::cli
