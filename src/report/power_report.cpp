#include "report/power_report.hpp"

#include <fmt/format.h>

#include "report/text.hpp"

namespace bru {

std::string power_lines(const PowerEstimate& power) {
    return fmt::format(
        "  {:16}{:.2f} W: {:.2f} W static, {:.2f} W dynamic; {} uJ per step (first-order estimate of the "
        "programmable logic, docs/resources.md)\n",
        "power", power.watts(), power.static_watts, power.dynamic_watts(), short_number(power.microjoules_per_step));
}

nlohmann::ordered_json power_json(const PowerEstimate& power) {
    nlohmann::ordered_json json = {{"estimate", "first order, programmable logic only"},
                                   {"static_w", power.static_watts},
                                   {"dynamic_w", power.dynamic_watts()},
                                   {"uj_per_step", power.microjoules_per_step}};
    for (const BlockPower& block : power.blocks) json["blocks_w"][block.block] = block.watts;
    return json;
}

} // namespace bru
