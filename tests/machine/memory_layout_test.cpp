// Does every number lie where docs/interfaces.md ("Memories") says? The expected places are counted by hand.
#include "support/catch.hpp"

#include "machine/bit_fields.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/memory_layout.hpp"
#include "machine/registers.hpp"
#include "machine/stream_format.hpp"

using namespace bru;

namespace {

/// 16 lanes of 5, slices of 2 units: 4 units and 2 slices per group.
CoreShape shape_of_16_lanes(int activation_bits = 8) {
    Shape shape;
    shape.lanes = 16;
    shape.lane_width = 5;
    shape.update_width = 2;
    shape.activation_bits = activation_bits;
    return CoreShape(shape);
}

/// Parts of 3 chunks in 2 planes and of 2 chunks in 1 plane: 8 weight words per group.
Descriptor two_parts() {
    Descriptor descriptor;
    descriptor.x_words = 3;
    descriptor.x_planes = 2;
    descriptor.h_chunks = 2;
    descriptor.h_planes = 1;
    descriptor.groups = 3;
    return descriptor;
}

} // namespace

TEST_CASE("lane 4u + g holds gate g of unit u, and dense rows fill the lanes in order") {
    const MemoryLayout layout(shape_of_16_lanes());
    CHECK(MemoryLayout::gate_of(0) == 0);
    CHECK(MemoryLayout::gate_of(7) == 3);
    CHECK(layout.unit_of(0, 3) == 0);
    CHECK(layout.unit_of(0, 4) == 1);
    CHECK(layout.unit_of(2, 15) == 11);
    CHECK(layout.dense_row_of(2, 15) == 47);
}

TEST_CASE("weight words follow each other by group, part, plane and chunk") {
    const Descriptor descriptor = two_parts();
    std::uint32_t expected = 0;
    for (std::uint32_t group = 0; group < descriptor.groups; ++group)
        for (const int part : {0, 1})
            for (std::uint32_t plane = 0; plane < (part == 0 ? 2U : 1U); ++plane)
                for (std::uint32_t chunk = 0; chunk < (part == 0 ? 3U : 2U); ++chunk)
                    CHECK(MemoryLayout::weight_word(descriptor, group, part, plane, chunk) == expected++);
    CHECK(expected == 24);
    CHECK(MemoryLayout(shape_of_16_lanes()).weight_bit(7, 4) == 39);
}

TEST_CASE("scale words follow each other by group, part and slice, bias words by group and slice") {
    const MemoryLayout layout(shape_of_16_lanes());
    const Descriptor descriptor = two_parts();
    CHECK(layout.scale(descriptor, 0, 0, 0).word == 0);
    CHECK(layout.scale(descriptor, 0, 0, 8).word == 1); // 8 rows per slice
    CHECK(layout.scale(descriptor, 0, 1, 0).word == 2);
    CHECK(layout.scale(descriptor, 1, 0, 0).word == 4);
    CHECK(layout.scale(descriptor, 1, 1, 15).word == 7);
    CHECK(layout.scale(descriptor, 1, 1, 15).bit == 7 * 16);
    CHECK(layout.bias(0, 7).word == 0);
    CHECK(layout.bias(0, 7).bit == 7 * 48);
    CHECK(layout.bias(1, 9).word == 3);
    CHECK(layout.bias(1, 9).bit == 48);
    Descriptor dense = descriptor;
    dense.flags = Descriptor::kDense;
    CHECK(layout.scale(dense, 1, 0, 8).word == 3); // one part
}

TEST_CASE("activations lie in chunks of W, values of c in slices of E") {
    const MemoryLayout layout(shape_of_16_lanes(6));
    CHECK(layout.activation(4).word == 0);
    CHECK(layout.activation(4).bit == 24);
    CHECK(layout.activation(5).word == 1);
    CHECK(layout.activation(5).bit == 0);
    CHECK(layout.cell(3).word == 1);
    CHECK(layout.cell(3).bit == 16);
}

TEST_CASE("a vector of two directions is padded to whole chunks after each") {
    const MemoryLayout layout(shape_of_16_lanes());
    Descriptor descriptor;
    descriptor.source_chunks = 2; // of 5 activations, for 7 units
    CHECK(layout.column_of(descriptor, 0, 6) == 6);
    CHECK(layout.column_of(descriptor, 1, 0) == 10);
    CHECK(layout.column_of(descriptor, 1, 6) == 16);
}

TEST_CASE("words have the widths of docs/interfaces.md") {
    const MemoryLayout layout(shape_of_16_lanes(6));
    CHECK(layout.word_bits_of(LoadTarget::weights) == 16 * 5);
    CHECK(layout.word_bits_of(LoadTarget::scales) == 4 * 2 * 16);
    CHECK(layout.word_bits_of(LoadTarget::biases) == 4 * 2 * 48);
    CHECK(layout.word_bits_of(LoadTarget::tables) == 32);
    CHECK(layout.word_bits_of(LoadTarget::state) == 5 * 6);
    CHECK(layout.word_bits_of(LoadTarget::cell) == 2 * 16);
    CHECK(beats_of(1) == 1);
    CHECK(beats_of(64) == 1);
    CHECK(beats_of(65) == 2);
}

TEST_CASE("a field is written and read across beats, and touches no other bit") {
    for (const int width : {1, 16, 48, 63})
        for (std::int64_t position = 0; position + width <= 128; ++position) {
            std::uint64_t word[2] = {0, 0};
            const std::uint64_t ones = (std::uint64_t{1} << width) - 1;
            put_word_bits(word, position, width, ~std::uint64_t{0});
            if (word_bits(word, position, width) != ones) FAIL("width " << width << " at bit " << position);
            std::int64_t set = 0;
            for (std::int64_t bit = 0; bit < 128; ++bit) set += static_cast<std::int64_t>(word_bits(word, bit, 1));
            if (set != width) FAIL("width " << width << " at bit " << position << " sets " << set << " bits");
        }
    CHECK(sign_extended(0x8000, 16) == -32768);
    CHECK(sign_extended(0x7FFF, 16) == 32767);
    CHECK(sign_extended(0xFFFF'FFFF'FFFF, 48) == -1);
}
