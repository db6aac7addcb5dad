// bru-float-libtorch: what `bru compare` starts to measure float inference of a network with LibTorch, which bru itself
// does not link. Answers on standard output with one JSON object; exit status 0, or 2 with a message.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/command_line/option_table.hpp"
#include "base/error.hpp"
#include "base/integers.hpp"
#include "libtorch/torch_lstm.hpp"
#include "model/onnx/import.hpp"
#include "model/output_mode.hpp"
#include "model/synthetic_network.hpp"
#include "reference/step_timing.hpp"
#include "trace/first_steps.hpp"

namespace bru {

namespace {

constexpr int kMostThreads = 4096;
constexpr int kMostRepeats = 1000;
constexpr int kMostBatch = 4096;
constexpr int kRepeats = 7;
constexpr std::int64_t kMostSteps = 1'000'000;
constexpr std::int64_t kSteps = 2000;
constexpr std::size_t kCheckedSteps = 30;

std::vector<Option> option_table() {
    Option given_input =
        value("input", "NAME=NUMBER", "an input of the model that is a constant of use; may be repeated");
    given_input.repeats = true;
    return {file("model", "the network, an ONNX file"),
            value("hidden", "N", "random network of that size instead"),
            value("lstm-weight-bits", "N", "quantize LSTM weights that are not binary to N bits (1 to 8)"),
            value("dense-weight-bits", "N", "quantize dense weights that are not binary to N bits (1 to 8)"),
            value("region", "N", "the region of the model, as bru inspect lists them"),
            given_input,
            file("trace", "inputs; random ones without"),
            value("steps", "N", "at most, of the trace or random (default: 2000)"),
            value("sequence-steps", "N", "steps of a random sequence (default: 2000)"),
            choice("output", {"hidden", "logits", "argmax"}, "what is computed"),
            choice("output-steps", {"every", "last", "final"}, "of which steps"),
            value("threads", "N", "of the processor (default: 1)"),
            value("batch", "N", "equal sequences side by side; times are per step of one (default: 1)"),
            value("repeats", "N", "measurements of which the median counts (default: 7)"),
            flag("cuda", "on a CUDA device")};
}

Network network_from(const Arguments& arguments) {
    if (const auto hidden = arguments.integer("hidden", 1, kMostSyntheticUnits))
        return synthetic_network(narrow<int>(*hidden));
    if (!arguments.has("model")) throw InputError("--model FILE or --hidden N is required");
    ImportOptions import;
    constexpr int kMostBits = 8;
    if (const auto bits = arguments.integer("lstm-weight-bits", 1, kMostBits))
        import.lstm_weight_bits = narrow<int>(*bits);
    if (const auto bits = arguments.integer("dense-weight-bits", 1, kMostBits))
        import.dense_weight_bits = narrow<int>(*bits);
    if (const auto region = arguments.integer("region", 1, kMostRegions)) import.region = narrow<int>(*region);
    import.inputs = read_given_inputs(arguments.all("input"));
    return import_onnx(arguments.required("model"), import).network;
}

std::vector<Step> steps_from(const Arguments& arguments, const Network& network) {
    const auto steps = [&arguments](const char* name) {
        return arguments.integer(name, 1, kMostSteps).value_or(kSteps);
    };
    if (arguments.has("trace")) return read_first_steps(arguments.required("trace"), network, steps("steps"));
    return synthetic_steps(network, steps("steps"), steps("sequence-steps"));
}

nlohmann::ordered_json measure(const Arguments& arguments) {
    nlohmann::ordered_json json = {{"schema", "bru-float-libtorch-1"}, {"library", "LibTorch " + TorchLstm::version()}};
    const bool cuda = arguments.has("cuda");
    if (cuda && !torch_has_cuda()) {
        json["not_measured"] = "LibTorch without CUDA";
        return json;
    }
    const TorchDevice device = cuda ? TorchDevice::cuda : TorchDevice::cpu;
    const Network network = network_from(arguments);
    const OutputMode mode = choose_output(network, arguments.required("output"), arguments.required("output-steps"));
    const std::vector<Step> steps = steps_from(arguments, network);
    std::vector<Step> checked(steps.begin(), steps.begin() + std::min(steps.size(), kCheckedSteps));
    checked.back().last = true;
    const auto batch = narrow<int>(arguments.integer("batch", 1, kMostBatch).value_or(1));
    check_torch_lstm(network, mode, checked, device, batch);
    const int threads = narrow<int>(arguments.integer("threads", 1, kMostThreads).value_or(1));
    const auto repeats = narrow<int>(arguments.integer("repeats", 1, kMostRepeats).value_or(kRepeats));
    set_torch_threads(threads);
    StepTiming timing = time_steps(steps, repeats, [&](const std::vector<Step>& measured) {
        const auto torch = std::make_shared<TorchLstm>(network, mode, measured, device, batch);
        return [torch] { torch->run(); };
    });
    for (double& step_us : timing.step_us) step_us /= batch;
    for (double& processor_us : timing.processor_us) processor_us /= batch;
    json["threads"] = threads;
    json["batch"] = batch;
    json["steps"] = timing.steps;
    json["step_us"] = timing.step_us;
    json["processor_us"] = timing.processor_us;
    return json;
}

int run_measurement(const Arguments& arguments) {
    fmt::print("{}\n", measure(arguments).dump());
    return kGood;
}

Program measuring_program() {
    Command command;
    command.summary = "float inference of a network by LibTorch; started by bru compare";
    command.usage = "--model FILE | --hidden N --output KIND --output-steps STEPS [options]";
    command.example = "bru-float-libtorch --hidden 64 --output hidden --output-steps every";
    command.options = option_table();
    command.run = run_measurement;
    Program program;
    program.name = "bru-float-libtorch";
    program.version_details = fmt::format("(LibTorch {})", TorchLstm::version());
    program.commands = {command};
    program.statuses = {{"0", "good"}, {"2", "wrong use, wrong input, or a failure of LibTorch"}};
    program.out_of_memory = "use a smaller network or fewer steps";
    return program;
}

} // namespace

} // namespace bru

int main(int argc, char* argv[]) {
    return bru::run_program(bru::measuring_program(), std::vector<std::string>(argv + 1, argv + argc));
}
