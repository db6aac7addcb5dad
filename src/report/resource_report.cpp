// Names and units of resources appear here only.
#include "report/resource_report.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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
        text += fmt::format("  {:16}{:>10}{:>12}{:>8}{}{}\n", title_of(limit.name), amount(limit.used),
                            amount(limit.available), share,
                            limit.limit < limit.available ? "   " + amount(limit.limit) : "",
                            limit.fits() ? "" : coloured("   too many", Colour::bad, use_colour));
    }
    const ResourceLimit& binding = estimate.limit(estimate.binding);
    text +=
        fmt::format("  {:16}{}; binding is {}, {:.1f} % of its limit\n", "fits",
                    estimate.fits ? coloured("yes", Colour::good, use_colour) : coloured("no", Colour::bad, use_colour),
                    title_of(binding.name), binding.percent_of_limit());
    return text;
}

std::string block_table(const ResourceEstimate& estimate) {
    const auto line = [](const std::string& name, const Resources& used, const std::string& rest) {
        return fmt::format("  {:20}{:>9}{:>9}{:>9}{:>9}{:>7}{}\n", name, grouped(used.lut), grouped(used.memory_lut),
                           grouped(used.ff), amount(used.bram36()), grouped(used.dsp), rest);
    };
    std::string text = fmt::format("  {:20}{:>9}{:>9}{:>9}{:>9}{:>7}{:>9}\n", "block", "LUT", "as RAM", "FF", "BRAM36",
                                   "DSP", "path ns");
    for (const BlockResources& block : estimate.blocks) {
        const std::string path = block.path_ns > 0 ? fmt::format("{:>9.2f}", block.path_ns) : std::string();
        text += line(block.block, block.used, path + (block.note.empty() ? "" : "   (" + block.note + ")"));
    }
    text += line("total", estimate.total, fmt::format("{:>9.2f}", estimate.path_ns));
    return text;
}

std::string error_lines(const ResourceEstimate& estimate, const SynthesisEvidence& evidence) {
    std::string text;
    if (!evidence.outside.empty()) {
        text = fmt::format("  {:16}not known: the machine is outside of all that was synthesized\n", "largest error");
        for (const std::string& each : evidence.outside) text += fmt::format("  {:16}{}\n", "", each);
        return text + fmt::format("  {:16}block RAM and DSP are exact\n", "");
    }
    const auto add = [&text](const CalibrationError& error, const std::string& with) {
        text += fmt::format("  {:16}LUT {:.1f} %, FF {:.1f} %{}\n", text.empty() ? "largest error" : "",
                            error.lut_percent, error.ff_percent, with);
    };
    for (const VersionError& each : evidence.errors) add(each.error, " with " + each.tool);
    if (evidence.errors.empty()) add(estimate.error, "");
    return text + fmt::format("  {:16}of bru_core outside the fit; block RAM and DSP are exact\n", "");
}

std::string timing_lines(const ResourceEstimate& estimate, bool use_colour) {
    const std::string verdict = estimate.meets_clock() ? coloured("met", Colour::good, use_colour)
                                                       : coloured("not met", Colour::bad, use_colour) +
                                                             fmt::format("; --bru.clock_mhz={:.0f} is within reach",
                                                                         std::floor(estimate.reachable_mhz()));
    return fmt::format("  {:16}{:.2f} ns of {:.2f} ns at {} MHz (estimate), limited by {}: {}\n", "clock",
                       estimate.path_ns, 1000 / estimate.clock_mhz, estimate.clock_mhz, estimate.limiting, verdict);
}

std::string device_table(const std::vector<ResourceEstimate>& estimates, bool use_colour) {
    std::string text = fmt::format("  {:18}{:>8}{:>8}{:>8}{:>8}{:>10}   {}\n", "share of", "LUT", "FF", "BRAM36", "DSP",
                                   "path ns", "fits; binding; clock");
    for (const ResourceEstimate& estimate : estimates) {
        text += fmt::format("  {:18}", estimate.device.name);
        for (const char* name : {"lut", "ff", "bram36", "dsp"})
            text += fmt::format("{:>8}", fmt::format("{:.1f} %", estimate.limit(name).percent_of_available()));
        text += fmt::format(
            "{:>10.2f}   {}; {}; {}\n", estimate.path_ns,
            estimate.fits ? coloured("yes", Colour::good, use_colour) : coloured("no", Colour::bad, use_colour),
            title_of(estimate.binding),
            estimate.meets_clock()
                ? fmt::format("{} MHz met", estimate.clock_mhz)
                : fmt::format("{:.0f} MHz, limited by {}", std::floor(estimate.reachable_mhz()), estimate.limiting));
    }
    return text;
}

std::string synthesis_table(const ResourceEstimate& estimate, const SynthesisEvidence& evidence) {
    if (evidence.shapes.empty()) return "";
    const SynthesizedShape& measured = evidence.shapes.front();
    std::string text = fmt::format("  estimate / synthesis ({})\n  {:20}{:>17}{:>17}{:>15}{:>11}\n",
                                   short_tool_name(measured.tool), "block", "LUT", "FF", "BRAM36", "DSP");
    const auto line = [&text](const std::string& name, const Resources& ours, const Resources& theirs) {
        const auto pair = [](const std::string& a, const std::string& b) { return a + " / " + b; };
        const auto whole = [&pair](std::int64_t a, std::int64_t b) { return pair(grouped(a), grouped(b)); };
        text += fmt::format("  {:20}{:>17}{:>17}{:>15}{:>11}\n", name, whole(ours.lut, theirs.lut),
                            whole(ours.ff, theirs.ff), pair(amount(ours.bram36()), amount(theirs.bram36())),
                            whole(ours.dsp, theirs.dsp));
    };
    for (const BlockResources& block : estimate.blocks) {
        const auto found = measured.blocks.find(block.block);
        if (found != measured.blocks.end()) line(block.block, block.used, found->second);
    }
    line("bru_core", estimate.core, measured.core);
    for (std::size_t i = 1; i < evidence.shapes.size(); ++i) {
        text += fmt::format("  estimate / synthesis ({})\n", short_tool_name(evidence.shapes[i].tool));
        line("bru_core", estimate.core, evidence.shapes[i].core);
    }
    return text;
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
                        {"memory_lut", block.used.memory_lut},
                        {"ff", block.used.ff},
                        {"bram36", number(block.used.bram36())},
                        {"ramb18", block.used.ramb18},
                        {"ramb36", block.used.ramb36},
                        {"dsp", block.used.dsp},
                        {"path_ns", block.path_ns},
                        {"note", block.note}});
    }
    return json;
}

nlohmann::ordered_json timing_json(const ResourceEstimate& estimate) {
    return {{"path_ns", estimate.path_ns},
            {"clock_mhz", estimate.clock_mhz},
            {"met", estimate.meets_clock()},
            {"limiting", estimate.limiting},
            {"reachable_mhz", estimate.reachable_mhz()}};
}

nlohmann::ordered_json synthesis_json(const std::vector<SynthesizedShape>& measured) {
    const auto figures = [](const Resources& used) {
        return nlohmann::ordered_json{{"lut", used.lut},       {"memory_lut", used.memory_lut}, {"ff", used.ff},
                                      {"ramb18", used.ramb18}, {"ramb36", used.ramb36},         {"dsp", used.dsp}};
    };
    const auto version = [&figures](const SynthesizedShape& shape) {
        nlohmann::ordered_json json = {{"tool", shape.tool}, {"core", figures(shape.core)}};
        for (const auto& [name, used] : shape.blocks) json["blocks"][name] = figures(used);
        return json;
    };
    nlohmann::ordered_json json = version(measured.front());
    json["others"] = nlohmann::ordered_json::array();
    for (std::size_t i = 1; i < measured.size(); ++i) json["others"].push_back(version(measured[i]));
    return json;
}

nlohmann::ordered_json errors_json(const std::vector<VersionError>& errors) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const VersionError& each : errors)
        json.push_back(
            {{"tool", each.tool}, {"lut_percent", each.error.lut_percent}, {"ff_percent", each.error.ff_percent}});
    return json;
}

nlohmann::ordered_json structure_json(const std::vector<BlockStructure>& blocks) {
    const auto terms = [](const std::vector<StructureTerm>& list) {
        nlohmann::ordered_json json = nlohmann::ordered_json::object();
        for (const StructureTerm& term : list) json[term.name] = number(term.quantity);
        return json;
    };
    nlohmann::ordered_json json;
    for (const BlockStructure& block : blocks) {
        json["blocks"].push_back({{"block", block.block},
                                  {"lut", terms(block.lut)},
                                  {"ff", terms(block.ff)},
                                  {"levels", terms(block.levels)},
                                  {"memory_lut", block.memory.memory_luts},
                                  {"ramb18", block.memory.ramb18},
                                  {"ramb36", block.memory.ramb36},
                                  {"dsp", block.dsp}});
    }
    return json;
}

} // namespace bru
