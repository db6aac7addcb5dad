// Do steps become the beats of docs/interfaces.md, and are wrong steps refused?
#include "support/catch.hpp"

#include <limits>

#include "base/error.hpp"
#include "platform/simulation.hpp"
#include "platform/step_encoder.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

struct Encoding {
    Encoding(int inputs, bool one_hot, int width, int bits, int exponent = 0) {
        NetworkRecipe recipe;
        recipe.inputs = inputs;
        recipe.one_hot = one_hot;
        recipe.input_exponent = exponent;
        network = random_network(recipe, 1);
        shape.lane_width = width;
        shape.activation_bits = bits;
        image.one_hot = one_hot;
        image.input_chunks = one_hot ? 1 : static_cast<std::uint32_t>((inputs + width - 1) / width);
        encoder = std::make_unique<StepEncoder>(shape, network, image);
    }
    std::vector<std::uint64_t> beats(const Step& step, bool end = false) {
        std::vector<std::uint64_t> result;
        encoder->append(step, end, result);
        return result;
    }
    Network network;
    Shape shape;
    NetworkImage image;
    std::unique_ptr<StepEncoder> encoder;
};

Step step_of(std::vector<double> values, bool first = false, bool last = false) {
    Step step;
    step.values = std::move(values);
    step.first = first;
    step.last = last;
    return step;
}

Step symbol(std::uint32_t index) {
    Step step;
    step.symbol = index;
    return step;
}

} // namespace

TEST_CASE("the header has the flags first, last and end") {
    Encoding encoding(1, false, 8, 8);
    CHECK(encoding.beats(step_of({0}))[0] == 0);
    CHECK(encoding.beats(step_of({0}, true))[0] == 1);
    CHECK(encoding.beats(step_of({0}, false, true))[0] == 2);
    CHECK(encoding.beats(step_of({0}), true)[0] == 4);
    CHECK(encoding.beats(step_of({0}, true, true), true)[0] == 7);
}

TEST_CASE("a one-hot step is a header with chunk and column of the one") {
    Encoding encoding(82, true, 16, 8);
    CHECK(encoding.beats(symbol(0)) == std::vector<std::uint64_t>{0});
    CHECK(encoding.beats(symbol(15)) == std::vector<std::uint64_t>{0x000F'0000'0000});
    CHECK(encoding.beats(symbol(16)) == std::vector<std::uint64_t>{0x0000'0001'0000});
    CHECK(encoding.beats(symbol(81)) == std::vector<std::uint64_t>{0x0001'0005'0000});
    CHECK_THROWS_WITH(encoding.beats(symbol(82)), ContainsSubstring("82") && ContainsSubstring("0 to 81"));
}

TEST_CASE("a vector step is quantized and packed into chunks, padded with zeros") {
    Encoding encoding(5, false, 4, 8); // chunks of 32 bits, a beat each
    CHECK(encoding.beats(step_of({0.5, -0.5, 0, 1.0 / 128, -1})) == std::vector<std::uint64_t>{0, 0x0100C040, 0x80});
    CHECK(encoding.encoder->saturated_inputs() == 0);
}

TEST_CASE("a chunk of more than 64 bits takes several beats, activations cross their borders") {
    Encoding encoding(6, false, 6, 12); // 72 bits
    CHECK(encoding.beats(step_of({-1, 0, 0, 0, 0, -1.0 / 2048})) ==
          std::vector<std::uint64_t>{0, 0xF000000000000800, 0xFF});
}

TEST_CASE("one-bit inputs are signs, their padding is one") {
    Encoding encoding(3, false, 8, 1);
    CHECK(encoding.beats(step_of({-3, 0, 0.25})) == std::vector<std::uint64_t>{0, 0xFE});
    CHECK(encoding.encoder->saturated_inputs() == 0);
}

TEST_CASE("values beyond the format saturate and are counted") {
    Encoding encoding(4, false, 4, 8, 1); // -2 to 127/64
    CHECK(encoding.beats(step_of({2, -2, 5, -2.5})) == std::vector<std::uint64_t>{0, 0x807F807F});
    CHECK(encoding.encoder->saturated_inputs() == 3); // -2 fits
}

TEST_CASE("a step that does not fit the network is refused") {
    Encoding encoding(3, false, 8, 8);
    CHECK_THROWS_AS(encoding.beats(step_of({1, 2})), InputError);
    CHECK_THROWS_WITH(encoding.beats(step_of({1, 2, 3, 4})), ContainsSubstring("4 values"));
    CHECK_THROWS_AS(encoding.beats(step_of({1, std::numeric_limits<double>::quiet_NaN(), 3})), InputError);
    CHECK_THROWS_AS(encoding.beats(step_of({1, std::numeric_limits<double>::infinity(), 3})), InputError);
}
