// Models with work for the host: does front, machine and back together compute what ONNX Runtime computes alone?
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

#include "support/catch.hpp"

#include "base/error.hpp"
#include "host_runtime/session.hpp"
#include "model/model_builder.hpp"
#include "model/quantized_network.hpp"
#include "reference/reference.hpp"
#include "support/temporary_folder.hpp"
#include "trace/npy_file.hpp"
#include "trace/output_writer.hpp"
#include "whole/back.hpp"
#include "whole/predictions.hpp"
#include "whole/runtime_timing.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;
using Dims = std::vector<std::int64_t>;

namespace {

constexpr NumberFormats kFormats = {16, 14, 16};
constexpr double kLargestError = 0.02; ///< of the largest output

bool has_runtime() {
    const std::string why_not = why_no_host_runtime();
    if (!why_not.empty()) WARN("skipped: " << why_not);
    return why_not.empty();
}

std::vector<float> random_numbers(std::int64_t count, double limit, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> numbers;
    for (std::int64_t i = 0; i < count; ++i)
        numbers.push_back(static_cast<float>((static_cast<double>(random()) / 4294967296.0 * 2 - 1) * limit));
    return numbers;
}

std::int64_t product(const Dims& dims) {
    return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}

/// A model with weights that no quantization has seen.
struct FloatModel : ModelBuilder {
    void random(const std::string& name, const Dims& dims, double limit = 0.5) {
        floats(name, dims, random_numbers(product(dims), limit, ++seed));
    }
    void lstm(const std::string& x, std::int64_t inputs, std::int64_t units,
              const std::vector<std::string>& states = {}) {
        random("W", {1, 4 * units, inputs});
        random("R", {1, 4 * units, units});
        random("B", {1, 8 * units});
        std::vector<std::string> names = {x, "W", "R", "B"};
        names.insert(names.end(), states.begin(), states.end());
        node("LSTM", names, {"y4", "y_h", "y_c"}).integer("hidden_size", units);
        int64s("axis_1", {1}, {1});
        node("Squeeze", {"y4", "axis_1"}, {"y"}); // [steps, 1, units]
    }
    void float_output(const std::string& name) {
        output(name);
        auto* outputs = proto.mutable_graph()->mutable_output();
        outputs->rbegin()->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
    }
    unsigned seed = 0;
};

/// The outputs of each call, one after the other.
using AllOutputs = std::vector<double>;

struct Machine {
    Network network;
    WholeUse use;
    AllOutputs outputs;
};

std::string npy(const Dims& dims, const std::vector<float>& numbers) {
    std::string bytes = npy_header(static_cast<std::uint64_t>(dims.front()), {dims.begin() + 1, dims.end()});
    for (const float number : numbers) append_float32(bytes, number);
    return bytes;
}

/// Front, quantized network and back over the data.
Machine run_whole(const std::string& model, const Dims& dims, const std::vector<float>& data, int exponent) {
    const testing::TemporaryFolder folder;
    ImportOptions options;
    options.lstm_weight_bits = 8;
    options.dense_weight_bits = 8;
    options.input_exponent = exponent;
    Machine machine{import_onnx(model, options).network, {read_whole_model(model, options), "model.onnx", {}}, {}};
    const OutputMode mode = whole_mode(machine.use.model, machine.network.graph_output);
    FrontSteps steps(
        machine.use,
        open_calls(TraceSource::npy, folder.write("x.npy", npy(dims, data)), data_input(machine.use), machine.use.name),
        static_cast<std::uint64_t>(machine.network.input_size()));
    const QuantizedNetwork quantized = quantize(machine.network, kFormats);
    Reference reference(quantized, mode);
    CallsWriter calls(folder.write("t", ""), "");
    std::vector<std::vector<double>> rows;
    while (const Step* const step = steps.next()) {
        if (steps.begins_call()) calls.write(steps.call());
        reference.step(*step, [&](const OutputVector& output) {
            rows.emplace_back();
            for (const std::int32_t value : output.values)
                rows.back().push_back(output_value(value, mode.kind, kFormats.activation_bits));
        });
    }
    calls.commit(steps.front_us());
    WholeOutputs whole(machine.use, mode, folder / "t", "");
    for (const std::vector<double>& row : rows)
        whole.add(row, [&](const std::vector<HostTensor>& outputs, std::uint64_t) {
            const std::vector<double> numbers = outputs.front().numbers();
            machine.outputs.insert(machine.outputs.end(), numbers.begin(), numbers.end());
        });
    CHECK(whole.finish());
    return machine;
}

/// The whole graph in ONNX Runtime; `states` go from the outputs of a call to the inputs of the next.
AllOutputs run_in_onnx_runtime(const std::string& bytes, const std::string& output, const Dims& call_dims,
                               const std::vector<float>& data,
                               const std::vector<std::pair<std::string, std::string>>& states, const Dims& state_dims) {
    HostSession session(bytes, "the model", 1);
    const std::int64_t size = product(call_dims);
    std::vector<HostTensor> kept;
    std::vector<std::string> names = {output};
    for (const auto& [input, made] : states) {
        kept.push_back(tensor_of(input, ElementType::float32, state_dims,
                                 std::vector<double>(static_cast<std::size_t>(product(state_dims)), 0.0)));
        names.push_back(made);
    }
    AllOutputs all;
    for (std::int64_t start = 0; start < static_cast<std::int64_t>(data.size()); start += size) {
        const std::vector<double> numbers(data.begin() + start, data.begin() + start + size);
        std::vector<HostTensor> inputs = {tensor_of("x", ElementType::float32, call_dims, numbers)};
        inputs.insert(inputs.end(), kept.begin(), kept.end());
        const std::vector<HostTensor> made = session.run(inputs, names);
        const std::vector<double> outputs = made.front().numbers();
        all.insert(all.end(), outputs.begin(), outputs.end());
        for (std::size_t i = 0; i < kept.size(); ++i) {
            kept[i] = made[i + 1];
            kept[i].name = states[i].first;
        }
    }
    return all;
}

/// `calls` of the graph over random data; both must agree.
Machine check_agreement(const FloatModel& model, const std::string& output, const Dims& call_dims, std::int64_t calls,
                        int exponent = 0, const std::vector<std::pair<std::string, std::string>>& states = {},
                        const Dims& state_dims = {}) {
    const std::string bytes = model.proto.SerializeAsString();
    const TemporaryFile file(bytes);
    const std::vector<float> data = random_numbers(calls * product(call_dims), 1, 99);
    Dims dims = call_dims;
    dims.insert(dims.begin(), calls);
    Machine machine = run_whole(file.path(), dims, data, exponent);
    const AllOutputs expected = run_in_onnx_runtime(bytes, output, call_dims, data, states, state_dims);
    REQUIRE(machine.outputs.size() == expected.size());
    double largest = 0;
    double error = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        largest = std::max(largest, std::fabs(expected[i]));
        error = std::max(error, std::fabs(expected[i] - machine.outputs[i]));
    }
    CHECK(largest > 0.01);
    CHECK(error <= kLargestError * largest);
    return machine;
}

} // namespace

TEST_CASE("convolution before the LSTM, two dense layers with a Relu behind it") {
    if (!has_runtime()) return;
    FloatModel model;
    model.input("x", {"1", "2", "samples"});
    model.random("K", {6, 2, 3});
    model.node("Conv", {"x", "K"}, {"c"}).integers("strides", {2}).integers("pads", {1, 1});
    model.node("Relu", {"c"}, {"r"});
    model.node("Transpose", {"r"}, {"features"}).integers("perm", {2, 0, 1});
    model.lstm("features", 6, 8);
    model.random("D", {8, 10});
    model.random("d", {10});
    model.random("E", {10, 3});
    model.node("MatMul", {"y", "D"}, {"m"});
    model.node("Add", {"m", "d"}, {"logits"});
    model.node("Relu", {"logits"}, {"a"});
    model.node("MatMul", {"a", "E"}, {"z"});
    model.float_output("z");
    const Machine machine = check_agreement(model, "z", {1, 2, 24}, 3, 1);
    CHECK(machine.network.dense); // the first dense layer is the machine's
    CHECK(machine.use.model.front);
    CHECK(machine.use.model.back);
}

TEST_CASE("a normalization behind the LSTM, with a value that goes around it") {
    if (!has_runtime()) return;
    FloatModel model;
    model.input("x", {"steps", "1", "8"});
    model.node("Tanh", {"x"}, {"t"});
    model.lstm("t", 8, 8);
    model.node("Add", {"y", "t"}, {"residual"}); // skip connection
    model.node("ReduceMean", {"residual"}, {"mean"}).integers("axes", {2});
    model.node("Sub", {"residual", "mean"}, {"z"});
    model.float_output("z");
    const Machine machine = check_agreement(model, "z", {12, 1, 8}, 1);
    CHECK(machine.use.model.around == std::vector<std::string>{"t"});
}

TEST_CASE("an embedding before the LSTM") {
    if (!has_runtime()) return;
    FloatModel model;
    model.input("x", {"1", "steps", "1"}); // a number that is rounded to a symbol
    model.random("table", {5, 6}, 1);
    model.floats("scale", {1}, {2}).int64s("axis_2", {1}, {2});
    model.node("Mul", {"x", "scale"}, {"scaled"});
    model.node("Abs", {"scaled"}, {"positive"});
    model.node("Floor", {"positive"}, {"whole"});
    model.node("Squeeze", {"whole", "axis_2"}, {"flat"});
    model.node("Cast", {"flat"}, {"symbols"}).integer("to", onnx::TensorProto::INT64);
    model.node("Gather", {"table", "symbols"}, {"e"});
    model.node("Transpose", {"e"}, {"features"}).integers("perm", {1, 0, 2});
    model.lstm("features", 6, 8);
    model.node("Tanh", {"y"}, {"z"});
    model.float_output("z");
    check_agreement(model, "z", {1, 15, 1}, 2);
}

TEST_CASE("states as inputs and outputs: all calls are one stream") {
    if (!has_runtime()) return;
    FloatModel model;
    model.input("x", {"1", "1", "6"}).input("h", {"1", "1", "8"}).input("c", {"1", "1", "8"});
    model.lstm("x", 6, 8, {"", "h", "c"});
    model.random("D", {8, 4}, 1);
    model.node("MatMul", {"y", "D"}, {"m"});
    model.node("Tanh", {"m"}, {"n"});
    model.node("Mul", {"n", "n"}, {"z"});
    model.float_output("z");
    model.float_output("y_h");
    model.float_output("y_c");
    const Machine machine = check_agreement(model, "z", {1, 1, 6}, 20, 0, {{"h", "y_h"}, {"c", "y_c"}}, {1, 1, 8});
    CHECK(machine.use.model.streams);
    CHECK(machine.use.model.not_computed == std::vector<std::string>{"y_h", "y_c"});
}

TEST_CASE("a batch in each call, with the batch first") {
    if (!has_runtime()) return;
    FloatModel model;
    model.input("x", {"4", "5", "6"});
    model.node("Transpose", {"x"}, {"s"}).integers("perm", {1, 0, 2});
    model.lstm("s", 6, 8);
    model.node("Transpose", {"y"}, {"b"}).integers("perm", {1, 0, 2});
    model.node("Tanh", {"b"}, {"z"});
    model.float_output("z");
    const Machine machine = check_agreement(model, "z", {4, 5, 6}, 3);
    CHECK(machine.use.model.batch == 4);
}

TEST_CASE("a vector that an autoencoder repeats for its decoder") {
    if (!has_runtime()) return;
    FloatModel model;
    model.input("x", {"9", "1", "6"});
    model.lstm("x", 6, 8);
    model.int64s("shape", {3}, {9, 1, 8});
    model.node("Expand", {"y_h", "shape"}, {"repeated"});
    model.random("W2", {1, 16, 8});
    model.random("R2", {1, 16, 4});
    model.node("LSTM", {"repeated", "W2", "R2"}, {"z4"}).integer("hidden_size", 4);
    model.node("Squeeze", {"z4", "axis_1"}, {"z"});
    model.float_output("z");
    const Machine machine = check_agreement(model, "z", {9, 1, 6}, 3);
    CHECK(machine.use.model.leaves == "y_h");
}

TEST_CASE("a decoder that begins with both states of its encoder") {
    const auto whole_of = [](const FloatModel& model) {
        ImportOptions options;
        options.lstm_weight_bits = 8;
        const TemporaryFile file(model.proto.SerializeAsString());
        return read_whole_model(file.path(), options);
    };
    for (const bool has_states : {false, true}) {
        FloatModel model;
        model.input("x", {"7", "1", "6"});
        if (has_states) model.input("h", {"1", "1", "8"}).input("c", {"1", "1", "8"});
        model.node("Tanh", {"x"}, {"t"});
        model.lstm("t", 6, 8, has_states ? std::vector<std::string>{"", "h", "c"} : std::vector<std::string>{});
        model.random("W2", {1, 32, 6});
        model.random("R2", {1, 32, 8});
        model.node("LSTM", {"x", "W2", "R2", "", "", "y_h", "y_c"}, {"z4"}).integer("hidden_size", 8);
        model.node("Squeeze", {"z4", "axis_1"}, {"z"});
        model.float_output("z");
        const WholeModel whole = whole_of(model);
        if (has_states) { // which the machine keeps, so the host cannot compute the encoder
            CHECK(whole.computed_again.empty());
            CHECK(whole.not_computed == std::vector<std::string>{"z"});
            continue;
        }
        CHECK(whole.leaves == "y_h");
        CHECK(whole.computed_again == "y_c"); // on the host, since the machine puts out h alone
        CHECK(whole.not_computed.empty());
        if (has_runtime()) check_agreement(model, "z", {7, 1, 6}, 3);
    }
}

TEST_CASE("a Softmax at the end is the host's work") {
    if (!has_runtime()) return;
    FloatModel model;
    model.input("x", {"steps", "1", "6"});
    model.lstm("x", 6, 8);
    model.random("D", {8, 4}, 2);
    model.node("MatMul", {"y", "D"}, {"m"});
    model.node("Softmax", {"m"}, {"z"}).integer("axis", 2);
    model.float_output("z");
    const Machine machine = check_agreement(model, "z", {10, 1, 6}, 1);
    CHECK(machine.use.model.whole_graph);
    CHECK(machine.use.model.back);
}

TEST_CASE("is a network measured in ONNX Runtime, alone and in a batch?") {
    if (!has_runtime()) return;
    FloatModel model;
    model.input("x", {"steps", "1", "6"});
    model.lstm("x", 6, 8);
    model.float_output("y");
    const TemporaryFile file(model.proto.SerializeAsString());
    ImportOptions options;
    options.lstm_weight_bits = 8;
    const TimedGraph graph = graph_of(import_onnx(file.path(), options).network);
    CHECK(has_open_batch(graph));
    for (const std::int64_t batch : {std::int64_t{1}, std::int64_t{4}}) {
        const StepTiming timing = time_in_onnx_runtime(graph, batch, 30, 1, 2);
        CHECK(timing.steps == 30);
        REQUIRE(timing.step_us.size() == 2);
        CHECK(timing.step_us.front() > 0);
    }
}

TEST_CASE("are predictions those of the graph's first output?") {
    WholeUse use;
    use.name = "model.onnx";
    WholeScorer scorer(use);
    Step step;
    for (int i = 0; i < 4; ++i) { // two sequences of two steps; the label is that of the last step
        step.first = i % 2 == 0;
        step.last = !step.first;
        step.label = step.last ? 1 : kNoLabel;
        scorer.expect(step);
    }
    scorer.score(tensor_of("z", ElementType::float32, {1, 3}, {0, 5, 1}), 2);
    scorer.score(tensor_of("z", ElementType::float32, {1, 2, 3}, {0, 5, 1, 4, 0, 0}), 2); // of every step
    CHECK(scorer.result().scored == 2);
    CHECK(scorer.result().correct == 1);
    CHECK_THROWS_WITH(scorer.score(tensor_of("z", ElementType::float32, {5, 3}, std::vector<double>(15, 0.0)), 2),
                      ContainsSubstring("'z'") && ContainsSubstring("2 steps"));
}

TEST_CASE("are probabilities taken as such?") {
    WholeUse use;
    use.model.outputs_are_probabilities = true;
    WholeScorer scorer(use);
    Step step;
    step.first = step.last = true;
    step.label = 1;
    scorer.expect(step);
    scorer.score(tensor_of("z", ElementType::float32, {1, 1}, {0.75}), 1);
    CHECK(scorer.result().correct == 1);
    CHECK(scorer.result().nats.value() == Approx(-std::log(0.75)).margin(1e-6));
}
