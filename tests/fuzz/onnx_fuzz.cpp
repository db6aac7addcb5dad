// ONNX models. Random changes of bytes seldom leave a message that Protobuf parses, so inputs are changed as messages:
// their nodes, names, attributes, shapes and numbers.
#include <algorithm>
#include <numeric>
#include <optional>
#include <random>
#include <vector>

#include "fuzz/fuzz_input.hpp"
#include "model/onnx/import.hpp"
#include "model/onnx/partition.hpp"
#include "model/onnx/protobuf.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using Random = std::minstd_rand;

const char* const kOperators[] = {"LSTM",
                                  "GRU",
                                  "RNN",
                                  "MatMul",
                                  "Gemm",
                                  "Add",
                                  "Sub",
                                  "Mul",
                                  "Div",
                                  "Mod",
                                  "Max",
                                  "Min",
                                  "Equal",
                                  "Greater",
                                  "Less",
                                  "And",
                                  "Or",
                                  "Not",
                                  "Neg",
                                  "Abs",
                                  "Sign",
                                  "Sqrt",
                                  "Floor",
                                  "Ceil",
                                  "Round",
                                  "Reciprocal",
                                  "ReduceMean",
                                  "ReduceSum",
                                  "ReduceMax",
                                  "ReduceMin",
                                  "ReduceProd",
                                  "Where",
                                  "Range",
                                  "Shape",
                                  "Size",
                                  "Constant",
                                  "ConstantOfShape",
                                  "Cast",
                                  "Identity",
                                  "Dropout",
                                  "Squeeze",
                                  "Unsqueeze",
                                  "Flatten",
                                  "Reshape",
                                  "Transpose",
                                  "Slice",
                                  "Gather",
                                  "Concat",
                                  "Split",
                                  "Expand",
                                  "Tile",
                                  "DequantizeLinear",
                                  "QuantizeLinear",
                                  "Softmax",
                                  "LogSoftmax",
                                  "ArgMax",
                                  "Sigmoid",
                                  "Tanh",
                                  "Relu",
                                  "Quant",
                                  "BipolarQuant",
                                  "Loop",
                                  "Conv",
                                  "If"};
const char* const kAttributes[] = {"axis",
                                   "axes",
                                   "perm",
                                   "to",
                                   "value",
                                   "value_int",
                                   "value_ints",
                                   "value_float",
                                   "direction",
                                   "hidden_size",
                                   "layout",
                                   "keepdims",
                                   "split",
                                   "start",
                                   "end",
                                   "starts",
                                   "ends",
                                   "steps",
                                   "shape",
                                   "transA",
                                   "transB",
                                   "alpha",
                                   "beta",
                                   "then_branch",
                                   "else_branch",
                                   "allowzero",
                                   "activations",
                                   "clip",
                                   "signed",
                                   "narrow",
                                   "select_last_index"};
/// Large ones are refused or cost much time, so there are few that fit into memory.
constexpr std::int64_t kNumbers[] = {0,
                                     1,
                                     2,
                                     3,
                                     4,
                                     -1,
                                     -2,
                                     5,
                                     7,
                                     16,
                                     64,
                                     255,
                                     256,
                                     INT32_MAX,
                                     INT32_MIN,
                                     INT64_MAX,
                                     -7,
                                     100,
                                     1000,
                                     INT64_MIN,
                                     INT64_MIN + 1,
                                     std::int64_t{1} << 40};

template <class List>
auto& one_of(const List& list, Random& random) {
    return list[random() % std::size(list)];
}

std::int64_t number(Random& random) { return one_of(kNumbers, random); }

/// Some name that the graph knows.
std::string name(const onnx::GraphProto& graph, Random& random) {
    std::vector<std::string> names = {""};
    for (const auto& input : graph.input()) names.push_back(input.name());
    for (const auto& tensor : graph.initializer()) names.push_back(tensor.name());
    for (const auto& node : graph.node())
        for (const std::string& output : node.output()) names.push_back(output);
    return one_of(names, random);
}

void change_tensor(onnx::TensorProto* tensor, Random& random) {
    switch (random() % 5) {
    case 0: tensor->set_data_type(static_cast<int>(random() % 18)); break;
    case 1: tensor->add_dims(random() % 4); break;
    case 2:
        if (tensor->dims_size() > 0) tensor->set_dims(static_cast<int>(random() % tensor->dims_size()), number(random));
        break;
    case 3: { // integers that fit their shape: what reshapes, slices and ranges are made from
        const int count = static_cast<int>(random() % 5);
        tensor->Clear();
        tensor->set_data_type(onnx::TensorProto::INT64);
        if (count != 1 || random() % 2 == 0) tensor->add_dims(count);
        for (int k = 0; k < count; ++k) tensor->add_int64_data(number(random));
        break;
    }
    default:
        if (std::string* raw = tensor->mutable_raw_data(); !raw->empty())
            (*raw)[random() % raw->size()] = static_cast<char>(random());
        if (tensor->float_data_size() > 0)
            tensor->set_float_data(static_cast<int>(random() % tensor->float_data_size()),
                                   static_cast<float>(number(random)));
    }
}

void change_attribute(onnx::AttributeProto* attribute, const onnx::GraphProto& graph, Random& random) {
    switch (random() % 6) {
    case 0: attribute->set_name(one_of(kAttributes, random)); break;
    case 1: attribute->set_i(number(random)); break;
    case 2: attribute->add_ints(number(random)); break;
    case 3: attribute->set_f(static_cast<float>(number(random))); break;
    case 4: change_tensor(attribute->mutable_t(), random); break;
    default:
        if (graph.ByteSizeLong() < 4000) *attribute->mutable_g() = graph; // a branch
    }
}

void change_node(onnx::NodeProto* node, const onnx::GraphProto& graph, Random& random) {
    switch (random() % 5) {
    case 0:
        node->set_op_type(one_of(kOperators, random));
        node->set_domain(node->op_type().find("Quant") == std::string::npos || random() % 2 == 0 ? "" : "qonnx");
        break;
    case 1: node->add_input(name(graph, random)); break;
    case 2:
        if (node->input_size() > 0)
            node->set_input(static_cast<int>(random() % node->input_size()), name(graph, random));
        break;
    case 3: {
        auto* attribute = node->add_attribute();
        attribute->set_name(one_of(kAttributes, random));
        change_attribute(attribute, graph, random);
        break;
    }
    default:
        if (node->attribute_size() > 0)
            change_attribute(node->mutable_attribute(static_cast<int>(random() % node->attribute_size())), graph,
                             random);
    }
}

/// A node in front of the one that takes its result.
void insert_node(onnx::GraphProto* graph, Random& random) {
    if (graph->node_size() == 0) return;
    const int place = static_cast<int>(random() % graph->node_size());
    auto* added = graph->add_node();
    added->set_op_type(one_of(kOperators, random));
    added->add_output("n" + std::to_string(random()));
    for (std::size_t k = random() % 3; k > 0; --k) added->add_input(name(*graph, random));
    for (int k = graph->node_size() - 1; k > place; --k) graph->mutable_node()->SwapElements(k, k - 1);
    auto* user = graph->mutable_node(place + 1);
    if (user->input_size() > 0)
        user->set_input(static_cast<int>(random() % user->input_size()), graph->node(place).output(0));
}

void change_input(onnx::ValueInfoProto* input, Random& random) {
    auto* shape = input->mutable_type()->mutable_tensor_type()->mutable_shape();
    if (shape->dim_size() == 0 || random() % 6 == 0) shape->add_dim();
    auto* dimension = shape->mutable_dim(static_cast<int>(random() % shape->dim_size()));
    if (random() % 3 == 0)
        dimension->set_dim_param("steps");
    else
        dimension->set_dim_value(number(random));
}

void change(onnx::GraphProto* graph, Random& random) {
    switch (random() % 8) {
    case 0:
    case 1:
    case 2:
        if (graph->node_size() > 0)
            change_node(graph->mutable_node(static_cast<int>(random() % graph->node_size())), *graph, random);
        break;
    case 3: insert_node(graph, random); break;
    case 4:
        if (graph->initializer_size() > 0)
            change_tensor(graph->mutable_initializer(static_cast<int>(random() % graph->initializer_size())), random);
        break;
    case 5:
        if (graph->input_size() > 0)
            change_input(graph->mutable_input(static_cast<int>(random() % graph->input_size())), random);
        break;
    case 6: graph->add_output()->set_name(name(*graph, random)); break;
    default:
        if (graph->node_size() > 1)
            graph->mutable_node()->DeleteSubrange(static_cast<int>(random() % graph->node_size()), 1);
    }
}

} // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    Random random(seed);
    onnx::ModelProto model;
    if (random() % 8 == 0 || !model.ParseFromArray(data, static_cast<int>(size)) || !model.has_graph())
        return LLVMFuzzerMutate(data, size, most);
    for (std::size_t changes = 1 + random() % 4; changes > 0; --changes) change(model.mutable_graph(), random);
    const std::string bytes = model.SerializeAsString();
    if (bytes.empty() || bytes.size() > most) return LLVMFuzzerMutate(data, size, most);
    std::copy(bytes.begin(), bytes.end(), data);
    return bytes.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool quiet = [] {
        google::protobuf::SetLogHandler(nullptr);
        return true;
    }();
    static_cast<void>(quiet);
    // One of three uses per input: together they would take three times as long.
    const unsigned use = std::accumulate(data, data + size, 0U) % 3;
    const std::string& path = bru::fuzz::file_of(bru::fuzz::text_of(data, size));
    return bru::fuzz::try_to_read([&] {
        if (use == 0)
            bru::import_onnx(path, {8, 8});
        else if (use == 1)
            bru::list_regions(path);
        else
            bru::partition_onnx(path, std::nullopt);
    });
}
