// Do data reach the streams whole and in order, and do their steps arrive when each stream says?
#include "support/catch.hpp"
#include <cmath>

#include "../reference/networks.hpp"
#include "base/error.hpp"
#include "files.hpp"
#include "trace/dealt_steps.hpp"
#include "trace/golden_file.hpp"
#include "trace/trace_command.hpp"
#include "trace/trace_file.hpp"

using namespace bru;
using namespace bru::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

/// Steps whose label is their number over all sequences, and whose value is a quarter of it.
std::vector<Step> numbered(const std::vector<int>& lengths) {
    std::vector<Step> steps;
    for (const int length : lengths)
        for (int k = 0; k < length; ++k) {
            Step step;
            step.first = k == 0;
            step.last = k + 1 == length;
            step.label = static_cast<std::int32_t>(steps.size());
            step.values = {step.label / 4.0, -1.0};
            steps.push_back(step);
        }
    return steps;
}

std::vector<Step> dealt(const std::vector<Step>& steps, std::uint32_t streams, const Arrival& arrival = {},
                        Phase phase = Phase::staggered, std::uint64_t seed = 1) {
    StepList source(steps);
    DealtSteps dealt_steps(source, input_network(InputEncoding::vector, 2), streams, arrival, phase, seed);
    std::vector<Step> result;
    while (const Step* const step = dealt_steps.next()) result.push_back(*step);
    return result;
}

/// "stream:label", with F and L.
std::string text_of(const std::vector<Step>& steps) {
    std::string text;
    for (const Step& step : steps) {
        text += std::to_string(step.stream) + ":" + std::to_string(step.label) + (step.first ? "F" : "") +
                (step.last ? "L" : "") + " ";
        CHECK(step.values == std::vector<double>{step.label / 4.0, -1.0});
    }
    return text;
}

} // namespace

TEST_CASE("sequences go to the streams in turn, and steps interleave", "[streams]") {
    CHECK(text_of(dealt(numbered({2, 3, 1, 2}), 2)) == "0:0F 1:2F 0:1L 1:3 0:5FL 1:4L 1:6F 1:7L ");
    CHECK(text_of(dealt(numbered({2, 2, 2}), 3)) == "0:0F 1:2F 2:4F 0:1L 1:3L 2:5L ");
    CHECK(dealt({}, 4).empty());
}

TEST_CASE("a single sequence is cut into one contiguous part per stream", "[streams]") {
    CHECK(text_of(dealt(numbered({8}), 3)) == "0:0F 1:3F 2:6F 0:1 1:4 2:7L 0:2L 1:5L ");
    CHECK(text_of(dealt(numbered({3}), 3)) == "0:0FL 1:1FL 2:2FL ");
    CHECK_THROWS_WITH(dealt(numbered({3}), 4),
                      ContainsSubstring("one sequence of 3 steps, which cannot be cut into 4"));
    CHECK_THROWS_WITH(dealt(numbered({9, 9, 9}), 4), ContainsSubstring("3 sequences, and each of 4 streams needs") &&
                                                         ContainsSubstring("--streams 3"));
}

TEST_CASE("symbols come through the file of dealt steps", "[streams]") {
    std::vector<Step> steps(9);
    for (std::size_t k = 0; k < steps.size(); ++k) steps[k].symbol = static_cast<std::uint32_t>(8 - k);
    steps.front().first = steps.back().last = true;
    StepList source(steps);
    DealtSteps dealt_steps(source, input_network(InputEncoding::one_hot, 9), 2, {}, Phase::staggered, 1);
    std::vector<std::uint32_t> symbols;
    while (const Step* const step = dealt_steps.next()) {
        symbols.push_back(step->symbol);
        CHECK(step->label == kNoLabel);
    }
    CHECK(symbols == std::vector<std::uint32_t>{8, 3, 7, 2, 6, 1, 5, 0, 4});
}

TEST_CASE("periodic streams start at evenly staggered phases", "[streams]") {
    const std::vector<Step> steps = dealt(numbered({8}), 4, {Arrival::Kind::periodic, 10});
    REQUIRE(steps.size() == 8);
    for (std::size_t k = 0; k < 8; ++k) {
        CHECK(steps[k].stream == k % 4);
        CHECK(steps[k].arrival_us == 2.5 * static_cast<double>(k));
    }
}

TEST_CASE("random phases lie within a period, and the seed repeats them", "[streams]") {
    const Arrival arrival = {Arrival::Kind::periodic, 10};
    const std::vector<Step> steps = dealt(numbered({800}), 8, arrival, Phase::random, 3);
    std::vector<double> first(8, -1);
    std::vector<double> before(8);
    double time = 0;
    for (const Step& step : steps) {
        CHECK(step.arrival_us >= time);
        time = step.arrival_us;
        if (step.first) {
            first[step.stream] = time;
            CHECK((time >= 0 && time <= 10));
        } else {
            CHECK(std::abs(time - before[step.stream] - 10) < 1e-6);
        }
        before[step.stream] = time;
    }
    for (std::size_t stream = 1; stream < 8; ++stream) CHECK(first[stream] != first[0]);
    CHECK(dealt(numbered({800}), 8, arrival, Phase::random, 3)[5].arrival_us == steps[5].arrival_us);
    CHECK(dealt(numbered({800}), 8, arrival, Phase::random, 4)[5].arrival_us != steps[5].arrival_us);
}

TEST_CASE("each stream has Poisson arrivals of its own", "[streams]") {
    const std::vector<Step> steps = dealt(numbered({40000}), 4, {Arrival::Kind::poisson, 10});
    std::vector<double> last(4);
    double time = 0;
    for (const Step& step : steps) {
        CHECK(step.arrival_us >= time);
        time = last[step.stream] = step.arrival_us;
    }
    for (const double end : last) CHECK(std::abs(end / 10000 - 10) < 0.5); // a mean of 10,000 distances
    CHECK(last[0] != last[1]);
}

TEST_CASE("a trace of dealt data agrees with its golden file", "[streams]") {
    const TemporaryFolder folder;
    NetworkShape shape;
    shape.input_size = 2;
    shape.dense_rows = 3;
    Network network = random_network(shape, 5);
    network.graph_output = {OutputKind::logits, OutputSteps::last};
    std::string csv;
    for (int k = 0; k < 60; ++k) csv += std::to_string(k % 7 / 7.0) + ",0.5\n" + (k % 5 == 4 ? "\n" : "");
    TraceOptions options;
    options.source = TraceSource::csv;
    options.path = folder.write("d.csv", csv);
    options.out_path = folder / "t.trace";
    options.streams = 4;
    const TraceSummary summary = make_trace(network, options);
    CHECK(summary.steps == 60);
    CHECK(summary.sequences == 12);
    const QuantizedNetwork quantized = quantize(network, {});
    const auto checker =
        GoldenChecker::open(golden_path(options.out_path), {network.fingerprint, {}, network.graph_output});
    REQUIRE(checker);
    TraceReader reader(options.out_path, network);
    CHECK(reader.header().streams == 4);
    Reference reference(quantized, network.graph_output);
    reference.run(reader, [&](const OutputVector& output) { checker->check(output); });
    CHECK(checker->finish().mismatches == 0);
    CHECK(checker->finish().checked == 36);
}

TEST_CASE("options that do not go with streams are refused", "[streams]") {
    const TemporaryFolder folder;
    NetworkShape shape;
    shape.input_size = 2;
    Network network = random_network(shape, 6);
    TraceOptions options;
    options.source = TraceSource::csv;
    options.path = folder.write("d.csv", "1,2\n3,4\n");
    options.out_path = folder / "t.trace";
    options.streams = 257;
    CHECK_THROWS_WITH(make_trace(network, options), ContainsSubstring("--streams is 257; it must be 1 to 256"));
    options.streams = 3;
    CHECK_THROWS_WITH(make_trace(network, options), ContainsSubstring("d.csv: the data have one sequence of 2 steps"));
    options.streams = 2;
    options.phase = Phase::random;
    CHECK_THROWS_WITH(make_trace(network, options), ContainsSubstring("--phase says when"));
    options.phase = Phase::staggered;
    network.layers[0].directions[0].reverse = true;
    CHECK_THROWS_WITH(make_trace(network, options), ContainsSubstring("has reverse layers"));
    CHECK(folder.file_count() == 1);
}
