// The static shape of the core: what a bitstream fixes.
#pragma once

#include <cstdint>

#include "base/integers.hpp"
#include "model/number_formats.hpp"

namespace bru {

/// 0 in a memory depth and in the kinds of cells stands for `auto`: what the network (and max_sequence_steps) needs.
inline constexpr std::int64_t kAuto = 0;

/// Words of an area of the state or cell memory of a machine with several streams: the memory has an area for each
/// stream, and behind them one for the initial values. An area is a power of two, so that the number of the stream
/// stands above the address within its area. One stream: no areas, the address is that in the memory.
constexpr std::int64_t area_words(std::int64_t memory_words, std::int64_t streams) {
    if (streams == 1) return 0;
    std::int64_t words = 1;
    while (2 * words * (streams + 1) <= memory_words) words *= 2;
    return words;
}

/// The static shape: what a bitstream fixes.
struct Shape {
    std::int64_t lanes = 64;            ///< L = 4U
    std::int64_t lane_width = 16;       ///< W
    std::int64_t update_width = 2;      ///< E
    std::int64_t activation_bits = 8;   ///< A
    std::int64_t lut_address_bits = 10; ///< N
    std::int64_t scale_bits = 16;
    std::int64_t cell_kinds = kAuto;       ///< 1: LSTM; 2: LSTM and GRU
    std::int64_t weight_words = kAuto;     ///< of L*W bits
    std::int64_t scale_words = kAuto;      ///< of 4E*16 bits
    std::int64_t bias_words = kAuto;       ///< of 4E*48 bits
    std::int64_t state_words = kAuto;      ///< chunks of W activations
    std::int64_t cell_words = kAuto;       ///< slices of E values of 16 bits
    std::int64_t input_words = kAuto;      ///< chunks of W activations
    std::int64_t max_sequence_steps = 128; ///< of reverse and bidirectional layers
    std::int64_t output_fifo_beats = 512;
    std::int64_t streams = 1; ///< K: independent sequences whose state lies in the machine

    std::int64_t units_per_group() const { return lanes / 4; }                         ///< U
    std::int64_t slices_per_group() const { return units_per_group() / update_width; } ///< D
    /// Chunks of the state memory, and slices of the cell memory, that each stream has (area_words).
    std::int64_t state_area_words() const { return area_words(state_words, streams); }
    std::int64_t cell_area_words() const { return area_words(cell_words, streams); }
    NumberFormats formats() const {
        return {narrow<int>(activation_bits), narrow<int>(lut_address_bits), narrow<int>(scale_bits)};
    }
};

} // namespace bru
