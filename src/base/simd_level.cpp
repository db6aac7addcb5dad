#include "base/simd_level.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/error.hpp"

namespace bru {
namespace {

const std::vector<std::string> kAllLevels = {"portable", "avx2", "avx512", "neon"};

bool contains(const std::vector<std::string>& levels, const std::string& level) {
    return std::find(levels.begin(), levels.end(), level) != levels.end();
}

std::vector<std::string> find_host_levels() {
    std::vector<std::string> found{"portable"};
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.emplace_back("avx2");
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        found.emplace_back("avx512");
#elif defined(__aarch64__)
    found.emplace_back("neon"); // part of every arm64 processor
#endif
    return found;
}

} // namespace

const std::vector<std::string>& host_simd_levels() {
    static const std::vector<std::string> levels = find_host_levels();
    return levels;
}

/// Without fmt, which the component of other people's platforms does not need (packaging/component.cmake).
void check_simd_level(const std::string& level) {
    if (contains(host_simd_levels(), level)) return;
    std::string known;
    for (const std::string& each : host_simd_levels()) known += (known.empty() ? "" : ", ") + each;
    const char* const reason = contains(kAllLevels, level) ? "the processor of this host lacks this SIMD level"
                                                           : "there is no such SIMD level";
    throw InputError("BRU_SIMD=" + level + ": " + reason + "; this host has " + known +
                     ": choose one of them or leave BRU_SIMD unset");
}

std::string chosen_simd_level() {
    const char* level = std::getenv("BRU_SIMD");
    if (level == nullptr || *level == '\0') return host_simd_levels().back();
    check_simd_level(level);
    return level;
}

} // namespace bru
