// Does the measurement of a quantization count and compare what it says?
#include "support/catch.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <fmt/format.h>

#include "reference/float_execution.hpp"
#include "reference/reference.hpp"
#include "run/quantization.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A file of data that is gone with the object.
class DataFile {
public:
    DataFile(const std::string& ending, const std::string& content)
        : path(std::filesystem::temp_directory_path() / fmt::format("bru_quantization_{}{}", getpid(), ending)) {
        std::ofstream(path, std::ios::binary) << content;
    }
    ~DataFile() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
    DataFile(const DataFile&) = delete;
    DataFile& operator=(const DataFile&) = delete;
    std::string path;
};

std::string csv_of(const std::vector<Step>& steps) {
    std::string text;
    for (const Step& step : steps) {
        for (std::size_t k = 0; k < step.values.size(); ++k)
            text += fmt::format("{}{:.17g}", k == 0 ? "" : ",", step.values[k]);
        text += step.last ? "\n\n" : "\n";
    }
    return text;
}

QuantizationFigures measure(const Network& network, const std::string& path, std::optional<int> exponent = {}) {
    QuantizationOptions options;
    options.data.path = path;
    options.exponent = exponent;
    return measure_quantization(network, options);
}

/// The rms error of the machine with an exponent, computed here and now.
double rms_error(Network network, int exponent, const std::vector<Step>& steps) {
    FloatExecution floating(network, network.graph_output);
    network.input_exponent = exponent;
    const QuantizedNetwork quantized = quantize(network, {});
    Reference reference(quantized, network.graph_output);
    std::vector<double> expected;
    std::vector<double> got;
    for (const Step& step : steps) {
        floating.step(step, [&](const FloatOutputVector& output) {
            expected.insert(expected.end(), output.values.begin(), output.values.end());
        });
        reference.step(step, [&](const OutputVector& output) {
            for (const std::int32_t value : output.values) got.push_back(std::ldexp(value, -kLogitFractionBits));
        });
    }
    REQUIRE(expected.size() == got.size());
    double squares = 0;
    for (std::size_t k = 0; k < got.size(); ++k) squares += (got[k] - expected[k]) * (got[k] - expected[k]);
    return std::sqrt(squares / static_cast<double>(got.size()));
}

Network classifier(int directions) {
    NetworkRecipe recipe;
    recipe.inputs = 3;
    recipe.hidden_sizes = {12};
    recipe.directions = directions;
    recipe.lstm_planes = 4;
    recipe.dense_outputs = 4;
    recipe.dense_planes = 6;
    return random_network(recipe, 11);
}

} // namespace

TEST_CASE("are saturated inputs those that the format cannot hold?") {
    NetworkRecipe recipe;
    recipe.inputs = 2;
    const Network network = random_network(recipe, 5);
    // 8 bits: the largest number is (1 - 1/128) * 2^e, and what rounds to more saturates.
    const DataFile data(".csv", "0.9960,0.99609375\n1,-1\n-1.0039,-1.004\n0.498,0.4980469\n\n1.9921875,0.5\n");
    const QuantizationFigures figures = measure(network, data.path, 0);
    CHECK(figures.exponent == 0);
    CHECK(figures.steps == 5);
    CHECK(figures.sequences == 2);
    CHECK(figures.input_values == 10);
    CHECK(figures.largest_input == 1.9921875);
    REQUIRE(figures.trials.size() == 3);
    CHECK(figures.trials[0].exponent == -1);
    CHECK(figures.trials[0].saturated_inputs == 9); // all but 0.498
    CHECK(figures.trials[1].exponent == 0);
    CHECK(figures.trials[1].saturated_inputs == 4); // 0.99609375, 1, -1.004, 1.9921875
    CHECK(figures.trials[2].exponent == 1);
    CHECK(figures.trials[2].saturated_inputs == 1); // 1.9921875
    CHECK(figures.chosen().exponent == 0);
}

TEST_CASE("is the exponent the one whose outputs are nearest to the float network's?") {
    for (const int directions : {1, 2, -1}) {
        const Network network = classifier(directions);
        for (const double factor : {0.01, 1.0, 37.0}) {
            std::vector<Step> steps = random_steps(network, {9, 14, 11}, 3);
            for (Step& step : steps)
                for (double& value : step.values) value *= factor;
            steps.back().values[1] = 1000 * factor; // an outlier does not decide for the others
            const DataFile data(".csv", csv_of(steps));
            const QuantizationFigures figures = measure(network, data.path);
            CAPTURE(directions, factor, figures.exponent);
            REQUIRE(figures.trials.size() == 3);
            for (const ExponentTrial& trial : figures.trials) {
                CHECK(trial.error.rms == Approx(rms_error(network, trial.exponent, steps)));
                CHECK(figures.chosen().error.rms <= trial.error.rms);
            }
            CHECK(figures.chosen().saturated_inputs <= 6);
            CHECK_FALSE(figures.quantized); // the integer weights are the network's own
            CHECK(figures.outputs == steps.size());
        }
    }
}

TEST_CASE("has a one-hot network one trial, and one that leaves no room for its neighbours too?") {
    NetworkRecipe recipe;
    recipe.one_hot = true;
    recipe.dense_outputs = 5;
    const Network network = random_network(recipe, 8);
    const DataFile data(".csv", "0\n1\n4\n2\n");
    const QuantizationFigures figures = measure(network, data.path);
    CHECK(figures.trials.size() == 1);
    CHECK(figures.chosen().saturated_inputs == 0);
    CHECK(figures.outputs == 4);
    CHECK(figures.chosen().error.rms > 0);
}

TEST_CASE("are data told apart by what they are, and wrong data refused?") {
    NetworkRecipe recipe;
    recipe.inputs = 2;
    const Network network = random_network(recipe, 5);
    const DataFile array(".dat", "\x93NUMPY\x01");
    CHECK(data_kind(array.path, network) == TraceSource::npy);
    const DataFile images(".img", std::string("\0\0\x08\x03", 4));
    CHECK(data_kind(images.path, network) == TraceSource::images);
    CHECK(data_kind(std::filesystem::temp_directory_path().string(), network) == TraceSource::images);
    const DataFile table(".txt", "1,2\n");
    CHECK(data_kind(table.path, network) == TraceSource::csv);
    CHECK_FALSE(is_trace(table.path));
    recipe.one_hot = true;
    Network characters = random_network(recipe, 5);
    CHECK(data_kind(table.path, characters) == TraceSource::csv);
    characters.vocabulary = {"a", "b"};
    CHECK(data_kind(table.path, characters) == TraceSource::text);

    CHECK_THROWS_WITH(measure(network, DataFile(".csv", "").path + "x"), ContainsSubstring("no such file"));
    const DataFile empty(".csv", "\n\n");
    CHECK_THROWS_WITH(measure(network, empty.path), ContainsSubstring("no steps"));
    const DataFile wide(".csv", "1,2,3\n");
    CHECK_THROWS_WITH(measure(network, wide.path), ContainsSubstring("3 numbers") && ContainsSubstring("2 per step"));
}
