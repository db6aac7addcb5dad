// Which loops and which matrix products this host can run, and which are in use.
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "train/kernels/bfloat16.hpp"
#include "train/kernels/kernels.hpp"

namespace bru::train {
namespace {

std::vector<const Kernels*> available() {
    std::vector<const Kernels*> found{&portable_kernels()};
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(&avx2_kernels());
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        found.push_back(&avx512_kernels());
#endif
    return found;
}

const Kernels& chosen() {
    const std::vector<const Kernels*> found = available();
    const char* name = std::getenv("BRU_SIMD");
    if (name == nullptr || *name == '\0') return *found.back();
    std::string names;
    for (const Kernels* candidate : found) {
        if (std::string(name) == candidate->name) return *candidate;
        names += std::string(names.empty() ? "" : ", ") + candidate->name;
    }
    throw InputError(fmt::format("BRU_SIMD={}: this host has {}; choose one of them or leave it unset", name, names));
}

} // namespace

const Kernels& kernels() {
    static const Kernels& best = chosen();
    return best;
}

bool host_has_bfloat16() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    return std::string(kernels().name) == "avx512" && __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

} // namespace bru::train
