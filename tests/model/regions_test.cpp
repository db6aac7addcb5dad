// Models that hold more than LSTM layers and a dense layer: which parts can run, and what is left to the host.
#include <cmath>

#include "support/catch.hpp"

#include "base/error.hpp"
#include "model/model_builder.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// The steps of "s" [steps, 2] of simple_lstm, which are two values each.
void squeeze_steps(ModelBuilder& model) {
    model.int64s("axis_1", {1}, {1});
    model.node("Squeeze", {"y", "axis_1"}, {"s0"});
    model.node("Squeeze", {"s0", "axis_1"}, {"s"});
}

} // namespace

TEST_CASE("is a plain model one region, the whole graph?") {
    ModelBuilder model;
    model.simple_lstm();
    model.output("y");
    const ModelRegions regions = model.regions();
    CHECK(regions.whole_graph);
    REQUIRE(regions.regions.size() == 1);
    CHECK(regions.regions[0].layers == "3 -> LSTM 2");
    CHECK(regions.regions[0].share == 1);
    CHECK(regions.regions[0].input == "x");
    CHECK(regions.regions[0].output == "y");
    CHECK_FALSE(regions.regions[0].host_makes_input);
    CHECK(regions.outside.empty());
    CHECK_THAT(all_messages(model.load()), !ContainsSubstring("region"));
}

TEST_CASE("does a region end before the layers that the machine does not have?") {
    ModelBuilder model;
    model.simple_lstm();
    squeeze_steps(model);
    model.floats("D", {2, 3}, {1, 1, 1, -1, 1, -1}).floats("E", {3, 1}, {1, 1, 1}).floats("b", {3}, {1, 2, 3});
    model.node("MatMul", {"s", "D"}, {"m"});
    model.node("Add", {"m", "b"}, {"logits"});
    model.node("Relu", {"logits"}, {"r"});
    model.node("MatMul", {"r", "E"}, {"z"});
    model.output("z");
    const ModelRegions regions = model.regions();
    CHECK_FALSE(regions.whole_graph);
    REQUIRE(regions.regions.size() == 1);
    CHECK(regions.regions[0].layers == "3 -> LSTM 2 -> dense 3");
    CHECK(regions.regions[0].output == "logits");
    CHECK(std::abs(regions.regions[0].share - (40 + 6) / 49.0) < 1e-9); // 4 gates, 2 units, 3 + 2 inputs; 2 x 3; 3 x 1
    REQUIRE(regions.outside.size() == 2);
    CHECK_THAT(regions.outside[0].first, ContainsSubstring("Relu_r"));
    CHECK_THAT(regions.outside[1].first, ContainsSubstring("MatMul_z"));

    const ImportedModel loaded = model.load();
    CHECK(loaded.network.dense->bias == std::vector<double>{1, 2, 3});
    CHECK(loaded.network.graph_output == OutputMode{OutputKind::logits, OutputSteps::every});
    CHECK_THAT(all_messages(loaded),
               ContainsSubstring("region 1 of 1 runs: 3 -> LSTM 2 -> dense 3") && ContainsSubstring("'logits'"));
}

TEST_CASE("does a region start behind a convolution, whatever that makes of the length?") {
    ModelBuilder model;
    model.convolution_before_lstm();
    model.output("y");
    const ModelRegions regions = model.regions();
    REQUIRE(regions.regions.size() == 1);
    CHECK(regions.regions[0].host_makes_input);
    CHECK(regions.regions[0].input == "features");
    CHECK(regions.regions[0].output == "y");
    const ImportedModel loaded = model.load();
    CHECK(loaded.network.input_size() == 3);
    CHECK_THAT(all_messages(loaded),
               ContainsSubstring("tensor 'features', which the host makes") && !ContainsSubstring("exported for"));
}

TEST_CASE("are two LSTMs with a layer between them two regions, and does --region choose?") {
    ModelBuilder model;
    model.simple_lstm();
    squeeze_steps(model);
    model.floats("one", {2}, {1, 1}).floats("zero", {2}, {0, 0});
    model.node("LayerNormalization", {"s", "one", "zero"}, {"n"});
    model.node("Unsqueeze", {"n", "axis_1"}, {"x2"});
    model.lstm_weights("k", 1, 2, 4);
    model.node("LSTM", {"x2", "k_W", "k_R", "k_B"}, {"y2"}).integer("hidden_size", 4);
    model.output("y2");
    const ModelRegions regions = model.regions();
    REQUIRE(regions.regions.size() == 2);
    CHECK(regions.regions[0].layers == "3 -> LSTM 2");
    CHECK(regions.regions[0].output == "s");
    CHECK(regions.regions[1].layers == "2 -> LSTM 4");
    CHECK(regions.regions[1].input == "x2");
    CHECK(regions.preferred == 1); // more work
    CHECK(model.load().network.layers.front().hidden_size == 4);
    ImportOptions first;
    first.region = 1;
    CHECK(model.load(first).network.layers.front().hidden_size == 2);
    first.region = 3;
    CHECK_THROWS_WITH(model.load(first),
                      ContainsSubstring("--region 3: the model has 2 regions; give 1 to 2 (bru inspect lists them)"));
}

TEST_CASE("does a repeated vector between two LSTMs start a region?") {
    ModelBuilder model;
    model.simple_lstm();
    model.int64s("shape", {3}, {6, 1, 2});
    model.node("Expand", {"y_h", "shape"}, {"repeated"});
    model.lstm_weights("k", 1, 2, 3);
    model.node("LSTM", {"repeated", "k_W", "k_R", "k_B"}, {"y2"}).integer("hidden_size", 3);
    model.output("y2");
    const ModelRegions regions = model.regions();
    REQUIRE(regions.regions.size() == 2);
    CHECK(regions.regions[0].layers == "3 -> LSTM 2");
    CHECK(regions.regions[0].output == "y_h"); // the vector itself: the host repeats it
    CHECK(regions.regions[1].layers == "2 -> LSTM 3");
    CHECK(regions.regions[1].host_makes_input);
}

TEST_CASE("do hidden values leave where the rest of the graph reads more than one dense layer?") {
    ModelBuilder model;
    model.simple_lstm();
    squeeze_steps(model);
    model.floats("D", {2, 3}, {1, 1, 1, -1, 1, -1}).floats("E", {2, 2}, {1, -1, 1, 1});
    model.node("MatMul", {"s", "D"}, {"a"});
    model.node("MatMul", {"s", "E"}, {"b"});
    model.node("Relu", {"a"}, {"ra"});
    model.node("Relu", {"b"}, {"rb"});
    model.output("ra").output("rb");
    const ModelRegions regions = model.regions();
    REQUIRE(regions.regions.size() == 1);
    CHECK(regions.regions[0].layers == "3 -> LSTM 2");
    CHECK(regions.regions[0].output == "s");
}

TEST_CASE("are all reasons listed, and equal ones together?") {
    ModelBuilder model;
    model.simple_lstm().real("clip", 3);
    model.node("Relu", {"y"}, {"a"});
    model.node("Relu", {"a"}, {"b"});
    model.node("Tanh", {"b"}, {"z"});
    model.output("z");
    const ModelRegions regions = model.regions();
    CHECK(regions.regions.empty());
    REQUIRE(regions.outside.size() == 3);
    CHECK_THAT(regions.outside[0].reason, ContainsSubstring("'clip' = 3"));
    CHECK_THAT(regions.outside[1].first, ContainsSubstring("Relu_a"));
    CHECK(regions.outside[1].count == 2);
    CHECK_THROWS_WITH(model.load(), ContainsSubstring("'clip' = 3") && ContainsSubstring("lists 3 more"));
}

TEST_CASE("does a layer that takes the input beside the output of a layer before make both regions?") {
    ModelBuilder model;
    model.simple_lstm();
    squeeze_steps(model);
    model.int64s("axis", {1}, {1});
    model.node("Unsqueeze", {"s", "axis"}, {"a"});
    model.node("Concat", {"x", "a"}, {"both"}).integer("axis", 2); // a skip connection
    model.lstm_weights("m", 1, 5, 2);
    model.node("LSTM", {"both", "m_W", "m_R", "m_B"}, {"z"}).integer("hidden_size", 2);
    model.node("Squeeze", {"z", "axis"}, {"b"});
    model.floats("D", {7, 2}, std::vector<float>(14, 1));
    model.node("Concat", {"x", "a", "b"}, {"all"}).integer("axis", 2);
    model.node("MatMul", {"all", "D"}, {"out"});
    model.output("out");
    const ModelRegions regions = model.regions();
    CHECK(regions.regions.size() == 2);
    CHECK(regions.regions.at(0).layers == "3 -> LSTM 2");
    CHECK(regions.regions.at(1).layers == "5 -> LSTM 2");
    CHECK(regions.regions.at(1).host_makes_input);
}

TEST_CASE("does the earliest of the tensors leave that hold what a layer puts out?") {
    ModelBuilder model;
    model.simple_lstm();
    squeeze_steps(model);
    model.int64s("axis", {1}, {1});
    model.node("Unsqueeze", {"s", "axis"}, {"later"});
    model.node("Relu", {"later"}, {"r"}); // reads first what is made of the other
    model.node("Squeeze", {"r", "axis"}, {"p"});
    model.node("Add", {"s", "p"}, {"sum"});
    model.output("sum");
    CHECK(model.regions().regions.at(0).output == "s");
}

TEST_CASE("does the shape that a file states let the host run a node that has no rule here?") {
    for (const bool is_stated : {false, true}) {
        ModelBuilder model;
        model.input("audio", {"8"}).lstm_weights("l", 1, 3, 2);
        model.node("Unheard", {"audio"}, {"frames"}); // and what follows is unknown, too
        model.node("Transpose", {"frames"}, {"turned"}).integers("perm", {1, 0, 2});
        model.node("LSTM", {"turned", "l_W", "l_R", "l_B"}, {"y"}).integer("hidden_size", 2);
        model.output("y");
        auto* stated = model.proto.mutable_graph()->add_value_info();
        stated->set_name("frames");
        auto* shape = stated->mutable_type()->mutable_tensor_type()->mutable_shape();
        for (const std::int64_t size : {1, 6, 3}) shape->add_dim()->set_dim_value(size);
        if (!is_stated) shape->mutable_dim(1)->set_dim_param("open");
        CHECK(model.regions().regions.size() == (is_stated ? 1 : 0));
    }
}

TEST_CASE("does the host make one-hot vectors of the numbers that enter a model?") {
    ModelBuilder model;
    model.input("t", {"steps", "1"}).int64s("depth", {}, {3}).floats("values", {2}, {0, 1});
    model.proto.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
        onnx::TensorProto::INT64);
    model.node("OneHot", {"t", "depth", "values"}, {"x"}).integer("axis", -1);
    model.lstm_weights("l", 1, 3, 2);
    model.node("LSTM", {"x", "l_W", "l_R", "l_B"}, {"y"}).integer("hidden_size", 2);
    model.output("y");
    CHECK(model.regions().regions.at(0).layers == "3 -> LSTM 2");
    CHECK(model.regions().regions.at(0).input == "x");
}
