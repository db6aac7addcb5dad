// Writing a node with the weights of a chain of cells.
#include "model/onnx/cell_layer.hpp"

#include <fmt/format.h>

#include "base/integers.hpp"
#include "model/onnx/attributes.hpp"

namespace bru::onnx_import {
namespace {

/// Writes the layer of a chain into a graph.
class LayerWriter {
public:
    LayerWriter(const View& view, const Chain& chain, onnx::GraphProto* graph)
        : view_(view), chain_(chain), graph_(graph), name_(chain.cells.front()->h + "/layer") {}

    /// Adds the nodes in place of the first cell's last node.
    void write() {
        std::string x = chain_.input.input;
        if (chain_.axis == 1) {
            onnx::NodeProto& turned = node("Transpose", {x}, {name_ + ".x"});
            for (const int axis : {1, 0, 2}) add_integer(turned, "perm", axis);
            x = name_ + ".x";
        } else if (chain_.axis == kNoSteps) {
            shape(name_ + ".step", {1, -1, chain_.input_size});
            node("Reshape", {x, name_ + ".step"}, {name_ + ".x"});
            x = name_ + ".x";
        }
        const std::string w = matrix(name_ + ".W", chain_.input, chain_.input_size);
        const std::string r = matrix(name_ + ".R", chain_.recurrent, chain_.units);
        const bool is_lstm = chain_.kind() == CellKind::lstm;
        std::vector<std::string> inputs = {x, w, r, bias(), "", state(chain_.recurrent.input, name_ + ".h")};
        std::vector<std::string> outputs = {name_ + ".Y"};
        if (is_lstm) {
            inputs.push_back(state(chain_.cells.front()->state_before, name_ + ".c"));
            outputs.insert(outputs.end(), {"", name_ + ".Y_c"});
        }
        onnx::NodeProto& layer = node(is_lstm ? "LSTM" : "GRU", inputs, outputs);
        if (!is_lstm) add_attribute(layer, "linear_before_reset", 1);
        add_attribute(layer, "hidden_size", chain_.units);
        if (chain_.reverse) {
            onnx::AttributeProto& direction = *layer.add_attribute();
            direction.set_name("direction");
            direction.set_type(onnx::AttributeProto::STRING);
            direction.set_s("reverse");
        }
        shape(name_ + ".all", {0, -1, chain_.units}); // one direction: [steps, 1, batch, units]
        node("Reshape", {name_ + ".Y", name_ + ".all"}, {name_ + ".steps"});
        for (std::size_t t = 0; t < chain_.cells.size(); ++t) write_step(t);
        if (is_lstm) write_last_state();
    }

private:
    void write_last_state() {
        const Cell& last = *chain_.cells.back();
        const Value* c = view_.value(last.state);
        if (c == nullptr) return;
        shape(name_ + ".state", c->rank() == 2 ? Dims{-1, chain_.units} : Dims{1, -1, chain_.units});
        node("Reshape", {name_ + ".Y_c", name_ + ".state"}, {last.state});
    }

    void write_step(std::size_t t) {
        const std::int64_t count = signed_size(chain_.cells);
        const auto step = static_cast<std::int64_t>(t);
        const std::string index = fmt::format("{}.{}", name_, t);
        const bool keeps_axis = view_.value(chain_.cells[t]->h)->rank() == 3;
        if (keeps_axis && count == 1) { // as an exporter writes a layer that may take more steps
            node("Identity", {name_ + ".steps"}, {chain_.cells[t]->h});
            return;
        }
        tensor(index, keeps_axis ? Dims{1} : Dims{}, onnx::TensorProto::INT64)
            .add_int64_data(chain_.reverse ? count - 1 - step : step);
        add_attribute(node("Gather", {name_ + ".steps", index}, {chain_.cells[t]->h}), "axis", 0);
    }

    onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs) {
        onnx::NodeProto& made = *graph_->add_node();
        made.set_op_type(op);
        made.set_name(outputs.front());
        for (const std::string& input : inputs) made.add_input(input);
        for (const std::string& output : outputs) made.add_output(output);
        while (made.input_size() > 0 && made.input(made.input_size() - 1).empty()) made.mutable_input()->RemoveLast();
        return made;
    }

    static void add_integer(onnx::NodeProto& node, const char* name, std::int64_t value) {
        onnx::AttributeProto& list = node.attribute_size() > 0 ? *node.mutable_attribute(0) : *node.add_attribute();
        list.set_name(name);
        list.set_type(onnx::AttributeProto::INTS);
        list.add_ints(value);
    }

    onnx::TensorProto& tensor(const std::string& name, const Dims& dims, onnx::TensorProto::DataType type) {
        onnx::TensorProto& made = *graph_->add_initializer();
        made.set_name(name);
        made.set_data_type(type);
        for (const std::int64_t size : dims) made.add_dims(size);
        return made;
    }

    void shape(const std::string& name, const Dims& dims) {
        onnx::TensorProto& made = tensor(name, {signed_size(dims)}, onnx::TensorProto::INT64);
        for (const std::int64_t size : dims) made.add_int64_data(size);
    }

    /// Row `row` of ONNX's order in the order of the sum.
    std::int64_t source_row(std::int64_t row) const {
        return chain_.cells.front()->block[static_cast<std::size_t>(row / chain_.units)] * chain_.units +
               row % chain_.units;
    }

    std::string matrix(const std::string& name, const Product& product, std::int64_t columns) {
        const std::vector<float>& values = *view_.constant(product.matrix)->floats;
        const std::int64_t rows = chain_.rows();
        onnx::TensorProto& made = tensor(name, {1, rows, columns}, onnx::TensorProto::FLOAT);
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t column = 0; column < columns; ++column)
                made.add_float_data(values[product.outputs_first ? source_row(row) * columns + column
                                                                 : column * rows + source_row(row)]);
        return name;
    }

    std::string bias() {
        const std::int64_t rows = chain_.rows();
        onnx::TensorProto& made = tensor(name_ + ".B", {1, 2 * rows}, onnx::TensorProto::FLOAT);
        for (std::int64_t row = 0; row < rows; ++row) made.add_float_data(chain_.bias[source_row(row)]);
        for (std::int64_t row = 0; row < rows; ++row)
            made.add_float_data(chain_.bias_of_h.empty() ? 0 : chain_.bias_of_h[source_row(row)]);
        return name_ + ".B";
    }

    /// An initial state as [1, batch, units]; "" where it is zero.
    std::string state(const std::string& before, const std::string& name) {
        if (before.empty() || is_zero(view_, before)) return "";
        shape(name + ".shape", {1, -1, chain_.units});
        node("Reshape", {before, name + ".shape"}, {name});
        return name;
    }

    const View& view_;
    const Chain& chain_;
    onnx::GraphProto* graph_;
    std::string name_;
};

} // namespace

void write_layer(const View& view, const Chain& chain, onnx::GraphProto* graph) {
    LayerWriter(view, chain, graph).write();
}

} // namespace bru::onnx_import
