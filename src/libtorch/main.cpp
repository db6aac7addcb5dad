// bru-float-libtorch: what `bru compare` starts to measure float inference of a network with LibTorch, which bru itself
// does not link. Answers on standard output with one JSON object; exit status 0, or 2 with a message.
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <boost/program_options.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "libtorch/torch_lstm.hpp"
#include "model/onnx/import.hpp"
#include "model/output_mode.hpp"
#include "model/synthetic_network.hpp"
#include "reference/step_timing.hpp"
#include "trace/first_steps.hpp"

namespace bru {

namespace {

namespace po = boost::program_options;

constexpr int kMostThreads = 4096;
constexpr int kMostRepeats = 1000;
constexpr std::size_t kMostSteps = 1'000'000;
constexpr std::size_t kCheckedSteps = 30;

po::variables_map parse(int argc, char* argv[]) {
    po::options_description described("bru-float-libtorch: started by bru compare; see bru compare --help");
    auto add = described.add_options();
    add("model", po::value<std::string>(), "network, an ONNX file");
    add("hidden", po::value<int>(), "random network of that size instead");
    add("lstm-weight-bits", po::value<int>(), "");
    add("dense-weight-bits", po::value<int>(), "");
    add("trace", po::value<std::string>(), "inputs; random ones without");
    add("steps", po::value<std::size_t>()->default_value(2000), "at most, of the trace or random");
    add("sequence-steps", po::value<std::size_t>()->default_value(2000), "steps of a random sequence");
    add("output", po::value<std::string>()->required(), "hidden, logits or argmax");
    add("output-steps", po::value<std::string>()->required(), "every, last or final");
    add("threads", po::value<int>()->default_value(1), "");
    add("repeats", po::value<int>()->default_value(7), "");
    add("cuda", "on a CUDA device");
    po::variables_map values;
    po::store(po::command_line_parser(argc, argv).options(described).positional({}).run(), values);
    po::notify(values);
    return values;
}

/// Throws InputError where the number is outside 1 to `most`.
template <typename Number>
Number number_from(const po::variables_map& options, const char* name, Number most) {
    const Number value = options[name].as<Number>();
    if (value < 1 || value > most) throw InputError(fmt::format("--{} {}: allowed is 1 to {}", name, value, most));
    return value;
}

Network network_from(const po::variables_map& options) {
    if (options.count("hidden") != 0) return synthetic_network(number_from(options, "hidden", kMostSyntheticUnits));
    if (options.count("model") == 0) throw InputError("--model FILE or --hidden N is required");
    ImportOptions import;
    constexpr int kMostBits = 8;
    if (options.count("lstm-weight-bits") != 0)
        import.lstm_weight_bits = number_from(options, "lstm-weight-bits", kMostBits);
    if (options.count("dense-weight-bits") != 0)
        import.dense_weight_bits = number_from(options, "dense-weight-bits", kMostBits);
    return import_onnx(options["model"].as<std::string>(), import).network;
}

std::vector<Step> steps_from(const po::variables_map& options, const Network& network) {
    const auto most = number_from(options, "steps", kMostSteps);
    if (options.count("trace") != 0) return read_first_steps(options["trace"].as<std::string>(), network, most);
    return synthetic_steps(network, most, number_from(options, "sequence-steps", kMostSteps));
}

nlohmann::ordered_json measure(const po::variables_map& options) {
    nlohmann::ordered_json json = {{"schema", "bru-float-libtorch-1"}, {"library", "LibTorch " + TorchLstm::version()}};
    const bool cuda = options.count("cuda") != 0;
    if (cuda && !torch_has_cuda()) {
        json["not_measured"] = "LibTorch without CUDA";
        return json;
    }
    const TorchDevice device = cuda ? TorchDevice::cuda : TorchDevice::cpu;
    const Network network = network_from(options);
    const OutputMode mode =
        choose_output(network, options["output"].as<std::string>(), options["output-steps"].as<std::string>());
    const std::vector<Step> steps = steps_from(options, network);
    std::vector<Step> checked(steps.begin(),
                              steps.begin() + static_cast<std::ptrdiff_t>(std::min(steps.size(), kCheckedSteps)));
    checked.back().last = true;
    check_torch_lstm(network, mode, checked, device);
    const int threads = number_from(options, "threads", kMostThreads);
    set_torch_threads(threads);
    const StepTiming timing =
        time_steps(steps, number_from(options, "repeats", kMostRepeats), [&](const std::vector<Step>& measured) {
            const auto torch = std::make_shared<TorchLstm>(network, mode, measured, device);
            return [torch] { torch->run(); };
        });
    json["threads"] = threads;
    json["steps"] = timing.steps;
    json["step_us"] = timing.step_us;
    json["processor_us"] = timing.processor_us;
    return json;
}

} // namespace

} // namespace bru

int main(int argc, char* argv[]) {
    constexpr int kFailed = 2;
    try {
        fmt::print("{}\n", bru::measure(bru::parse(argc, argv)).dump());
        return std::fflush(stdout) == 0 ? 0 : kFailed;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bru-float-libtorch: error: {}\n", error.what());
        return kFailed;
    }
}
