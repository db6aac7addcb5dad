// Does a failing case become as small as it can be, and stay failing?
#include "support/catch.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cosim/case_generator.hpp"
#include "cosim/shapes.hpp"
#include "cosim/shrinker.hpp"

using namespace bru;
using namespace bru::test;

namespace {

constexpr int kManyAttempts = 100'000;

} // namespace

TEST_CASE("what does not matter to the failure goes away") {
    // A fault that needs a sequence of three steps, a layer of five units and one-plane h weights in it.
    const auto fails = [](const CosimCase& c) {
        const bool layer = std::any_of(c.layers.begin(), c.layers.end(), [](const CaseLayer& each) {
            return each.hidden >= 5 && each.recurrent_planes == 1;
        });
        return layer && c.longest_sequence() >= 3;
    };
    int tried = 0;
    for (std::uint64_t number = 0; number < 120; ++number) {
        const CosimCase drawn = draw_case(5, number, some_shapes());
        if (!fails(drawn)) continue;
        ++tried;
        const CosimCase smallest = shrink(drawn, fails, kManyAttempts);
        REQUIRE(smallest.layers.size() == 1);
        CHECK(smallest.layers[0].hidden == 5);
        CHECK(smallest.layers[0].directions == Directions::forward);
        CHECK(smallest.layers[0].input_planes == 1);
        CHECK(smallest.sequences == std::vector<int>{3});
        CHECK(smallest.dense_outputs == 0);
        CHECK(smallest.mode == OutputMode{OutputKind::hidden, OutputSteps::every});
        CHECK(smallest.inputs == 1);
        CHECK(smallest.parameters.empty());
        CHECK(smallest.arrival_gap_cycles == 0);
        CHECK(!smallest.start_delay_cycles);
        CHECK(!smallest.port);
        CHECK(smallest.weights == Magnitude::plain);
        CHECK(smallest.states == Magnitude::zero);
    }
    CHECK(tried > 10);
}

TEST_CASE("what matters to the failure stays") {
    CosimCase drawn = draw_case(5, 1, some_shapes());
    drawn.parameters = {{"ddr.latency_ns", "450"}, {"host.input_transfer_steps", "1"}, {"dma.burst_beats", "2"}};
    drawn.start_delay_cycles = 17;
    const auto fails = [](const CosimCase& c) {
        return c.start_delay_cycles && std::any_of(c.parameters.begin(), c.parameters.end(), [](const Override& each) {
                   return each.key == "host.input_transfer_steps";
               });
    };
    const CosimCase smallest = shrink(drawn, fails, kManyAttempts);
    REQUIRE(smallest.parameters.size() == 1);
    CHECK(smallest.parameters[0].key == "host.input_transfer_steps");
    CHECK(smallest.start_delay_cycles == 17);
}

TEST_CASE("every case that is tried is whole, and the number of attempts is kept") {
    const CosimCase drawn = draw_case(5, 2, some_shapes());
    int attempts = 0;
    const auto fails = [&](const CosimCase& c) {
        ++attempts;
        REQUIRE(to_json(case_from_json(to_json(c))) == to_json(c)); // in all ranges
        return attempts % 3 == 0;
    };
    shrink(drawn, fails, 200);
    CHECK(attempts <= 200);
    attempts = 0;
    const auto never_fails = [&](const CosimCase&) { return ++attempts < 0; };
    const CosimCase same = shrink(drawn, never_fails, kManyAttempts);
    CHECK(to_json(same) == to_json(drawn));
    CHECK(attempts > 5);
}
