// Which kernels this host can run, and which are in use.
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "base/error.hpp"
#include "modules/simd/kernels.hpp"

namespace bru::simd {
namespace {

const Kernels*& selected() {
    static const Kernels* current = nullptr;
    return current;
}

} // namespace

ColumnBlocks cut_columns(const Kernels& kernels, int columns, int activation_bits) {
    // 256 * -128 fits 16 bits; halves of longer activations (dot_product_lanes) may be 0 to 255.
    const int most = activation_bits <= 8 ? 256 : 128;
    ColumnBlocks cut;
    cut.columns = columns;
    cut.blocks = (columns + most - 1) / most;
    if (cut.blocks == 0) return cut;
    cut.block_indices = (columns + cut.blocks * kernels.inputs_per_index - 1) / (cut.blocks * kernels.inputs_per_index);
    cut.block_columns = std::min(cut.block_indices * kernels.inputs_per_index, most);
    return cut;
}

const std::vector<const Kernels*>& available_kernels() {
    static const std::vector<const Kernels*> available = [] {
        std::vector<const Kernels*> found{&portable_kernels()};
#if defined(__x86_64__)
        __builtin_cpu_init();
        if (__builtin_cpu_supports("avx2")) found.push_back(&avx2_kernels());
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
            found.push_back(&avx512_kernels());
#endif
        return found;
    }();
    return available;
}

const Kernels& kernels() {
    if (selected() == nullptr) {
        const char* name = std::getenv("BRU_SIMD");
        if (name != nullptr && *name != '\0')
            select_kernels(name);
        else
            selected() = available_kernels().back();
    }
    return *selected();
}

void select_kernels(const std::string& name) {
    std::string names;
    for (const Kernels* candidate : available_kernels()) {
        if (name == candidate->name) {
            selected() = candidate;
            return;
        }
        names += names.empty() ? candidate->name : fmt::format(", {}", candidate->name);
    }
    throw InputError(fmt::format("BRU_SIMD: '{}' is not a level of this host; it has {}", name, names));
}

} // namespace bru::simd
