// Nodes that round: on weights they are carried out exactly, on hidden values they are seen through where they cut
// nothing off.
#include <algorithm>

#include "support/catch.hpp"

#include "base/error.hpp"
#include "model/model_builder.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// An LSTM of one unit and one input whose weights W come out of what `quantize` makes of the floats "w".
template <class Quantize>
ModelBuilder model_with_weights(const std::vector<float>& w, Quantize quantize) {
    ModelBuilder model;
    model.input("x", {"steps", "1", "2"}).floats("w", {1, 4, 2}, w).floats("r", {1, 4, 1}, {1, -1, 1, -1});
    quantize(model);
    model.node("LSTM", {"x", "q", "r"}, {"y"}).integer("hidden_size", 1);
    model.output("y");
    return model;
}

onnx::NodeProto& qonnx(ModelBuilder& model, const std::string& op, const std::vector<std::string>& inputs) {
    model.node(op, inputs, {"q"});
    onnx::NodeProto& node = *model.proto.mutable_graph()->mutable_node(model.proto.graph().node_size() - 1);
    node.set_domain("qonnx.custom_op.general");
    return node;
}

std::vector<int> input_values(const ImportedModel& model) {
    const WeightMatrix& matrix = model.network.layers[0].directions[0].input;
    return {matrix.values.begin(), matrix.values.end()};
}

const std::vector<float> kWeights = {0.26F, -0.9F, 0.1F, 5, -0.24F, 0.5F, 0.75F, -3};

/// LSTM -> what `between` makes of "y" in "z" -> dense layer.
template <class Between>
ModelBuilder model_between(Between between) {
    ModelBuilder model;
    model.simple_lstm();
    model.floats("D", {2, 2}, {1, 1, 1, -1}).floats("one", {}, {1}).floats("zero", {}, {0}).floats("eight", {}, {8});
    model.floats("fine", {}, {1.0F / 127}).floats("coarse", {}, {1.0F / 200});
    between(model);
    model.node("MatMul", {"z", "D"}, {"m"});
    model.output("m");
    return model;
}

} // namespace

TEST_CASE("are weights behind a Quant node the integers that it makes?") {
    const ModelBuilder model = model_with_weights(kWeights, [](ModelBuilder& made) {
        made.floats("scale", {}, {0.25F}).floats("zero", {}, {0}).floats("bits", {}, {4});
        qonnx(made, "Quant", {"w", "scale", "zero", "bits"});
    });
    // Rows of ONNX: i, o, f, c; of the machine: i, f, g, o. -3 / 0.25 is cut off at -8, 5 / 0.25 at 7; 0.4 and 2 round.
    CHECK(input_values(model.load()) == std::vector<int>{1, -4, -1, 2, 3, -8, 0, 7});
    CHECK(model.load().network.layers[0].directions[0].input.planes == 4);
    CHECK(model.load().network.layers[0].directions[0].input.scales == std::vector<double>(4, 0.25));
}

TEST_CASE("do the attributes of a Quant node count?") {
    const auto values_with = [](const std::string& attribute, std::int64_t value, const std::string& mode) {
        return input_values(model_with_weights(kWeights, [&](ModelBuilder& made) {
                                made.floats("scale", {1, 4, 1}, {0.25F, 0.25F, 0.25F, 0.25F});
                                made.floats("zero", {}, {0}).floats("bits", {}, {4});
                                NodeBuilder node(&qonnx(made, "Quant", {"w", "scale", "zero", "bits"}));
                                node.integer(attribute, value).text("rounding_mode", mode);
                            }).load());
    };
    CHECK(values_with("narrow", 1, "ROUND") == std::vector<int>{1, -4, -1, 2, 3, -7, 0, 7});
    CHECK(values_with("narrow", 0, "CEIL") == std::vector<int>{2, -3, 0, 2, 3, -8, 1, 7});
    CHECK(values_with("narrow", 0, "FLOOR") == std::vector<int>{1, -4, -1, 2, 3, -8, 0, 7});
    CHECK(values_with("signed", 0, "ROUND") == std::vector<int>{1, 0, 0, 2, 3, 0, 0, 15});
    CHECK_THROWS_WITH(values_with("signed", 1, "STOCHASTIC"), ContainsSubstring("'STOCHASTIC'"));
}

TEST_CASE("are weights behind a BipolarQuant node signs?") {
    const ModelBuilder model = model_with_weights(kWeights, [](ModelBuilder& made) {
        made.floats("scale", {}, {0.5F});
        qonnx(made, "BipolarQuant", {"w", "scale"});
    });
    CHECK(input_values(model.load()) == std::vector<int>{1, -1, -1, 1, 1, -1, 1, 1});
    CHECK(model.load().network.layers[0].directions[0].input.planes == 1);
}

TEST_CASE("are uint8 weights with zero point 128 exact?") {
    const ModelBuilder model = model_with_weights({}, [](ModelBuilder& made) {
        made.proto.mutable_graph()->mutable_initializer(0)->set_data_type(onnx::TensorProto::UINT8);
        for (const int stored : {129, 120, 0, 255, 128, 130, 1, 254})
            made.proto.mutable_graph()->mutable_initializer(0)->add_int32_data(stored);
        made.floats("scale", {}, {0.5F}).int8s("zero", {}, {128});
        made.proto.mutable_graph()->mutable_initializer(3)->set_data_type(onnx::TensorProto::UINT8);
        made.node("DequantizeLinear", {"w", "scale", "zero"}, {"q"});
    });
    CHECK(input_values(model.load()) == std::vector<int>{1, -8, 0, 2, -127, 126, -128, 127});
    CHECK(model.load().network.layers[0].directions[0].input.planes == 8);
}

TEST_CASE("are roundings of hidden values seen through where they cut nothing off?") {
    const std::string plain =
        model_between([](ModelBuilder& model) { model.node("Identity", {"y"}, {"z"}); }).load().network.fingerprint;
    const auto quantize_linear = [](const char* scale) {
        return [scale](ModelBuilder& model) {
            model.int8s("z8", {}, {0});
            model.node("QuantizeLinear", {"y", scale, "z8"}, {"yq"});
            model.node("DequantizeLinear", {"yq", scale, "z8"}, {"z"});
        };
    };
    const ImportedModel seen = model_between(quantize_linear("fine")).load();
    CHECK(seen.network.fingerprint == plain);
    CHECK_THAT(all_messages(seen), ContainsSubstring("rounds hidden values to multiples of 0.00787"));
    CHECK_THAT(all_messages(seen), !ContainsSubstring("region"));
    const ModelRegions cut_off = model_between(quantize_linear("coarse")).regions();
    CHECK_FALSE(cut_off.whole_graph);
    REQUIRE(cut_off.regions.size() == 1);
    CHECK(cut_off.regions[0].layers == "3 -> LSTM 2");

    const auto quant = [](const char* scale) {
        return [scale](ModelBuilder& model) {
            qonnx(model, "Quant", {"y", scale, "zero", "eight"});
            model.node("Identity", {"q"}, {"z"});
        };
    };
    CHECK(model_between(quant("fine")).load().network.fingerprint == plain);
    const ModelRegions outside = model_between(quant("coarse")).regions();
    CHECK_FALSE(outside.whole_graph);
    CHECK_THAT(outside.outside[0].reason, ContainsSubstring("cuts off values"));
}

TEST_CASE("do integers of hidden values that leave by themselves stay with the host?") {
    ModelBuilder model = model_between([](ModelBuilder& made) {
        made.int8s("z8", {}, {0});
        made.node("QuantizeLinear", {"y", "fine", "z8"}, {"yq"});
        made.node("DequantizeLinear", {"yq", "fine", "z8"}, {"z"});
    });
    model.proto.mutable_graph()->clear_output();
    model.output("yq");
    const ModelRegions regions = model.regions();
    CHECK_FALSE(regions.whole_graph);
    CHECK(regions.regions.size() == 1);
}
