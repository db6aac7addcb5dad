// Names and units of resources appear here only.
#include "report/resource_report.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/integers.hpp"
#include "report/aligned_table.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

/// BRAM36 come in halves, everything else whole.
std::string amount(double value) {
    const auto whole = static_cast<std::uint64_t>(value);
    return grouped(whole) + (value > real(whole) ? ".5" : "");
}

std::string yes_or_no(bool is_so, bool use_colour) {
    return is_so ? coloured("yes", Colour::good, use_colour) : coloured("no", Colour::bad, use_colour);
}

nlohmann::ordered_json number(double value) {
    const auto whole = static_cast<std::int64_t>(value);
    if (real(whole) == value) return whole;
    return value;
}

} // namespace

std::string resource_title(const std::string& name) {
    if (name == "lut") return "LUT";
    if (name == "memory_lut") return "LUT as memory";
    if (name == "ff") return "FF";
    if (name == "bram36") return "BRAM36";
    return "DSP";
}

std::string resource_table(const ResourceEstimate& estimate, bool use_colour) {
    AlignedTable table({2, true, 2, {18, 10, 12, 8, 10, 11}});
    table.add({estimate.device.name, "used", "available", "share", "limit"});
    for (const ResourceLimit& limit : estimate.limits)
        table.add({resource_title(limit.name), amount(limit.used), amount(limit.available),
                   fmt::format("{:.1f} %", limit.percent_of_available()),
                   limit.limit < limit.available ? amount(limit.limit) : "",
                   limit.fits() ? "" : coloured("too many", Colour::bad, use_colour)});
    return table.text();
}

std::string verdict_lines(const ResourceEstimate& estimate, bool use_colour) {
    const ResourceLimit& binding = estimate.limit(estimate.binding);
    const std::string clock = estimate.meets_clock() ? coloured("met", Colour::good, use_colour)
                                                     : coloured("not met", Colour::bad, use_colour) +
                                                           fmt::format("; --bru.clock_mhz={:.0f} is within reach",
                                                                       std::floor(estimate.reachable_mhz()));
    return report_line("fits",
                       fmt::format("{}; binding is {}, {:.1f} % of its limit", yes_or_no(estimate.fits, use_colour),
                                   resource_title(binding.name), binding.percent_of_limit())) +
           report_line("clock",
                       fmt::format("{:.2f} ns of {:.2f} ns at {} MHz (estimate), limited by {}: {}", estimate.path_ns,
                                   1000 / estimate.clock_mhz, estimate.clock_mhz, estimate.limiting, clock));
}

std::string block_table(const ResourceEstimate& estimate) {
    AlignedTable table({2, true, 2, {22, 9, 9, 9, 9, 7, 9}});
    const auto add = [&table](const std::string& name, const Resources& used, double path_ns) {
        table.add({name, grouped(used.lut), grouped(used.memory_lut), grouped(used.ff), amount(used.bram36()),
                   grouped(used.dsp), path_ns > 0 ? fmt::format("{:.2f}", path_ns) : ""});
    };
    table.add({"block", "LUT", "as RAM", "FF", "BRAM36", "DSP", "path ns"});
    std::string notes;
    for (const BlockResources& block : estimate.blocks) {
        add(block.block, block.used, block.path_ns);
        if (!block.note.empty()) notes += detail_line(notes.empty() ? "notes" : "", block.block + ": " + block.note);
    }
    add("total", estimate.total, estimate.path_ns);
    return table.text() + notes;
}

std::string error_lines(const ResourceEstimate& estimate, const SynthesisEvidence& evidence) {
    const std::string exact = "block RAM and DSP are exact";
    std::string text;
    const auto add = [&text](const std::string& line) {
        text += detail_line(text.empty() ? "largest error" : "", line);
    };
    if (!evidence.outside.empty()) {
        add("not known: the machine is outside of all that was synthesized");
        for (const std::string& each : evidence.outside) add(each);
        add(exact);
        return text;
    }
    const auto add_error = [&add](const CalibrationError& error, const std::string& with) {
        add(fmt::format("LUT {:.1f} %, FF {:.1f} %{}", error.lut_percent, error.ff_percent, with));
    };
    for (const VersionError& each : evidence.errors) add_error(each.error, " with " + each.tool);
    if (evidence.errors.empty()) add_error(estimate.error, "");
    add("of bru_core outside the fit; " + exact);
    return text;
}

std::string device_table(const std::vector<ResourceEstimate>& estimates, bool use_colour) {
    AlignedTable table;
    table.add({"share of", "LUT", "FF", "BRAM36", "DSP", "fits", "binding", "path ns",
               estimates.empty() ? "clock" : fmt::format("{} MHz", estimates.front().clock_mhz)});
    std::string limits;
    for (const ResourceEstimate& estimate : estimates) {
        std::vector<std::string> row = {estimate.device.name};
        for (const char* name : {"lut", "ff", "bram36", "dsp"})
            row.push_back(fmt::format("{:.1f} %", estimate.limit(name).percent_of_available()));
        row.insert(row.end(), {yes_or_no(estimate.fits, use_colour), resource_title(estimate.binding),
                               fmt::format("{:.2f}", estimate.path_ns),
                               estimate.meets_clock() ? "met" : coloured("not met", Colour::bad, use_colour)});
        table.add(std::move(row));
        if (!estimate.meets_clock())
            limits +=
                detail_line(estimate.device.name, fmt::format("{:.0f} MHz, limited by {}",
                                                              std::floor(estimate.reachable_mhz()), estimate.limiting));
    }
    return table.text() + limits;
}

std::string synthesis_table(const ResourceEstimate& estimate, const SynthesisEvidence& evidence) {
    if (evidence.shapes.empty())
        return detail_line("synthesis", "none of this shape; tools/synthesize makes one (docs/resources.md)");
    std::string text;
    for (const SynthesizedShape& measured : evidence.shapes) {
        AlignedTable table({2, true, 2, {22, 17, 17, 15, 9}});
        const auto add = [&table](const std::string& name, const Resources& ours, const Resources& theirs) {
            const auto pair = [](const std::string& a, const std::string& b) { return a + " / " + b; };
            const auto whole = [&pair](std::int64_t a, std::int64_t b) { return pair(grouped(a), grouped(b)); };
            table.add({name, whole(ours.lut, theirs.lut), whole(ours.ff, theirs.ff),
                       pair(amount(ours.bram36()), amount(theirs.bram36())), whole(ours.dsp, theirs.dsp)});
        };
        const bool is_first = text.empty();
        if (is_first) table.add({"block", "LUT", "FF", "BRAM36", "DSP"});
        for (const BlockResources& block : estimate.blocks) {
            const auto found = measured.blocks.find(block.block);
            if (is_first && found != measured.blocks.end()) add(block.block, block.of_core, found->second);
        }
        add("bru_core", estimate.core, measured.core);
        text += fmt::format("  estimate / synthesis ({})\n", short_tool_name(measured.tool)) + table.text();
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
