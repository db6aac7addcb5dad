// For hosts with AVX-512 F, BW, DQ and VL; compiled for them.
#define BRU_KERNELS_NAME "avx512"
#include "train/kernels/loops.ipp"

namespace bru::train {
#if defined(__x86_64__)
const Kernels& avx512_kernels() { return kLoops; }
#endif
} // namespace bru::train
