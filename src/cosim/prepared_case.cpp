#include "cosim/prepared_case.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
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

    /// `range` is what plain numbers lie within, `limit` the format's. Extreme ones are mostly at one end.
    std::vector<double> values(int count, Magnitude magnitude, double range, double limit) {
        std::vector<double> result;
        const double end = below(2) == 0 ? limit : -limit;
        for (int k = 0; k < count; ++k)
            result.push_back(magnitude == Magnitude::zero    ? 0
                             : magnitude == Magnitude::plain ? range * unit()
                             : magnitude == Magnitude::large ? 3 * range * unit()
                             : below(8) == 0                 ? -end
                                                             : end);
        return result;
    }

    /// As values(), but each may be at another end.
    std::vector<double> independent_values(int count, Magnitude magnitude, double range, double limit) {
        std::vector<double> result;
        for (int k = 0; k < count; ++k) result.push_back(values(1, magnitude, range, limit).front());
        return result;
    }

    WeightMatrix matrix(int rows, int columns, int planes, Magnitude magnitude) {
        WeightMatrix matrix;
        matrix.rows = rows;
        matrix.columns = columns;
        matrix.planes = planes;
        const int range = 1 << (planes - 1);
        const bool extreme = magnitude == Magnitude::extreme;
        bool mostly_high = false; // of an extreme row
        for (int k = 0; k < rows * columns; ++k) {
            if (k % columns == 0) mostly_high = below(2) == 0;
            const int low = planes == 1 ? -1 : -range;
            const int high = planes == 1 ? 1 : range - 1;
            const bool ends = planes == 1 || extreme;
            const bool other_end = below(extreme ? 16 : 2) == 0;
            const int ends_value = other_end == mostly_high ? low : high;
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
    direction.bias = numbers.independent_values(4 * layer.hidden, c.weights, 1, 12);
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
        dense.bias = numbers.independent_values(c.dense_outputs, c.weights, 0.5, 8);
        network.dense = dense;
    }
    return network;
}

/// The streams of a case take the sequences in turns.
struct CaseStream {
    std::uint32_t number = 0;  ///< in the machine
    std::deque<int> sequences; ///< steps of those that are left
    int step = 0;              ///< within the first of them
};

std::vector<CaseStream> case_streams(const CosimCase& c, std::int64_t machine_streams, Numbers& numbers) {
    std::vector<std::uint32_t> in_machine(narrow<std::size_t>(machine_streams));
    std::iota(in_machine.begin(), in_machine.end(), 0U);
    std::vector<CaseStream> streams(narrow<std::size_t>(c.streams));
    for (CaseStream& stream : streams) {
        const auto place = in_machine.begin() + numbers.below(count_of(in_machine));
        stream.number = *place;
        in_machine.erase(place);
    }
    for (std::size_t k = 0; k < c.sequences.size(); ++k)
        streams[k % streams.size()].sequences.push_back(c.sequences[k]);
    return streams;
}

/// The flags and the stream of every step: the streams in turns, in any order, or each for a while.
std::vector<Step> dealt_steps(std::vector<CaseStream> streams, Numbers& numbers) {
    const int likely_changes = std::max(numbers.below(4) - 1, 0); // 0: always the next one
    std::vector<Step> steps;
    std::size_t place = 0;
    while (true) {
        streams.erase(std::remove_if(streams.begin(), streams.end(),
                                     [](const CaseStream& stream) { return stream.sequences.empty(); }),
                      streams.end());
        if (streams.empty()) return steps;
        if (likely_changes == 0)
            ++place;
        else if (likely_changes == 1 || numbers.below(4) == 0)
            place = numbers.below(count_of(streams));
        CaseStream& stream = streams[place %= streams.size()];
        Step step;
        step.stream = stream.number;
        step.first = stream.step == 0;
        step.last = ++stream.step == stream.sequences.front();
        if (step.last) {
            stream.sequences.pop_front();
            stream.step = 0;
        }
        steps.push_back(step);
    }
}

/// One stream: sequence after sequence.
std::vector<Step> steps_without_values(const CosimCase& c, std::int64_t machine_streams, Numbers& numbers) {
    if (machine_streams > 1) return dealt_steps(case_streams(c, machine_streams, numbers), numbers);
    std::vector<Step> steps;
    for (const int length : c.sequences)
        for (int t = 0; t < length; ++t) {
            steps.emplace_back();
            steps.back().first = t == 0;
            steps.back().last = t + 1 == length;
        }
    return steps;
}

std::vector<Step> random_steps(const CosimCase& c, std::int64_t machine_streams, double clock_mhz) {
    Numbers numbers(c.seed ^ 0x9E3779B97F4A7C15U);
    const double range = 1.1 * std::ldexp(1.0, c.input_exponent);
    std::vector<Step> steps = steps_without_values(c, machine_streams, numbers);
    double arrival_cycle = 0;
    for (Step& step : steps) {
        if (c.arrival_gap_cycles > 0) { // bursts and pauses
            if (numbers.below(2) == 0) arrival_cycle += numbers.below(4 * c.arrival_gap_cycles);
            step.arrival_us = arrival_cycle / clock_mhz;
        }
        if (c.one_hot)
            step.symbol = numbers.below(c.inputs);
        else
            step.values = numbers.values(c.inputs, c.steps, range, 2 * range);
    }
    return steps;
}

Configuration configuration_of(const CosimCase& c, const Shape& built) {
    Configuration configuration;
    configuration.shape = built;
    for (const auto depth : {&Shape::weight_words, &Shape::scale_words, &Shape::bias_words, &Shape::state_words,
                             &Shape::cell_words, &Shape::input_words})
        configuration.shape.*depth = kAuto;
    if (built.streams > 1) { // the areas of the streams are the hardware's
        configuration.shape.state_words = built.state_words;
        configuration.shape.cell_words = built.cell_words;
    }
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
    if (c.streams > built.streams)
        throw InputError(fmt::format("streams = {}, but the shape '{}' has {}", c.streams, c.shape, built.streams));
    specification.configuration = configuration_of(c, built);
    specification.model.network = std::make_shared<const Network>(random_network(c));
    specification.output = OutputSpecification::of(c.mode);
    specification.on_device = false;
    if (c.start_delay_cycles) specification.start_delay_cycles = *c.start_delay_cycles;
    auto library = std::make_unique<Library>();
    Run run(*library, std::move(specification));
    if (!rtl_serves(built, run.configuration().shape))
        throw InputError(fmt::format("the memories of the shape '{}' are too small for this network", c.shape));
    std::vector<Step> steps = random_steps(c, built.streams, run.configuration().clock_mhz);
    return {std::move(library), std::move(run), std::move(steps), c.arrival_gap_cycles > 0};
}

} // namespace bru
