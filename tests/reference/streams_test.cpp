// Does each stream of a trace get what it would get alone, in every execution, however the streams interleave?
#include "support/catch.hpp"
#include <map>

#include "model/output_mode.hpp"
#include "networks.hpp"
#include "reference/float_execution.hpp"
#include "reference/predictions.hpp"
#include "reference/reference.hpp"

using namespace bru;
using namespace bru::testing;

namespace {

constexpr std::uint32_t kStreams = 5;

/// Sequences of random lengths for each stream, in a random order of streams.
std::vector<Step> interleaved(const Network& network, std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<Step> steps(count);
    std::map<std::uint32_t, Step*> before;
    for (Step& step : steps) {
        step.stream = static_cast<std::uint32_t>(random() % kStreams);
        step.values = random_reals(random, network.input_size(), 1.0);
        step.label = static_cast<std::int32_t>(random() % 4);
        Step*& previous = before[step.stream];
        step.first = previous == nullptr || previous->last;
        step.last = random() % 6 == 0;
        previous = &step;
    }
    for (const auto& [stream, step] : before) step->last = true;
    return steps;
}

std::vector<Step> of_stream(const std::vector<Step>& steps, std::uint32_t stream) {
    std::vector<Step> own;
    for (Step step : steps) {
        if (step.stream != stream) continue;
        step.stream = 0;
        own.push_back(step);
    }
    return own;
}

/// Outputs as (stream, step, values), in the order in which they come.
struct Seen {
    std::uint64_t sequence;
    std::uint64_t step;
    std::vector<double> values;
};

template <class Execution>
std::vector<Seen> run(Execution&& execution, const std::vector<Step>& steps) {
    std::vector<Seen> seen;
    for (const Step& step : steps)
        execution.step(step, [&](const auto& output) {
            seen.push_back({output.sequence, output.step, {output.values.begin(), output.values.end()}});
        });
    return seen;
}

/// The outputs of all streams must be those of each stream alone, in the order of the steps.
template <class Make>
void check_streams(const Make& make, OutputMode mode, const std::vector<Step>& steps) {
    std::map<std::uint32_t, std::vector<Seen>> alone;
    for (std::uint32_t stream = 0; stream < kStreams; ++stream) alone[stream] = run(make(), of_stream(steps, stream));
    const std::vector<Seen> together = run(make(), steps);
    std::map<std::uint32_t, std::uint64_t> number; // of the stream's sequence under way, over all streams
    std::map<std::uint32_t, std::size_t> outputs;
    std::uint64_t sequences = 0;
    std::size_t place = 0;
    for (const Step& step : steps) {
        if (step.first) number[step.stream] = sequences++;
        if (mode.steps != OutputSteps::every && !step.last) continue;
        REQUIRE(place < together.size());
        const Seen& expected = alone[step.stream].at(outputs[step.stream]++);
        REQUIRE(together[place].sequence == number[step.stream]);
        REQUIRE(together[place].step == expected.step);
        REQUIRE(together[place].values == expected.values);
        ++place;
    }
    CHECK(place == together.size());
}

} // namespace

TEST_CASE("each stream has the outputs that it has alone", "[streams]") {
    const auto gru = GENERATE(false, true);
    NetworkShape shape;
    shape.layers = 2;
    shape.dense_rows = 4;
    shape.gru = gru;
    const Network network = random_network(shape, 31);
    const QuantizedNetwork quantized = quantize(network, {});
    const std::vector<Step> steps = interleaved(network, 400, 7);
    for (const OutputMode mode :
         {OutputMode{OutputKind::hidden, OutputSteps::every}, OutputMode{OutputKind::logits, OutputSteps::every},
          OutputMode{OutputKind::logits, OutputSteps::last}, OutputMode{OutputKind::argmax, OutputSteps::last},
          OutputMode{OutputKind::hidden, OutputSteps::final_state}}) {
        INFO(output_kind_name(mode.kind) << " " << output_steps_name(mode.steps));
        check_streams([&] { return Reference(quantized, mode); }, mode, steps);
        check_streams([&] { return FloatExecution(network, mode); }, mode, steps);
    }
}

TEST_CASE("an output says of which stream it is", "[streams]") {
    const Network network = random_network({}, 32);
    const QuantizedNetwork quantized = quantize(network, {});
    const std::vector<Step> steps = interleaved(network, 50, 8);
    Reference reference(quantized, {OutputKind::hidden, OutputSteps::every});
    for (const Step& step : steps)
        reference.step(step, [&](const OutputVector& output) { CHECK(output.stream == step.stream); });
}

TEST_CASE("labels of interleaved streams meet the outputs of their steps", "[streams]") {
    NetworkShape shape;
    shape.dense_rows = 4;
    const Network network = random_network(shape, 33);
    const std::vector<Step> steps = interleaved(network, 300, 9);
    for (const OutputSteps which : {OutputSteps::every, OutputSteps::last}) {
        const OutputMode mode = {OutputKind::logits, which};
        PredictionScorer together(mode);
        for (const Step& step : steps) together.expect(step); // outputs lag behind
        FloatExecution execution(network, mode);
        for (const Step& step : steps)
            execution.step(step, [&](const FloatOutputVector& output) { together.score(output); });
        std::uint64_t scored = 0;
        std::uint64_t correct = 0;
        for (std::uint32_t stream = 0; stream < kStreams; ++stream) {
            PredictionScorer alone(mode);
            FloatExecution own(network, mode);
            for (const Step& step : of_stream(steps, stream)) {
                alone.expect(step);
                own.step(step, [&](const FloatOutputVector& output) { alone.score(output); });
            }
            scored += alone.result().scored;
            correct += alone.result().correct;
        }
        CHECK(together.result().scored == scored);
        CHECK(together.result().correct == correct);
        CHECK(scored >= (which == OutputSteps::every ? 300U : 20U));
    }
}
