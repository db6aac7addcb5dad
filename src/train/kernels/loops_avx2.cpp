// For hosts with AVX2 and FMA; compiled for them.
#define BRU_KERNELS_NAME "avx2"
#include "train/kernels/loops.ipp"

namespace bru::train {
#if defined(__x86_64__)
const Kernels& avx2_kernels() { return kLoops; }
#endif
} // namespace bru::train
