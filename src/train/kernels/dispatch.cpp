// Which loops and which matrix products this host can run, and which are in use.
#include <string>
#include <string_view>

#include "base/simd_level.hpp"
#include "train/kernels/bfloat16.hpp"
#include "train/kernels/kernels.hpp"

namespace bru::train {
namespace {

/// "neon" has no loops of its own: the compiler makes NEON vectors of the portable ones.
const Kernels& kernels_of([[maybe_unused]] std::string_view level) {
#if defined(__x86_64__)
    if (level == "avx2") return avx2_kernels();
    if (level == "avx512") return avx512_kernels();
#endif
    return portable_kernels();
}

} // namespace

const Kernels& kernels() {
    static const Kernels& best = kernels_of(chosen_simd_level());
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
