// Float inference of a network on this host: by LibTorch in a program of its own where that was built, else by the
// project's float execution. And what host it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"
#include "report/compare_report.hpp"

namespace bru::cli {

/// What is measured: a network with its inputs, and how bru-float-libtorch is told of them.
struct FloatWork {
    const Network& network;
    OutputMode mode;
    const std::vector<Step>& steps;
    std::vector<std::string> words; ///< its options for the network and the steps
    int repeats = 0;
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

} // namespace bru::cli
