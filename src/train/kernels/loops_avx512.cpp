// For hosts with AVX-512 F, BW, DQ and VL; compiled for them.
#if defined(__x86_64__)
#define BRU_KERNELS_NAME "avx512"
#include "train/kernels/loops.ipp"

namespace bru::train {
const Kernels& avx512_kernels() { return kLoops; }
} // namespace bru::train
#endif
