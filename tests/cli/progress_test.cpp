// Does a line of progress fit the terminal, whatever it counts?
#include "support/catch.hpp"

#include "cli/progress.hpp"

using namespace bru::cli;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a line of progress fits, and keeps the share and the time left longest") {
    for (const std::uint64_t total : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{18'000'000'000'000'000'000U}})
        for (const double rate : {0.0, 0.001, 1e15})
            for (std::size_t columns = 0; columns <= 200; ++columns) {
                const ProgressState state{"golden traces of all models", "points", total / 2, total, rate};
                const std::string line = progress_line(state, columns);
                INFO(line);
                CHECK(line.size() <= columns);
            }
    const ProgressState state{"sweep", "points", 1200, 2400, 100};
    CHECK(progress_line(state, 79) == "sweep: 50 %, 12 s left, 1200 of 2400 points, 100 per second");
    CHECK_THAT(progress_line(state, 120), Catch::Matchers::StartsWith("[############............] sweep: 50 %"));
    CHECK(progress_line(state, 30) == "sweep: 50 %, 12 s left");
}
