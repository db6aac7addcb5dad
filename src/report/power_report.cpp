#include "report/power_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/text.hpp"

namespace bru {

std::string power_lines(const PowerEstimate& power) {
    return report_line("power", fmt::format("{:.2f} W in steady state: {:.2f} W static, {:.2f} W dynamic (first-order "
                                            "estimate)",
                                            power.watts(), power.static_watts, power.dynamic_watts()));
}

nlohmann::ordered_json power_json(const PowerEstimate& power) {
    nlohmann::ordered_json json = {{"estimate", "first order, programmable logic only"},
                                   {"static_w", power.static_watts},
                                   {"dynamic_w", power.dynamic_watts()}};
    for (const BlockPower& block : power.blocks) json["blocks_w"][block.block] = block.watts;
    return json;
}

} // namespace bru
