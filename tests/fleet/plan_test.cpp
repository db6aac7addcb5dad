// What a fleet file may say, and what it is told where it says something else.
#include "support/catch.hpp"

#include "base/error.hpp"
#include "fleet/fleet_plan.hpp"
#include "fleet/session_source.hpp"
#include "support/temporary_folder.hpp"

#include <fstream>

using namespace bru;
using namespace bru::fleet;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kBoard = "[board]\nstep_us = 10\n";
const std::string kSessions = "[sessions]\npermanent = 5\nperiod_ms = 1\ndeadline_ms = 2\n";

FleetPlan read(const std::string& text, const std::vector<Override>& overrides = {}) {
    return read_fleet_plan(text, "f.ini", overrides);
}

} // namespace

TEST_CASE("a fleet file has boards of several kinds, and options replace its keys") {
    const FleetPlan plan =
        read("[fleet]\nseed = 7\ndispatch = sticky\n" + kBoard + "count = 3\n[board_2]\nstep_us = 5\n" + kSessions,
             {{"sessions.period_ms", "4"}, {"board.count", "9"}});
    REQUIRE(plan.kinds.size() == 2);
    CHECK(plan.kinds[0].count == 9);
    CHECK(plan.kinds[1].count == 1);
    CHECK(*plan.kinds[1].step_us == 5);
    CHECK(plan.sessions.period_ms == 4);
    CHECK(plan.seed == 7);
    CHECK(plan.dispatch == Dispatch::sticky);
    CHECK_FALSE(plan.waits_when_full);
}

TEST_CASE("errors of a fleet file name line, value, what is allowed and the remedy") {
    CHECK_THROWS_WITH(read(kBoard + "cuont = 3\n" + kSessions),
                      ContainsSubstring("f.ini:3: unknown key 'board.cuont'") && ContainsSubstring("Did you mean"));
    CHECK_THROWS_WITH(read(kBoard + "count = 0\n" + kSessions),
                      ContainsSubstring("f.ini:3: board.count = 0: not allowed; allowed is a whole number from 1 to"));
    CHECK_THROWS_WITH(read("[fleet]\ndispatch = round_robbin\n" + kBoard + kSessions),
                      ContainsSubstring("allowed is round_robin, least_loaded, sticky. Did you mean 'round_robin'?"));
    CHECK_THROWS_WITH(read(kBoard + "[sessions]\npermanent = 5\nperiod_ms = 16 ms\ndeadline_ms = 1\n"),
                      ContainsSubstring("give the number alone, 16"));
    CHECK_THROWS_WITH(read(kSessions), ContainsSubstring("has no boards"));
    CHECK_THROWS_WITH(read(kBoard), ContainsSubstring("has no sessions"));
    CHECK_THROWS_WITH(read("[board]\ncount = 2\n" + kSessions),
                      ContainsSubstring("neither its machine nor its figures"));
    CHECK_THROWS_WITH(read(kBoard + "[sessions]\npermanent = 5\ndeadline_ms = 1\n"),
                      ContainsSubstring("period_ms is missing"));
    CHECK_THROWS_WITH(read(kBoard + "[sessions]\npermanent = 5\nperiod_ms = 1\n"),
                      ContainsSubstring("deadline_ms is missing"));
    CHECK_THROWS_WITH(read("[fleet]\nwarm_up_s = 60\n" + kBoard + kSessions),
                      ContainsSubstring("allowed is less than fleet.duration_s"));
    CHECK_THROWS_WITH(read(kBoard + kSessions, {{"board.count", "x"}}),
                      ContainsSubstring("--board.count: board.count = x"));
}

TEST_CASE("loads are a range with a step, or a list") {
    CHECK(parse_loads("0.1:0.5:0.2") == std::vector<double>{0.1, 0.1 + 0.2, 0.5});
    CHECK(parse_loads("0.5, 0.8").size() == 2);
    CHECK(parse_loads("0.1:0.95:0.05").size() == 18);
    CHECK_THROWS_WITH(parse_loads("0.1:0.5"), ContainsSubstring("give the step, too"));
    CHECK_THROWS_WITH(parse_loads("3"), ContainsSubstring("up to 2"));
    CHECK_THROWS_WITH(parse_loads("0.9:0.1:0.1"), ContainsSubstring("not allowed"));
}

TEST_CASE("a trace of sessions says line by line what is wrong with it") {
    const bru::testing::TemporaryFolder folder;
    const std::string path = folder / "sessions.csv";
    const auto arrivals = [&path](const std::string& text) {
        std::ofstream(path) << text;
        return read_session_arrivals(path);
    };
    const auto read_back = arrivals("start_s,duration_s,period_ms,client\n0,10,16,3\n0.5,1,20,4\n");
    REQUIRE(read_back.size() == 2);
    CHECK(read_back[1].start == of_s(0.5));
    CHECK(*read_back[1].client == 4);
    CHECK_FALSE(arrivals("start_s,duration_s,period_ms\n0,10,16\n")[0].client);
    CHECK_THROWS_WITH(arrivals("start,duration\n0,1\n"), ContainsSubstring(":1: the first line has to be"));
    CHECK_THROWS_WITH(arrivals("start_s,duration_s,period_ms\n0,10\n"), ContainsSubstring(":2: has 2 fields"));
    CHECK_THROWS_WITH(arrivals("start_s,duration_s,period_ms\n0,-1,16\n"), ContainsSubstring("duration_s = '-1'"));
    CHECK_THROWS_WITH(arrivals("start_s,duration_s,period_ms\n5,1,16\n4,1,16\n"), ContainsSubstring("sort the lines"));
    CHECK_THROWS_WITH(arrivals("start_s,duration_s,period_ms\n"), ContainsSubstring("has no sessions"));
}
