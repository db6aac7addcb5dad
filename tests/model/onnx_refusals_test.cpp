// What cannot be run is refused with a message that names the node and the attribute, input or value.
#include <cmath>
#include <limits>

#include "support/catch.hpp"

#include "base/error.hpp"
#include "model/model_builder.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// The message of the refusal, or why parts of the model are left to the host; "" where the machine runs all of it.
std::string refusal(const ModelBuilder& model, const ImportOptions& options = {}) {
    try {
        model.load(options);
        std::string reasons;
        for (const OutsideNodes& nodes : model.regions().outside) reasons += nodes.first + ": " + nodes.reason + "\n";
        return reasons;
    } catch (const InputError& error) {
        return error.what();
    }
    return {};
}

std::string refusal_of_bytes(const std::string& bytes) {
    const TemporaryFile file(bytes);
    try {
        import_onnx(file.path());
    } catch (const InputError& error) {
        return error.what();
    }
    return {};
}

/// The LSTM whose only oddity is what `change` does.
template <class Change>
std::string refusal_of_lstm(Change change, const std::vector<std::string>& more_inputs = {}) {
    ModelBuilder model;
    NodeBuilder lstm = model.simple_lstm(more_inputs);
    change(model, lstm);
    model.output("y");
    return refusal(model);
}

/// simple_lstm -> `op` -> output.
std::string refusal_of_tail(const std::string& op, const std::vector<std::string>& inputs,
                            std::int64_t directions = 1) {
    ModelBuilder model;
    NodeBuilder lstm = model.simple_lstm({}, directions);
    if (directions == 2) lstm.text("direction", "bidirectional");
    model.node(op, inputs, {"z"});
    model.output("z");
    return refusal(model);
}

} // namespace

TEST_CASE("is the plain LSTM, which the refusals vary, accepted?") {
    CHECK(refusal_of_lstm([](ModelBuilder&, NodeBuilder&) {}) == "");
}

TEST_CASE("are LSTM attributes that the machine lacks refused by name?") {
    CHECK_THAT(refusal_of_lstm([](ModelBuilder&, NodeBuilder& lstm) { lstm.real("clip", 3); }),
               ContainsSubstring("LSTM_y") && ContainsSubstring("'clip' = 3"));
    CHECK_THAT(refusal_of_lstm([](ModelBuilder&, NodeBuilder& lstm) { lstm.integer("input_forget", 1); }),
               ContainsSubstring("LSTM_y") && ContainsSubstring("'input_forget'"));
    CHECK(refusal_of_lstm([](ModelBuilder&, NodeBuilder& lstm) { lstm.integer("input_forget", 0); }) == "");
    CHECK_THAT(refusal_of_lstm([](ModelBuilder&, NodeBuilder& lstm) {
                   lstm.texts("activations", {"HardSigmoid", "Tanh", "Tanh"});
               }),
               ContainsSubstring("LSTM_y") && ContainsSubstring("'activations'") && ContainsSubstring("HardSigmoid"));
    const auto two_names = [](ModelBuilder&, NodeBuilder& lstm) { lstm.texts("activations", {"Sigmoid", "Tanh"}); };
    CHECK_THAT(refusal_of_lstm(two_names), ContainsSubstring("'activations' has 2 entries"));
    const auto other_case = [](ModelBuilder&, NodeBuilder& lstm) {
        lstm.texts("activations", {"sigmoid", "TANH", "Tanh"});
    };
    CHECK(refusal_of_lstm(other_case) == "");
    CHECK_THAT(refusal_of_lstm([](ModelBuilder&, NodeBuilder& lstm) { lstm.text("direction", "sideways"); }),
               ContainsSubstring("'direction' is 'sideways'"));
    CHECK_THAT(refusal_of_lstm([](ModelBuilder&, NodeBuilder& lstm) { lstm.integer("layout", 2); }),
               ContainsSubstring("'layout' is 2"));
    CHECK_THAT(refusal_of_lstm([](ModelBuilder&, NodeBuilder& lstm) { lstm.integer("speed", 2); }),
               ContainsSubstring("'speed' is unknown"));
}

TEST_CASE("are LSTM inputs that the machine lacks refused by name?") {
    const auto peephole = [](ModelBuilder& model, NodeBuilder&) { model.floats("peep", {1, 6}, {1, 1, 1, 1, 1, 1}); };
    CHECK_THAT(refusal_of_lstm(peephole, {"", "", "", "peep"}),
               ContainsSubstring("LSTM_y") && ContainsSubstring("input P ('peep')") && ContainsSubstring("peephole"));
    CHECK_THAT(refusal_of_lstm([](ModelBuilder& model, NodeBuilder&) { model.input("lengths", {"1"}); }, {"lengths"}),
               ContainsSubstring("sequence_lens ('lengths')"));
    const auto two_in_batch = [](ModelBuilder& model, NodeBuilder&) { model.floats("h", {1, 2, 2}, {1, 1, 1, 1}); };
    CHECK_THAT(refusal_of_lstm(two_in_batch, {"", "h"}),
               ContainsSubstring("initial_h ('h') has shape [1, 2, 2] instead of [1, 1, 2]"));
    const auto not_finite = [](ModelBuilder& model, NodeBuilder&) { model.floats("h", {1, 1, 2}, {1, std::nanf("")}); };
    CHECK_THAT(refusal_of_lstm(not_finite, {"", "h"}),
               ContainsSubstring("initial_h ('h')") &&
                   ContainsSubstring("must be finite numbers: export the model again"));
    CHECK_THAT(refusal_of_lstm([](ModelBuilder&, NodeBuilder&) {}, {"nowhere"}), ContainsSubstring("'nowhere'"));
}

TEST_CASE("is a decoder that begins with its encoder's states told what can be run instead?") {
    ModelBuilder model;
    model.simple_lstm();
    model.input("t", {"more", "1", "3"}).lstm_weights("d", 1, 3, 2);
    model.node("LSTM", {"t", "d_W", "d_R", "d_B", "", "y_h", "y_c"}, {"z"}).integer("hidden_size", 2);
    model.output("z");
    CHECK_THAT(refusal(model), ContainsSubstring("initial_h ('y_h') is computed from node 'LSTM_y'") &&
                                   ContainsSubstring("the same ones for all sequences") &&
                                   ContainsSubstring("as an input of every step"));
    ModelBuilder computed;
    computed.input("s", {"1", "1", "2"}).node("Relu", {"s"}, {"h"});
    computed.simple_lstm({"", "h"});
    computed.output("y");
    CHECK_THAT(refusal(computed), ContainsSubstring("constants or graph inputs can be used") &&
                                      !ContainsSubstring("as an input of every step"));
}

TEST_CASE("are wrong weight shapes and values refused?") {
    for (const char* name : {"l_W", "l_R", "l_B"}) {
        ModelBuilder model;
        model.simple_lstm();
        model.output("y");
        for (auto& tensor : *model.proto.mutable_graph()->mutable_initializer())
            if (tensor.name() == name) tensor.set_float_data(1, std::numeric_limits<float>::infinity());
        CHECK_THAT(refusal(model), ContainsSubstring(name) && ContainsSubstring("finite"));
        for (auto& tensor : *model.proto.mutable_graph()->mutable_initializer())
            if (tensor.name() == name) tensor.set_float_data(1, std::nanf(""));
        CHECK_THAT(refusal(model), ContainsSubstring(name) && ContainsSubstring("finite"));
        for (auto& tensor : *model.proto.mutable_graph()->mutable_initializer())
            if (tensor.name() == name) tensor.set_dims(1, tensor.dims(1) + 1);
        CHECK_THAT(refusal(model), ContainsSubstring(name));
    }
    CHECK_THAT(refusal_of_lstm([](ModelBuilder& model, NodeBuilder&) {
                   auto* tensor = model.proto.mutable_graph()->mutable_initializer(0);
                   tensor->set_data_location(onnx::TensorProto::EXTERNAL);
               }),
               ContainsSubstring("l_W") && ContainsSubstring("no file is named"));
    CHECK_THAT(refusal_of_lstm([](ModelBuilder& model, NodeBuilder&) {
                   auto* tensor = model.proto.mutable_graph()->mutable_initializer(0);
                   tensor->set_dims(1, std::int64_t{1} << 62);
               }),
               ContainsSubstring("l_W") && ContainsSubstring("elements"));
}

TEST_CASE("are weights that are neither binary nor integers refused with their rows?") {
    ModelBuilder model;
    model.simple_lstm();
    model.output("y");
    auto* recurrent = model.proto.mutable_graph()->mutable_initializer(1);
    REQUIRE(recurrent->name() == "l_R");
    for (const int row : {0, 1, 2, 5}) recurrent->set_float_data(2 * row, 0.7712345F);
    CHECK_THAT(refusal(model), ContainsSubstring("rows 0-2, 5 of 8") && ContainsSubstring("l_R") &&
                                   ContainsSubstring("--lstm-weight-bits"));
    recurrent->set_float_data(0, recurrent->float_data(1));
    for (const int row : {1, 2}) recurrent->set_float_data(2 * row, recurrent->float_data(2 * row + 1));
    CHECK_THAT(refusal(model), ContainsSubstring("row 5 of 8"));
    CHECK_THAT(refusal(model, {9, {}}), ContainsSubstring("--lstm-weight-bits 9") && ContainsSubstring("1 to 8"));
    CHECK_THAT(refusal(model, {0, {}}), ContainsSubstring("--lstm-weight-bits 0"));
    CHECK(refusal(model, {4, {}}) == "");
}

TEST_CASE("are operations that the machine does not have refused by node?") {
    for (const char* op : {"Relu", "Tanh", "Sigmoid", "BatchNormalization", "ReduceMean", "Neg", "Loop", "Conv"})
        CHECK_THAT(refusal_of_tail(op, {"y"}), ContainsSubstring(std::string(op) + "_z"));
    CHECK_THAT(refusal_of_tail("Add", {"y", "y"}), ContainsSubstring("Add_z") && ContainsSubstring("residual"));
    CHECK_THAT(refusal_of_tail("Mul", {"y", "y"}), ContainsSubstring("Mul_z"));
    CHECK_THAT(refusal_of_tail("Identity", {"y_c"}), ContainsSubstring("cell state"));
    CHECK_THAT(refusal_of_tail("Identity", {"x"}), ContainsSubstring("without an LSTM"));
    CHECK_THAT(refusal_of_tail("ArgMax", {"y"}), ContainsSubstring("ArgMax_z"));
}

TEST_CASE("are other recurrent layers refused?") {
    ModelBuilder model;
    model.input("x", {"steps", "1", "3"}).lstm_weights("l", 1, 3, 2);
    model.node("RNN", {"x", "l_W", "l_R", "l_B"}, {"y"});
    model.output("y");
    CHECK_THAT(refusal(model), ContainsSubstring("RNN_y") && ContainsSubstring("LSTM and GRU cells"));
}

TEST_CASE("are GRUs refused that the machine cannot run, each with its remedy?") {
    const auto refusal_with = [](const std::function<void(NodeBuilder&)>& change) {
        ModelBuilder model;
        model.input("x", {"steps", "1", "3"}).gru_weights("g", 1, 3, 2);
        NodeBuilder gru = model.node("GRU", {"x", "g_W", "g_R", "g_B"}, {"y"});
        change(gru);
        model.output("y");
        return refusal(model);
    };
    const auto on = [](NodeBuilder& gru) -> NodeBuilder& { return gru.integer("linear_before_reset", 1); };
    CHECK_THAT(refusal_with([](NodeBuilder&) {}),
               ContainsSubstring("'linear_before_reset' = 0") && ContainsSubstring("reset_after=True"));
    const auto with_relu = [&](NodeBuilder& gru) { on(gru).texts("activations", {"Sigmoid", "Relu"}); };
    CHECK_THAT(refusal_with(with_relu), ContainsSubstring("[Sigmoid, Relu]"));
    CHECK_THAT(refusal_with([&](NodeBuilder& gru) { on(gru).texts("activations", {"Sigmoid"}); }),
               ContainsSubstring("1 entries instead of 2"));
    CHECK_THAT(refusal_with([&](NodeBuilder& gru) { on(gru).real("clip", 3); }), ContainsSubstring("'clip' = 3"));
    CHECK_THAT(refusal_with([&](NodeBuilder& gru) { on(gru).integer("input_forget", 0); }),
               ContainsSubstring("'input_forget' is unknown"));
    CHECK_THAT(refusal_with([&](NodeBuilder& gru) { on(gru).integer("hidden_size", 3); }),
               ContainsSubstring("hidden_size"));
}

TEST_CASE("is plumbing that changes the meaning refused?") {
    const auto tail = [](const std::function<void(ModelBuilder&)>& add) {
        ModelBuilder model;
        model.simple_lstm();
        add(model);
        model.output("z");
        return refusal(model);
    };
    CHECK_THAT(tail([](ModelBuilder& model) {
                   model.int64s("index", {}, {2});
                   model.node("Gather", {"y", "index"}, {"z"});
               }),
               ContainsSubstring("step 2"));
    CHECK_THAT(tail([](ModelBuilder& model) { // is the last of 5 steps, but not the last step
                   model.int64s("index", {}, {4});
                   model.node("Gather", {"y", "index"}, {"z"});
               }),
               ContainsSubstring("step 4"));
    CHECK_THAT(tail([](ModelBuilder& model) {
                   model.int64s("start", {1}, {-1})
                       .int64s("end", {1}, {-1000})
                       .int64s("axis", {1}, {0})
                       .int64s("step", {1}, {-1});
                   model.node("Slice", {"y", "start", "end", "axis", "step"}, {"z"});
               }),
               ContainsSubstring("reorders or drops steps"));
    CHECK_THAT(tail([](ModelBuilder& model) {
                   model.int64s("start", {1}, {0}).int64s("end", {1}, {1}).int64s("axis", {1}, {3});
                   model.node("Slice", {"y", "start", "end", "axis"}, {"z"});
               }),
               ContainsSubstring("graph output 'z'"));
    CHECK_THAT(
        tail([](ModelBuilder& model) { // one of the two units of one step
            model.int64s("step", {1}, {-1}).int64s("start", {1}, {0}).int64s("end", {1}, {1}).int64s("axis", {1}, {3});
            model.node("Gather", {"y", "step"}, {"last"});
            model.node("Slice", {"last", "start", "end", "axis"}, {"z"});
        }),
        ContainsSubstring("graph output 'z'"));
    const auto transpose = [](ModelBuilder& model) {
        model.node("Transpose", {"y"}, {"z"}).integers("perm", {3, 1, 2, 0});
    };
    CHECK_THAT(tail(transpose), ContainsSubstring("'z'"));
    CHECK_THAT(tail([](ModelBuilder& model) {
                   model.int64s("index", {2}, {1, 0});
                   model.node("Gather", {"y", "index"}, {"z"}).integer("axis", 3);
               }),
               ContainsSubstring("another order"));
}

TEST_CASE("is a wrong dense layer refused?") {
    const auto with_dense = [](const std::function<void(ModelBuilder&)>& add) {
        ModelBuilder model;
        model.simple_lstm();
        model.int64s("one", {1}, {1});
        model.node("Squeeze", {"y", "one"}, {"s0"});
        model.node("Squeeze", {"s0", "one"}, {"s"});
        model.floats("D", {2, 3}, {1, 1, 1, -1, 1, -1});
        add(model);
        model.output("z");
        return refusal(model);
    };
    CHECK(with_dense([](ModelBuilder& model) { model.node("MatMul", {"s", "D"}, {"z"}); }) == "");
    const auto transposed = [](ModelBuilder& model) { model.node("Gemm", {"s", "D"}, {"z"}).integer("transB", 1); };
    CHECK_THAT(with_dense(transposed), ContainsSubstring("Gemm_z"));
    CHECK_THAT(with_dense([](ModelBuilder& model) {
                   model.node("MatMul", {"s", "D"}, {"m"});
                   model.floats("E", {3, 3}, std::vector<float>(9, 1.0F));
                   model.node("MatMul", {"m", "E"}, {"z"});
               }),
               ContainsSubstring("MatMul_z") && ContainsSubstring("one dense layer"));
    CHECK_THAT(with_dense([](ModelBuilder& model) {
                   model.node("MatMul", {"s", "D"}, {"m"});
                   model.floats("b", {2}, {1, 1});
                   model.node("Add", {"m", "b"}, {"z"});
               }),
               ContainsSubstring("Add_z"));
    CHECK_THAT(with_dense([](ModelBuilder& model) {
                   model.node("MatMul", {"s", "D"}, {"m"});
                   model.floats("b", {3}, {1, 1, std::nanf("")});
                   model.node("Add", {"m", "b"}, {"z"});
               }),
               ContainsSubstring("finite"));
    CHECK_THAT(with_dense([](ModelBuilder& model) {
                   model.floats("F", {2, 3}, {1, 2.1234567F, 1, -1, 1, -1});
                   model.node("MatMul", {"s", "F"}, {"z"});
               }),
               ContainsSubstring("row 1 of 3") && ContainsSubstring("--dense-weight-bits"));
    CHECK_THAT(with_dense([](ModelBuilder& model) { model.node("Softmax", {"s"}, {"z"}).integer("axis", 0); }),
               ContainsSubstring("Softmax_z") && ContainsSubstring("axis"));
}

TEST_CASE("are integer weights of too many bits refused, with and without a zero point?") {
    const auto dequantized = [](int zero_point, int largest) {
        ModelBuilder model;
        model.input("x", {"steps", "1", "3"}).lstm_weights("l", 1, 3, 2);
        std::vector<int> integers(24, 1);
        integers[5] = largest;
        auto* tensor = model.int8s("q", {1, 8, 3}, integers).proto.mutable_graph()->mutable_initializer(3);
        if (largest > 127) tensor->set_data_type(onnx::TensorProto::INT32);
        model.floats("s", {}, {0.1F}).int8s("zero", {}, {zero_point});
        model.node("DequantizeLinear", {"q", "s", "zero"}, {"w"});
        model.node("LSTM", {"w_x", "w", "l_R", "l_B"}, {"y"});
        model.proto.mutable_graph()->mutable_node(1)->set_input(0, "x");
        model.output("y");
        return refusal(model);
    };
    CHECK(dequantized(0, 127) == "");
    CHECK(dequantized(3, 127) == "");
    CHECK_THAT(dequantized(-4, 127), ContainsSubstring("row 1 of 8")); // 131 and 5
    CHECK_THAT(dequantized(0, 200), ContainsSubstring("row 1 of 8"));
}

TEST_CASE("is bad metadata refused?") {
    const auto with = [](const std::string& key, const std::string& value) {
        ModelBuilder model;
        model.simple_lstm();
        model.output("y").metadata(key, value);
        return refusal(model);
    };
    CHECK(with("vocabulary", R"(["a","b","c"])") == "");
    CHECK(with("vocabulary", R"(["a","b"])") == "");
    CHECK_THAT(with("vocabulary", R"(["a","b","c","d"])"), ContainsSubstring("'vocabulary' has 4 names"));
    CHECK_THAT(with("vocabulary", R"({"a":1})"), ContainsSubstring("'vocabulary'"));
    CHECK_THAT(with("vocabulary", R"(["a",)"), ContainsSubstring("'vocabulary'"));
    CHECK_THAT(with("vocabulary", R"(["a",2,"c"])"), ContainsSubstring("entry 1"));
    CHECK_THAT(with("input_encoding", "hot"), ContainsSubstring("'input_encoding' is 'hot'"));
    CHECK(with("input_encoding", "onehot") == "");
    CHECK(with("input_exponent", "-3") == "");
    CHECK_THAT(with("input_exponent", "3.5"), ContainsSubstring("'input_exponent' is '3.5'"));
    CHECK_THAT(with("input_exponent", "1000"), ContainsSubstring("'input_exponent'"));
}

TEST_CASE("do names of a file reach a message in one short line?") {
    const std::string message = refusal_of_lstm([](ModelBuilder& model, NodeBuilder& lstm) {
        lstm.real("clip", 3);
        model.proto.mutable_graph()->mutable_node(0)->set_name("\x1b[31mred\n" + std::string(100'000, 'a'));
    });
    CHECK_THAT(message, ContainsSubstring("node '\\x1b[31mred\\naaaa") && ContainsSubstring("...' (LSTM)") &&
                            ContainsSubstring("'clip' = 3"));
    CHECK(message.size() < 400);
}

TEST_CASE("is a node that has no name known by what it makes or takes?") {
    const auto message = [](bool has_output) {
        return refusal_of_lstm([has_output](ModelBuilder& model, NodeBuilder& lstm) {
            lstm.real("clip", 3);
            onnx::NodeProto& node = *model.proto.mutable_graph()->mutable_node(0);
            node.clear_name();
            node.clear_output();
            node.add_output("");
            node.add_output(has_output ? "y" : "");
        });
    };
    CHECK_THAT(message(true), ContainsSubstring("the node that makes 'y' (LSTM)"));
    CHECK_THAT(message(false), !ContainsSubstring("''"));
}

TEST_CASE("are files that are no models refused?") {
    CHECK_THAT(refusal_of_bytes(""), ContainsSubstring("empty"));
    CHECK_THAT(refusal_of_bytes("this is no protobuf at all"), ContainsSubstring("not an ONNX model"));
    CHECK_THAT(refusal_of_bytes(std::string(1000, '\0')), ContainsSubstring("not an ONNX model"));
    const TemporaryFile file("garbage");
    CHECK_THROWS_WITH(import_onnx(file.path()), Catch::Matchers::StartsWith(file.path() + ": "));
    CHECK_THROWS_WITH(import_onnx("/nowhere/model.onnx"),
                      ContainsSubstring("/nowhere/model.onnx: cannot be read: there is no folder"));
    CHECK_THROWS_WITH(import_onnx("/"), ContainsSubstring("is a folder"));
    CHECK_THROWS_WITH(import_onnx("/dev/zero"), ContainsSubstring("is a device"));
}

TEST_CASE("are huge shapes refused without being made?") {
    ModelBuilder model;
    model.int64s("shape", {3}, {1 << 20, 1 << 20, 1 << 20});
    model.node("ConstantOfShape", {"shape"}, {"big"});
    model.output("big");
    CHECK_THAT(refusal(model), ContainsSubstring("ConstantOfShape_big") && ContainsSubstring("elements"));
    ModelBuilder input;
    input.input("x", {"1000000000", "1000000000", "3"}).lstm_weights("l", 1, 3, 2);
    input.node("LSTM", {"x", "l_W", "l_R", "l_B"}, {"y"});
    input.output("y");
    CHECK_THAT(refusal(input), ContainsSubstring("graph input 'x'"));
}
