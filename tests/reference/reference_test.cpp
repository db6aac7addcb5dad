// Does the reference compute what docs/architecture.md says? Held against a second reading of the document below
// (planes one by one, real-number rounding), against hand-computed steps, and against its own symmetries.
#include "support/catch.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "base/error.hpp"
#include "networks.hpp"
#include "reference/reference.hpp"

using namespace bru;
using namespace bru::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

using Outputs = std::vector<OutputVector>;

Outputs run(const Network& network, const NumberFormats& formats, OutputMode mode, const std::vector<Step>& steps) {
    const QuantizedNetwork quantized = quantize(network, formats);
    Reference reference(quantized, mode);
    Outputs outputs;
    for (const Step& step : steps) reference.step(step, [&](const OutputVector& output) { outputs.push_back(output); });
    return outputs;
}

/// Sequences of the given lengths with random inputs.
std::vector<Step> random_steps(const Network& network, const std::vector<int>& lengths, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<Step> steps;
    for (const int length : lengths) {
        for (int t = 0; t < length; ++t) {
            Step step;
            step.first = t == 0;
            step.last = t + 1 == length;
            step.symbol = static_cast<std::uint32_t>(random() % static_cast<unsigned>(network.input_size()));
            step.values = random_reals(random, network.input_size(), 1.2);
            steps.push_back(step);
        }
    }
    return steps;
}

// ---- a second reading of the document, in doubles that are exact for these sizes ----

double round_half_up(double value) { return std::floor(value + 0.5); }
double clamp_bits(double value, int bits) { return std::clamp(value, -std::exp2(bits - 1), std::exp2(bits - 1) - 1); }

/// sum over planes, the top one weighing -2^(n-1); one plane: +1 and -1.
double part_by_planes(const WeightMatrix& weights, int row, const std::vector<double>& x) {
    double part = 0;
    for (int column = 0; column < weights.columns; ++column) {
        const int place = row * weights.columns + column;
        const int q = weights.values[static_cast<std::size_t>(place)];
        const double value = x[static_cast<std::size_t>(column)];
        if (weights.planes == 1) part += q > 0 ? value : -value;
        for (int plane = 0; weights.planes > 1 && plane < weights.planes; ++plane) {
            const double weight = plane == weights.planes - 1 ? -std::exp2(plane) : std::exp2(plane);
            if (((q + 256) >> plane) & 1) part += weight * value;
        }
    }
    return part;
}

struct Emulator {
    const QuantizedNetwork& network;
    int A = network.formats.activation_bits;
    int N = network.formats.lut_address_bits;

    double result(const QuantizedRows& rows, int row, const std::vector<std::vector<double>>& inputs, int fraction_bits,
                  int bits) const {
        double sum = static_cast<double>(rows.bias[static_cast<std::size_t>(row)]);
        for (std::size_t p = 0; p < rows.parts.size(); ++p)
            sum += rows.parts[p].mantissas[static_cast<std::size_t>(row)] *
                   part_by_planes(*rows.parts[p].weights, row, inputs[p]);
        return clamp_bits(round_half_up(std::ldexp(sum, fraction_bits - rows.fraction_bits)), bits);
    }
    double table(double z, bool sigmoid) const {
        const double address = clamp_bits(round_half_up(std::ldexp(z, N - 16)), N);
        const double argument = std::ldexp(address, 4 - N);
        const double value = sigmoid ? 1 / (1 + std::exp(-argument)) : std::tanh(argument);
        return std::min(round_half_up(value * 32768), 32767.0);
    }
    /// Values of the four rows of a unit: gates, or sums of a GRU's candidate as they are.
    std::array<double, 4> rows_of(CellKind cell, const QuantizedDirection& direction, std::size_t unit,
                                  const std::vector<std::vector<double>>& inputs) const {
        std::array<double, 4> rows{};
        const std::size_t size = inputs[1].size();
        for (std::size_t g = 0; g < 4; ++g) {
            const double z = result(direction.rows, static_cast<int>(g * size + unit), inputs, 12, 16);
            const bool is_sum = cell == CellKind::gru && (g == 1 || g == 2);
            rows[g] = is_sum ? z : table(z, g != 2);
        }
        return rows;
    }
    /// s' and h' of a GRU.
    std::pair<double, double> gru(const std::array<double, 4>& rows, double s) const {
        const auto [r, of_x, of_h, z] = rows;
        const double n = table(clamp_bits(round_half_up((of_x * 32768 + r * of_h) / 32768), 16), false);
        const double next = clamp_bits(round_half_up((n * 32768 + z * (s - n)) / 32768), 16);
        return {next, A == 1 ? (next >= 0 ? 1 : -1) : clamp_bits(round_half_up(std::ldexp(next, A - 16)), A)};
    }
    void step(CellKind cell_kind, const QuantizedDirection& direction, const std::vector<double>& x,
              std::vector<double>* h, std::vector<double>* c) const {
        const auto size = h->size();
        std::vector<double> next(size);
        for (std::size_t u = 0; u < size; ++u) {
            const std::array<double, 4> gates = rows_of(cell_kind, direction, u, {x, *h});
            double& cell = (*c)[u];
            if (cell_kind == CellKind::gru) {
                std::tie(cell, next[u]) = gru(gates, cell);
                continue;
            }
            cell = clamp_bits(round_half_up((gates[1] * cell * 16 + gates[0] * gates[2]) / 524288), 16);
            const double product = gates[3] * table(clamp_bits(2 * cell, 16), false);
            next[u] = A == 1 ? (product >= 0 ? 1 : -1) : clamp_bits(round_half_up(std::ldexp(product, A - 31)), A);
        }
        *h = next;
    }
    std::vector<double> input(const Step& step) const {
        const Network& model = *network.network;
        std::vector<double> x;
        if (model.input_encoding == InputEncoding::one_hot) {
            x.assign(static_cast<std::size_t>(model.input_size()), 0);
            x[step.symbol] = std::exp2(A - 1);
            return x;
        }
        for (const double value : step.values)
            x.push_back(A == 1 ? (value >= 0 ? 1 : -1)
                               : clamp_bits(round_half_up(std::ldexp(value, A - 1 - model.input_exponent)), A));
        return x;
    }
    /// Outputs of one sequence's layers, forward layers or not: per step, and what each direction computed last.
    std::pair<std::vector<std::vector<double>>, std::vector<double>>
    sequence(std::vector<std::vector<double>> x) const {
        std::vector<double> final_state;
        for (const QuantizedLayer& layer : network.layers) {
            std::vector<std::vector<double>> y(x.size());
            final_state.clear();
            for (const QuantizedDirection& direction : layer.directions) {
                std::vector<double> h(direction.initial_h.begin(), direction.initial_h.end());
                std::vector<double> c(direction.initial_c.begin(), direction.initial_c.end());
                for (std::size_t n = 0; n < x.size(); ++n) {
                    const std::size_t t = direction.reverse ? x.size() - 1 - n : n;
                    step(layer.cell, direction, x[t], &h, &c);
                    y[t].insert(y[t].end(), h.begin(), h.end());
                }
                final_state.insert(final_state.end(), h.begin(), h.end());
            }
            x = y;
        }
        return {x, final_state};
    }
    std::vector<std::int32_t> output(OutputKind kind, const std::vector<double>& hidden) const {
        std::vector<std::int32_t> values;
        if (kind == OutputKind::hidden) {
            for (const double h : hidden) values.push_back(static_cast<std::int32_t>(h));
            return values;
        }
        for (int row = 0; row < network.dense->row_count(); ++row)
            values.push_back(static_cast<std::int32_t>(result(*network.dense, row, {hidden}, 16, 32)));
        return values;
    }
};

Outputs emulate(const Network& network, const NumberFormats& formats, OutputMode mode, const std::vector<Step>& steps) {
    const QuantizedNetwork quantized = quantize(network, formats);
    const Emulator emulator{quantized};
    Outputs outputs;
    std::uint64_t sequence = 0;
    std::vector<std::vector<double>> x;
    for (const Step& step : steps) {
        x.push_back(emulator.input(step));
        if (!step.last) continue;
        const auto [hidden, final_state] = emulator.sequence(x);
        for (std::uint64_t t = 0; t < x.size(); ++t)
            if (mode.steps == OutputSteps::every || t + 1 == x.size())
                outputs.push_back(
                    {sequence, t,
                     emulator.output(mode.kind, mode.steps == OutputSteps::final_state ? final_state : hidden[t])});
        ++sequence;
        x.clear();
    }
    return outputs;
}

void require_equal(const Outputs& a, const Outputs& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        REQUIRE(a[i].sequence == b[i].sequence);
        REQUIRE(a[i].step == b[i].step);
        REQUIRE(a[i].values == b[i].values);
    }
}

} // namespace

TEST_CASE("one step by hand", "[reference]") {
    Network network = random_network({1, 1}, 1);
    LstmDirection& direction = network.layers[0].directions[0];
    direction.input.values.assign(4, 1);
    direction.recurrent.values.assign(4, 1);
    direction.input.scales.assign(4, 1);
    direction.recurrent.scales.assign(4, 0);
    direction.bias = {0, 0, 0, 7.5};
    direction.initial_h = {0};
    direction.initial_c = {0.5};
    Step step;
    step.first = step.last = true;
    step.values = {0.5};
    const Outputs outputs = run(network, {}, {OutputKind::hidden, OutputSteps::every}, {step});
    // z = 0.5 (o: 8, saturated to 511/64): i = f = sigmoid(0.5) = 20397, g = tanh(0.5) = 15143, o = 32757;
    // c = (f * 1024 * 16 + i * g) / 2^19 = 1226.53 -> 1227; its tanh address is 2454 / 64 = 38.3 -> 38: tanh(38/64) =
    // 17450; h = o * 17450 / 2^23 = 68.1 -> 68
    REQUIRE(outputs.size() == 1);
    CHECK(outputs[0].values == std::vector<std::int32_t>{68});
}

TEST_CASE("the reference is the second reading of the document", "[reference]") {
    const int activation_bits = GENERATE(1, 2, 5, 8, 9, 16);
    const int planes = GENERATE(1, 2, 5, 8);
    const bool one_hot = GENERATE(false, true);
    const bool gru = GENERATE(false, true);
    for (const auto& [forward, reverse] : {std::pair{true, false}, {false, true}, {true, true}}) {
        NetworkShape shape;
        shape.input_size = 6;
        shape.hidden_size = 5;
        shape.layers = 2;
        shape.forward = forward;
        shape.reverse = reverse;
        shape.lstm_planes = planes;
        shape.dense_rows = 4;
        shape.dense_planes = 9 - planes;
        shape.one_hot = one_hot;
        shape.gru = gru;
        Network network = random_network(shape, static_cast<unsigned>(activation_bits * 100 + planes));
        network.input_exponent = planes == 2 ? 1 : 0;
        const std::vector<Step> steps = random_steps(network, {5, 1, 8}, 77);
        const NumberFormats formats{activation_bits, 6 + planes, planes == 5 ? 8 : 16};
        for (const OutputKind kind : {OutputKind::hidden, OutputKind::logits})
            for (const OutputSteps which : {OutputSteps::every, OutputSteps::last, OutputSteps::final_state})
                require_equal(run(network, formats, {kind, which}, steps),
                              emulate(network, formats, {kind, which}, steps));
    }
}

TEST_CASE("argmax is the index of the largest logit, ties the lowest", "[reference]") {
    NetworkShape shape;
    shape.dense_rows = 4;
    Network network = random_network(shape, 9);
    const std::vector<Step> steps = random_steps(network, {12}, 5);
    const Outputs logits = run(network, {}, {OutputKind::logits, OutputSteps::every}, steps);
    const Outputs indices = run(network, {}, {OutputKind::argmax, OutputSteps::every}, steps);
    REQUIRE(indices.size() == logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const auto& values = logits[i].values;
        CHECK(indices[i].values == std::vector<std::int32_t>{static_cast<std::int32_t>(
                                       std::max_element(values.begin(), values.end()) - values.begin())});
    }
    network.dense->weights.scales.assign(4, 0);
    network.dense->bias = {0.1, 0.7, 0.7, 0.2};
    CHECK(run(network, {}, {OutputKind::argmax, OutputSteps::last}, steps)[0].values == std::vector<std::int32_t>{1});
}

TEST_CASE("states start anew at the first step of a sequence", "[reference]") {
    const Network network = random_network({}, 11);
    const std::vector<Step> once = random_steps(network, {6}, 4);
    std::vector<Step> twice = once;
    twice.insert(twice.end(), once.begin(), once.end());
    const Outputs outputs = run(network, {}, {OutputKind::hidden, OutputSteps::every}, twice);
    REQUIRE(outputs.size() == 12);
    for (std::size_t t = 0; t < 6; ++t) {
        CHECK(outputs[t].values == outputs[t + 6].values);
        CHECK(outputs[t + 6].sequence == 1);
        CHECK(outputs[t + 6].step == t);
    }
    CHECK(outputs[0].values != outputs[1].values);
}

TEST_CASE("a reverse layer is a forward layer over the reversed sequence", "[reference]") {
    NetworkShape shape;
    shape.forward = false;
    shape.reverse = true;
    Network network = random_network(shape, 13);
    std::vector<Step> steps = random_steps(network, {9}, 6);
    const Outputs backward = run(network, {}, {OutputKind::hidden, OutputSteps::every}, steps);
    network.layers[0].directions[0].reverse = false;
    std::reverse(steps.begin(), steps.end());
    std::swap(steps.front().first, steps.back().first);
    std::swap(steps.front().last, steps.back().last);
    const Outputs forward = run(network, {}, {OutputKind::hidden, OutputSteps::every}, steps);
    REQUIRE(forward.size() == backward.size());
    for (std::size_t t = 0; t < 9; ++t) CHECK(forward[t].values == backward[8 - t].values);
}

TEST_CASE("inputs outside the format saturate and are counted", "[reference]") {
    const Network network = random_network({3, 2}, 15);
    const QuantizedNetwork quantized = quantize(network, {});
    Reference reference(quantized, {OutputKind::hidden, OutputSteps::every});
    Step step;
    step.first = true;
    std::vector<OutputVector> outputs;
    const auto sink = [&](const OutputVector& output) { outputs.push_back(output); };
    step.values = {0.99, -1, 0.5};
    reference.step(step, sink);
    CHECK(reference.saturations().inputs.saturated == 0);
    step.first = false;
    step.values = {1.0, -1.01, 1e300};
    reference.step(step, sink);
    CHECK(reference.saturations().inputs.saturated == 3);
    step.values = {127.0 / 128, -1, 127.0 / 128};
    Reference again(quantized, {OutputKind::hidden, OutputSteps::every});
    std::vector<Step> steps(2, step);
    steps[0].values = {0.99, -1, 0.5};
    steps[0].first = true;
    std::vector<OutputVector> expected;
    for (const Step& s : steps) again.step(s, [&](const OutputVector& output) { expected.push_back(output); });
    CHECK(expected[1].values == outputs[1].values);
}

TEST_CASE("values of c at the limit of their format are counted", "[reference]") {
    Network network = random_network({1, 2}, 1);
    LstmDirection& direction = network.layers[0].directions[0];
    direction.initial_c = {15.99, 0}; // open forget gate, c and i * g of the same sign: over 16
    direction.bias = {8, 8, 8, 8, 8, 8, 8, 8};
    direction.input.scales.assign(8, 0);
    direction.recurrent.scales.assign(8, 0);
    const QuantizedNetwork quantized = quantize(network, {});
    Reference reference(quantized, {OutputKind::hidden, OutputSteps::every});
    Step step;
    step.values = {0.5};
    step.first = true;
    reference.step(step, [](const OutputVector&) {});
    CHECK(reference.saturations().cells.values == 2);
    CHECK(reference.saturations().cells.saturated == 1);
}

TEST_CASE("sums z and logits outside their formats are counted", "[reference]") {
    NetworkShape shape{1, 2};
    shape.dense_rows = 3;
    Network network = random_network(shape, 1);
    LstmDirection& direction = network.layers[0].directions[0];
    direction.bias = {7.9, 8.1, -8.1, 0, 0, 0, -7.9, 100}; // three of eight
    direction.input.scales.assign(8, 0);
    direction.recurrent.scales.assign(8, 0);
    network.dense->weights.scales.assign(3, 0);
    network.dense->bias = {32767, -40000, 32769}; // two of three
    const QuantizedNetwork quantized = quantize(network, {});
    Reference reference(quantized, {OutputKind::logits, OutputSteps::every});
    Step step;
    step.values = {0.5};
    step.first = true;
    for (int i = 0; i < 2; ++i) reference.step(step, [](const OutputVector&) {});
    CHECK(reference.saturations().sums.values == 16);
    CHECK(reference.saturations().sums.saturated == 6);
    CHECK(reference.saturations().logits.values == 6);
    CHECK(reference.saturations().logits.saturated == 4);
    CHECK(reference.saturations().inputs.values == 2);
    CHECK(reference.saturations().inputs.saturated == 0);
}

TEST_CASE("steps that do not fit the network are refused", "[reference]") {
    const Network vector_network = random_network({}, 17);
    Step step;
    step.first = true;
    step.values = {1, 2};
    CHECK_THROWS_WITH(run(vector_network, {}, {}, {step}), ContainsSubstring("a step has 2 values, the model takes 5"));
    NetworkShape shape;
    shape.one_hot = true;
    const Network one_hot = random_network(shape, 17);
    step.symbol = 5;
    CHECK_THROWS_WITH(run(one_hot, {}, {}, {step}), ContainsSubstring("symbol 5"));
    CHECK_THROWS_WITH(run(one_hot, {}, {OutputKind::logits, OutputSteps::every}, {}),
                      ContainsSubstring("no") || ContainsSubstring("dense layer"));
}
