// LSTM cells that are written out step by step: is a chain of them the layer that it is?
#include <algorithm>

#include "support/catch.hpp"

#include "base/error.hpp"
#include "model/model_builder.hpp"
#include "model/onnx/partition.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr int kSteps = 4;
constexpr int kInputs = 3;
constexpr int kUnits = 2;

/// Names of the nodes of one step end with its number.
struct Step {
    std::string number;
    std::string of(const std::string& name) const { return name + number; }
};

/// The cell of PyTorch, i, f, g, o, on the sum "s"; `h` and `c` are the states before it.
void add_cell(ModelBuilder& model, const Step& step, const std::string& c) {
    const auto of = [&](const char* name) { return step.of(name); };
    model.node("Split", {of("s"), "halves"}, {of("zi"), of("zf"), of("zg"), of("zo")}).integer("axis", -1);
    model.node("Sigmoid", {of("zi")}, {of("i")});
    model.node("Sigmoid", {of("zf")}, {of("f")});
    model.node("Tanh", {of("zg")}, {of("g")});
    model.node("Sigmoid", {of("zo")}, {of("o")});
    model.node("Mul", {of("f"), c}, {of("fc")});
    model.node("Mul", {of("i"), of("g")}, {of("ig")});
    model.node("Add", {of("fc"), of("ig")}, {of("c")});
    model.node("Tanh", {of("c")}, {of("t")});
    model.node("Mul", {of("o"), of("t")}, {of("h")});
}

/// The tensors of one nn.LSTMCell, and what it starts with.
struct CellTensors {
    std::string weights = "W";
    std::string recurrent_weights = "R";
    std::string h = "zero";
    std::string c = "zero";
    std::size_t first_number = 0; ///< of its steps
};

/// nn.LSTMCell in a loop over "x", its outputs stacked in `stacked`. `order`: the step that each cell takes.
void add_loop(ModelBuilder& model, const std::vector<int>& order, CellTensors cell, const std::string& stacked) {
    std::vector<std::string> outputs;
    for (std::size_t t = 0; t < order.size(); ++t) {
        const Step step{std::to_string(cell.first_number + t)};
        model.int64s(step.of("at"), {}, {order[t]});
        model.node("Gather", {"x", step.of("at")}, {step.of("x")}).integer("axis", 0);
        model.node("Gemm", {step.of("x"), cell.weights, "b"}, {step.of("p")}).integer("transB", 1);
        model.node("Gemm", {cell.h, cell.recurrent_weights}, {step.of("r")}).integer("transB", 1);
        model.node("Add", {step.of("r"), step.of("p")}, {step.of("s")});
        add_cell(model, step, cell.c);
        cell.h = step.of("h");
        cell.c = step.of("c");
        model.node("Unsqueeze", {cell.h, "axis"}, {step.of("u")});
        outputs.push_back(step.of("u"));
    }
    model.node("Concat", outputs, {stacked}).integer("axis", 0);
}

/// nn.LSTMCell in a loop over [steps, 1, inputs], its outputs stacked in "y" [steps, 1, units].
ModelBuilder cells(const std::vector<int>& order) {
    ModelBuilder model;
    model.input("x", {std::to_string(kSteps), "1", std::to_string(kInputs)});
    model.floats("W", {4 * kUnits, kInputs}, ModelBuilder::binary(4 * kUnits, kInputs, 0.1F));
    model.floats("R", {4 * kUnits, kUnits}, ModelBuilder::binary(4 * kUnits, kUnits, 0.2F));
    model.floats("b", {4 * kUnits}, {1, 2, 3, 4, 5, 6, 7, 8});
    model.floats("zero", {1, kUnits}, {0, 0}).int64s("halves", {4}, {kUnits, kUnits, kUnits, kUnits});
    model.int64s("axis", {1}, {0});
    add_loop(model, order, {}, "y");
    return model;
}

/// Rows i, f, g, o as ONNX has them: i, o, f, g.
std::vector<float> onnx_rows(const std::vector<float>& rows, int columns) {
    std::vector<float> result;
    for (const int gate : {0, 3, 1, 2})
        result.insert(result.end(), rows.begin() + gate * kUnits * columns,
                      rows.begin() + (gate + 1) * kUnits * columns);
    return result;
}

std::string fingerprint_of_layer(const std::string& direction) {
    ModelBuilder model;
    model.input("x", {std::to_string(kSteps), "1", std::to_string(kInputs)});
    model.floats("W", {1, 4 * kUnits, kInputs}, onnx_rows(ModelBuilder::binary(4 * kUnits, kInputs, 0.1F), kInputs));
    model.floats("R", {1, 4 * kUnits, kUnits}, onnx_rows(ModelBuilder::binary(4 * kUnits, kUnits, 0.2F), kUnits));
    std::vector<float> bias = onnx_rows({1, 2, 3, 4, 5, 6, 7, 8}, 1);
    bias.resize(8 * kUnits, 0);
    model.floats("b", {1, 8 * kUnits}, bias);
    model.node("LSTM", {"x", "W", "R", "b"}, {"y"}).text("direction", direction);
    model.output("y");
    return model.load().network.fingerprint;
}

} // namespace

TEST_CASE("are cells in a loop over the steps one layer?") {
    ModelBuilder model = cells({0, 1, 2, 3});
    model.output("y");
    const ImportedModel loaded = model.load();
    CHECK(loaded.network.fingerprint == fingerprint_of_layer("forward"));
    CHECK(loaded.network.graph_output == OutputMode{OutputKind::hidden, OutputSteps::every});
    CHECK_THAT(all_messages(loaded), ContainsSubstring("4 LSTM cells that are written out, from 'h0' on"));
    CHECK(model.regions().whole_graph);
}

TEST_CASE("are cells that start with the last step a layer in reverse?") {
    ModelBuilder model = cells({3, 2, 1, 0});
    model.node("Identity", {"h3"}, {"z"}); // what the cells compute last
    model.output("z");
    CHECK(model.load().network.fingerprint == fingerprint_of_layer("reverse"));
    CHECK(model.load().network.graph_output == OutputMode{OutputKind::hidden, OutputSteps::final_state});
}

TEST_CASE("is the product with the inputs of all steps the same?") {
    // What a layer becomes that is taken apart: one product for all steps, then a sum in each step.
    ModelBuilder product;
    product.node("Transpose", {"W"}, {"Wt"}).integers("perm", {1, 0});
    product.node("MatMul", {"x", "Wt"}, {"Px"});
    product.node("Add", {"Px", "b"}, {"P"});
    ModelBuilder product_of_rows; // with the steps and the batch as one axis
    product_of_rows.node("Reshape", {"x", "row_shape"}, {"rows"});
    product_of_rows.node("Gemm", {"rows", "W", "b"}, {"Pr"}).integer("transB", 1);
    product_of_rows.node("Reshape", {"Pr", "step_shape"}, {"P"});
    for (const ModelBuilder* front : {&product, &product_of_rows}) {
        ModelBuilder model = cells({0, 1, 2, 3});
        model.int64s("row_shape", {2}, {-1, kInputs}).int64s("step_shape", {3}, {kSteps, 1, 4 * kUnits});
        onnx::GraphProto& graph = *model.proto.mutable_graph();
        const onnx::GraphProto before = graph;
        graph.clear_node();
        for (const auto& node : front->proto.graph().node()) *graph.add_node() = node;
        for (const auto& node : before.node()) {
            onnx::NodeProto& added = *graph.add_node() = node;
            if (node.op_type() == "Gather") added.set_input(0, "P");
            if (node.op_type() != "Gemm" || node.input(1) != "W") continue;
            added.set_op_type("Identity"); // the product has it already
            added.clear_attribute();
            added.clear_input();
            added.add_input(node.input(0));
        }
        model.output("y");
        CHECK(model.load().network.fingerprint == fingerprint_of_layer("forward"));
    }
}

TEST_CASE("are cells that are no layer left as they are?") {
    const auto has_no_region = [](const ModelBuilder& model) { return model.regions().regions.empty(); };
    ModelBuilder leaves_one = cells({0, 1, 2}); // a step of the input is not used
    leaves_one.output("y");
    CHECK(has_no_region(leaves_one));
    ModelBuilder other_order = cells({0, 2, 1, 3});
    other_order.output("y");
    CHECK(has_no_region(other_order));
    ModelBuilder reads_state = cells({0, 1, 2, 3}); // a state c in the middle
    reads_state.output("y").output("c1");
    CHECK(has_no_region(reads_state));
    ModelBuilder other_weights = cells({0, 1, 2, 3});
    other_weights.floats("W2", {4L * kUnits, kInputs}, std::vector<float>(24, 1));
    for (auto& node : *other_weights.proto.mutable_graph()->mutable_node())
        if (node.op_type() == "Gemm" && node.output(0) == "p2") node.set_input(1, "W2");
    other_weights.output("y");
    CHECK(has_no_region(other_weights));
    ModelBuilder fed_back = cells({0, 1, 2, 3}); // each step takes what the step before put out
    fed_back.floats("E", {kUnits, kInputs}, {1, 1, 1, 1, 1, 1});
    for (auto& node : *fed_back.proto.mutable_graph()->mutable_node())
        if (node.op_type() == "Gather" && node.output(0) == "x2") {
            node.Clear();
            node.set_op_type("MatMul");
            for (const char* name : {"h1", "E"}) node.add_input(name);
            node.add_output("x2");
        }
    fed_back.output("y");
    CHECK(has_no_region(fed_back));
}

TEST_CASE("is a projection of the state named, with the remedy?") {
    // nn.LSTM with proj_size, as torch.export writes it: what goes round is a product of h.
    ModelBuilder model = cells({0, 1, 2, 3});
    model.floats("P", {kUnits, kUnits}, {1, 0.5F, 0.5F, 1});
    onnx::GraphProto& graph = *model.proto.mutable_graph();
    const onnx::GraphProto before = graph;
    graph.clear_node();
    for (const auto& node : before.node()) {
        onnx::NodeProto& added = *graph.add_node() = node;
        const std::string& name = node.input(0);
        if (name[0] != 'h' || (node.op_type() != "Gemm" && node.op_type() != "Unsqueeze")) continue;
        added.set_input(0, name + "_projected");
        if (node.op_type() != "Unsqueeze") continue;
        graph.mutable_node()->RemoveLast();
        model.node("MatMul", {name, "P"}, {name + "_projected"});
        *graph.add_node() = node;
        graph.mutable_node(graph.node_size() - 1)->set_input(0, name + "_projected");
    }
    model.output("y");
    CHECK_THROWS_WITH(model.load(), ContainsSubstring("LSTM cells from 'h0' on") &&
                                        ContainsSubstring("proj_size = 0") &&
                                        ContainsSubstring("A dense layer behind the LSTM is possible"));
    CHECK(model.regions().outside.front().reason.find("proj_size") != std::string::npos); // bru inspect
    const TemporaryFile file(model.proto.SerializeAsString());
    CHECK_THROWS_WITH(partition_onnx(file.path(), {}), ContainsSubstring("proj_size"));
}

TEST_CASE("is the last state c of written-out cells that of the layer?") {
    ModelBuilder model = cells({0, 1, 2, 3});
    model.output("y", {"", "", ""}).output("c3", {"", ""});
    const TemporaryFile file(model.proto.SerializeAsString());
    const Partition partition = partition_onnx(file.path(), {});
    onnx::ModelProto region;
    REQUIRE(region.ParseFromString(partition.region.bytes));
    const auto& nodes = region.graph().node();
    CHECK(std::count_if(nodes.begin(), nodes.end(), [](const auto& node) { return node.op_type() == "LSTM"; }) == 1);
    CHECK(std::none_of(nodes.begin(), nodes.end(), [](const auto& node) { return node.op_type() == "Sigmoid"; }));
    CHECK(region.graph().output_size() == 2);
}

TEST_CASE("do encoder and decoder cells that hand on their states become two layers?") {
    ModelBuilder model = cells({0, 1, 2, 3});
    model.floats("V", {4 * kUnits, kInputs}, ModelBuilder::binary(4 * kUnits, kInputs, 0.3F));
    model.floats("S", {4 * kUnits, kUnits}, ModelBuilder::binary(4 * kUnits, kUnits, 0.4F));
    add_loop(model, {0, 1, 2, 3}, {"V", "S", "h3", "c3", kSteps}, "z");
    model.output("z");
    const ModelRegions list = model.regions();
    REQUIRE(list.regions.size() == 1);
    CHECK(model.load().network.graph_output == OutputMode{OutputKind::hidden, OutputSteps::last});
    CHECK(model.load().network.fingerprint == fingerprint_of_layer("forward")); // the encoder
    REQUIRE(list.outside.size() == 1);
    CHECK_THAT(list.outside.front().reason,
               ContainsSubstring("is computed from node") && ContainsSubstring("initial_h"));
}

TEST_CASE("are weights that are transposed anew for each cell the weights of one layer?") {
    // As torch.export writes them; it also takes all of the input again for each step.
    ModelBuilder model = cells({0, 1, 2, 3});
    model.int64s("begin", {1}, {0}).int64s("end", {1}, {1000}).int64s("step", {1}, {1});
    onnx::GraphProto& graph = *model.proto.mutable_graph();
    const onnx::GraphProto before = graph;
    graph.clear_node();
    for (const auto& node : before.node()) {
        const std::string& name = node.output(0);
        if (node.op_type() == "Gather") {
            model.node("Slice", {"x", "begin", "end", "begin", "step"}, {name + "_all"});
            model.node("Gather", {name + "_all", node.input(1)}, {name}).integer("axis", 0);
        } else if (node.op_type() == "Gemm" && node.input(1) == "R") {
            model.node("Transpose", {"R"}, {name + "_Rt"}).integers("perm", {1, 0});
            model.node("MatMul", {node.input(0), name + "_Rt"}, {name});
        } else {
            *graph.add_node() = node;
        }
    }
    model.output("y");
    CHECK(model.load().network.fingerprint == fingerprint_of_layer("forward"));
}

namespace {

/// nn.LSTMCell over "x" [1, inputs] with the states "h" and "c", as a model for streams has it.
ModelBuilder one_cell(int inputs, bool computes_state) {
    ModelBuilder model;
    model.input("x", {"1", std::to_string(inputs)}).input("h", {"1", std::to_string(kUnits)});
    model.input("c", {"1", std::to_string(kUnits)});
    model.floats("W", {4 * kUnits, inputs}, ModelBuilder::binary(4 * kUnits, inputs, 0.1F));
    model.floats("R", {4 * kUnits, kUnits}, ModelBuilder::binary(4 * kUnits, kUnits, 0.2F));
    model.floats("b", {4 * kUnits}, {1, 2, 3, 4, 5, 6, 7, 8});
    model.int64s("halves", {4}, {kUnits, kUnits, kUnits, kUnits});
    model.node(computes_state ? "Relu" : "Identity", {"c"}, {"c_before"});
    model.node("Gemm", {"h", "R"}, {"r0"}).integer("transB", 1);
    model.node("Gemm", {"x", "W", "b"}, {"p0"}).integer("transB", 1);
    model.node("Add", {"r0", "p0"}, {"s0"});
    add_cell(model, Step{"0"}, "c_before");
    model.output("h0").output("c0");
    return model;
}

} // namespace

TEST_CASE("is one cell whose states are inputs of the graph a layer of one step?") {
    const ModelBuilder model = one_cell(kInputs, false);
    const ImportedModel loaded = model.load();
    CHECK(loaded.network.fingerprint == fingerprint_of_layer("forward"));
    CHECK_THAT(all_messages(loaded), ContainsSubstring("graph input 'h' gives initial states"));
    CHECK_THAT(all_messages(loaded), ContainsSubstring("the LSTM cell that is written out in 'h0' is a layer of one"));
    // An input as large as the state stands before it.
    const Network same_size = one_cell(kUnits, false).load().network;
    CHECK(same_size.input_name == "x");
    CHECK(same_size.layers.front().directions.front().input.scales.front() < 0.15); // of W, and not of R
    CHECK(one_cell(kInputs, true).regions().regions.empty()); // a state that the graph computes: a decoder's
}

TEST_CASE("are two layers of one cell each, whose states are pieces of one input, a chain of layers?") {
    ModelBuilder model;
    model.input("x", {"1", "1", "2"}).input("h", {"2", "1", "2"}).input("c", {"2", "1", "2"});
    model.floats("W", {2, 8}, ModelBuilder::binary(2, 8, 0.1F)).floats("R", {2, 8}, ModelBuilder::binary(2, 8, 0.2F));
    model.int64s("halves", {4}, {2, 2, 2, 2});
    model.node("Split", {"h"}, {"h_0", "h_1"}).integer("axis", 0);
    model.node("Split", {"c"}, {"c_0", "c_1"}).integer("axis", 0);
    std::string x = "x";
    for (const char* layer : {"0", "1"}) {
        const Step step{layer};
        model.node("MatMul", {x, "W"}, {step.of("all")});
        model.node("Split", {step.of("all")}, {step.of("p")}).integer("axis", 0);
        model.node("MatMul", {"h_" + step.number, "R"}, {step.of("r")});
        model.node("Add", {step.of("r"), step.of("p")}, {step.of("s")});
        add_cell(model, step, "c_" + step.number);
        x = step.of("h");
    }
    model.output("h1");
    const ImportedModel loaded = model.load();
    CHECK(loaded.network.layers.size() == 2);
    CHECK(model.regions().regions.size() == 1);
}
