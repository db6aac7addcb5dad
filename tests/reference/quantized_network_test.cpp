// Does quantize() follow the rule for k, keep biases and sums within 48 bits, and name what does not fit?
#include "support/catch.hpp"
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "model/quantized_network.hpp"
#include "networks.hpp"

using namespace bru;
using namespace bru::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

/// One unit, one input, all scales 1/4, zero biases.
Network small_network() {
    Network network = random_network({1, 1}, 1);
    LstmDirection& direction = network.layers[0].directions[0];
    direction.input.values.assign(4, 1);
    direction.recurrent.values.assign(4, -1);
    direction.input.scales.assign(4, 0.25);
    direction.recurrent.scales.assign(4, 0.25);
    direction.bias.assign(4, 0);
    return network;
}

const QuantizedRows& rows_of(const QuantizedNetwork& quantized) { return quantized.layers[0].directions[0].rows; }

} // namespace

TEST_CASE("the largest scale fills the mantissa", "[quantize]") {
    Network network = small_network();
    const QuantizedNetwork quantized = quantize(network, {});
    CHECK(rows_of(quantized).scale_exponent == 17); // 0.25 * 2^17 = 2^15: 16 bits
    CHECK(rows_of(quantized).fraction_bits == 24);
    CHECK(rows_of(quantized).parts[0].mantissas[0] == 32768);

    network.layers[0].directions[0].recurrent.scales[2] = 0.5 - 1e-9; // rounds to 2^16 with k = 17, so k is 16
    const QuantizedNetwork rounded = quantize(network, {});
    CHECK(rows_of(rounded).scale_exponent == 16);
    CHECK(rows_of(rounded).parts[1].mantissas[2] == 32768);
    CHECK(rows_of(rounded).parts[0].mantissas[0] == 16384);

    network.layers[0].directions[0].recurrent.scales[2] = 65535.4 / 131072.0; // just fits
    const QuantizedNetwork full = quantize(network, {});
    CHECK(rows_of(full).scale_exponent == 17);
    CHECK(rows_of(full).parts[1].mantissas[2] == 65535);
}

TEST_CASE("narrower mantissas move k", "[quantize]") {
    const Network network = small_network();
    NumberFormats formats;
    formats.scale_bits = 8;
    const QuantizedNetwork quantized = quantize(network, formats);
    CHECK(rows_of(quantized).scale_exponent == 9);
    CHECK(rows_of(quantized).parts[0].mantissas[0] == 128);
}

TEST_CASE("k is 16 where all scales are zero", "[quantize]") {
    Network network = small_network();
    network.layers[0].directions[0].input.scales.assign(4, 0);
    network.layers[0].directions[0].recurrent.scales.assign(4, 0);
    network.layers[0].directions[0].bias[1] = 0.5;
    const QuantizedNetwork quantized = quantize(network, {});
    CHECK(rows_of(quantized).scale_exponent == 16);
    CHECK(rows_of(quantized).bias[1] == std::int64_t{1} << 22);
}

TEST_CASE("the input exponent goes into the scale of the first layer's x part, for vectors only", "[quantize]") {
    Network network = random_network({1, 1, 2}, 3);
    for (LstmLayer& layer : network.layers) {
        layer.directions[0].input.scales.assign(4, 0.25);
        layer.directions[0].recurrent.scales.assign(4, 0.25);
    }
    network.input_exponent = 3;
    const QuantizedNetwork quantized = quantize(network, {});
    CHECK(rows_of(quantized).scale_exponent == 14); // 0.25 * 8 = 2
    CHECK(rows_of(quantized).parts[0].mantissas[0] == 32768);
    CHECK(rows_of(quantized).parts[1].mantissas[0] == 4096);
    CHECK(quantized.layers[1].directions[0].rows.scale_exponent == 17);
    network.input_encoding = InputEncoding::one_hot;
    const QuantizedNetwork one_hot = quantize(network, {});
    CHECK(rows_of(one_hot).scale_exponent == 17);
}

TEST_CASE("biases are rounded half up", "[quantize]") {
    Network network = small_network();
    network.layers[0].directions[0].bias = {std::ldexp(1.5, -24), std::ldexp(-1.5, -24), std::ldexp(-1.6, -24), 2.0};
    const QuantizedNetwork quantized = quantize(network, {});
    CHECK(rows_of(quantized).bias == std::vector<std::int64_t>{2, -1, -2, std::int64_t{1} << 25});
}

TEST_CASE("k is lowered until a large bias keeps within 46 bits", "[quantize]") {
    Network network = small_network();
    network.layers[0].directions[0].bias[3] = std::ldexp(1.0, 22) - 1; // below 2^46 with n = 24
    const QuantizedNetwork fits = quantize(network, {});
    CHECK(rows_of(fits).scale_exponent == 17);
    network.layers[0].directions[0].bias[3] = -std::ldexp(1.0, 22);
    const QuantizedNetwork lowered = quantize(network, {});
    CHECK(rows_of(lowered).scale_exponent == 16);
    CHECK(rows_of(lowered).fraction_bits == 23);
    CHECK(rows_of(lowered).parts[0].mantissas[0] == 16384);
}

TEST_CASE("k is lowered where the shift would pass its range", "[quantize]") {
    Network network = small_network();
    network.layers[0].directions[0].input.scales.assign(4, 1e-12);
    network.layers[0].directions[0].recurrent.scales.assign(4, 1e-12);
    const QuantizedNetwork quantized = quantize(network, {});
    CHECK(rows_of(quantized).fraction_bits - kZFractionBits == kMaxSumShift);
}

TEST_CASE("exact sums of accepted networks stay within 48 bits", "[quantize]") {
    NetworkShape shape;
    shape.input_size = 300;
    shape.hidden_size = 40;
    shape.lstm_planes = 8;
    Network network = random_network(shape, 5);
    NumberFormats formats;
    formats.activation_bits = 16;
    const QuantizedNetwork quantized = quantize(network, formats);
    const QuantizedRows& rows = rows_of(quantized);
    for (int row = 0; row < rows.row_count(); ++row) {
        std::int64_t sum = std::abs(rows.bias[static_cast<std::size_t>(row)]) +
                           (std::int64_t{1} << (rows.fraction_bits - kZFractionBits - 1));
        for (const QuantizedPart& part : rows.parts)
            for (int column = 0; column < part.size(); ++column) {
                const int place = row * part.size() + column;
                sum += std::abs(std::int64_t{part.weights->values[static_cast<std::size_t>(place)]}) * 32768 *
                       part.mantissas[static_cast<std::size_t>(row)];
            }
        REQUIRE(sum < std::int64_t{1} << 47);
    }
}

TEST_CASE("what does not fit is refused with layer, direction and row", "[quantize]") {
    Network network = small_network();
    SECTION("a scale beyond the binary point") {
        network.layers[0].directions[0].input.scales[1] = 1e12;
        CHECK_THROWS_WITH(quantize(network, {}), ContainsSubstring("layer 0 forward: ") && ContainsSubstring("scale"));
    }
    SECTION("a bias beyond every k") {
        network.layers[0].directions[0].bias[1] = 1e30;
        CHECK_THROWS_WITH(quantize(network, {}),
                          ContainsSubstring("layer 0 forward, gate f of unit 0") && ContainsSubstring("bias 1e+30"));
    }
    SECTION("numbers that are none") {
        network.layers[0].directions[0].bias[2] = std::numeric_limits<double>::quiet_NaN();
        CHECK_THROWS_WITH(quantize(network, {}), ContainsSubstring("gate g of unit 0") && ContainsSubstring("nan"));
        network.layers[0].directions[0].bias[2] = 0;
        network.layers[0].directions[0].input.scales[0] = std::numeric_limits<double>::infinity();
        CHECK_THROWS_AS(quantize(network, {}), InputError);
        network.layers[0].directions[0].input.scales[0] = -1;
        CHECK_THROWS_AS(quantize(network, {}), InputError);
    }
    SECTION("initial states that are none") {
        network.layers[0].directions[0].initial_c[0] = std::numeric_limits<double>::infinity();
        CHECK_THROWS_WITH(quantize(network, {}), ContainsSubstring("initial c"));
    }
    SECTION("formats out of range") {
        NumberFormats formats;
        formats.activation_bits = 17;
        CHECK_THROWS_WITH(quantize(network, formats),
                          ContainsSubstring("activation_bits is 17") && ContainsSubstring("1 to 16"));
        CHECK_THROWS_AS(quantize(network, {8, 3, 16}), InputError);
        CHECK_THROWS_AS(quantize(network, {8, 10, 17}), InputError);
    }
}

TEST_CASE("a part that could pass its accumulator is refused", "[quantize]") {
    Network network = random_network({1024, 1}, 7);
    WeightMatrix& input = network.layers[0].directions[0].input;
    input.planes = 8;
    input.values.assign(4 * 1024, -128);
    CHECK_THROWS_WITH(quantize(network, {}),
                      ContainsSubstring("gate i of unit 0") && ContainsSubstring("1024 inputs of 8 bits"));
    input.values.assign(4 * 1024, 127); // 1024 * 127 * 128 < 2^24
    CHECK_NOTHROW(quantize(network, {}));
    NumberFormats wide;
    wide.activation_bits = 16;
    CHECK_THROWS_AS(quantize(network, wide), InputError); // 1024 * 127 * 2^15 > 2^31
    network.input_encoding = InputEncoding::one_hot;      // one weight at a time
    CHECK_NOTHROW(quantize(network, wide));
}

TEST_CASE("initial states outside their formats are said with their share", "[quantize]") {
    Network network = random_network({1, 4}, 1);
    LstmDirection& direction = network.layers[0].directions[0];
    direction.initial_h = {1, -1, 0, 0.5};
    direction.initial_c = {16, -16, 0, 0.5};
    CHECK(quantize(network, {}).messages.empty());
    direction.initial_h = {4, -1.001, 0, 0.5};
    direction.initial_c = {16.1, 0, 0, 0};
    const std::vector<std::string> messages = quantize(network, {}).messages;
    REQUIRE(messages.size() == 2);
    CHECK_THAT(messages[0], ContainsSubstring("random.onnx: layer 0 forward: 2 of 4 initial values of h (50.0 %)") &&
                                ContainsSubstring("-1 to 1; the largest is 4 (4 times the limit)"));
    CHECK_THAT(messages[1], ContainsSubstring("1 of 4 initial values of c (25.0 %)") && ContainsSubstring("-16 to 16"));
}

TEST_CASE("initial states are quantized to their formats", "[quantize]") {
    Network network = small_network();
    network.layers[0].directions[0].initial_h[0] = 0.5;
    network.layers[0].directions[0].initial_c[0] = 20;
    const QuantizedNetwork quantized = quantize(network, {});
    CHECK(quantized.layers[0].directions[0].initial_h[0] == 64);
    CHECK(quantized.layers[0].directions[0].initial_c[0] == 32767);
    network.layers[0].directions[0].initial_h[0] = 0;
    const QuantizedNetwork binary = quantize(network, {1, 10, 16});
    CHECK(binary.layers[0].directions[0].initial_h[0] == 1);
}
