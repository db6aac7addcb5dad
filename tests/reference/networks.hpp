// Hand-made and random networks for tests of quantization and of the reference.
#pragma once

#include <random>

#include "model/network.hpp"

namespace bru::testing {

struct NetworkShape {
    int input_size = 5;
    int hidden_size = 7;
    int layers = 1;
    bool forward = true;
    bool reverse = false;
    int lstm_planes = 1;
    int dense_rows = 0; ///< 0: no dense layer
    int dense_planes = 1;
    bool one_hot = false;
    bool gru = false; ///< the first layer, and every second one after it
};

inline WeightMatrix random_weights(std::mt19937& random, int rows, int columns, int planes, double scale) {
    WeightMatrix weights;
    weights.rows = rows;
    weights.columns = columns;
    weights.planes = planes;
    const int range = 1 << planes;
    for (int i = 0; i < rows * columns; ++i) {
        const int draw = static_cast<int>(random() % static_cast<unsigned>(range));
        weights.values.push_back(static_cast<std::int8_t>(planes == 1 ? 2 * draw - 1 : draw - range / 2));
    }
    for (int row = 0; row < rows; ++row)
        weights.scales.push_back(scale * (0.5 + 0.5 * static_cast<double>(random() % 1000) / 1000.0) /
                                 (1 << (planes - 1)));
    return weights;
}

inline double random_real(std::mt19937& random, double magnitude) {
    return magnitude * (static_cast<double>(random() % 20001) / 10000.0 - 1.0);
}

inline std::vector<double> random_reals(std::mt19937& random, int count, double magnitude) {
    std::vector<double> values;
    for (int i = 0; i < count; ++i) values.push_back(random_real(random, magnitude));
    return values;
}

inline Network random_network(const NetworkShape& shape, unsigned seed) {
    std::mt19937 random(seed);
    Network network;
    network.name = "random.onnx";
    network.fingerprint = "0123456789abcdef";
    network.input_encoding = shape.one_hot ? InputEncoding::one_hot : InputEncoding::vector;
    int size = shape.input_size;
    for (int l = 0; l < shape.layers; ++l) {
        LstmLayer layer;
        layer.input_size = size;
        layer.hidden_size = shape.hidden_size;
        if (shape.gru && l % 2 == 0) layer.cell = CellKind::gru;
        for (const bool reverse : {false, true}) {
            if (reverse ? !shape.reverse : !shape.forward) continue;
            LstmDirection direction;
            direction.reverse = reverse;
            const int rows = kGates * shape.hidden_size;
            direction.input = random_weights(random, rows, size, shape.lstm_planes, 0.5);
            direction.recurrent = random_weights(random, rows, shape.hidden_size, shape.lstm_planes, 0.3);
            direction.bias = random_reals(random, rows, 1.0);
            direction.initial_h = random_reals(random, shape.hidden_size, 0.5);
            direction.initial_c = random_reals(random, shape.hidden_size, 1.0);
            layer.directions.push_back(layer.cell == CellKind::gru ? as_gru(direction) : direction);
        }
        size = layer.output_size();
        network.layers.push_back(layer);
    }
    if (shape.dense_rows > 0) {
        network.dense.emplace();
        network.dense->weights = random_weights(random, shape.dense_rows, size, shape.dense_planes, 0.4);
        network.dense->bias = random_reals(random, shape.dense_rows, 1.0);
    }
    return network;
}

} // namespace bru::testing
