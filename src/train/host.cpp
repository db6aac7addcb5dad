#include "train/host.hpp"

#include <dlfcn.h>
#include <malloc.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace bru::train {

void prepare_host() {
    at::set_num_threads(1);
    // OpenBLAS reads its environment variable before main(), so it is told here; another BLAS has no such function.
    if (const auto set_threads = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads")))
        set_threads(1);
    // LibTorch looks at the host in its first operation, and makes what differentiates in the first derivative. What
    // fails there fails before anything is written.
    const at::Tensor weights = at::ones({2, 2}).set_requires_grad(true);
    weights.mm(weights).sum().backward();
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, 2'000'000'000);
}

} // namespace bru::train
