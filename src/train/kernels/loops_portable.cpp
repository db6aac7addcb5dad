// For any host.
#define BRU_KERNELS_NAME "portable"
#include "train/kernels/loops.ipp"

namespace bru::train {
const Kernels& portable_kernels() { return kLoops; }
} // namespace bru::train
