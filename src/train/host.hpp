// What a process that trains sets once.
#pragma once

namespace bru::train {

/// One thread: those of LibTorch and of its BLAS get into each other's way (docs/training.md). And memory that was
/// freed stays in the process, because every training step takes the same blocks again.
void prepare_host();

} // namespace bru::train
