// Which kernels this host can run, and which are in use.
#include <algorithm>

#include "base/simd_level.hpp"
#include "modules/simd/kernels.hpp"

namespace bru::simd {
namespace {

const Kernels& kernels_of([[maybe_unused]] const std::string& level) {
#if defined(__x86_64__)
    if (level == "avx2") return avx2_kernels();
    if (level == "avx512") return avx512_kernels();
#elif defined(__aarch64__)
    if (level == "neon") return neon_kernels();
#endif
    return portable_kernels();
}

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
        std::vector<const Kernels*> found;
        for (const std::string& level : host_simd_levels()) found.push_back(&kernels_of(level));
        return found;
    }();
    return available;
}

const Kernels& kernels() {
    if (selected() == nullptr) selected() = &kernels_of(chosen_simd_level());
    return *selected();
}

void select_kernels(const std::string& name) {
    check_simd_level(name);
    selected() = &kernels_of(name);
}

} // namespace bru::simd
