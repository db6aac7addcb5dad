// Do memories give back what was loaded, and do fields of any width come out of a word wherever they lie?
#include "support/catch.hpp"

#include "machine/activation_codec.hpp"
#include "machine/bit_fields.hpp"
#include "machine/core_shape.hpp"
#include "modules/stubs.hpp"
#include "modules/weight_bram.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct BramFixture : sc_core::sc_module {
    BramFixture(const sc_core::sc_module_name& name, const Shape& shape)
        : sc_module(name), block("block", CoreShape(shape)), load("load"), read("read") {
        load.bind(block.load_socket);
        read.bind(block.read_socket);
    }
    WeightBram block;
    MemoryInitiatorSocket load;
    MemoryInitiatorSocket read;
};

MemoryAccess access(bool write, std::uint32_t address, std::uint32_t words, const std::uint64_t* data = nullptr) {
    MemoryAccess result;
    result.write = write;
    result.address = address;
    result.words = words;
    result.data = data;
    return result;
}

} // namespace

TEST_CASE("weight words of L*W bits are kept at their address") {
    const TestKernel kernel;
    BramFixture fixture("fixture", resolved_shape(16, 5, 4)); // 80 bits: two beats
    elaborate();
    const std::vector<std::uint64_t> data{1, 2, 3, 4, 5, 6};
    MemoryAccess write = access(true, 509, 3, data.data());
    fixture.load.send(write);
    MemoryAccess all = access(false, 0, 512);
    fixture.read.send(all);
    CHECK(std::vector<std::uint64_t>(all.data + 1018, all.data + 1024) == data);
    CHECK(std::all_of(all.data, all.data + 1018, [](std::uint64_t beat) { return beat == 0; }));
    MemoryAccess middle = access(false, 510, 1);
    fixture.read.send(middle);
    CHECK(middle.data[0] == 3);
    CHECK(middle.data[1] == 4);
}

TEST_CASE("a read tells whether the memory was written since") {
    const TestKernel kernel;
    BramFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    MemoryAccess first = access(false, 0, 1);
    fixture.read.send(first);
    MemoryAccess second = access(false, 0, 1);
    fixture.read.send(second);
    CHECK(first.generation == second.generation);
    const std::uint64_t beat = 1;
    MemoryAccess write = access(true, 5, 1, &beat);
    fixture.load.send(write);
    MemoryAccess third = access(false, 0, 1);
    fixture.read.send(third);
    CHECK(third.generation != second.generation);
}

TEST_CASE("a field of a word is found wherever it lies, also over the border of two beats") {
    const std::uint64_t word[3] = {0x0123456789ABCDEF, 0xFEDCBA9876543210, 0xA5A5A5A5A5A5A5A5};
    for (int width = 1; width <= 48; ++width)
        for (int position = 0; position + width <= 192; ++position) {
            std::uint64_t expected = 0;
            for (int bit = 0; bit < width; ++bit)
                expected |= (word[(position + bit) / 64] >> (position + bit) % 64 & 1) << bit;
            if (word_bits(word, position, width) != expected) FAIL("width " << width << " at bit " << position);
        }
    CHECK(word_bits(word, 60, 8) == 0x00);
    CHECK(word_bits(word, 56, 16) == 0x1001);
}

TEST_CASE("activations are two's complement of A bits, of one bit +1 and -1") {
    for (int bits = 2; bits <= 16; ++bits)
        for (const int element : {0, 1, 7, 31, 63}) {
            const int low = -(1 << (bits - 1));
            for (const int value : {low, low + 1, -1, 0, 1, -low - 2, -low - 1}) {
                std::uint64_t word[17] = {};
                encode_activation(word, element, bits, value);
                INFO("A = " << bits << ", element " << element);
                CHECK(decode_activation(word, element, bits) == value);
                if (element > 0) CHECK(decode_activation(word, element - 1, bits) == 0); // neighbours stay clear
                if (element < 63) CHECK(decode_activation(word, element + 1, bits) == 0);
            }
        }
    std::uint64_t word[1] = {};
    encode_activation(word, 0, 1, 1);
    encode_activation(word, 1, 1, -1);
    encode_activation(word, 63, 1, 1);
    CHECK(word[0] == 0x8000000000000001);
    CHECK(decode_activation(word, 0, 1) == 1);
    CHECK(decode_activation(word, 1, 1) == -1);
    CHECK(decode_activation(word, 63, 1) == 1);
}
