// For hosts with AVX2 and FMA; compiled for them.
#if defined(__x86_64__)
#define BRU_KERNELS_NAME "avx2"
#include "train/kernels/loops.ipp"

namespace bru::train {
const Kernels& avx2_kernels() { return kLoops; }
} // namespace bru::train
#endif
