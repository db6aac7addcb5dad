// The core's timing constants, in PL cycles. docs/architecture.md ("Timing") explains each; the RTL has its
// own, and tests hold both to the document.
#pragma once

#include "base/integers.hpp"

namespace bru {

inline constexpr int kStartCycles = 4;      ///< start written to the first chunk
inline constexpr int kVectorCycles = 5;     ///< first chunk of a vector to that of the next
inline constexpr int kInputCycles = 4;      ///< input beat transferred to its chunk issued
inline constexpr int kMemoryReadCycles = 2; ///< block RAM with output register
inline constexpr int kAccumulateCycles = 1;
inline constexpr int kPartCaptureCycles = 1;
inline constexpr int kScaleBiasCycles = 5;     ///< operand, multiply, add, shift, saturate
inline constexpr int kScaleBiasTurnaround = 3; ///< least distance of two parts in scale_bias
inline constexpr int kTableReadCycles = 2;
inline constexpr int kCellCycles = 5;   ///< operand, multiply, add, saturate, address of tanh(c)
inline constexpr int kHiddenCycles = 4; ///< operand, multiply, round, saturate
inline constexpr int kStateWriteCycles = 1;
inline constexpr int kOutputFifoCycles = 2; ///< pushed to TVALID
inline constexpr int kMinSliceFifoSlices = 32;

/// Levels of the adder tree of one lane, at least one.
constexpr int tree_levels(int lane_width) {
    int levels = 1;
    while ((1 << levels) < lane_width) ++levels;
    return levels;
}

/// Registers of the adder tree: one after every second level, at least one.
constexpr int tree_stages(int lane_width) { return divide_up(tree_levels(lane_width), 2); }

/// From the issue of the last chunk of a row group to that of a chunk that reads the group's first slice of h.
/// Not constexpr: tools/mutate compiles this file with constants that the environment changes.
inline int write_back_cycles(int lane_width) {
    const int lanes = kMemoryReadCycles + tree_stages(lane_width) + kAccumulateCycles + kPartCaptureCycles;
    return lanes + kScaleBiasCycles + kTableReadCycles + kCellCycles + kTableReadCycles + kHiddenCycles +
           kStateWriteCycles;
}

/// Slices that the slice FIFO holds: a power of two, at least two row groups.
constexpr int slice_fifo_slices(int slices_per_group) {
    int slices = kMinSliceFifoSlices;
    while (slices < 2 * slices_per_group) slices *= 2;
    return slices;
}

} // namespace bru
