// Writes integer weights under DequantizeLinear, LSTM and GRU nodes in ONNX's order of rows, and the graph around them.
#include "model/onnx/export.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "base/member_of.hpp"
#include "model/onnx/graph_builder.hpp"
#include "model/onnx/metadata.hpp"
#include "model/onnx/row_order.hpp"

namespace bru {
namespace onnx_export {
namespace {

/// Rows of the file in the rows of the network.
std::vector<int> rows_in(const std::vector<int>& order, int hidden_size) {
    std::vector<int> rows;
    for (const int row : order)
        for (int unit = 0; unit < hidden_size; ++unit) rows.push_back(row * hidden_size + unit);
    return rows;
}

/// A number as float32 numbers whose sum it is; the second is what the first leaves over.
struct TwoFloats {
    float first = 0;
    float rest = 0;
};
TwoFloats two_floats(double number) {
    const auto first = static_cast<float>(number);
    return {first, static_cast<float>(number - double{first})};
}

bool any_not_zero(const std::vector<double>& values) {
    return std::any_of(values.begin(), values.end(), [](double value) { return value != 0; });
}

class Exporter {
public:
    explicit Exporter(const Network& network) : network_(network) {
        while (network.input_name.rfind(prefix_, 0) == 0 || network.output_name.rfind(prefix_, 0) == 0) prefix_ += '_';
    }

    std::string serialized(const ModelProperties& more) {
        graph_.input(network_.input_name, {0, 1, network_.input_size()});
        std::string steps = network_.input_name;
        std::string last_layer;
        for (std::size_t index = 0; index < network_.layers.size(); ++index) {
            last_layer =
                inner(fmt::format("{}{}", network_.layers[index].cell == CellKind::gru ? "gru" : "lstm", index));
            add_layer(last_layer, network_.layers[index], steps);
            const bool is_end = index + 1 == network_.layers.size();
            if (is_end && network_.graph_output.steps == OutputSteps::final_state) break;
            steps = add_joined(last_layer, network_.layers[index]);
        }
        add_end(add_chosen_steps(last_layer, steps));
        const ModelProperties own = onnx_import::metadata_of(network_);
        for (const auto& [key, value] : own) graph_.property(key, value);
        for (const auto& property : more)
            if (std::none_of(own.begin(), own.end(), [&](const auto& each) { return each.first == property.first; }))
                graph_.property(property.first, property.second);
        return graph_.serialized();
    }

private:
    /// Names inside the graph begin with a prefix that its input and output do not have.
    std::string inner(const std::string& name) const { return prefix_ + name; }

    /// W or R of all directions: [directions, 4H (GRU: 3H), columns].
    std::string add_layer_matrix(const std::string& name, const std::vector<const WeightMatrix*>& directions,
                                 const std::vector<int>& order) {
        const std::int64_t rows = signed_size(order);
        const std::int64_t columns = directions.front()->columns;
        const auto count = signed_size(directions);
        const Dims dims = {count, rows, columns};
        std::vector<float> reals;
        std::vector<std::int8_t> integers;
        std::vector<float> scales;
        const bool is_real = directions.front()->values.empty();
        for (const WeightMatrix* const matrix : directions)
            for (const int row : order) {
                const std::ptrdiff_t from = row * columns;
                if (is_real) {
                    reals.insert(reals.end(), matrix->original.begin() + from,
                                 matrix->original.begin() + from + columns);
                    continue;
                }
                integers.insert(integers.end(), matrix->values.begin() + from, matrix->values.begin() + from + columns);
                scales.push_back(static_cast<float>(matrix->scales.data()[row]));
            }
        if (is_real) return graph_.floats(name, dims, reals);
        add_dequantized(name + ".rows", {count * rows, columns}, 0, integers, scales);
        graph_.node("Reshape", {name + ".rows", graph_.int64s(name + ".shape", {3}, dims)}, {name});
        return name;
    }

    void add_dequantized(const std::string& name, const Dims& dims, std::int64_t axis,
                         const std::vector<std::int8_t>& integers, const std::vector<float>& scales) {
        const Dims along = {signed_size(scales)};
        graph_
            .node("DequantizeLinear",
                  {graph_.int8s(name + ".integers", dims, integers), graph_.floats(name + ".scales", along, scales),
                   graph_.int8s(name + ".zero_points", along, std::vector<std::int8_t>(scales.size(), 0))},
                  {name})
            .integer("axis", axis);
    }

    /// B: for each direction the biases of W, then those of R. The two of a gate are added, and hold a sum of two
    /// exactly. The two of a GRU's candidate are not added, so each is one number.
    std::string add_bias(const std::string& name, const LstmLayer& layer) {
        const OnnxRowOrder order = onnx_row_order(layer.cell);
        const std::vector<int> of_input = rows_in(order.input, layer.hidden_size);
        const std::vector<int> of_recurrent = rows_in(order.recurrent, layer.hidden_size);
        std::vector<float> values;
        for (const LstmDirection& direction : layer.directions) {
            const double* const bias = direction.bias.data();
            for (const int row : of_input) values.push_back(two_floats(bias[row]).first);
            for (std::size_t k = 0; k < of_recurrent.size(); ++k) {
                const TwoFloats floats = two_floats(bias[of_recurrent[k]]);
                values.push_back(of_recurrent[k] == of_input[k] ? floats.rest : floats.first);
            }
        }
        return graph_.floats(name, {layer.direction_count(), 2 * signed_size(of_input)}, values);
    }

    /// "" where the states of all directions are zero.
    std::string add_state(const std::string& name, const LstmLayer& layer,
                          MemberOf<LstmDirection, std::vector<double>> state) {
        std::vector<float> values;
        bool needed = false;
        for (const LstmDirection& direction : layer.directions) {
            needed = needed || any_not_zero(direction.*state);
            for (const double value : direction.*state) values.push_back(static_cast<float>(value));
        }
        return needed ? graph_.floats(name, {layer.direction_count(), 1, layer.hidden_size}, values) : "";
    }

    /// Adds the node with its outputs NAME.Y, [steps, directions, 1, H], and NAME.Y_h, [directions, 1, H].
    void add_layer(const std::string& name, const LstmLayer& layer, const std::string& input) {
        std::vector<const WeightMatrix*> w;
        std::vector<const WeightMatrix*> r;
        for (const LstmDirection& direction : layer.directions) {
            w.push_back(&direction.input);
            r.push_back(&direction.recurrent);
        }
        const bool is_gru = layer.cell == CellKind::gru;
        const OnnxRowOrder order = onnx_row_order(layer.cell);
        std::vector<std::string> inputs = {
            input, add_layer_matrix(name + ".W", w, rows_in(order.input, layer.hidden_size)),
            add_layer_matrix(name + ".R", r, rows_in(order.recurrent, layer.hidden_size)), add_bias(name + ".B", layer),
            ""};
        inputs.push_back(add_state(name + ".initial_h", layer, &LstmDirection::initial_h));
        if (!is_gru) inputs.push_back(add_state(name + ".initial_c", layer, &LstmDirection::initial_c));
        while (inputs.back().empty()) inputs.pop_back();
        const char* const direction = layer.direction_count() == 2 ? "bidirectional"
                                      : layer.has_reverse()        ? "reverse"
                                                                   : "forward";
        NodeBuilder node = graph_.node(cell_name(layer.cell), inputs, {name + ".Y", name + ".Y_h"});
        node.integer("hidden_size", layer.hidden_size).text("direction", direction);
        if (is_gru) node.integer("linear_before_reset", 1);
    }

    /// Every step, [steps, batch, directions * H].
    std::string add_joined(const std::string& name, const LstmLayer& layer) {
        graph_.node("Transpose", {name + ".Y"}, {name + ".turned"}).integers("perm", {0, 2, 1, 3});
        const std::string shape = graph_.int64s(name + ".joined_shape", {3}, {0, 0, layer.output_size()});
        graph_.node("Reshape", {name + ".turned", shape}, {name + ".output"});
        return name + ".output";
    }

    /// What the graph puts out or the dense layer takes: every step, or [batch, directions * H].
    std::string add_chosen_steps(const std::string& layer, const std::string& steps) {
        if (network_.graph_output.steps == OutputSteps::every) return steps;
        const std::string chosen = inner("chosen");
        if (network_.graph_output.steps == OutputSteps::last) {
            graph_.node("Gather", {steps, graph_.int64s(inner("last_step"), {}, {-1})}, {chosen}).integer("axis", 0);
            return chosen;
        }
        graph_.node("Transpose", {layer + ".Y_h"}, {layer + ".turned_h"}).integers("perm", {1, 0, 2});
        const std::string shape =
            graph_.int64s(layer + ".final_shape", {2}, {0, network_.output_size(OutputKind::hidden)});
        graph_.node("Reshape", {layer + ".turned_h", shape}, {chosen});
        return chosen;
    }

    /// MatMul takes the weights as [inputs, outputs].
    std::string add_dense(const DenseLayer& dense, const std::string& input) {
        const auto rows = narrow<std::size_t>(dense.weights.rows);
        const auto columns = narrow<std::size_t>(dense.weights.columns);
        const Dims dims = {dense.weights.columns, dense.weights.rows};
        const auto turned = [&](const auto& values) {
            auto result = values;
            for (std::size_t row = 0; row < rows; ++row)
                for (std::size_t column = 0; column < columns; ++column)
                    result[column * rows + row] = values[row * columns + column];
            return result;
        };
        const std::string weights = inner("dense.weights");
        if (dense.weights.values.empty())
            graph_.floats(weights, dims, turned(dense.weights.original));
        else
            add_dequantized(weights, dims, 1, turned(dense.weights.values),
                            {dense.weights.scales.begin(), dense.weights.scales.end()});
        std::string sum = inner("dense.product");
        graph_.node("MatMul", {input, weights}, {sum});
        // As many float32 numbers as the biases need: one, as a rule; three hold any double.
        std::vector<double> left = dense.bias;
        for (int part = 0; part == 0 || (part < 3 && any_not_zero(left)); ++part) {
            std::vector<float> bias(left.begin(), left.end());
            for (std::size_t row = 0; row < rows; ++row) left[row] -= double{bias[row]};
            const std::string name = inner(fmt::format("dense.bias{}", part));
            const std::string next = inner(fmt::format("dense.sum{}", part));
            graph_.node("Add", {sum, graph_.floats(name, {dense.weights.rows}, bias)}, {next});
            sum = next;
        }
        return sum;
    }

    void add_end(const std::string& chosen) {
        const OutputMode mode = network_.graph_output;
        const bool every = mode.steps == OutputSteps::every;
        Dims dims = every ? Dims{0, 1} : Dims{1};
        if (network_.dense && mode.kind != OutputKind::hidden) {
            const std::string logits = add_dense(*network_.dense, chosen);
            if (mode.kind == OutputKind::argmax)
                graph_.node("ArgMax", {logits}, {inner("argmax")}).integer("axis", -1).integer("keepdims", 0);
        }
        if (mode.kind != OutputKind::argmax) dims.push_back(network_.output_size(mode.kind));
        graph_.rename_last_output(network_.output_name);
        graph_.output(network_.output_name, dims, mode.kind == OutputKind::argmax);
    }

    const Network& network_;
    GraphBuilder graph_{"bru"};
    std::string prefix_ = "bru.";
};

} // namespace
} // namespace onnx_export

std::string onnx_model(const Network& network, const ModelProperties& more) {
    return onnx_export::Exporter(network).serialized(more);
}

} // namespace bru
