#include "cosim/large_sizes.hpp"

#include "base/integers.hpp"

namespace bru {

namespace {

constexpr int kMostBeyondByte = 280;       ///< units of a wide layer
constexpr int kMostWaitingChunks = 22;     ///< of h: with more, the last slice is written before the last chunk's turn
constexpr int kLeastBeyondSevenBits = 129; ///< chunks of a direction's h
constexpr std::int64_t kPartRange = 1 << 24; ///< of the sums of a part with activations of at most a byte: 25 bits
constexpr std::int64_t kWidePartRange = std::int64_t{1} << 31; ///< with longer ones: 32 bits

} // namespace

int widest_layer(const Shape& shape) {
    const std::int64_t areas = shape.streams == 1 ? 1 : shape.streams + 1;
    for (std::int64_t units = kMostBeyondByte; units >= kLeastBeyondByte; --units) {
        const std::int64_t chunks = divide_up(units, shape.lane_width);
        const std::int64_t weights = divide_up(units, shape.units_per_group()) * (chunks + 2);
        const std::int64_t cells = divide_up(units, shape.update_width) * areas;
        if ((chunks <= kMostWaitingChunks || chunks >= kLeastBeyondByte) && weights < shape.weight_words &&
            cells < shape.cell_words)
            return narrow<int>(units);
    }
    return 0;
}

int units_of_wide_directions(const Shape& shape) {
    const std::int64_t units = kLeastBeyondSevenBits * shape.lane_width;
    const std::int64_t weights = 2 * divide_up(units, shape.units_per_group()) * (kLeastBeyondSevenBits + 2);
    const std::int64_t cells = 2 * divide_up(units, shape.update_width);
    const bool fits = shape.streams == 1 && weights < shape.weight_words && cells < shape.cell_words;
    return fits ? narrow<int>(units) : 0;
}

int inputs_of_large_sums(const Shape& shape) {
    const std::int64_t range = shape.activation_bits <= 8 ? kPartRange : kWidePartRange;
    const std::int64_t product = std::int64_t{1} << (kMostPlanes - 1 + shape.activation_bits - 1);
    // One extreme activation of 8 is at the other end, and one weight of 16: a sum has about two thirds of what it can.
    const std::int64_t inputs = range / product * 4 / 5;
    return divide_up(inputs, shape.lane_width) <= shape.input_words ? narrow<int>(inputs) : 0;
}

} // namespace bru
