// Does make_trace() write a trace and goldens that `reference` agrees with, and nothing where something is wrong?
#include "support/catch.hpp"
#include <cmath>
#include <filesystem>

#include "../reference/networks.hpp"
#include "base/error.hpp"
#include "files.hpp"
#include "model/quantized_network.hpp"
#include "trace/golden_file.hpp"
#include "trace/trace_command.hpp"
#include "trace/trace_file.hpp"

using namespace bru;
using namespace bru::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

Network character_model() {
    NetworkShape shape;
    shape.input_size = shape.dense_rows = 4;
    shape.hidden_size = 6;
    shape.one_hot = true;
    Network network = random_network(shape, 21);
    network.vocabulary = {"a", "b", "\n", "c"};
    network.graph_output = {OutputKind::logits, OutputSteps::every};
    return network;
}

TraceOptions sample_options(const TemporaryFolder& folder, std::uint64_t steps) {
    TraceOptions options;
    options.source = TraceSource::sample;
    options.sample_steps = steps;
    options.out_path = folder / "t.trace";
    return options;
}

std::vector<Step> read_trace(const std::string& path, const Network& network) {
    TraceReader reader(path, network);
    std::vector<Step> steps;
    while (const Step* step = reader.next()) steps.push_back(*step);
    return steps;
}

GoldenComparison replay(const std::string& path, const Network& network, OutputMode mode) {
    const QuantizedNetwork quantized = quantize(network, {});
    Reference reference(quantized, mode);
    TraceReader steps(path, network);
    const auto checker = GoldenChecker::open(golden_path(path), {network.fingerprint, {}, mode});
    REQUIRE(checker);
    reference.run(steps, [&](const OutputVector& output) { checker->check(output); });
    return checker->finish();
}

} // namespace

TEST_CASE("a sampled trace is the model's own text", "[trace_command]") {
    const TemporaryFolder folder;
    const Network network = character_model();
    const TraceSummary summary = make_trace(network, sample_options(folder, 3000));
    CHECK(summary.steps == 3000);
    CHECK(summary.sequences == 1);
    CHECK(summary.labels.steps == 3000);
    CHECK_FALSE(summary.same_trace);
    const std::vector<Step> steps = read_trace(folder / "t.trace", network);
    CHECK(steps[0].symbol == 2); // the line end
    std::vector<int> counts(4);
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
        REQUIRE(steps[i].label == static_cast<std::int32_t>(steps[i + 1].symbol));
        ++counts[steps[i].symbol];
    }
    for (const int count : counts) CHECK(count > 30);
    const GoldenComparison comparison = replay(folder / "t.trace", network, {OutputKind::logits, OutputSteps::every});
    CHECK(comparison.checked == 12000);
    CHECK(comparison.mismatches == 0);
}

TEST_CASE("sampling follows the softmax of the logits", "[trace_command]") {
    Network network = character_model();
    network.dense->weights.scales.assign(4, 0);
    network.dense->bias = {0, std::log(2.0), std::log(3.0), std::log(4.0)}; // 10, 20, 30, 40 %
    const QuantizedNetwork quantized = quantize(network, {});
    SampledSteps sampled(quantized, 20000, 5);
    std::vector<double> share(4);
    while (const Step* step = sampled.next()) share[step->symbol] += 1 / 20000.0;
    for (std::size_t i = 0; i < 4; ++i) CHECK(share[i] == Approx(0.1 * static_cast<double>(i + 1)).margin(0.01));
}

TEST_CASE("the seed decides", "[trace_command]") {
    const TemporaryFolder folder;
    const Network network = character_model();
    TraceOptions options = sample_options(folder, 200);
    make_trace(network, options);
    const std::string first = folder.read("t.trace");
    CHECK(make_trace(network, options).same_trace);
    CHECK(folder.read("t.trace") == first);
    options.seed = 2;
    CHECK_FALSE(make_trace(network, options).same_trace);
    CHECK(folder.read("t.trace") != first);
}

TEST_CASE("several modes, and goldens of an unchanged trace are kept", "[trace_command]") {
    const TemporaryFolder folder;
    const Network network = character_model();
    TraceOptions options = sample_options(folder, 50);
    options.modes = {{OutputKind::hidden, OutputSteps::every}, {OutputKind::argmax, OutputSteps::last}};
    make_trace(network, options);
    options.modes = {{OutputKind::logits, OutputSteps::final_state}};
    make_trace(network, options);
    CHECK(golden_sections(folder / "t.trace.golden").size() == 3);
    CHECK(replay(folder / "t.trace", network, {OutputKind::hidden, OutputSteps::every}).mismatches == 0);
    CHECK(replay(folder / "t.trace", network, {OutputKind::argmax, OutputSteps::last}).checked == 1);
    options.seed = 9;
    make_trace(network, options);
    CHECK(golden_sections(folder / "t.trace.golden").size() == 1);
}

TEST_CASE("a text becomes a trace with arrival times", "[trace_command]") {
    const TemporaryFolder folder;
    const Network network = character_model();
    TraceOptions options;
    options.path = folder.write("t.txt", "abc\ncab\n");
    options.out_path = folder / "t.trace";
    options.arrival = parse_arrival("periodic:20");
    options.steps = 6;
    const TraceSummary summary = make_trace(network, options);
    CHECK(summary.steps == 6);
    const std::vector<Step> steps = read_trace(folder / "t.trace", network);
    CHECK(steps[5].arrival_us == 100);
    CHECK(steps[5].label == 1); // the text went on with b
    CHECK(steps[5].last);
}

TEST_CASE("digest mismatches are located by the reference", "[trace_command]") {
    const TemporaryFolder folder;
    const Network network = character_model();
    make_trace(network, sample_options(folder, 3000));
    const OutputMode mode{OutputKind::logits, OutputSteps::every};
    const QuantizedNetwork quantized = quantize(network, {});
    Reference reference(quantized, mode);
    TraceReader steps(folder / "t.trace", network);
    const auto checker = GoldenChecker::open(folder / "t.trace.golden", {network.fingerprint, {}, mode});
    reference.run(steps, [&](OutputVector output) {
        if (output.step == 2222) output.values[3] += 7;
        checker->check(output);
    });
    const GoldenComparison comparison = checker->finish();
    CHECK(comparison.mismatches == 1);
    TraceReader again(folder / "t.trace", network);
    const auto located = locate_mismatch(quantized, mode, again, comparison.first_got);
    REQUIRE(located);
    CHECK(located->step == 2222);
    CHECK(*located->unit == 3);
    CHECK(*located->got == *located->expected + 7);
    OutputVector right = comparison.first_got;
    right.values[3] -= 7;
    TraceReader once_more(folder / "t.trace", network);
    CHECK_FALSE(locate_mismatch(quantized, mode, once_more, right));
}

TEST_CASE("where something is wrong, no file is left", "[trace_command]") {
    const TemporaryFolder folder;
    const Network network = character_model();
    TraceOptions options;
    options.path = folder.write("t.txt", "abcx");
    options.out_path = folder / "t.trace";
    CHECK_THROWS_WITH(make_trace(network, options), ContainsSubstring("t.txt:1:4"));
    CHECK(folder.file_count() == 1);
    folder.write("t.txt", "");
    CHECK_THROWS_WITH(make_trace(network, options), ContainsSubstring("no steps"));
    folder.write("t.txt", "abc");
    options.steps = 0;
    CHECK_THROWS_WITH(make_trace(network, options), ContainsSubstring("--steps is 0"));
    options.steps.reset();
    options.out_path = "";
    CHECK_THROWS_WITH(make_trace(network, options), ContainsSubstring("--out"));
    options.out_path = "/dev/null";
    CHECK_THROWS_WITH(make_trace(network, options), ContainsSubstring("/dev/null: is no regular file"));
    options.out_path = folder / "t.trace";
    Network without_dense = network;
    without_dense.dense.reset();
    CHECK_THROWS_WITH(make_trace(without_dense, options), ContainsSubstring("dense layer"));
    options.progress = [](const char*, std::uint64_t) { throw std::runtime_error("stop"); };
    options.source = TraceSource::sample;
    options.sample_steps = 5000;
    CHECK_THROWS_WITH(make_trace(network, options), "stop");
    options.sample_steps = 0;
    CHECK_THROWS_WITH(make_trace(network, options), ContainsSubstring("--sample is 0"));
    CHECK(folder.file_count() == 1);
}

TEST_CASE("models that cannot be sampled say why", "[trace_command]") {
    const TemporaryFolder folder;
    NetworkShape shape;
    shape.dense_rows = 5;
    CHECK_THROWS_WITH(make_trace(random_network(shape, 1), sample_options(folder, 10)),
                      ContainsSubstring("its inputs are vectors"));
    shape.one_hot = true;
    shape.dense_rows = 4;
    CHECK_THROWS_WITH(make_trace(random_network(shape, 1), sample_options(folder, 10)),
                      ContainsSubstring("not as many outputs as inputs"));
    shape.dense_rows = 5;
    shape.reverse = true;
    CHECK_THROWS_WITH(make_trace(random_network(shape, 1), sample_options(folder, 10)),
                      ContainsSubstring("reverse layers"));
    shape.dense_rows = 0;
    shape.reverse = false;
    CHECK_THROWS_WITH(make_trace(random_network(shape, 1), sample_options(folder, 10)),
                      ContainsSubstring("no dense layer"));
}

TEST_CASE("sequences that the machine cannot hold are refused for reverse layers only", "[trace_command]") {
    const TemporaryFolder folder;
    NetworkShape shape;
    shape.input_size = 1;
    TraceOptions options;
    options.source = TraceSource::csv;
    options.path = folder.write("t.csv", "1\n2\n3\n\n4\n");
    options.out_path = folder / "t.trace";
    options.max_sequence_steps = 2;
    CHECK_NOTHROW(make_trace(random_network(shape, 1), options));
    shape.reverse = true;
    CHECK_THROWS_WITH(make_trace(random_network(shape, 1), options),
                      ContainsSubstring("sequence 0 has more than max_sequence_steps = 2"));
    options.max_sequence_steps = 3;
    CHECK_NOTHROW(make_trace(random_network(shape, 1), options));
}
