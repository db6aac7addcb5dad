// Where every number of a network lies in the core's memories (docs/interfaces.md, "Memory layouts"): one function per
// address, row and bit position. The host packs with these functions, and the model of the core unpacks with them.
// A word is counted from the base that the descriptor names for the memory. A lane is one of L in a row group.
#pragma once

#include <cstdint>

#include "machine/bit_fields.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/registers.hpp"

namespace bru {

/// A field of some bits in a word of a memory.
struct FieldPlace {
    std::uint32_t word = 0;
    std::int64_t bit = 0; ///< the field's lowest bit in the word
};

class MemoryLayout {
public:
    explicit MemoryLayout(const CoreShape& shape) : shape_(shape) {}

    // Rows: lane 4u + g of a row group holds gate g of the group's unit u; dense rows fill the lanes in order.

    static constexpr int gate_of(int lane) { return lane % kGates; }
    int unit_of(std::uint32_t group, int lane) const { return group * shape_.units_per_group + lane / kGates; }
    int dense_row_of(std::uint32_t group, int lane) const { return group * shape_.lanes + lane; }

    // Columns: a vector of two directions is padded to whole chunks after each.

    std::uint32_t column_of(const Descriptor& descriptor, int direction, int element) const {
        return direction * descriptor.source_chunks * shape_.lane_width + element;
    }

    // Weights, from WEIGHT_BASE: group after group, part after part (0 is x, 1 is h), plane after plane with the top
    // plane first, chunk after chunk. A word has W bits of every lane.

    static std::uint32_t weight_word(const Descriptor& descriptor, std::uint32_t group, int part, std::uint32_t plane,
                                     std::uint32_t chunk) {
        const std::uint32_t part_words = part == 0 ? 0 : descriptor.words_per_plane(0) * descriptor.planes(0);
        return group * descriptor.words_per_group() + part_words + plane * descriptor.words_per_plane(part) + chunk;
    }
    std::int64_t weight_bit(int lane, int column_of_chunk) const {
        return std::int64_t{lane} * shape_.lane_width + column_of_chunk;
    }

    // Scales, from SCALE_BASE: group after group, part after part, slice after slice. Biases, from BIAS_BASE: group
    // after group, slice after slice. A word has a field of every row of a slice.

    FieldPlace scale(const Descriptor& descriptor, std::uint32_t group, int part, int lane) const {
        const std::uint32_t parts = descriptor.part_count();
        return {(group * parts + part) * slices() + slice_of(lane),
                std::int64_t{lane % shape_.rows_per_slice()} * kScaleFieldBits};
    }
    FieldPlace bias(std::uint32_t group, int lane) const {
        return {group * slices() + slice_of(lane), std::int64_t{lane % shape_.rows_per_slice()} * kBiasBits};
    }

    // Vectors of activations: chunks of W from the vector's first chunk. Values of c: slices of E from the vector's
    // first slice.

    FieldPlace activation(int element) const {
        return {static_cast<std::uint32_t>(element / shape_.lane_width),
                std::int64_t{element % shape_.lane_width} * shape_.activation_bits};
    }
    FieldPlace cell(int unit) const {
        return {static_cast<std::uint32_t>(unit / shape_.update_width),
                std::int64_t{unit % shape_.update_width} * kCellBits};
    }

    // Tables: sigmoid and tanh of an address share a word.

    static constexpr std::int64_t kSigmoidBit = 0;
    static constexpr std::int64_t kTanhBit = kTableEntryBits;

    /// Bits of a word of the memory that a load writes.
    std::int64_t word_bits_of(LoadTarget target) const;

private:
    std::uint32_t slices() const { return shape_.slices_per_group; }
    std::uint32_t slice_of(int lane) const { return lane / shape_.rows_per_slice(); }

    CoreShape shape_;
};

} // namespace bru
