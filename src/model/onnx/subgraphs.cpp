// Looking into the graphs of nodes without walking them.
#include "model/onnx/subgraphs.hpp"

#include <unordered_set>

#include <fmt/format.h>

#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {

bool hides_layers(const onnx::NodeProto& node) {
    bool has_sigmoid = false;
    bool multiplies = false;
    for (const onnx::AttributeProto& attribute : node.attribute()) {
        if (!attribute.has_g()) continue;
        for (const onnx::NodeProto& inner : attribute.g().node()) {
            const std::string& op = inner.op_type();
            if (op == "LSTM" || op == "GRU" || op == "RNN" || hides_layers(inner)) return true;
            has_sigmoid = has_sigmoid || op == "Sigmoid" || op == "HardSigmoid";
            multiplies = multiplies || op == "MatMul" || op == "Gemm";
        }
    }
    return has_sigmoid && multiplies && (node.op_type() == "Loop" || node.op_type() == "Scan");
}

std::vector<std::string> names_read(const onnx::NodeProto& node) {
    std::vector<std::string> names(node.input().begin(), node.input().end());
    for (const onnx::AttributeProto& attribute : node.attribute()) {
        if (!attribute.has_g()) continue;
        std::unordered_set<std::string> own;
        for (const onnx::TensorProto& tensor : attribute.g().initializer()) own.insert(tensor.name());
        for (const onnx::ValueInfoProto& input : attribute.g().input()) own.insert(input.name());
        for (const onnx::NodeProto& inner : attribute.g().node()) {
            for (const std::string& name : names_read(inner))
                if (own.count(name) == 0) names.push_back(name);
            own.insert(inner.output().begin(), inner.output().end());
        }
        for (const onnx::ValueInfoProto& output : attribute.g().output())
            if (own.count(output.name()) == 0) names.push_back(output.name());
    }
    return names;
}

std::string hidden_layers_text(const onnx::NodeProto& node) {
    bool has_relu = false;
    bool has_layer = false;
    for (const onnx::AttributeProto& attribute : node.attribute())
        for (const onnx::NodeProto& inner : attribute.g().node()) {
            has_relu = has_relu || inner.op_type() == "Relu";
            has_layer = has_layer || inner.op_type() == "LSTM" || inner.op_type() == "GRU";
        }
    if (has_layer)
        return fmt::format(
            "a recurrent layer runs within this {}; the machine runs LSTM and GRU layers over whole sequences: "
            "call the layer once for all steps",
            node.op_type());
    return fmt::format("a recurrent cell is written out in this {}{}; the machine runs LSTM and GRU nodes. From Keras: "
                       "activation='tanh', recurrent_activation='sigmoid', no masking (mask_zero), and tf2onnx 1.9.3 "
                       "or later make such a node; from PyTorch: nn.LSTM in place of nn.LSTMCell",
                       node.op_type(), has_relu ? " and has Relu as an activation, which the machine has not" : "");
}

} // namespace bru::onnx_import
