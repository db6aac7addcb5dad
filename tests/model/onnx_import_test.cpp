// What is read from a graph: gate order, directions, states, plumbing, weights, outputs.
#include <algorithm>
#include <numeric>

#include "support/catch.hpp"

#include "base/error.hpp"
#include "model/fingerprint.hpp"
#include "model/model_builder.hpp"
#include "model/onnx/file.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kModels = BRU_SOURCE_DIR "/models/";

/// Real weight of a matrix in the machine's row order.
double weight(const WeightMatrix& matrix, int row, int column) {
    return matrix.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(matrix.columns) +
                         static_cast<std::size_t>(column)] *
           matrix.scales[static_cast<std::size_t>(row)];
}

bool mentions(const ImportedModel& model, const std::string& text) {
    return std::any_of(model.messages.begin(), model.messages.end(),
                       [&](const std::string& message) { return message.find(text) != std::string::npos; });
}

/// simple_lstm with graph output "y" after `add` had its way.
template <class Add>
ImportedModel load_with(Add add, std::int64_t directions = 1, const std::vector<std::string>& more_inputs = {},
                        const std::string& output = "y") {
    ModelBuilder model;
    NodeBuilder lstm = model.simple_lstm(more_inputs, directions);
    if (directions == 2) lstm.text("direction", "bidirectional");
    add(model, lstm);
    model.output(output);
    return model.load();
}

void no_change(ModelBuilder&, NodeBuilder&) {}

} // namespace

TEST_CASE("are the shipped models what they should be?") {
    const Network text = import_onnx(kModels + "warpeace_h256.onnx").network;
    REQUIRE(text.layers.size() == 1);
    CHECK(text.layers[0].input_size == 82);
    CHECK(text.layers[0].hidden_size == 256);
    CHECK(text.layers[0].directions[0].input.planes == 1);
    CHECK(text.layers[0].directions[0].recurrent.planes == 1);
    REQUIRE(text.dense);
    CHECK(text.dense->weights.rows == 82);
    CHECK(text.dense->weights.planes == 6);
    CHECK(text.input_encoding == InputEncoding::one_hot);
    CHECK(text.vocabulary.size() == 82);
    CHECK(text.vocabulary[0] == "\n");
    CHECK(text.graph_output == OutputMode{OutputKind::logits, OutputSteps::every});

    const Network digits = import_onnx(kModels + "mnist_rows_h128.onnx").network;
    CHECK(digits.dense->weights.planes == 1);
    CHECK(digits.input_encoding == InputEncoding::vector);
    CHECK(digits.graph_output == OutputMode{OutputKind::logits, OutputSteps::last});
    CHECK(digits.fingerprint != text.fingerprint);
    CHECK(digits.name == "mnist_rows_h128.onnx");
}

TEST_CASE("are gates taken from i, o, f, c to i, f, g, o, and biases added?") {
    const Network network = load_with(no_change).network;
    const LstmDirection& direction = network.layers.at(0).directions.at(0);
    const std::vector<float> w = ModelBuilder::binary(8, 3, 0.1F);
    const std::vector<float> r = ModelBuilder::binary(8, 2, 0.2F);
    const int onnx_gate[4] = {0, 2, 3, 1};
    for (int gate = 0; gate < 4; ++gate)
        for (int unit = 0; unit < 2; ++unit) {
            const int row = gate * 2 + unit;
            const int from = onnx_gate[gate] * 2 + unit;
            for (int column = 0; column < 3; ++column)
                CHECK(weight(direction.input, row, column) == Approx(w[static_cast<std::size_t>(from * 3 + column)]));
            for (int column = 0; column < 2; ++column)
                CHECK(weight(direction.recurrent, row, column) ==
                      Approx(r[static_cast<std::size_t>(from * 2 + column)]));
            CHECK(direction.bias[static_cast<std::size_t>(row)] == Approx(0.01 * from + 0.01 * (from + 8)));
        }
    CHECK(direction.input.planes == 1);
    CHECK(network.layers[0].directions[0].initial_h == std::vector<double>{0, 0});
}

TEST_CASE("are the rows of a GRU taken from z, r, h, with the candidate's rows and biases apart?") {
    ModelBuilder model;
    model.input("x", {"steps", "1", "3"}).gru_weights("g", 2, 3, 2).floats("h", {2, 1, 2}, {1, 2, 3, 4});
    model.node("GRU", {"x", "g_W", "g_R", "g_B", "", "h"}, {"y", "y_h"})
        .integer("linear_before_reset", 1)
        .text("direction", "bidirectional");
    model.output("y_h");
    const Network network = model.load().network;
    REQUIRE(network.layers.at(0).direction_count() == 2);
    CHECK(network.layers[0].cell == CellKind::gru);
    CHECK(network.graph_output.steps == OutputSteps::final_state);
    const std::vector<float> w = ModelBuilder::binary(12, 3, 0.1F);
    const std::vector<float> r = ModelBuilder::binary(12, 2, 0.2F);
    constexpr int kNone = -1;
    const int block_of_w[4] = {1, 2, kNone, 0}; // of r, the candidate's sum of x, that of h, and z
    const int block_of_r[4] = {1, kNone, 2, 0};
    for (int d = 0; d < 2; ++d) {
        const LstmDirection& direction = network.layers[0].directions[static_cast<std::size_t>(d)];
        CHECK(direction.reverse == (d == 1));
        CHECK(direction.initial_h == std::vector<double>{1.0 + 2 * d, 2.0 + 2 * d});
        CHECK(direction.initial_c.empty());
        const auto check = [d](const WeightMatrix& matrix, const std::vector<float>& file, const int(&blocks)[4]) {
            REQUIRE(matrix.rows == 8);
            for (int row = 0; row < 8; ++row)
                for (int column = 0; column < matrix.columns; ++column) {
                    const int block = blocks[row / 2];
                    const int from = (d * 6 + block * 2 + row % 2) * matrix.columns + column;
                    CHECK(weight(matrix, row, column) ==
                          Approx(block == kNone ? 0.0F : file[static_cast<std::size_t>(from)]));
                }
        };
        check(direction.input, w, block_of_w);
        check(direction.recurrent, r, block_of_r);
        const auto bias = [d](int row) { return 0.01 * (12 * d + row); };
        for (int unit = 0; unit < 2; ++unit) {
            const auto found = [&](int row) {
                return direction.bias.at(2 * static_cast<std::size_t>(row) + static_cast<std::size_t>(unit));
            };
            CHECK(found(0) == Approx(bias(2 + unit) + bias(8 + unit)));
            CHECK(found(1) == Approx(bias(4 + unit)));
            CHECK(found(2) == Approx(bias(10 + unit)));
            CHECK(found(3) == Approx(bias(unit) + bias(6 + unit)));
        }
    }
}

TEST_CASE("do GRU and LSTM layers follow each other, and does each kind have a fingerprint of its own?") {
    const auto stacked = [](const std::string& first, const std::string& second) {
        ModelBuilder model;
        model.input("x", {"steps", "1", "3"}).lstm_weights("LSTM0", 1, 3, 2).lstm_weights("LSTM1", 1, 2, 2);
        model.gru_weights("GRU0", 1, 3, 2).gru_weights("GRU1", 1, 2, 2).int64s("axis", {1}, {1});
        const auto layer = [&model](const std::string& op, const std::string& number, const std::string& from,
                                    const std::string& to) {
            const std::string name = op + number;
            NodeBuilder made = model.node(op, {from, name + "_W", name + "_R", name + "_B"}, {to});
            if (op == "GRU") made.integer("linear_before_reset", 1);
        };
        layer(first, "0", "x", "a");
        model.node("Squeeze", {"a", "axis"}, {"b"});
        layer(second, "1", "b", "y");
        model.output("y");
        return model;
    };
    const Network mixed = stacked("GRU", "LSTM").load().network;
    REQUIRE(mixed.layers.size() == 2);
    CHECK(mixed.layers[0].cell == CellKind::gru);
    CHECK(mixed.layers[1].cell == CellKind::lstm);
    CHECK(stacked("GRU", "LSTM").regions().regions.at(0).layers == "3 -> GRU 2 -> LSTM 2");
    CHECK(stacked("LSTM", "GRU").load().network.layers[1].cell == CellKind::gru);
    Network renamed = stacked("LSTM", "LSTM").load().network;
    const std::string before = network_fingerprint(renamed);
    renamed.layers[1].cell = CellKind::gru;
    CHECK(network_fingerprint(renamed) != before);
}

TEST_CASE("are missing biases zero?") {
    ModelBuilder model;
    model.input("x", {"steps", "1", "3"}).lstm_weights("l", 1, 3, 2);
    model.node("LSTM", {"x", "l_W", "l_R"}, {"y"});
    model.output("y");
    CHECK(model.load().network.layers[0].directions[0].bias == std::vector<double>(8, 0.0));
}

TEST_CASE("is each direction read from its part of the weights?") {
    const Network forward = load_with(no_change).network;
    const Network reverse =
        load_with([](ModelBuilder&, NodeBuilder& lstm) { lstm.text("direction", "reverse"); }).network;
    CHECK_FALSE(forward.layers[0].directions[0].reverse);
    CHECK(reverse.layers[0].directions[0].reverse);
    CHECK(reverse.layers[0].directions[0].input.values == forward.layers[0].directions[0].input.values);
    CHECK(reverse.fingerprint != forward.fingerprint);

    const Network both = load_with(no_change, 2).network;
    REQUIRE(both.layers[0].direction_count() == 2);
    CHECK(both.layers[0].directions[1].reverse);
    CHECK(weight(both.layers[0].directions[1].recurrent, 1, 0) == Approx(ModelBuilder::binary(16, 2, 0.2F)[18]));
}

TEST_CASE("which steps does a graph output hold?") {
    const auto steps = [](const std::string& output, std::int64_t directions) {
        return load_with(no_change, directions, {}, output).network.graph_output.steps;
    };
    CHECK(steps("y", 1) == OutputSteps::every);
    CHECK(steps("y", 2) == OutputSteps::every);
    CHECK(steps("y_h", 1) == OutputSteps::last); // what a forward direction computes last is its last step
    CHECK(steps("y_h", 2) == OutputSteps::final_state);
    const Network reverse =
        load_with([](ModelBuilder&, NodeBuilder& lstm) { lstm.text("direction", "reverse"); }, 1, {}, "y_h").network;
    CHECK(reverse.graph_output.steps == OutputSteps::final_state);
    const auto last_of_both = load_with(
        [](ModelBuilder& model, NodeBuilder&) {
            model.int64s("index", {}, {-1});
            model.node("Gather", {"y", "index"}, {"z"});
        },
        2, {}, "z");
    CHECK(last_of_both.network.graph_output.steps == OutputSteps::last);
}

TEST_CASE("are initial states loaded where constant and zero with a message where inputs?") {
    const auto add_constants = [](ModelBuilder& model, NodeBuilder&) {
        model.floats("h", {2, 1, 2}, {1, 2, 3, 4}).floats("c", {2, 1, 2}, {5, 6, 7, 8});
    };
    const ImportedModel constant = load_with(add_constants, 2, {"", "h", "c"});
    CHECK(constant.network.layers[0].directions[0].initial_h == std::vector<double>{1, 2});
    CHECK(constant.network.layers[0].directions[1].initial_h == std::vector<double>{3, 4});
    CHECK(constant.network.layers[0].directions[1].initial_c == std::vector<double>{7, 8});
    CHECK(constant.messages.empty());
    const auto add_input = [](ModelBuilder& model, NodeBuilder&) { model.input("h0", {"1", "batch", "2"}); };
    const ImportedModel open = load_with(add_input, 1, {"", "h0"});
    CHECK(open.network.layers[0].directions[0].initial_h == std::vector<double>{0, 0});
    CHECK(mentions(open, "h0"));
}

TEST_CASE("is batch-first layout read?") {
    ModelBuilder model;
    model.input("x", {"batch", "steps", "3"}).lstm_weights("l", 1, 3, 2).floats("h", {1, 1, 2}, {1, 2});
    model.node("LSTM", {"x", "l_W", "l_R", "l_B", "", "h"}, {"y", "y_h"}).integer("layout", 1);
    model.output("y");
    const Network network = model.load().network;
    CHECK(network.layers[0].directions[0].initial_h == std::vector<double>{1, 2});
    CHECK(network.graph_output.steps == OutputSteps::every);
}

TEST_CASE("is a sequence length that covers the whole sequence accepted?") {
    const ImportedModel model = load_with(
        [](ModelBuilder& builder, NodeBuilder&) { // the LSTM node comes first: move the shape arithmetic before it
            builder.int64s("zero", {1}, {0});
            builder.node("Shape", {"x"}, {"shape"});
            builder.node("Gather", {"shape", "zero"}, {"length"});
            auto* nodes = builder.proto.mutable_graph()->mutable_node();
            std::rotate(nodes->pointer_begin(), nodes->pointer_begin() + 1, nodes->pointer_end());
        },
        1, {"length"});
    CHECK(model.network.layers.size() == 1);
}

TEST_CASE("do a forward and a reverse node on the same input make a bidirectional layer?") {
    ModelBuilder model;
    model.input("x", {"steps", "1", "3"})
        .lstm_weights("a", 1, 3, 2)
        .lstm_weights("b", 1, 3, 2)
        .lstm_weights("top", 1, 4, 2);
    model.node("LSTM", {"x", "b_W", "b_R", "b_B"}, {"yb"}).text("direction", "reverse");
    model.node("LSTM", {"x", "a_W", "a_R", "a_B"}, {"ya"});
    model.int64s("one", {1}, {1});
    model.node("Squeeze", {"ya", "one"}, {"sa"});
    model.node("Squeeze", {"yb", "one"}, {"sb"});
    model.node("Concat", {"sa", "sb"}, {"both"}).integer("axis", 2);
    model.node("LSTM", {"both", "top_W", "top_R", "top_B"}, {"y"});
    model.output("y");
    const Network network = model.load().network;
    REQUIRE(network.layers.size() == 2);
    REQUIRE(network.layers[0].direction_count() == 2);
    CHECK_FALSE(network.layers[0].directions[0].reverse);
    CHECK(network.layers[0].directions[1].reverse);
    CHECK(network.layers[1].input_size == 4);
}

TEST_CASE("do units in another order permute the columns of what reads them?") {
    const auto dense = [](const std::vector<std::int64_t>& order) {
        return load_with(
                   [&](ModelBuilder& model, NodeBuilder&) {
                       model.int64s("order", {2}, order).floats("D", {2, 1}, {1, -1});
                       model.node("Gather", {"y", "order"}, {"g"}).integer("axis", 3);
                       model.node("MatMul", {"g", "D"}, {"z"});
                   },
                   1, {}, "z")
            .network;
    };
    CHECK(dense({0, 1}).dense->weights.values == std::vector<std::int8_t>{1, -1});
    CHECK(dense({1, 0}).dense->weights.values == std::vector<std::int8_t>{-1, 1});
    const Network features = [] {
        ModelBuilder model;
        model.input("x", {"steps", "1", "3"}).lstm_weights("l", 1, 3, 2).int64s("order", {3}, {2, 0, 1});
        model.node("Gather", {"x", "order"}, {"g"}).integer("axis", 2);
        model.node("LSTM", {"g", "l_W", "l_R", "l_B"}, {"y"});
        model.output("y");
        return model.load().network;
    }();
    CHECK(weight(features.layers[0].directions[0].input, 0, 2) == Approx(ModelBuilder::binary(8, 3, 0.1F)[0]));
    CHECK(weight(features.layers[0].directions[0].input, 0, 0) == Approx(ModelBuilder::binary(8, 3, 0.1F)[1]));
}

TEST_CASE("are Gemm's options understood?") {
    const auto gemm = [](bool transposed) {
        return load_with(
            [&](ModelBuilder& model, NodeBuilder&) {
                model.int64s("shape", {2}, {-1, 2}).floats("b", {3}, {1, 2, 3});
                if (transposed)
                    model.floats("D", {3, 2}, {1, -1, 2, 2, -3, 3});
                else
                    model.floats("D", {2, 3}, {1, 2, -3, -1, 2, 3});
                model.node("Reshape", {"y", "shape"}, {"s"});
                model.node("Gemm", {"s", "D", "b"}, {"z"})
                    .integer("transB", transposed ? 1 : 0)
                    .real("alpha", -0.5F)
                    .real("beta", 2);
            },
            1, {}, "z");
    };
    for (const bool transposed : {false, true}) {
        const DenseLayer dense = *gemm(transposed).network.dense;
        CHECK(dense.bias == std::vector<double>{2, 4, 6});
        CHECK(dense.weights.values == std::vector<std::int8_t>{-1, 1, -1, -1, 1, -1});
        CHECK(dense.weights.scales == std::vector<double>{0.5, 1, 1.5});
    }
}

TEST_CASE("is a Softmax or ArgMax at the end seen through?") {
    const auto end = [](const std::string& op, int opset) {
        ModelBuilder model(opset);
        model.simple_lstm();
        model.floats("D", {2, 3}, {1, 1, 1, -1, 1, -1});
        model.node("MatMul", {"y", "D"}, {"logits"});
        model.node(op, {"logits"}, {"z"}).integer("axis", 3);
        model.output("z");
        return model.load();
    };
    for (const int opset : {11, 14})
        for (const char* op : {"Softmax", "LogSoftmax"}) {
            CHECK(end(op, opset).network.graph_output == OutputMode{OutputKind::logits, OutputSteps::every});
            CHECK(mentions(end(op, opset), op));
        }
    CHECK(end("ArgMax", 14).network.graph_output == OutputMode{OutputKind::argmax, OutputSteps::every});
}

TEST_CASE("is the first usable output taken, with a message?") {
    ModelBuilder model;
    model.simple_lstm();
    model.output("y_c").output("y").output("y_h");
    const ImportedModel imported = model.load();
    CHECK(imported.network.graph_output == OutputMode{OutputKind::hidden, OutputSteps::every});
    CHECK(mentions(imported, "y_c"));
    CHECK(mentions(imported, "'y_h' is not computed"));
}

TEST_CASE("do integer weights keep their integers, and as many planes as they need?") {
    const auto load_integers = [](const std::vector<int>& integers, std::int64_t scale_axis) {
        ModelBuilder model;
        model.input("x", {"steps", "1", "3"}).lstm_weights("l", 1, 3, 2).int8s("q", {8, 3}, integers);
        model.floats("s", {8}, {0.5F, 1, 1, 1, 1, 1, 1, 1}).int8s("zero", {8}, std::vector<int>(8, 0));
        if (scale_axis == 1) model.node("Transpose", {"q"}, {"t"});
        model.node("DequantizeLinear", {scale_axis == 1 ? "t" : "q", "s", "zero"}, {"d"}).integer("axis", scale_axis);
        if (scale_axis == 1) model.node("Transpose", {"d"}, {"u"});
        model.int64s("first", {1}, {0});
        model.node("Unsqueeze", {scale_axis == 1 ? "u" : "d", "first"}, {"w"});
        model.node("LSTM", {"x", "w", "l_R", "l_B"}, {"y"});
        model.output("y");
        return model.load().network.layers[0].directions[0].input;
    };
    std::vector<int> integers(24, 1);
    CHECK(load_integers(integers, 0).planes == 1);
    integers[4] = 0;
    CHECK(load_integers(integers, 0).planes == 2);
    integers[4] = -2;
    CHECK(load_integers(integers, 0).planes == 2);
    integers[4] = 2;
    CHECK(load_integers(integers, 1).planes == 3);
    integers[4] = -128;
    for (const std::int64_t axis : {0, 1}) {
        const WeightMatrix matrix = load_integers(integers, axis);
        CHECK(matrix.planes == 8);
        CHECK(matrix.values[4] == -128);
        CHECK(matrix.scales[0] == 0.5);
        CHECK(matrix.scales[1] == 1);
    }
    integers.assign(24, 0);
    CHECK(load_integers(integers, 0).planes == 1);
    CHECK(load_integers(integers, 0).scales == std::vector<double>(8, 0.0));
}

TEST_CASE("is float rounding between magnitudes forgiven, and a difference not?") {
    const auto perturbed = [](float factor) {
        ModelBuilder model;
        model.simple_lstm();
        model.output("y");
        auto* tensor = model.proto.mutable_graph()->mutable_initializer(0);
        tensor->set_float_data(0, tensor->float_data(0) * factor);
        return model.load();
    };
    CHECK(perturbed(1.0F + 5e-7F).network.layers[0].directions[0].input.planes == 1);
    CHECK_THROWS_WITH(perturbed(1.0F + 5e-6F), ContainsSubstring("row 0"));
}

TEST_CASE("are float weights that are multiples of one scale recognized as the planes they need?") {
    const auto loaded = [](const std::vector<float>& first_row) {
        ModelBuilder model;
        model.input("x", {"steps", "1", "3"}).lstm_weights("l", 1, 3, 2);
        std::vector<float> weights(24, 0.125F);
        std::copy(first_row.begin(), first_row.end(), weights.begin());
        model.floats("w", {1, 8, 3}, weights).node("LSTM", {"x", "w", "l_R", "l_B"}, {"y"});
        model.output("y");
        return model.load().network.layers[0].directions[0].input;
    };
    const WeightMatrix two_bits = loaded({-1.0F, -0.5F, 0.5F}); // as in LSTM-PYNQ
    CHECK(two_bits.planes == 2);
    CHECK(two_bits.values[0] == -2);
    CHECK(two_bits.values[1] == -1);
    CHECK(two_bits.values[2] == 1);
    CHECK(two_bits.scales[0] == 0.5);
    CHECK(two_bits.scales[1] == 0.125);
    CHECK(loaded({0.0F, 0.75F, -0.75F}).planes == 2);
    const WeightMatrix three_bits = loaded({0.3F, 0.2F, 0.1F}); // products of a scale that float cannot hold
    CHECK(three_bits.planes == 3);
    CHECK(three_bits.values[0] == 3);
    CHECK(three_bits.scales[0] == Approx(0.1));
    const WeightMatrix eight_bits = loaded({127 * 0.013F, -128 * 0.013F, 0.013F});
    CHECK(eight_bits.planes == 8);
    CHECK(eight_bits.values[1] == -128);
    CHECK_THROWS_WITH(loaded({1.0F, 129.0F, 0.0F}), ContainsSubstring("row 0"));
    CHECK_THROWS_WITH(loaded({0.3F, 0.2F, 0.100001F}), ContainsSubstring("row 0"));
}

TEST_CASE("does quantization follow its two rules?") {
    const auto quantized = [](int bits) {
        ModelBuilder model;
        model.simple_lstm();
        model.floats("D", {2, 2}, {0.5F, 0.0F, -2.1F, 3.0F}); // rows of the layer: (0.5, -2.1) and (0, 3)
        model.node("MatMul", {"y", "D"}, {"z"});
        model.output("z");
        return model.load({{}, bits});
    };
    const WeightMatrix one = quantized(1).network.dense->weights;
    CHECK(one.values == std::vector<std::int8_t>{1, -1, 1, 1});
    CHECK(one.scales == std::vector<double>{double{static_cast<float>((double{0.5F} + double{2.1F}) / 2)}, 1.5});
    const WeightMatrix four = quantized(4).network.dense->weights;
    CHECK(four.planes == 4);
    CHECK(four.values == std::vector<std::int8_t>{2, -7, 0, 7}); // 0.5 / (2.1/7) + 1/2 = 2.17
    CHECK(four.scales[0] == Approx(2.1 / 7));
    CHECK(mentions(quantized(4), "quantized to 4 bits"));
}

TEST_CASE("does asking for as many bits as there are leave integer weights alone?") {
    const std::string path = kModels + "warpeace_h256.onnx";
    const ImportedModel plain = import_onnx(path);
    CHECK(import_onnx(path, {1, 6}).network.fingerprint == plain.network.fingerprint);
    CHECK(import_onnx(path, {8, 8}).network.fingerprint == plain.network.fingerprint);
    const ImportedModel fewer = import_onnx(path, {{}, 4});
    CHECK(fewer.network.dense->weights.planes == 4);
    CHECK(mentions(fewer, "quantized to 4 bits"));
}

TEST_CASE("does the fingerprint follow the numbers and nothing else?") {
    const Network network = load_with(no_change).network;
    CHECK(network.fingerprint.size() == 16);
    CHECK(network.fingerprint.find_first_not_of("0123456789abcdef") == std::string::npos);
    Network changed = network;
    changed.name = "other";
    changed.vocabulary = {"a"};
    changed.graph_output.steps = OutputSteps::last;
    CHECK(network_fingerprint(changed) == network.fingerprint);
    changed.layers[0].directions[0].bias[3] += 1e-9;
    CHECK(network_fingerprint(changed) != network.fingerprint);
    changed = network;
    changed.layers[0].directions[0].recurrent.values[1] *= -1;
    CHECK(network_fingerprint(changed) != network.fingerprint);
    changed = network;
    changed.layers[0].directions[0].input.scales[1] *= 2;
    CHECK(network_fingerprint(changed) != network.fingerprint);
    changed = network;
    changed.input_exponent = 1;
    CHECK(network_fingerprint(changed) != network.fingerprint);
}

TEST_CASE("are tensor files read?") {
    const Tensor tensor = read_tensor_proto(kModels + "mnist_rows_h128_test_data_set_0/output_0.pb");
    CHECK(tensor.shape == std::vector<std::int64_t>{1, 10});
    CHECK(tensor.values.size() == 10);
    const TemporaryFile garbage("garbage");
    CHECK_THROWS_WITH(read_tensor_proto(garbage.path()), ContainsSubstring(garbage.path()));
    onnx::TensorProto proto;
    proto.set_data_type(onnx::TensorProto::FLOAT);
    proto.add_dims(3);
    proto.set_raw_data("12345678");
    const TemporaryFile cut(proto.SerializeAsString());
    CHECK_THROWS_WITH(read_tensor_proto(cut.path()), ContainsSubstring("8 bytes of data instead of 12"));
}
