// Do the clocks of a board keep their edges over any time?
#include "support/catch.hpp"

#include "fleet/machine_clock.hpp"

using namespace bru::fleet;

namespace {

/// The edge of a cycle, rounded down as MachineClock does.
Time edge(std::int64_t cycle, Time dividend, Time divisor) {
    return cycle / divisor * dividend + cycle % divisor * dividend / divisor;
}

} // namespace

TEST_CASE("a board without a clock acts at every picosecond") {
    const MachineClock clock;
    CHECK(clock.cycle_from(1234567) == 1234567);
    CHECK(clock.cycle_of(1234567) == 1234567);
    CHECK(clock.exact(1234567) == 1234567);
    CHECK(clock.exact_of_dma(1234567) == 1234567);
}

TEST_CASE("edges of a clock are where they are, however late") {
    const MachineClock clock(150, 150); // 20000 / 3 ps
    for (const std::int64_t cycle : {std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, 150'000'000'000'001}) {
        const Time time = edge(cycle, 20'000, 3);
        INFO("cycle " << cycle << " at " << time);
        CHECK(clock.cycle_from(time) == time);
        CHECK(clock.cycle_of(time) == time);
        CHECK(clock.cycle_from(time - 1) == time);
        CHECK(clock.cycle_from(time + 1) == edge(cycle + 1, 20'000, 3));
        CHECK(clock.cycle_of(time + 1) == time);
        CHECK(clock.cycle_of(time - 1) == edge(cycle - 1, 20'000, 3));
        CHECK(clock.exact(time + 2) == time); // the error of a sum
        CHECK(clock.exact(time - 2) == time);
        CHECK(clock.exact_of_dma(time + 3000) == time);
        CHECK(clock.exact_of_dma(time + 3500) == edge(cycle + 1, 20'000, 3));
    }
}

TEST_CASE("sums of rounded times do not leave the edges") {
    const MachineClock clock(150, 150);
    Time time = 0;
    for (std::int64_t k = 1; k <= 100'000; ++k) {
        time = clock.exact(time + 6'667); // a cycle, rounded up
        REQUIRE(time == edge(k, 20'000, 3));
    }
}

TEST_CASE("an access takes effect at an edge of the DMA and ends at the next") {
    SECTION("with one clock each access takes one cycle more than the host works for it") {
        const MachineClock clock(150, 150);
        CHECK(clock.accesses_end(0, 1, 19) == edge(20, 20'000, 3));
        CHECK(clock.accesses_end(edge(7, 20'000, 3), 4, 19) == edge(87, 20'000, 3));
    }
    SECTION("with two clocks the host waits for the other's edges") {
        const MachineClock clock(200, 150); // cycles of 5 and of 6.67 ns
        // 25 cycles end at 125 ns; the next edge of the DMA is its cycle 19, at 126.67 ns.
        CHECK(clock.accesses_end(0, 1, 25) == edge(20, 20'000, 3));
        // From 133.33 ns, which is in cycle 26: to 255 ns, the DMA's cycle 39, and its next.
        CHECK(clock.accesses_end(0, 2, 25) == edge(40, 20'000, 3));
        // From 5 ns: to 130 ns, the DMA's cycle 20 (133.33 ns), and its next.
        CHECK(clock.accesses_end(5'000, 1, 25) == edge(21, 20'000, 3));
    }
}
