// What a process that trains sets once.
#pragma once

namespace bru::train {

/// One thread: those of LibTorch and of its BLAS get into each other's way (docs/training.md). LibTorch has looked at
/// the host. And memory that was freed stays in the process, because every training step takes the same blocks again.
/// Throws what LibTorch throws.
void prepare_host();

} // namespace bru::train
