// Sweep files over the shipped models, in a folder of their own.
#pragma once

#include <string>

#include <fmt/format.h>

#include "support/shipped.hpp"
#include "trace/files.hpp"

namespace bru::test {

using bru::testing::TemporaryFolder;

/// [run] of the character model over its first `steps` steps.
inline std::string warpeace_run(int steps, const std::string& more = "") {
    return fmt::format("[run]\nmodel = {}\ntrace = {}\nsteps = {}\n{}", source("models/warpeace_h256.onnx"),
                       source("traces/warpeace.trace"), steps, more);
}

} // namespace bru::test
