// Does software add what its preset, or the configuration, says?
#include "support/catch.hpp"

#include <vector>

#include "base/error.hpp"
#include "config/load_configuration.hpp"
#include "config/software_cost.hpp"

using namespace bru;

namespace {

SoftwareCost cost_of(const std::vector<Override>& values) {
    return software_cost(resolve_configuration("", values).host);
}

} // namespace

TEST_CASE("a preset gives the cost of software, and a figure of the configuration wins over it") {
    CHECK(cost_of({}).name == "bare-metal");
    CHECK(cost_of({{"host.software", "linux"}}).transfer_ns > 10 * cost_of({}).transfer_ns);
    CHECK(cost_of({{"host.software", "linux"}, {"host.transfer_software_ns", "7"}}).transfer_ns == 7);
    CHECK(cost_of({{"host.step_software_ns", "11"}}).step_ns == 11);
    CHECK_THROWS_AS(cost_of({{"host.software", "windows"}}), InputError);
}

TEST_CASE("the slower of machine and software decides the time per step; a response has both") {
    SoftwareCost cost;
    cost.step_ns = 300;
    cost.transfer_ns = 2000;
    cost.transfer_steps = 10;
    CHECK(cost.software_step_us() == 0.5);
    CHECK(cost.step_us(2) == 2);
    CHECK(cost.step_us(0.25) == 0.5);
    CHECK(cost.response_us(3, 1) == 3 + 2.3);
}
