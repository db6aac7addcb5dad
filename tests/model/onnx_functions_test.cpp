// Functions that a model defines for itself, and sequences of tensors: do they stand for the nodes that they are?
#include "support/catch.hpp"

#include "base/error.hpp"
#include "model/model_builder.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/functions.hpp"
#include "model/onnx/sequences.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

onnx::FunctionProto& add_function(ModelBuilder& model, const std::string& name, const std::vector<std::string>& inputs,
                                  const std::vector<std::string>& outputs) {
    onnx::FunctionProto& function = *model.proto.add_functions();
    function.set_domain("local");
    function.set_name(name);
    for (const std::string& input : inputs) function.add_input(input);
    for (const std::string& output : outputs) function.add_output(output);
    return function;
}

onnx::NodeProto& add_node(onnx::FunctionProto& function, const std::string& op, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs) {
    onnx::NodeProto& node = *function.add_node();
    node.set_op_type(op);
    for (const std::string& input : inputs) node.add_input(input);
    for (const std::string& output : outputs) node.add_output(output);
    return node;
}

void refer(onnx::NodeProto& node, const std::string& attribute, const std::string& of_call) {
    onnx::AttributeProto& made = *node.add_attribute();
    made.set_name(attribute);
    made.set_type(onnx::AttributeProto::INT);
    made.set_ref_attr_name(of_call);
}

void call(ModelBuilder& model, const std::string& name, const std::vector<std::string>& inputs,
          const std::vector<std::string>& outputs) {
    model.node(name, inputs, outputs);
    model.proto.mutable_graph()->mutable_node(model.proto.graph().node_size() - 1)->set_domain("local");
}

/// Field 11 of the function, which ONNX 1.12 does not know.
void add_default(onnx::FunctionProto& function, const std::string& attribute, std::int64_t value) {
    onnx::AttributeProto made;
    made.set_name(attribute);
    made.set_type(onnx::AttributeProto::INT);
    made.set_i(value);
    const std::string bytes = made.SerializeAsString();
    REQUIRE(bytes.size() < 128);
    const std::string field = std::string("\x5a") + static_cast<char>(bytes.size()) + bytes;
    REQUIRE(function.ParseFromString(function.SerializeAsString() + field));
}

const onnx::AttributeProto* axis_of(const onnx::NodeProto& node) {
    for (const auto& attribute : node.attribute())
        if (attribute.name() == "axis") return &attribute;
    return nullptr;
}

std::string operators_of(const onnx::ModelProto& model) {
    std::string text;
    for (const auto& node : model.graph().node()) text += node.op_type() + " ";
    return text;
}

/// The LSTM of simple_lstm() within a function that takes it from its inputs.
ModelBuilder lstm_in_function() {
    ModelBuilder model;
    model.input("x", {"steps", "1", "3"}).lstm_weights("l", 1, 3, 2);
    onnx::FunctionProto& function = add_function(model, "Layer", {"in", "w", "r", "b", "h"}, {"out"});
    add_node(function, "LSTM", {"in", "w", "r", "b", "", "h"}, {"y"});
    refer(*function.mutable_node(0), "hidden_size", "units");
    add_node(function, "Identity", {"y"}, {"out"});
    call(model, "Layer", {"x", "l_W", "l_R", "l_B"}, {"y"});
    NodeBuilder(model.proto.mutable_graph()->mutable_node(0)).integer("units", 2);
    model.output("y");
    return model;
}

} // namespace

TEST_CASE("is a layer within a function of the model a layer?") {
    ModelBuilder plain;
    plain.simple_lstm();
    plain.output("y");
    CHECK(lstm_in_function().load().network.fingerprint == plain.load().network.fingerprint);
}

TEST_CASE("does a call give its attributes and names to the nodes of the function?") {
    ModelBuilder model;
    model.input("x", {"2"}).output("y").output("z").output("same");
    onnx::FunctionProto& inner = add_function(model, "Inner", {"a"}, {"b"});
    refer(add_node(inner, "Softmax", {"a"}, {"b"}), "axis", "axis");
    onnx::FunctionProto& outer = add_function(model, "Outer", {"a"}, {"b", "a"});
    onnx::NodeProto& nested = add_node(outer, "Inner", {"a"}, {"t"});
    nested.set_domain("local");
    refer(nested, "axis", "dim");
    add_node(outer, "Relu", {"t"}, {"b"});
    call(model, "Outer", {"x"}, {"y", "same"});
    NodeBuilder(model.proto.mutable_graph()->mutable_node(0)).integer("dim", 5);
    call(model, "Outer", {"y"}, {"z"});
    const onnx::ModelProto inlined = onnx_import::with_functions_inlined(model.proto);
    CHECK(inlined.functions_size() == 0);
    CHECK(operators_of(inlined) == "Softmax Relu Identity Softmax Relu ");
    const auto& nodes = inlined.graph().node();
    CHECK(nodes[0].input(0) == "x");
    REQUIRE(axis_of(nodes[0]) != nullptr);
    CHECK(axis_of(nodes[0])->i() == 5);
    CHECK(nodes[1].input(0) == nodes[0].output(0));
    CHECK(nodes[1].output(0) == "y");
    CHECK(nodes[2].input(0) == "x"); // what the function puts out as it took it
    CHECK(nodes[2].output(0) == "same");
    CHECK(axis_of(nodes[3]) == nullptr);             // the second call does not give it
    CHECK(nodes[3].output(0) != nodes[0].output(0)); // each call has names of its own
}

TEST_CASE("does an attribute that the call leaves out have the value that the function states?") {
    ModelBuilder model;
    model.input("x", {"2"}).output("y").output("z");
    onnx::FunctionProto& function = add_function(model, "F", {"a"}, {"b"});
    refer(add_node(function, "Softmax", {"a"}, {"b"}), "axis", "axis");
    add_default(function, "axis", 7);
    call(model, "F", {"x"}, {"y"});
    call(model, "F", {"x"}, {"z"});
    NodeBuilder(model.proto.mutable_graph()->mutable_node(1)).integer("axis", 3);
    const onnx::ModelProto inlined = onnx_import::with_functions_inlined(model.proto);
    REQUIRE(axis_of(inlined.graph().node(0)) != nullptr);
    CHECK(axis_of(inlined.graph().node(0))->i() == 7);
    CHECK(axis_of(inlined.graph().node(1))->i() == 3);
}

TEST_CASE("are functions that never end refused?") {
    ModelBuilder circle;
    circle.input("x", {"2"}).output("y");
    add_node(add_function(circle, "F", {"a"}, {"b"}), "G", {"a"}, {"b"}).set_domain("local");
    add_node(add_function(circle, "G", {"a"}, {"b"}), "F", {"a"}, {"b"}).set_domain("local");
    call(circle, "F", {"x"}, {"y"});
    CHECK_THROWS_WITH(circle.load(), ContainsSubstring("function 'F' calls itself"));
    ModelBuilder doubling; // each function calls the one before twice
    doubling.input("x", {"2"}).output("y");
    add_node(add_function(doubling, "F0", {"a"}, {"b"}), "Relu", {"a"}, {"b"});
    for (int level = 1; level <= 40; ++level) {
        onnx::FunctionProto& function = add_function(doubling, "F" + std::to_string(level), {"a"}, {"b"});
        const std::string before = "F" + std::to_string(level - 1);
        add_node(function, before, {"a"}, {"t"}).set_domain("local");
        add_node(function, before, {"t"}, {"b"}).set_domain("local");
    }
    call(doubling, "F40", {"x"}, {"y"});
    CHECK_THROWS_WITH(doubling.load(), ContainsSubstring("more than a file of this size may ask for"));
}

TEST_CASE("are steps that are taken from a sequence of tensors the steps of the tensor?") {
    for (const bool drops_axis : {false, true})
        for (const bool is_last : {false, true}) {
            ModelBuilder model;
            model.simple_lstm();
            model.int64s("one", {}, {1}).int64s("at", {}, {is_last ? -1 : 0}).int64s("axis", {1}, {0});
            model.node("SplitToSequence", {"y", "one"}, {"all"}).integer("axis", 0).integer("keepdims", !drops_axis);
            model.node("SequenceAt", {"all", "at"}, {"step"});
            if (!drops_axis) model.node("Squeeze", {"step", "axis"}, {"z"});
            model.output(drops_axis ? "step" : "z");
            CAPTURE(drops_axis, is_last);
            CHECK(model.regions().whole_graph == is_last);
            if (is_last) CHECK(model.load().network.graph_output.steps == OutputSteps::last);
        }
}

TEST_CASE("are pieces of a sequence of tensors cut where the sequence has its bounds?") {
    ModelBuilder model;
    model.input("x", {"4", "6"}).int64s("sizes", {3}, {1, 2, 3}).int64s("two", {}, {2}).output("a").output("b");
    model.output("c").output("d").output("e");
    model.int64s("at1", {}, {1}).int64s("at2", {}, {2}).int64s("at-1", {}, {-1}).int64s("at-3", {}, {-3});
    model.node("SplitToSequence", {"x", "sizes"}, {"q"}).integer("axis", 1).integer("keepdims", 0);
    model.node("SplitToSequence", {"x", "two"}, {"r"}).integer("axis", -1);
    model.node("SequenceConstruct", {"x", "two"}, {"s"});
    model.node("SequenceAt", {"q", "at1"}, {"a"});
    model.node("SequenceAt", {"q", "at-1"}, {"b"});
    model.node("SequenceAt", {"r", "at2"}, {"c"});
    model.node("SequenceAt", {"s", "at-1"}, {"d"});
    model.node("SequenceAt", {"s", "at-3"}, {"e"}); // outside of the sequence: stays
    const onnx::ModelProto made = onnx_import::with_tensors_for_sequences(model.proto);
    CHECK(operators_of(made) == "SequenceConstruct Slice Slice Slice Identity SequenceAt ");
    const auto bounds = [&](int node) {
        std::vector<std::int64_t> numbers;
        for (int input = 1; input < 4; ++input)
            for (const auto& tensor : made.graph().initializer())
                if (tensor.name() == made.graph().node(node).input(input)) numbers.push_back(tensor.int64_data(0));
        return numbers;
    };
    CHECK(bounds(1) == std::vector<std::int64_t>{1, 3, 1}); // start, end, axis
    CHECK(bounds(2) == std::vector<std::int64_t>{3, 6, 1});
    CHECK(bounds(3) == std::vector<std::int64_t>{4, 6, -1});
    CHECK(made.graph().node(4).input(0) == "two");
}

TEST_CASE("is a sequence of given tensors that is joined again a concatenation?") {
    for (const bool new_axis : {false, true}) {
        ModelBuilder model;
        model.input("x", {"2", "6"}).input("y", {"2", "6"}).output("z");
        model.node("SequenceConstruct", {"x", "y"}, {"q"});
        model.node("ConcatFromSequence", {"q"}, {"z"}).integer("axis", 1).integer("new_axis", new_axis);
        const onnx::ModelProto made = onnx_import::with_tensors_for_sequences(model.proto);
        CHECK(operators_of(made) == (new_axis ? "Unsqueeze Unsqueeze Concat " : "Concat "));
        const auto& concat = made.graph().node(made.graph().node_size() - 1);
        CHECK(concat.input_size() == 2);
        CHECK(concat.output(0) == "z");
        CHECK(axis_of(concat)->i() == 1);
    }
}
