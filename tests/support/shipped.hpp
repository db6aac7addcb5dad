// Paths of the models, traces and configurations that the project ships.
#pragma once

#include <string>

namespace bru::test {

inline std::string source(const std::string& path) { return std::string(BRU_SOURCE_DIR) + "/" + path; }

} // namespace bru::test
