#include "run/float_measurement.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/error.hpp"
#include "base/folder_names.hpp"
#include "base/integers.hpp"
#include "base/json_text.hpp"
#include "base/shipped_files.hpp"
#include "model/output_mode.hpp"
#include "run/subprocess.hpp"

namespace bru {

namespace fs = std::filesystem;

namespace {

constexpr const char* kProgram = "bru-float-libtorch";
constexpr const char* kOwnExecution = "bru's own float execution (plain C++)";

/// What stands behind the colon of the first line that begins with `key`; "" without one.
std::string value_in(const std::string& path, const std::string& key) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.rfind(key, 0) != 0) continue;
        const std::size_t colon = line.find(':');
        const std::size_t begin = colon == std::string::npos ? colon : line.find_first_not_of(" \t", colon + 1);
        if (begin != std::string::npos) return line.substr(begin);
    }
    return "";
}

/// The name of an NVIDIA device, as its driver tells it.
std::string find_gpu() {
    std::error_code ignored;
    const std::string gpus = "/proc/driver/nvidia/gpus";
    for (const std::string& gpu : names_in_folder(gpus, "")) {
        const std::string name = value_in(gpus + "/" + gpu + "/information", "Model");
        if (!name.empty()) return name;
    }
    return fs::exists("/dev/nvidia0", ignored) || fs::exists("/dev/dxg", ignored) ? "CUDA device" : "";
}

/// What bru-float-libtorch says.
FloatMeasurement measure_with(const std::string& program, const FloatWork& work, std::vector<std::string> words) {
    words.insert(words.end(), work.words.begin(), work.words.end());
    words.insert(words.end(), {"--output", output_kind_name(work.mode.kind), "--output-steps",
                               output_steps_name(work.mode.steps), "--repeats", fmt::format("{}", work.repeats)});
    if (work.batch > 1) words.insert(words.end(), {"--batch", fmt::format("{}", work.batch)});
    const SubprocessResult result = run_program_for_output(program, words);
    const auto json = json_or_discarded(result.output);
    const bool answered = result.status == 0 && json.is_object() && json.value("schema", "") == "bru-float-libtorch-1";
    if (!answered)
        throw InputError(fmt::format("{} failed (status {}); build it anew with this bru, or measure without LibTorch: "
                                     "bru compare --without-libtorch",
                                     program, result.status));
    FloatMeasurement measurement;
    measurement.by = json.value("library", "");
    measurement.why_not = json.value("not_measured", "");
    if (!measurement.why_not.empty()) return measurement;
    StepTiming timing{json.value("steps", std::size_t{0}), json.value("step_us", std::vector<double>{}),
                      json.value("processor_us", std::vector<double>{})};
    measurement.batch = work.batch;
    if (timing.step_us.empty() || timing.processor_us.empty())
        throw InputError({program}, "its answer has no times; build it anew with this bru");
    measurement.timing = std::move(timing);
    return measurement;
}

FloatMeasurement not_measured(std::string why) {
    FloatMeasurement measurement;
    measurement.why_not = std::move(why);
    return measurement;
}

} // namespace

HostDescription describe_host() {
    HostDescription host;
    host.cpu = value_in("/proc/cpuinfo", "model name");
    if (host.cpu.empty()) host.cpu = "unknown CPU";
    host.threads = std::max(1, narrow<int>(std::thread::hardware_concurrency()));
    double loads[1] = {0};
    if (getloadavg(loads, 1) == 1) host.load = loads[0];
    host.gpu = find_gpu();
    return host;
}

LibtorchProgram find_libtorch_program() {
    if (const fs::path own = program_folder(); !own.empty()) {
        for (const fs::path& place : {own / kProgram, own.parent_path() / "libexec" / "bru" / kProgram})
            if (::access(place.c_str(), X_OK) == 0) return {place.string(), ""};
    }
    return {"", "bru was built without LibTorch"};
}

FloatMeasurement measure_cpu(const FloatWork& work, const LibtorchProgram& libtorch, int threads) {
    if (!libtorch.path.empty()) {
        FloatMeasurement measurement = measure_with(libtorch.path, work, {"--threads", fmt::format("{}", threads)});
        measurement.threads = threads;
        return measurement;
    }
    if (threads > 1) return not_measured(fmt::format("{} has one thread; {}", kOwnExecution, libtorch.why_not));
    FloatMeasurement measurement;
    measurement.by =
        work.batch > 1 ? fmt::format("{}, which takes one sequence after the other", kOwnExecution) : kOwnExecution;
    measurement.threads = 1;
    measurement.timing = time_float_execution(work.network, work.mode, work.steps, work.repeats);
    return measurement;
}

FloatMeasurement measure_gpu(const FloatWork& work, const LibtorchProgram& libtorch, const HostDescription& host) {
    if (host.gpu.empty()) return not_measured("no CUDA device");
    if (libtorch.path.empty()) return not_measured(libtorch.why_not);
    FloatMeasurement measurement = measure_with(libtorch.path, work, {"--cuda"});
    if (measurement.timing) measurement.by += " on " + host.gpu;
    return measurement;
}

} // namespace bru
