// Does a measurement run what it says it ran?
#include "support/catch.hpp"

#include "model/synthetic_network.hpp"
#include "reference/step_timing.hpp"

using namespace bru;

TEST_CASE("the median is the middle one, or between the two in the middle") {
    CHECK(median({3, 1, 2}) == 2);
    CHECK(median({4, 1, 2, 3}) == 2.5);
    CHECK(median({7}) == 7);
}

TEST_CASE("every repeat runs the measured steps, after one that warms up") {
    const Network network = synthetic_network(16);
    const std::vector<Step> steps = synthetic_steps(network, 30, 30);
    std::vector<std::size_t> prepared;
    int runs = 0;
    const StepTiming timing = time_steps(steps, 5, [&](const std::vector<Step>& measured) {
        prepared.push_back(measured.size());
        CHECK(measured.front().first);
        CHECK(measured.back().last);
        return [&runs] { ++runs; };
    });
    CHECK(prepared == std::vector<std::size_t>{20, 30}); // a probe, then all: they cost nothing
    CHECK(runs == 2 + 1 + 5);
    CHECK(timing.steps == 30);
    CHECK(timing.step_us.size() == 5);
    CHECK(timing.processor_us.size() == 5);
    const StepTiming execution = time_float_execution(network, network.graph_output, steps, 2);
    CHECK(execution.steps == 30);
    CHECK(median(execution.step_us) > 0);
}

TEST_CASE("a synthetic network is the same everywhere, binary, and has inputs") {
    const Network network = synthetic_network(24);
    CHECK(network.fingerprint == synthetic_network(24).fingerprint);
    CHECK(network.fingerprint != synthetic_network(25).fingerprint);
    CHECK(network.layers[0].directions[0].recurrent.planes == 1);
    CHECK(network.layers[0].directions[0].recurrent.values.size() == 4 * 24 * 24);
    CHECK(network.dense->weights.planes == kSyntheticDensePlanes);
    const std::vector<Step> steps = synthetic_steps(network, 25, 10);
    CHECK(steps.size() == 25);
    for (std::size_t k = 0; k < steps.size(); ++k) {
        CHECK(steps[k].first == (k % 10 == 0));
        CHECK(steps[k].last == (k % 10 == 9 || k == 24));
        CHECK(steps[k].symbol < 82);
    }
}
