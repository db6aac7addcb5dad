// Float inference of a network on this host: by LibTorch in a program of its own where that was built, else by the
// project's float execution. And what host it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"
#include "reference/step_timing.hpp"

namespace bru {

/// Float inference on a device of the host: measured, or why not.
struct FloatMeasurement {
    std::optional<StepTiming> timing;
    std::string by;         ///< library or execution
    int threads = 0;        ///< of a CPU
    std::int64_t batch = 1; ///< sequences side by side; times are per step of one
    std::string why_not;    ///< where there is no timing
    double step_us() const { return median(timing->step_us); }
};

struct HostDescription {
    std::string cpu;
    int threads = 0;
    double load = 0; ///< processes that wanted to run in the last minute, before the measurement
    std::string gpu; ///< "" where none was found
};

/// What is measured: a network with its inputs, and how bru-float-libtorch is told of them.
struct FloatWork {
    const Network& network;
    OutputMode mode;
    const std::vector<Step>& steps;
    std::vector<std::string> words; ///< its options for the network and the steps
    int repeats = 0;
    std::int64_t batch = 1; ///< sequences side by side, where what measures can do that
};

HostDescription describe_host();

struct LibtorchProgram {
    std::string path;    ///< "" where there is none
    std::string why_not; ///< then
};

/// bru-float-libtorch beside this program, or in libexec/bru of its installation.
LibtorchProgram find_libtorch_program();

/// Throw InputError where the program fails.
FloatMeasurement measure_cpu(const FloatWork& work, const LibtorchProgram& libtorch, int threads);
FloatMeasurement measure_gpu(const FloatWork& work, const LibtorchProgram& libtorch, const HostDescription& host);

} // namespace bru
