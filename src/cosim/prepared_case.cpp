#include "cosim/prepared_case.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "platform/simulation.hpp"

namespace bru {

namespace {

/// Numbers from a seed, the same on every machine (the distributions of <random> are not).
class Numbers {
public:
    explicit Numbers(std::uint64_t seed) : engine_(seed) {}
    int below(int count) { return narrow<int>(engine_() % count); }
    /// From -1 to 1.
    double unit() { return below(2001) / 1000.0 - 1; }

    /// `range` is what plain numbers lie within, `limit` the format's.
    std::vector<double> values(int count, Magnitude magnitude, double range, double limit) {
        std::vector<double> result;
        for (int k = 0; k < count; ++k)
            result.push_back(magnitude == Magnitude::zero    ? 0
                             : magnitude == Magnitude::plain ? range * unit()
                             : magnitude == Magnitude::large ? 3 * range * unit()
                             : below(8) == 0                 ? limit
                                                             : -limit);
        return result;
    }

    WeightMatrix matrix(int rows, int columns, int planes, Magnitude magnitude) {
        WeightMatrix matrix;
        matrix.rows = rows;
        matrix.columns = columns;
        matrix.planes = planes;
        const int range = 1 << (planes - 1);
        const bool extreme = magnitude == Magnitude::extreme;
        for (int k = 0; k < rows * columns; ++k) {
            const int low = planes == 1 ? -1 : -range;
            const int high = planes == 1 ? 1 : range - 1;
            const bool ends = planes == 1 || extreme;
            const int ends_value = below(extreme ? 16 : 2) == 0 ? high : low;
            matrix.values.push_back(narrow<std::int8_t>(ends ? ends_value : low + below(2 * range)));
        }
        const double size = 1.5 / (range * std::sqrt(columns));
        for (int row = 0; row < rows; ++row) {
            const double scale = size * (0.2 + below(1000) / 1000.0);
            matrix.scales.push_back(magnitude == Magnitude::plain  ? scale
                                    : magnitude == Magnitude::zero ? (below(4) == 0 ? scale : 0)
                                                                   : 16 * scale);
        }
        return matrix;
    }

private:
    std::mt19937_64 engine_;
};

constexpr double kCellLimit = 16; ///< Q4.11
constexpr double kLargeLogits = 1024;

LstmDirection random_direction(Numbers& numbers, const CosimCase& c, const CaseLayer& layer, int inputs, bool reverse) {
    LstmDirection direction;
    direction.reverse = reverse;
    direction.input = numbers.matrix(4 * layer.hidden, inputs, layer.input_planes, c.weights);
    direction.recurrent = numbers.matrix(4 * layer.hidden, layer.hidden, layer.recurrent_planes, c.weights);
    direction.bias = numbers.values(4 * layer.hidden, c.weights, 1, 12);
    direction.initial_h = numbers.values(layer.hidden, c.states, 0.9, 1);
    if (layer.cell == CellKind::gru) return as_gru(std::move(direction));
    direction.initial_c = numbers.values(layer.hidden, c.states, 2, kCellLimit);
    return direction;
}

Network random_network(const CosimCase& c) {
    Numbers numbers(c.seed);
    Network network;
    network.name = "case";
    network.input_encoding = c.one_hot ? InputEncoding::one_hot : InputEncoding::vector;
    network.input_exponent = c.input_exponent;
    int inputs = c.inputs;
    for (const CaseLayer& description : c.layers) {
        LstmLayer layer;
        layer.input_size = inputs;
        layer.hidden_size = description.hidden;
        layer.cell = description.cell;
        if (description.directions != Directions::reverse)
            layer.directions.push_back(random_direction(numbers, c, description, inputs, false));
        if (description.directions != Directions::forward)
            layer.directions.push_back(random_direction(numbers, c, description, inputs, true));
        inputs = layer.output_size();
        network.layers.push_back(std::move(layer));
    }
    if (c.dense_outputs > 0) {
        DenseLayer dense;
        dense.weights = numbers.matrix(c.dense_outputs, inputs, c.dense_planes, c.weights);
        if (c.weights == Magnitude::extreme) // logits saturate, too
            for (double& scale : dense.weights.scales) scale *= kLargeLogits;
        dense.bias = numbers.values(c.dense_outputs, c.weights, 0.5, 8);
        network.dense = dense;
    }
    return network;
}

std::vector<Step> random_steps(const CosimCase& c, double clock_mhz) {
    Numbers numbers(c.seed ^ 0x9E3779B97F4A7C15U);
    const double range = 1.1 * std::ldexp(1.0, c.input_exponent);
    std::vector<Step> steps;
    double arrival_cycle = 0;
    for (const int length : c.sequences)
        for (int t = 0; t < length; ++t) {
            Step step;
            step.first = t == 0;
            step.last = t + 1 == length;
            if (c.arrival_gap_cycles > 0) { // bursts and pauses
                if (numbers.below(2) == 0) arrival_cycle += numbers.below(4 * c.arrival_gap_cycles);
                step.arrival_us = arrival_cycle / clock_mhz;
            }
            if (c.one_hot)
                step.symbol = numbers.below(c.inputs);
            else
                step.values = numbers.values(c.inputs, c.steps, range, 2 * range);
            steps.push_back(std::move(step));
        }
    return steps;
}

Configuration configuration_of(const CosimCase& c, const Shape& built) {
    Configuration configuration;
    configuration.shape = built;
    for (const auto depth : {&Shape::weight_words, &Shape::scale_words, &Shape::bias_words, &Shape::state_words,
                             &Shape::cell_words, &Shape::input_words})
        configuration.shape.*depth = kAuto;
    configuration.shape.max_sequence_steps = c.longest_sequence();
    configuration = with_overrides(configuration, c.parameters);
    Configuration stalls = configuration; // the shape is one that is built, and may be smaller than any bitstream's
    stalls.shape = Shape{};
    check_shape(stalls);
    return configuration;
}

const Shape& find_shape(const std::string& name, const std::vector<RtlShape>& shapes) {
    std::vector<std::string> names;
    for (const RtlShape& shape : shapes) {
        if (shape.name == name) return shape.shape;
        names.push_back(shape.name);
    }
    throw InputError(fmt::format("shape '{}' is not built; built are {}", name.substr(0, 80), fmt::join(names, ", ")));
}

} // namespace

PreparedCase prepare(const CosimCase& c, const std::vector<RtlShape>& shapes) {
    const Shape& built = find_shape(c.shape, shapes);
    RunSpecification specification;
    specification.configuration = configuration_of(c, built);
    specification.model.network = std::make_shared<const Network>(random_network(c));
    specification.output = OutputSpecification::of(c.mode);
    specification.on_device = false;
    if (c.start_delay_cycles) specification.start_delay_cycles = *c.start_delay_cycles;
    auto library = std::make_unique<Library>();
    Run run(*library, std::move(specification));
    if (!rtl_serves(built, run.configuration().shape))
        throw InputError(fmt::format("the memories of the shape '{}' are too small for this network", c.shape));
    std::vector<Step> steps = random_steps(c, run.configuration().clock_mhz);
    return {std::move(library), std::move(run), std::move(steps), c.arrival_gap_cycles > 0};
}

} // namespace bru
