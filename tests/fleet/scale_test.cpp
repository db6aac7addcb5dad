// Is a large fleet a matter of seconds, in little memory?
#include "support/catch.hpp"

#include <sys/resource.h>

#include "fleet/workloads.hpp"

using namespace bru::fleet;

TEST_CASE("10,000 boards serve a million sessions in less than a minute and a gigabyte") {
    const FleetResult result =
        run_whole(plain_workload("[fleet]\nduration_s = 100\n[board]\nstep_us = 2.4\nresponse_us = 5\ncount = 10000\n"
                                 "streams = 64\n[sessions]\nper_s = 10000\nduration_s = 10\nperiod_ms = 1000\n"
                                 "deadline_ms = 20\n[network]\ndelay_ms = 2\n[failures]\nmtbf_h = 100\n"));
    CHECK(result.sessions.arrived > 990'000);
    CHECK(result.steps.answered > 8'000'000);
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(BRU_EMULATED)
    rusage usage = {};
    REQUIRE(getrusage(RUSAGE_SELF, &usage) == 0);
    CHECK(usage.ru_utime.tv_sec < 60);
    CHECK(usage.ru_maxrss < 1024 * 1024); // KiB
#endif
}
