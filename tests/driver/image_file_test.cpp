// Does the driver read the files that `bru image` writes, and refuse every other?
#include "support/catch.hpp"

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "driver/bru.h"
#include "platform/driver_image.hpp"
#include "platform/image_file.hpp"
#include "support/random_network.hpp"
#include "support/temporary_folder.hpp"

using namespace bru;
using namespace bru::test;

namespace {

/// A network as image, and its file.
struct Made {
    explicit Made(const Network& made)
        : network(made), quantized(quantize(network, shape_of().formats())),
          placement(place_network(shape_of(), quantized)) {
        placement.shape = shape_of();
        load_image = make_network_image(placement, quantized, {OutputKind::hidden, OutputSteps::every});
        image = driver_image(load_image, placement.shape, network);
        bytes = image_bytes(image);
    }
    static Shape shape_of() {
        Shape shape;
        shape.lanes = 16;
        shape.weight_words = shape.scale_words = shape.bias_words = shape.state_words = 1024;
        shape.cell_words = shape.input_words = 64;
        return shape;
    }
    Network network;
    QuantizedNetwork quantized;
    NetworkPlacement placement;
    NetworkImage load_image;
    bru_image image = {};
    std::string bytes;
};

/// Memory that begins at a multiple of 8, as an image must.
std::vector<std::uint64_t> aligned(const std::string& bytes) {
    std::vector<std::uint64_t> memory(bytes.size() / 8 + 1);
    std::memcpy(memory.data(), bytes.data(), bytes.size());
    return memory;
}

bru_result read_result(const std::string& bytes) {
    const std::vector<std::uint64_t> memory = aligned(bytes);
    bru_image image = {};
    return bru_read_image(memory.data(), bytes.size(), &image);
}

Network small_network() {
    NetworkRecipe recipe;
    recipe.inputs = 9;
    recipe.hidden_sizes = {13, 6};
    recipe.initial_states = true;
    return random_network(recipe, 1);
}

std::string file_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("an image file reads back as the image", "[image]") {
    const Made made(small_network());
    const std::vector<std::uint64_t> memory = aligned(made.bytes);
    bru_image image = {};
    REQUIRE(bru_read_image(memory.data(), made.bytes.size(), &image) == BRU_OK);
    CHECK(std::equal(std::begin(image.shape), std::end(image.shape), std::begin(made.image.shape)));
    CHECK(image.mode == made.image.mode);
    CHECK(image.input == made.image.input);
    CHECK(image.input_slots == made.image.input_slots);
    CHECK(image.step_beats == made.image.step_beats);
    CHECK(image.step_values == 9);
    CHECK(image.vector_beats == made.image.vector_beats);
    CHECK(image.vector_values == 6);
    CHECK(image.vectors == 1);
    CHECK(image.input_exponent == made.image.input_exponent);
    REQUIRE(image.descriptor_count == made.image.descriptor_count);
    CHECK(std::memcmp(image.descriptors, made.image.descriptors,
                      4UL * BRU_DESCRIPTOR_FIELDS * image.descriptor_count) == 0);
    for (std::uint32_t k = 0; k < BRU_REGIONS; ++k) {
        const bru_region& region = image.regions[k];
        CHECK(region.target == made.image.regions[k].target);
        CHECK(region.word_beats == made.image.regions[k].word_beats);
        REQUIRE(region.words == made.image.regions[k].words);
        CHECK(std::memcmp(region.beats, made.image.regions[k].beats, 8UL * region.words * region.word_beats) == 0);
    }
}

TEST_CASE("a damaged image is refused, wherever the damage is", "[image]") {
    const Made made(small_network());
    CHECK(read_result(made.bytes) == BRU_OK);
    CHECK(read_result(made.bytes.substr(0, made.bytes.size() - 1)) == BRU_BAD_IMAGE);
    CHECK(read_result(made.bytes.substr(0, 20)) == BRU_BAD_IMAGE);
    CHECK(read_result("") == BRU_BAD_IMAGE);
    for (std::size_t place = 0; place < made.bytes.size(); place += place < 300 ? 1 : 97) {
        std::string damaged = made.bytes;
        damaged[place] = static_cast<char>(damaged[place] ^ 0x40);
        INFO("byte " << place);
        CHECK(read_result(damaged) == BRU_BAD_IMAGE);
    }
}

TEST_CASE("an image with a right checksum and wrong places is refused", "[image]") {
    const Made made(small_network());
    const auto with_word = [&](std::uint32_t word, std::uint32_t value) {
        std::string bytes = made.bytes;
        std::memcpy(&bytes[4UL * word], &value, 4);
        const std::uint32_t crc = bru_crc32(0, bytes.data() + 16, bytes.size() - 16);
        std::memcpy(&bytes[4UL * BRU_IMAGE_CHECKSUM], &crc, 4);
        return read_result(bytes);
    };
    const std::uint32_t first_region = BRU_IMAGE_REGIONS;
    CHECK(with_word(first_region, BRU_LOAD_WEIGHTS) == BRU_OK);
    CHECK(with_word(first_region, BRU_LOAD_RUN) == BRU_BAD_IMAGE);
    CHECK(with_word(first_region, 99) == BRU_BAD_IMAGE);
    CHECK(with_word(first_region + 1, 0) == BRU_BAD_IMAGE);
    CHECK(with_word(first_region + 2, 0x4000'0000) == BRU_BAD_IMAGE);
    CHECK(with_word(first_region + 3, 0xFFFF'FFF8) == BRU_BAD_IMAGE);
    CHECK(with_word(BRU_IMAGE_DESCRIPTOR_COUNT, 33) == BRU_BAD_IMAGE);
    CHECK(with_word(BRU_IMAGE_DESCRIPTORS, 0xFFFF'FFF8) == BRU_BAD_IMAGE);
    CHECK(with_word(BRU_IMAGE_VECTOR_BEATS, 0) == BRU_BAD_IMAGE);
}

TEST_CASE("the driver encodes a step as the simulator does, and quantizes its values alike", "[image]") {
    const Made made(small_network());
    const std::vector<Step> steps = random_steps(made.network, {5, 6}, 2);
    StepEncoder encoder(made.placement.shape, made.network, made.load_image);
    for (const Step& step : steps) {
        std::vector<std::uint64_t> expected;
        encoder.append(step, false, expected);
        std::vector<std::int32_t> activations;
        for (const double value : step.values) activations.push_back(bru_quantize(&made.image, value));
        std::vector<std::uint64_t> beats(made.image.step_beats);
        bru_encode_vector(&made.image, activations.data(),
                          (step.first ? unsigned{BRU_STEP_FIRST} : 0U) | (step.last ? unsigned{BRU_STEP_LAST} : 0U),
                          beats.data());
        CHECK(beats == expected);
    }
}

TEST_CASE("a file of steps has what the encoder makes, and its last step ends the run", "[image]") {
    const Made made(small_network());
    const std::vector<Step> list = random_steps(made.network, {5, 6}, 2);
    StepList steps(list);
    StepEncoder encoder(made.placement.shape, made.network, made.load_image);
    const testing::TemporaryFolder folder;
    const WrittenSteps written = write_steps_file(folder / "steps", steps, encoder, made.image.step_beats);
    CHECK(written.steps == 11);
    const std::string bytes = file_bytes(folder / "steps");
    CHECK(bytes.size() == written.bytes);
    const std::vector<std::uint64_t> memory = aligned(bytes);
    bru_steps read = {};
    REQUIRE(bru_read_steps(memory.data(), bytes.size(), &read) == BRU_OK);
    CHECK(read.steps == 11);
    REQUIRE(read.step_beats == made.image.step_beats);
    for (std::size_t k = 0; k < 11; ++k) {
        std::vector<std::uint64_t> expected;
        encoder.append(list[k], k == 10, expected);
        CHECK(std::equal(expected.begin(), expected.end(), read.beats + k * read.step_beats));
    }
    for (std::size_t place = 0; place < bytes.size(); place += 5) {
        std::vector<std::uint64_t> damaged = memory;
        damaged[place / 8] ^= std::uint64_t{0x40} << place % 8 * 8;
        INFO("byte " << place);
        CHECK(bru_read_steps(damaged.data(), bytes.size(), &read) == BRU_BAD_IMAGE);
    }
    const std::vector<Step> no_steps;
    StepList none(no_steps);
    CHECK_THROWS_AS(write_steps_file(folder / "none", none, encoder, made.image.step_beats), InputError);
}

TEST_CASE("the C source of an image has the bytes of the file", "[image]") {
    std::string bytes;
    for (int k = 0; k < 40; ++k) bytes += static_cast<char>(k);
    const std::string text = image_c_source(bytes, "made by a test");
    CHECK(text.find("0x0706050403020100u, 0x0f0e0d0c0b0a0908u") != std::string::npos);
    CHECK(text.find("0x2726252423222120u") != std::string::npos);
    CHECK(text.find("bru_image_bytes = 40;") != std::string::npos);
}
