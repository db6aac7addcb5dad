// Registers, descriptor and stream formats of the core, as docs/interfaces.md lists them.
#pragma once

#include <cstdint>

namespace bru {

namespace reg {
inline constexpr std::uint32_t kControl = 0x00;
inline constexpr std::uint32_t kStatus = 0x04;
inline constexpr std::uint32_t kInterruptEnable = 0x08;
inline constexpr std::uint32_t kInterruptStatus = 0x0C;
inline constexpr std::uint32_t kLoadTarget = 0x10;
inline constexpr std::uint32_t kLoadAddress = 0x14;
inline constexpr std::uint32_t kDescriptors = 0x18;
inline constexpr std::uint32_t kMode = 0x1C;
inline constexpr std::uint32_t kInput = 0x20;
inline constexpr std::uint32_t kInputSlots = 0x24;
inline constexpr std::uint32_t kPacketVectors = 0x28;
inline constexpr std::uint32_t kVersion = 0x2C;
inline constexpr std::uint32_t kShape = 0x30; ///< twelve registers
inline constexpr std::uint32_t kShapeRegisters = 12;
inline constexpr std::uint32_t kCounter = 0x80; ///< ten of 64 bits
inline constexpr std::uint32_t kCounters = 10;
inline constexpr std::uint32_t kDescriptor = 0x1000;
inline constexpr std::uint32_t kDescriptorBytes = 0x80;
} // namespace reg

inline constexpr std::uint32_t kControlStart = 1;
inline constexpr std::uint32_t kControlCount = 2;
inline constexpr std::uint32_t kControlFreeze = 4;
inline constexpr std::uint32_t kStatusRunning = 1;
inline constexpr std::uint32_t kStatusDone = 2;
inline constexpr std::uint32_t kVersionValue = 0x42525501;
inline constexpr std::uint32_t kInputOneHot = 1U << 31;

enum class LoadTarget : std::uint32_t { run, weights, scales, biases, tables, state, cell };
inline constexpr int kLoadTargets = 7;

enum Counter { kCounterSteps = 7, kCounterFirstInput = 8, kCounterLastOutput = 9 }; ///< 0 to 6: the cycle classes

inline constexpr int kMaxDescriptors = 32;
inline constexpr int kDescriptorFields = 22;

/// One layer direction or the dense layer; the fields in the order of their registers.
struct Descriptor {
    std::uint32_t flags = 0;
    std::uint32_t groups = 0;
    std::uint32_t size = 0;
    std::uint32_t x_chunks = 0;
    std::uint32_t x_planes = 0;
    std::uint32_t x_words = 0;
    std::uint32_t h_chunks = 0;
    std::uint32_t h_planes = 0;
    std::uint32_t weight_base = 0;
    std::uint32_t scale_base = 0;
    std::uint32_t bias_base = 0;
    std::uint32_t x_base = 0;
    std::uint32_t x_stride = 0;
    std::uint32_t h_base = 0;
    std::uint32_t h_stride = 0;
    std::uint32_t h_initial = 0;
    std::uint32_t cell_base = 0;
    std::uint32_t cell_initial = 0;
    std::uint32_t shift = 0; ///< two's complement
    std::uint32_t source = 0;
    std::uint32_t source_chunks = 0;
    std::uint32_t source_size = 0;

    enum Flag : std::uint32_t { kDense = 1, kReverse = 2, kXFromInput = 4, kOneHot = 8, kEmit = 16 };
    bool dense() const { return (flags & kDense) != 0; }
    bool reverse() const { return (flags & kReverse) != 0; }
    bool x_from_input() const { return (flags & kXFromInput) != 0; }
    bool one_hot() const { return (flags & kOneHot) != 0; }
    bool emit() const { return (flags & kEmit) != 0; }
    int part_count() const { return dense() ? 1 : 2; }
    /// Weight words of one row group.
    std::uint32_t words_per_group() const { return x_words * x_planes + h_chunks * h_planes; }
};
static_assert(sizeof(Descriptor) == kDescriptorFields * sizeof(std::uint32_t), "fields are registers");

// Header beat of an input step.
inline constexpr std::uint64_t kHeaderFirst = 1;
inline constexpr std::uint64_t kHeaderLast = 2;
inline constexpr std::uint64_t kHeaderEnd = 4;
inline constexpr int kHeaderChunkShift = 16;
inline constexpr int kHeaderColumnShift = 32;

constexpr std::uint32_t divide_up(std::uint32_t value, std::uint32_t divisor) {
    return (value + divisor - 1) / divisor;
}

/// Beats of one chunk of `lane_width` activations in the input stream.
constexpr int beats_per_chunk(int lane_width, int activation_bits) { return (lane_width * activation_bits + 63) / 64; }

/// Bytes of a hidden element in the output stream.
constexpr int hidden_element_bytes(int activation_bits) { return activation_bits <= 8 ? 1 : 2; }

} // namespace bru
