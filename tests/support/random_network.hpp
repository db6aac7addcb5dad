// Networks and step streams made from a seed, for tests that compare executions.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"

namespace bru::test {

struct NetworkRecipe {
    int inputs = 5;
    std::vector<int> hidden_sizes = {7};
    int directions = 1; ///< 1 forward, 2 bidirectional, -1 reverse; of every layer
    int lstm_planes = 1;
    int dense_outputs = 0; ///< 0: none
    int dense_planes = 1;
    bool one_hot = false;
    bool initial_states = false;
    int input_exponent = 0;
    int gru_layers = 0; ///< bit k: layer k is a GRU
};

inline WeightMatrix random_matrix(std::mt19937_64& random, int rows, int columns, int planes) {
    WeightMatrix matrix;
    matrix.rows = rows;
    matrix.columns = columns;
    matrix.planes = planes;
    const int range = 1 << (planes - 1);
    for (int k = 0; k < rows * columns; ++k) {
        const int value = planes == 1 ? (random() % 2 == 0 ? -1 : 1)
                                      : static_cast<int>(random() % static_cast<unsigned>(2 * range)) - range;
        matrix.values.push_back(static_cast<std::int8_t>(value));
    }
    const double size = 1.5 / (range * std::sqrt(static_cast<double>(columns)));
    for (int row = 0; row < rows; ++row)
        matrix.scales.push_back(size * (0.2 + static_cast<double>(random() % 1000) / 1000));
    return matrix;
}

inline std::vector<double> random_values(std::mt19937_64& random, int count, double magnitude) {
    std::vector<double> values;
    for (int k = 0; k < count; ++k) values.push_back(magnitude * (static_cast<double>(random() % 2001) / 1000 - 1));
    return values;
}

inline Network random_network(const NetworkRecipe& recipe, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Network network;
    network.name = "random.onnx";
    network.fingerprint = "0123456789abcdef";
    network.input_encoding = recipe.one_hot ? InputEncoding::one_hot : InputEncoding::vector;
    network.input_exponent = recipe.input_exponent;
    int inputs = recipe.inputs;
    for (const int hidden : recipe.hidden_sizes) {
        LstmLayer layer;
        layer.input_size = inputs;
        layer.hidden_size = hidden;
        if (network.layers.size() < 32 && (recipe.gru_layers >> network.layers.size() & 1) != 0)
            layer.cell = CellKind::gru;
        for (int d = 0; d < (recipe.directions == 2 ? 2 : 1); ++d) {
            LstmDirection direction;
            direction.reverse = recipe.directions == -1 || d == 1;
            direction.input = random_matrix(random, 4 * hidden, inputs, recipe.lstm_planes);
            direction.recurrent = random_matrix(random, 4 * hidden, hidden, recipe.lstm_planes);
            direction.bias = random_values(random, 4 * hidden, 1.0);
            const double magnitude = recipe.initial_states ? 0.9 : 0.0;
            direction.initial_h = random_values(random, hidden, magnitude);
            direction.initial_c = random_values(random, hidden, 2 * magnitude);
            layer.directions.push_back(layer.cell == CellKind::gru ? as_gru(direction) : direction);
        }
        network.layers.push_back(layer);
        inputs = layer.output_size();
    }
    if (recipe.dense_outputs > 0) {
        DenseLayer dense;
        dense.weights = random_matrix(random, recipe.dense_outputs, inputs, recipe.dense_planes);
        dense.bias = random_values(random, recipe.dense_outputs, 0.5);
        network.dense = dense;
        network.graph_output = {OutputKind::logits, OutputSteps::every};
    }
    return network;
}

/// Random inputs in sequences of the given lengths.
inline std::vector<Step> random_steps(const Network& network, const std::vector<int>& lengths, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<Step> steps;
    for (const int length : lengths)
        for (int t = 0; t < length; ++t) {
            Step step;
            step.first = t == 0;
            step.last = t + 1 == length;
            if (network.input_encoding == InputEncoding::one_hot)
                step.symbol = static_cast<std::uint32_t>(random() % static_cast<unsigned>(network.input_size()));
            else
                step.values = random_values(random, network.input_size(), 1.1);
            steps.push_back(step);
        }
    return steps;
}

} // namespace bru::test
