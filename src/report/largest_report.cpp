#include "report/largest_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/resource_report.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

/// Where no larger or faster shape was kept out: of the search, or by the options that were given.
std::string no_limit_line(std::size_t shapes, const char* nothing) {
    return report_line("limited by", shapes == 1 ? "the options that were given: they leave one shape" : nothing);
}

struct ShapeOption {
    const char* key;
    std::int64_t value;
};

std::vector<ShapeOption> options_of(const Shape& shape) {
    return {{"bru.lanes", shape.lanes}, {"bru.lane_width", shape.lane_width}, {"bru.update_width", shape.update_width}};
}

std::string reason_of(const std::string& limit) {
    if (limit == "clock") return "the clock";
    if (limit == "balance") return "balance";
    if (limit == "depth") return "the depths that are given";
    return resource_title(limit);
}

/// "LUT, which keeps out 12 larger shapes", a line per limit. `kind` has {} for "shape" or "shapes".
std::string limit_lines(const std::vector<ShapeLimit>& limits, const char* kind) {
    std::string text;
    for (const ShapeLimit& limit : limits) {
        const std::string shapes = fmt::format(fmt::runtime(kind), limit.shapes == 1 ? "shape" : "shapes");
        text +=
            report_line(text.empty() ? "limited by" : "",
                        fmt::format("{}, which keeps out {} {}", reason_of(limit.name), grouped(limit.shapes), shapes));
    }
    return text;
}

std::string option_line(const Shape& shape) {
    std::string text;
    for (const ShapeOption& option : options_of(shape))
        text += fmt::format("{}--{}={}", text.empty() ? "" : " ", option.key, option.value);
    return report_line("options", text);
}

std::string searched_line(std::size_t shapes, const std::string& range) {
    return report_line("searched", fmt::format("{} {}: {}", grouped(shapes), shapes == 1 ? "shape" : "shapes", range));
}

std::string nothing_found(const Configuration& configuration, const Device& device) {
    return report_line("largest",
                       fmt::format("no shape of {}-bit activations fits {} at {} MHz",
                                   configuration.shape.activation_bits, device.name, configuration.clock_mhz));
}

nlohmann::ordered_json limits_json(const std::vector<ShapeLimit>& limits) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const ShapeLimit& limit : limits) json.push_back({{"limit", limit.name}, {"shapes", limit.shapes}});
    return json;
}

nlohmann::ordered_json options_json(const Shape& shape) {
    nlohmann::ordered_json json;
    for (const ShapeOption& option : options_of(shape)) json[option.key] = option.value;
    return json;
}

} // namespace

std::string largest_lines(const LargestShapeSearch& search, const Configuration& configuration, const Device& device) {
    if (!search.best)
        return nothing_found(configuration, device) + searched_line(search.shapes, search.range) +
               limit_lines(search.limits, "{}");
    const Shape& shape = search.best->configuration.shape;
    const Balance balance = balance_of(shape);
    std::string text = report_line(
        "largest", fmt::format("{} one-bit multiply-accumulates per cycle", grouped(search.best->macs_per_cycle())));
    text += report_line("balance", fmt::format("H = 256: lanes {} cycles per row group, scale_bias {}",
                                               balance.lane_cycles, balance.stage_cycles));
    text += searched_line(search.shapes, search.range);
    text += search.limits.empty()
                ? no_limit_line(search.shapes, "nothing of the device: the search has no larger shape")
                : limit_lines(search.limits, "larger {}");
    return text + option_line(shape);
}

std::string fastest_lines(const FastestShapeSearch& search, const Configuration& configuration, const Device& device) {
    const std::string searched = searched_line(search.shapes, search.range);
    if (!search.best) return nothing_found(configuration, device) + searched + limit_lines(search.limits, "{}");
    const FastestShape& best = *search.best;
    const double cycles = best.steady.cycles_per_step();
    std::string text = report_line("largest", fmt::format("{:.2f} cycles per step in steady state, {} us", cycles,
                                                          short_number(best.configuration.us(cycles))));
    text += searched;
    text += report_line("tried", fmt::format("{} of them fit and meet {} MHz; simulated: {}", grouped(search.fitting),
                                             configuration.clock_mhz, grouped(search.simulated)));
    text += search.limits.empty()
                ? no_limit_line(search.shapes, "nothing of the device: no shape of the search is faster")
                : limit_lines(search.limits, "{} that could be faster");
    return text + option_line(best.configuration.shape);
}

nlohmann::ordered_json largest_json(const LargestShapeSearch& search) {
    nlohmann::ordered_json json = {{"found", search.best.has_value()}, {"shapes", search.shapes}};
    if (search.best) {
        const Balance balance = balance_of(search.best->configuration.shape);
        json["macs_per_cycle"] = search.best->macs_per_cycle();
        json["balance"] = {{"lane_cycles", balance.lane_cycles}, {"stage_cycles", balance.stage_cycles}};
        json["options"] = options_json(search.best->configuration.shape);
    }
    json["limits"] = limits_json(search.limits);
    return json;
}

nlohmann::ordered_json fastest_json(const FastestShapeSearch& search) {
    nlohmann::ordered_json json = {{"found", search.best.has_value()},
                                   {"shapes", search.shapes},
                                   {"fitting", search.fitting},
                                   {"simulated", search.simulated}};
    if (search.best) {
        const double cycles = search.best->steady.cycles_per_step();
        json["cycles_per_step"] = cycles;
        json["us_per_step"] = search.best->configuration.us(cycles);
        json["options"] = options_json(search.best->configuration.shape);
    }
    json["limits"] = limits_json(search.limits);
    return json;
}

} // namespace bru
