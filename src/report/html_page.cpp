// Puts the page together. Order of the scripts is that of their use: each adds its part to the object `bru`.
#include "report/report_page.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/json_text.hpp"
#include "base/read_text.hpp"
#include "base/shipped_files.hpp"
#include "base/version.hpp"
#include "explore/result_store.hpp"
#include "report/checked_json.hpp"
#include "report/fleet_report.hpp"
#include "report/run_report.hpp"
#include "report/web_files.hpp"

namespace bru {

namespace fs = std::filesystem;

namespace {

constexpr const char* kScripts[] = {"format.js",     "theme.js",       "store.js",     "conditions.js", "charts.js",
                                    "limits.js",     "filters.js",     "summary.js",   "front.js",      "parallel.js",
                                    "cycles.js",     "resources.js",   "timelines.js", "points.js",     "run.js",
                                    "run_cycles.js", "run_streams.js", "fleet.js",     "main.js"};
constexpr const char* kLibraryFile = "echarts.min.js";
constexpr const char* kLicenseFile = "echarts.license.txt";

std::string read_text(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return stream ? rest_of(stream, path.string()) : std::string();
}

PlottingLibrary read_library(const fs::path& path) {
    PlottingLibrary library = {read_text(path), read_text(path.parent_path() / kLicenseFile)};
    if (library.script.find("Apache Software Foundation") == std::string::npos ||
        library.script.find("echarts") == std::string::npos)
        throw InputError({path.string()},
                         "is not Apache ECharts; allowed is echarts.min.js as tools/get-plotting-library fetches it");
    if (library.license.empty())
        throw InputError({path.string()},
                         fmt::format("{} is missing beside it; fetch both with tools/get-plotting-library {}",
                                     kLicenseFile, path.parent_path().string()));
    return library;
}

/// Replaces every {{name}} of the template by what `text_of` gives for it.
template <typename TextOf>
std::string filled(std::string_view text, const TextOf& text_of) {
    std::string result;
    for (std::size_t begin = 0;;) {
        const std::size_t open = text.find("{{", begin);
        if (open == std::string_view::npos) return result.append(text.substr(begin));
        const std::size_t close = text.find("}}", open);
        result.append(text.substr(begin, open - begin));
        result.append(text_of(text.substr(open + 2, close - open - 2)));
        begin = close + 2;
    }
}

/// A script element ends at the first "</script" whatever it stands in; inside a string or pattern "<\\/script" means
/// the same.
std::string script_text(std::string script) {
    constexpr std::string_view kEnd = "</script";
    const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    for (auto found = script.begin();;) {
        found = std::search(found, script.end(), kEnd.begin(), kEnd.end(), same);
        if (found == script.end()) return script;
        found = script.insert(found + 1, '\\');
    }
}

std::string own_scripts() {
    std::string text;
    for (const char* name : kScripts) text.append(web_file(name)).append("\n");
    return text;
}

} // namespace

nlohmann::ordered_json page_data(const nlohmann::ordered_json& input, const std::string& file) {
    if (input.contains("traceEvents"))
        throw InputError({file}, "is a timeline, as bru run --timeline writes it; open it in ui.perfetto.dev, or give "
                                 "the file of bru run --json");
    const std::string schema = CheckedJson(input, file).at("schema").text();
    if (schema == kSweepSchema) return sweep_page_data(input, file);
    if (schema == kRunSchema) return run_page_data(input, file);
    if (schema == kFleetSchema) return fleet_page_data(input, file);
    throw InputError(
        {file}, fmt::format("schema is {}; allowed is {} (bru sweep), {} (bru run --json) or {} (bru fleet --json)",
                            html_text(schema.substr(0, 80)), kSweepSchema, kRunSchema, kFleetSchema));
}

void set_timelines(nlohmann::ordered_json& data, nlohmann::ordered_json timelines, const std::string& note) {
    data["timelines"] = std::move(timelines);
    data["timelines_note"] = note;
}

PlottingLibrary find_plotting_library(const std::string& path) {
    std::error_code ignored;
    if (!path.empty()) {
        if (!fs::is_regular_file(path, ignored))
            throw InputError({path}, fmt::format("{}; fetch it with tools/get-plotting-library",
                                                 fs::exists(path, ignored) ? "is no file" : "there is no such file"));
        return read_library(path);
    }
    if (const auto shipped = find_shipped(ShippedKind::plotting_library, kLibraryFile)) return read_library(*shipped);
    throw InputError(
        fmt::format("the plotting library, {}, is not in {}; fetch it once with tools/get-plotting-library "
                    "FOLDER (needs a network), or name it: --plotting-library FILE",
                    kLibraryFile, places_looked_at(ShippedKind::plotting_library)));
}

std::string html_text(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
        case '&': result += "&amp;"; break;
        case '<': result += "&lt;"; break;
        case '>': result += "&gt;"; break;
        case '"': result += "&quot;"; break;
        case '\'': result += "&#39;"; break;
        default: result += c;
        }
    }
    return result;
}

std::string script_json(const nlohmann::ordered_json& data) {
    // Bytes that are no UTF-8 become U+FFFD; "<" cannot end the script element or begin a comment.
    const std::string text = json_text(data);
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        if (c == '<') {
            result += "\\u003c";
        } else {
            result += c;
        }
    }
    return result;
}

std::string html_page(const nlohmann::ordered_json& data, const PlottingLibrary& library) {
    return filled(web_file("page.html"), [&](std::string_view name) -> std::string {
        if (name == "title") return html_text("bru report: " + data.at("source").get<std::string>());
        if (name == "style") return std::string(web_file("style.css"));
        if (name == "data") return script_json(data);
        if (name == "library") return script_text(library.script);
        if (name == "license") return html_text(library.license);
        if (name == "version") return html_text(program_version());
        return own_scripts();
    });
}

} // namespace bru
