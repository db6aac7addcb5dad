// The importer and the float execution together give what PyTorch gives.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"

#include "base/error.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/import.hpp"
#include "reference/float_execution.hpp"
#include "reference/networks.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

/// The steps of one sequence from a tensor of [steps, 1, features] or [1, steps, features].
std::vector<Step> steps_of(const Network& network, const Tensor& tensor) {
    const auto size = static_cast<std::size_t>(network.input_size());
    std::vector<Step> steps(tensor.values.size() / size);
    for (std::size_t t = 0; t < steps.size(); ++t) {
        const auto start = tensor.values.begin() + static_cast<std::ptrdiff_t>(t * size);
        steps[t].values.assign(start, start + static_cast<std::ptrdiff_t>(size));
        const auto largest = std::max_element(steps[t].values.begin(), steps[t].values.end());
        steps[t].symbol = static_cast<std::uint32_t>(largest - steps[t].values.begin());
    }
    steps.front().first = true;
    steps.back().last = true;
    return steps;
}

std::vector<FloatOutputVector> run(const Network& network, OutputMode mode, const std::vector<Step>& steps) {
    FloatExecution execution(network, mode);
    std::vector<FloatOutputVector> outputs;
    for (const Step& step : steps)
        execution.step(step, [&](const FloatOutputVector& output) { outputs.push_back(output); });
    return outputs;
}

/// Largest difference to the expected tensor; a huge number where the sizes differ.
double largest_difference(const Network& network, const std::string& input, const std::string& output) {
    const Tensor expected = read_tensor_proto(output);
    std::vector<double> values;
    for (const FloatOutputVector& vector :
         run(network, network.graph_output, steps_of(network, read_tensor_proto(input))))
        values.insert(values.end(), vector.values.begin(), vector.values.end());
    if (values.size() != expected.values.size()) return 1e30;
    double largest = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
        largest = std::max(largest, std::fabs(values[i] - static_cast<double>(expected.values[i])));
    return largest;
}

std::vector<Step> random_steps(const Network& network, std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<Step> steps(count);
    for (Step& step : steps) {
        step.symbol = static_cast<std::uint32_t>(random() % static_cast<unsigned>(network.input_size()));
        step.values = testing::random_reals(random, network.input_size(), 1.0);
    }
    steps.front().first = true;
    steps.back().last = true;
    return steps;
}

} // namespace

TEST_CASE("do the shipped models give PyTorch's outputs?") {
    for (const std::string name : {"warpeace_h256", "mnist_rows_h128"}) {
        const std::string path = BRU_SOURCE_DIR "/models/" + name;
        const std::string data = path + "_test_data_set_0/";
        CAPTURE(name);
        CHECK(largest_difference(import_onnx(path + ".onnx").network, data + "input_0.pb", data + "output_0.pb") <
              1e-4);
    }
}

TEST_CASE("do models of every direction, layout and export option give PyTorch's outputs?") {
    for (const std::string name : {"bidirectional_final", "stack_batch_first", "one_unit_no_bias", "states_as_inputs",
                                   "states_constant", "last_step_probabilities", "integer_weights"}) {
        const std::string path = BRU_SOURCE_DIR "/tests/data/onnx/" + name;
        CAPTURE(name);
        CHECK(largest_difference(import_onnx(path + ".onnx").network, path + ".input.pb", path + ".output.pb") < 1e-5);
    }
}

TEST_CASE("is a one-hot input the same as a vector with a single one?") {
    Network network = testing::random_network({}, 3);
    std::vector<Step> steps = random_steps(network, 9, 4);
    for (Step& step : steps) {
        step.values.assign(step.values.size(), 0.0);
        step.values[step.symbol] = 1;
    }
    const auto vectors = run(network, {}, steps);
    network.input_encoding = InputEncoding::one_hot;
    const auto symbols = run(network, {}, steps);
    REQUIRE(vectors.size() == 9);
    for (std::size_t t = 0; t < 9; ++t)
        for (std::size_t i = 0; i < vectors[t].values.size(); ++i)
            CHECK(symbols[t].values[i] == Approx(vectors[t].values[i]));
}

TEST_CASE("do output modes pick from the same values?") {
    testing::NetworkShape shape;
    shape.layers = 2;
    shape.reverse = true;
    shape.dense_rows = 3;
    const Network network = testing::random_network(shape, 5);
    const std::vector<Step> steps = random_steps(network, 6, 6);
    const auto every = run(network, {OutputKind::hidden, OutputSteps::every}, steps);
    REQUIRE(every.size() == 6);
    CHECK(every[4].step == 4);
    const auto last = run(network, {OutputKind::hidden, OutputSteps::last}, steps);
    REQUIRE(last.size() == 1);
    CHECK(last[0].step == 5);
    CHECK(last[0].values == every[5].values);
    const auto final_state = run(network, {OutputKind::hidden, OutputSteps::final_state}, steps);
    REQUIRE(final_state.size() == 1);
    const auto units = static_cast<std::size_t>(shape.hidden_size);
    for (std::size_t unit = 0; unit < units; ++unit) {
        CHECK(final_state[0].values[unit] == every[5].values[unit]);
        CHECK(final_state[0].values[units + unit] == every[0].values[units + unit]);
    }
    const auto logits = run(network, {OutputKind::logits, OutputSteps::every}, steps);
    const auto argmax = run(network, {OutputKind::argmax, OutputSteps::every}, steps);
    for (std::size_t t = 0; t < 6; ++t) {
        REQUIRE(logits[t].values.size() == 3);
        const auto largest =
            std::max_element(logits[t].values.begin(), logits[t].values.end()) - logits[t].values.begin();
        CHECK(argmax[t].values == std::vector<double>{static_cast<double>(largest)});
    }
}

TEST_CASE("does every sequence start from the initial states?") {
    for (const bool reverse : {false, true}) {
        testing::NetworkShape shape;
        shape.reverse = reverse;
        const Network network = testing::random_network(shape, 7);
        const std::vector<Step> sequence = random_steps(network, 4, 8);
        const std::size_t length = sequence.size();
        std::vector<Step> steps = sequence;
        steps.insert(steps.end(), sequence.begin(), sequence.end());
        const auto outputs = run(network, {}, steps);
        REQUIRE(outputs.size() == 2 * length);
        for (std::size_t t = 0; t < length; ++t) {
            CHECK(outputs[t].values == outputs[length + t].values);
            CHECK(outputs[length + t].sequence == 1);
            CHECK(outputs[length + t].step == t);
        }
    }
}

TEST_CASE("are steps of another size refused?") {
    const Network network = testing::random_network({}, 9);
    FloatExecution execution(network, {});
    Step step;
    step.values = {1, 2};
    CHECK_THROWS_WITH(execution.step(step, [](const FloatOutputVector&) {}), ContainsSubstring("2 values"));
    CHECK_THROWS_WITH(FloatExecution(network, {OutputKind::logits, OutputSteps::every}),
                      ContainsSubstring("dense layer"));
}
