// Names and units of resources appear here only.
#include "report/resource_report.hpp"

#include <fmt/format.h>

#include "report/text.hpp"

namespace bru {

namespace {

std::string title_of(const std::string& name) {
    if (name == "lut") return "LUT";
    if (name == "memory_lut") return "LUT as memory";
    if (name == "ff") return "FF";
    if (name == "bram36") return "BRAM36";
    return "DSP";
}

/// BRAM36 come in halves, everything else whole.
std::string amount(double value) {
    const auto whole = static_cast<std::uint64_t>(value);
    return grouped(whole) + (value > static_cast<double>(whole) ? ".5" : "");
}

nlohmann::ordered_json number(double value) {
    const auto whole = static_cast<std::int64_t>(value);
    if (static_cast<double>(whole) == value) return whole;
    return value;
}

} // namespace

std::string resource_table(const ResourceEstimate& estimate, bool use_colour) {
    std::string text =
        fmt::format("  {:16}{:>10}{:>12}{:>8}   {}\n", estimate.device.name, "used", "available", "share", "limit");
    for (const ResourceLimit& limit : estimate.limits) {
        const std::string share = fmt::format("{:.1f} %", limit.percent_of_available());
        text += fmt::format("  {:16}{:>10}{:>12}{:>8}   {}{}\n", title_of(limit.name), amount(limit.used),
                            amount(limit.available), share, limit.limit < limit.available ? amount(limit.limit) : "",
                            limit.fits() ? "" : coloured("  too many", Colour::bad, use_colour));
    }
    const ResourceLimit& binding = estimate.limit(estimate.binding);
    text +=
        fmt::format("  {:16}{}; binding is {}, {:.1f} % of its limit\n", "fits",
                    estimate.fits ? coloured("yes", Colour::good, use_colour) : coloured("no", Colour::bad, use_colour),
                    title_of(binding.name), binding.percent_of_limit());
    return text;
}

std::string block_table(const ResourceEstimate& estimate) {
    const auto line = [](const std::string& name, const Resources& used, const std::string& note) {
        return fmt::format("  {:20}{:>9}{:>9}{:>9}{:>7}{}\n", name, grouped(static_cast<std::uint64_t>(used.lut)),
                           grouped(static_cast<std::uint64_t>(used.ff)), amount(used.bram36()),
                           grouped(static_cast<std::uint64_t>(used.dsp)), note.empty() ? "" : "   (" + note + ")");
    };
    std::string text = fmt::format("  {:20}{:>9}{:>9}{:>9}{:>7}\n", "block", "LUT", "FF", "BRAM36", "DSP");
    for (const BlockResources& block : estimate.blocks) text += line(block.block, block.used, block.note);
    return text + line("total", estimate.total, "");
}

nlohmann::ordered_json resources_json(const ResourceEstimate& estimate) {
    nlohmann::ordered_json json;
    for (const char* name : {"lut", "ff", "bram36", "dsp", "memory_lut"}) {
        const ResourceLimit& limit = estimate.limit(name);
        json[name] = {
            {"used", number(limit.used)}, {"available", number(limit.available)}, {"limit", number(limit.limit)}};
    }
    return json;
}

nlohmann::ordered_json blocks_json(const ResourceEstimate& estimate) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const BlockResources& block : estimate.blocks) {
        json.push_back({{"block", block.block},
                        {"lut", block.used.lut},
                        {"ff", block.used.ff},
                        {"bram36", number(block.used.bram36())},
                        {"dsp", block.used.dsp},
                        {"note", block.note}});
    }
    return json;
}

} // namespace bru
