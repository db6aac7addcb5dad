// bru partition: are the parts models by themselves, and do they fit together?
#include <algorithm>
#include <set>

#include "support/catch.hpp"

#include "base/error.hpp"
#include "model/model_builder.hpp"
#include "model/onnx/partition.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

Partition partition_of(const ModelBuilder& model, std::optional<int> region = {}) {
    const TemporaryFile file(model.proto.SerializeAsString());
    return partition_onnx(file.path(), region);
}

onnx::ModelProto parsed(const Part& part) {
    onnx::ModelProto model;
    REQUIRE(model.ParseFromString(part.bytes));
    return model;
}

Network network_of(const Part& part) {
    const TemporaryFile file(part.bytes);
    return import_onnx(file.path()).network;
}

std::vector<std::string> names_of(const std::vector<PartTensor>& tensors) {
    std::vector<std::string> names;
    for (const PartTensor& tensor : tensors) names.push_back(tensor.name);
    return names;
}

/// Every node reads what the part takes, has or made before; every output is made; every tensor between parts has a
/// type and a shape.
void check_complete(const Part& part) {
    const onnx::ModelProto model = parsed(part);
    REQUIRE(model.opset_import_size() > 0);
    std::set<std::string> known = {""};
    for (const auto& input : model.graph().input()) {
        known.insert(input.name());
        CHECK(input.type().tensor_type().has_shape());
        CHECK(input.type().tensor_type().elem_type() != 0);
    }
    for (const auto& tensor : model.graph().initializer()) known.insert(tensor.name());
    for (const auto& node : model.graph().node()) {
        for (const std::string& name : node.input()) CHECK(known.count(name) == 1);
        known.insert(node.output().begin(), node.output().end());
    }
    for (const auto& output : model.graph().output()) {
        CHECK(known.count(output.name()) == 1);
        CHECK(output.type().tensor_type().has_shape());
    }
}

/// Convolution and Relu -> LSTM -> dense, Relu, dense; the front's output goes to the back, too.
ModelBuilder front_and_back() {
    ModelBuilder model;
    model.convolution_before_lstm();
    model.int64s("axis_1", {1}, {1});
    model.node("Squeeze", {"y", "axis_1"}, {"s"});
    model.floats("D", {2, 3}, {1, 1, 1, -1, 1, -1}).floats("b", {3}, {1, 2, 3});
    model.node("MatMul", {"s", "D"}, {"m"});
    model.node("Add", {"m", "b"}, {"logits"});
    model.node("Tanh", {"logits"}, {"t"});
    model.node("Add", {"t", "features"}, {"z"});
    model.output("z", {"steps", "one", "three"});
    return model;
}

} // namespace

TEST_CASE("is a model cut into front, region and back?") {
    const ModelBuilder model = front_and_back();
    const Partition partition = partition_of(model);
    REQUIRE(partition.front);
    REQUIRE(partition.back);
    CHECK(partition.layers == "3 -> LSTM 2 -> dense 3");
    CHECK(names_of(partition.front->inputs) == std::vector<std::string>{"audio"});
    CHECK(names_of(partition.front->outputs) == std::vector<std::string>{"features"});
    CHECK(names_of(partition.region.inputs) == std::vector<std::string>{"features"});
    CHECK(names_of(partition.region.outputs) == std::vector<std::string>{"logits"});
    CHECK(names_of(partition.back->inputs) == std::vector<std::string>{"features", "logits"});
    CHECK(names_of(partition.back->outputs) == std::vector<std::string>{"z"});
    CHECK(partition.region.inputs[0].type == "float");
    CHECK(partition.region.inputs[0].shape == "[steps, 1, 3]");
    CHECK(partition.front->nodes + partition.region.nodes + partition.back->nodes == 9);
    for (const Part* part : {&*partition.front, &partition.region, &*partition.back}) check_complete(*part);
}

TEST_CASE("is the region by itself the network that the whole model runs?") {
    const ModelBuilder model = front_and_back();
    const Network whole = model.load().network;
    const Network region = network_of(partition_of(model).region);
    CHECK(region.fingerprint == whole.fingerprint);
    CHECK(region.graph_output == whole.graph_output);
}

TEST_CASE("do the states of a stream follow what enters the machine, and leave behind what it gives?") {
    ModelBuilder model;
    model.input("h", {"1", "1", "2"}).input("c", {"1", "1", "2"});
    model.simple_lstm({"", "h", "c"});
    model.node("Relu", {"y"}, {"z"});
    for (const char* name : {"z", "y_h", "y_c"}) model.output(name, {"", "", ""});
    const Partition partition = partition_of(model);
    CHECK_FALSE(partition.front);
    REQUIRE(partition.region.inputs.size() == 3);
    CHECK(partition.region.inputs[0].name == "x");
    CHECK(names_of(partition.region.outputs) == std::vector<std::string>{"y", "y_h", "y_c"});
    CHECK(names_of(partition.back->inputs) == std::vector<std::string>{"y"});
}

TEST_CASE("does a plain model stay whole?") {
    ModelBuilder model;
    model.simple_lstm();
    model.output("y", {"steps", "", "", ""});
    const Partition partition = partition_of(model);
    CHECK_FALSE(partition.front);
    CHECK_FALSE(partition.back);
    CHECK(partition.region.nodes == 1);
    CHECK(network_of(partition.region).fingerprint == model.load().network.fingerprint);
}

TEST_CASE("are states that the shape of the graph's input decides constants of the region?") {
    ModelBuilder model; // the batch of the state comes from an input that the region does not have
    model.input("audio", {"1", "3", "steps"});
    model.node("Relu", {"audio"}, {"r"});
    model.node("Transpose", {"r"}, {"x"}).integers("perm", {2, 0, 1});
    model.lstm_with_states_of("audio");
    model.node("Relu", {"y"}, {"z"});
    model.output("z", {"", "", "", ""});
    const Partition partition = partition_of(model);
    CHECK(names_of(partition.region.inputs) == std::vector<std::string>{"x"});
    check_complete(partition.region);
    CHECK(network_of(partition.region).fingerprint == model.load().network.fingerprint);
}

TEST_CASE("is a region that does not exist refused, and a model without one?") {
    const ModelBuilder model = front_and_back();
    CHECK_THROWS_WITH(partition_of(model, 2),
                      ContainsSubstring("--region 2: the model has 1 region; give 1, or leave --region out"));
    ModelBuilder clipped;
    clipped.simple_lstm().real("clip", 3);
    clipped.output("y");
    CHECK_THROWS_WITH(partition_of(clipped), ContainsSubstring("'clip' = 3"));
}

TEST_CASE("does the region of a model with an open batch keep it open, though its states are made for one?") {
    ModelBuilder model;
    model.input("x0", {"batch", "steps", "3"});
    model.node("Relu", {"x0"}, {"r"});
    model.node("Transpose", {"r"}, {"x"}).integers("perm", {1, 0, 2});
    model.lstm_with_states_of("x0");
    model.node("Relu", {"y"}, {"z"});
    model.output("z", {"", "", "", ""});
    const Partition partition = partition_of(model);
    CHECK(names_of(partition.region.inputs) == std::vector<std::string>{"x"});
    CHECK(partition.region.inputs[0].shape == "[steps, batch, 3]");
    CHECK(partition.region.nodes == 1);
    CHECK(parsed(partition.region).graph().node(0).input_size() == 4);
    check_complete(partition.region);
    CHECK(network_of(partition.region).fingerprint == model.load().network.fingerprint);
}

TEST_CASE("is a branch that reads the layer's output taken into the graph around it, where the graph can be cut?") {
    // A function of torch.export around each operation of PyTorch: if (rank > 0) then ... else ...
    ModelBuilder then;
    then.node("Unsqueeze", {"y", "axis"}, {"t"});
    then.node("Relu", {"t"}, {"r"}); // the host's work on a tensor that only the branch has
    then.output("r");
    ModelBuilder otherwise;
    otherwise.node("Relu", {"y"}, {"n"});
    otherwise.output("n");
    ModelBuilder model;
    model.simple_lstm();
    model.int64s("axis", {1}, {0}).int64s("zero", {}, {0}).output("z", {"", "", "", "", ""});
    model.node("Shape", {"y"}, {"shape"});
    model.node("Size", {"shape"}, {"rank"});
    model.node("CastLike", {"zero", "rank"}, {"none"});
    model.node("Greater", {"rank", "none"}, {"has_axes"});
    model.node("If", {"has_axes"}, {"z"});
    onnx::NodeProto* node = model.proto.mutable_graph()->mutable_node(model.proto.graph().node_size() - 1);
    for (const auto& [name, graph] : {std::pair("then_branch", &then), std::pair("else_branch", &otherwise)}) {
        auto* attribute = node->add_attribute();
        attribute->set_name(name);
        attribute->set_type(onnx::AttributeProto::GRAPH);
        *attribute->mutable_g() = graph->proto.graph();
    }
    const TemporaryFile file(model.proto.SerializeAsString());
    const Partition partition = partition_onnx(file.path(), {});
    REQUIRE(partition.back);
    onnx::ModelProto back;
    REQUIRE(back.ParseFromString(partition.back->bytes));
    const auto& nodes = back.graph().node();
    CHECK(std::none_of(nodes.begin(), nodes.end(), [](const auto& each) { return each.op_type() == "If"; }));
}
