// Sweep files over the shipped models, in a folder of their own.
#pragma once

#include <string>

#include <fmt/format.h>

#include "trace/files.hpp"

namespace bru::test {

using bru::testing::TemporaryFolder;

inline std::string source(const std::string& path) { return std::string(BRU_SOURCE_DIR) + "/" + path; }

/// [run] of the character model over its first `steps` steps.
inline std::string warpeace_run(int steps, const std::string& more = "") {
    return fmt::format("[run]\nmodel = {}\ntrace = {}\nsteps = {}\n{}", source("models/warpeace_h256.onnx"),
                       source("traces/warpeace.trace"), steps, more);
}

} // namespace bru::test
