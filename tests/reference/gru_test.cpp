// GRU nodes of ONNX files, from the file to the outputs: held against the equations of PyTorch's nn.GRU, in double
// precision and on the weights of the file.
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "model/model_builder.hpp"
#include "reference/float_execution.hpp"
#include "reference/reference.hpp"

using namespace bru;
using namespace bru::test;

namespace {

using Reals = std::vector<double>;

/// One direction, as the file has it: three blocks of rows, z, r, h.
struct FileGru {
    std::size_t inputs = 0;
    std::size_t units = 0;
    std::vector<float> w, r, b; ///< b: of the input, then recurrent
    std::vector<float> initial_h;
};

FileGru random_gru(std::mt19937& random, std::size_t inputs, std::size_t units, bool states) {
    const auto real = [&random](double size) {
        return static_cast<float>(size * (static_cast<double>(random() % 2001) / 1000 - 1));
    };
    const auto binary = [&](std::size_t columns) {
        std::vector<float> values;
        for (std::size_t row = 0; row < 3 * units; ++row) {
            const float magnitude = std::fabs(real(1.5 / std::sqrt(static_cast<double>(columns)))) + 0.01F;
            for (std::size_t column = 0; column < columns; ++column)
                values.push_back(random() % 2 == 0 ? magnitude : -magnitude);
        }
        return values;
    };
    FileGru gru{inputs, units, binary(inputs), binary(units), {}, {}};
    for (std::size_t k = 0; k < 6 * units; ++k) gru.b.push_back(real(1));
    for (std::size_t k = 0; k < units; ++k) gru.initial_h.push_back(states ? real(0.9) : 0.0F);
    return gru;
}

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

/// One step of nn.GRU: r, z, n and h' as its documentation writes them.
Reals gru_step(const FileGru& gru, const Reals& x, const Reals& h) {
    const std::size_t units = gru.units;
    const auto of_input = [&](std::size_t block, std::size_t unit) {
        const std::size_t row = block * units + unit;
        double sum = gru.b[row];
        for (std::size_t k = 0; k < gru.inputs; ++k) sum += gru.w[row * gru.inputs + k] * x[k];
        return sum;
    };
    const auto of_state = [&](std::size_t block, std::size_t unit) {
        const std::size_t row = block * units + unit;
        double sum = gru.b[3 * units + row];
        for (std::size_t k = 0; k < units; ++k) sum += gru.r[row * units + k] * h[k];
        return sum;
    };
    Reals next(units);
    for (std::size_t u = 0; u < units; ++u) {
        const double z = sigmoid(of_input(0, u) + of_state(0, u));
        const double r = sigmoid(of_input(1, u) + of_state(1, u));
        const double n = std::tanh(of_input(2, u) + r * of_state(2, u));
        next[u] = (1 - z) * n + z * h[u];
    }
    return next;
}

/// What a layer puts out: per step the hidden values of all directions, reverse ones from the last step on.
std::vector<Reals> gru_layer(const std::vector<FileGru>& directions, bool first_is_reverse,
                             const std::vector<Reals>& x) {
    std::vector<Reals> y(x.size());
    for (std::size_t d = 0; d < directions.size(); ++d) {
        Reals h(directions[d].initial_h.begin(), directions[d].initial_h.end());
        const bool reverse = first_is_reverse || d == 1;
        for (std::size_t k = 0; k < x.size(); ++k) {
            const std::size_t t = reverse ? x.size() - 1 - k : k;
            h = gru_step(directions[d], x[t], h);
            y[t].insert(y[t].end(), h.begin(), h.end());
        }
    }
    return y;
}

/// Adds a GRU node NAME over `input`, and [steps, 1, directions * units] in NAME_out.
void add_gru(ModelBuilder& model, const std::string& name, const std::string& input, const std::string& direction,
             const std::vector<FileGru>& directions) {
    const auto count = static_cast<std::int64_t>(directions.size());
    const auto units = static_cast<std::int64_t>(directions[0].units);
    std::vector<float> w, r, b, h;
    for (const FileGru& gru : directions) {
        w.insert(w.end(), gru.w.begin(), gru.w.end());
        r.insert(r.end(), gru.r.begin(), gru.r.end());
        b.insert(b.end(), gru.b.begin(), gru.b.end());
        h.insert(h.end(), gru.initial_h.begin(), gru.initial_h.end());
    }
    model.floats(name + "_W", {count, 3 * units, static_cast<std::int64_t>(directions[0].inputs)}, w)
        .floats(name + "_R", {count, 3 * units, units}, r)
        .floats(name + "_B", {count, 6 * units}, b)
        .floats(name + "_h", {count, 1, units}, h)
        .int64s(name + "_shape", {3}, {0, 0, count * units});
    model.node("GRU", {input, name + "_W", name + "_R", name + "_B", "", name + "_h"}, {name + "_y"})
        .integer("hidden_size", units)
        .integer("linear_before_reset", 1)
        .text("direction", direction);
    model.node("Transpose", {name + "_y"}, {name + "_turned"}).integers("perm", {0, 2, 1, 3});
    model.node("Reshape", {name + "_turned", name + "_shape"}, {name + "_out"});
}

struct Difference {
    double of_float = 0;
    double of_fixed_point = 0;
};

/// Of the outputs of all steps, at most.
Difference largest_difference(const Network& network, const std::vector<Step>& steps,
                              const std::vector<Reals>& expected) {
    const OutputMode mode{OutputKind::hidden, OutputSteps::every};
    Difference largest;
    FloatExecution execution(network, mode, FloatWeights::original);
    const NumberFormats formats{16, 14, 16};
    const QuantizedNetwork quantized = quantize(network, formats);
    Reference reference(quantized, mode);
    for (const Step& step : steps) {
        execution.step(step, [&](const FloatOutputVector& output) {
            for (std::size_t k = 0; k < output.values.size(); ++k)
                largest.of_float = std::max(largest.of_float, std::fabs(output.values[k] - expected[output.step][k]));
        });
        reference.step(step, [&](const OutputVector& output) {
            for (std::size_t k = 0; k < output.values.size(); ++k)
                largest.of_fixed_point =
                    std::max(largest.of_fixed_point, std::fabs(output.values[k] / 32768.0 - expected[output.step][k]));
        });
    }
    return largest;
}

} // namespace

TEST_CASE("200 random GRU networks of one or two layers compute what nn.GRU does", "[reference]") {
    std::mt19937 random(20261129);
    for (int round = 0; round < 200; ++round) {
        const std::string direction = round % 4 == 1 ? "reverse" : round % 4 == 2 ? "bidirectional" : "forward";
        const std::size_t inputs = 1 + random() % 12;
        const std::size_t layers = 1 + random() % 2;
        constexpr std::size_t kSteps = 12;
        std::vector<Step> steps(kSteps);
        std::vector<Reals> values(kSteps);
        for (std::size_t t = 0; t < kSteps; ++t) {
            for (std::size_t k = 0; k < inputs; ++k) // on the grid of the inputs, so that they are exact
                values[t].push_back((static_cast<double>(random() % 65536) - 32768) / 32768);
            steps[t].first = t == 0;
            steps[t].last = t + 1 == kSteps;
            steps[t].values = values[t];
        }
        ModelBuilder model;
        model.input("x", {"steps", "1", std::to_string(inputs)});
        std::string from = "x";
        std::size_t width = inputs;
        for (std::size_t layer = 0; layer < layers; ++layer) {
            const std::size_t units = 1 + random() % 24;
            std::vector<FileGru> directions;
            for (std::size_t d = 0; d < (direction == "bidirectional" ? 2 : 1); ++d)
                directions.push_back(random_gru(random, width, units, round % 3 == 0));
            const std::string name = "g" + std::to_string(layer);
            add_gru(model, name, from, direction, directions);
            values = gru_layer(directions, direction == "reverse", values);
            from = name + "_out";
            width = units * directions.size();
        }
        model.output(from);
        const Network network = model.load().network;
        REQUIRE(network.layers.size() == layers);
        CHECK(network.layers.front().cell == CellKind::gru);
        const Difference found = largest_difference(network, steps, values);
        CAPTURE(round);
        CHECK(found.of_float < 1e-6);
        CHECK(found.of_fixed_point < 2e-3); // of the tables: 2^14 addresses for -8 to 8
    }
}
