#include "report/regions_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/printable.hpp"
#include "base/text_layout.hpp"

namespace bru {

namespace {

constexpr std::size_t kShownReasons = 40;

std::string output_text(const ModelRegion& region) {
    if (region.output.empty()) return "the output of its last layer";
    return fmt::format("'{}'", region.output);
}

std::string region_text(const ModelRegion& region) {
    return fmt::format("{}: {:.1f} % of the multiply-accumulates; takes '{}'{}, gives {}", region.layers,
                       100 * region.share, region.input, region.host_makes_input ? ", which the host makes" : "",
                       output_text(region));
}

std::string node_text(const OutsideNodes& nodes) {
    const std::string others = nodes.count > 1 ? fmt::format(" and {} more", nodes.count - 1) : "";
    return fmt::format("{}{}: {}", nodes.first, others, nodes.reason);
}

} // namespace

std::string regions_table(const ModelRegions& regions, const std::string& path) {
    std::string text = fmt::format("regions of {}\n", printable(path));
    if (regions.regions.empty()) text += "  none: nothing of this model can run on the machine\n";
    for (std::size_t index = 0; index < regions.regions.size(); ++index)
        text += table_row(fmt::format("--region {}{}", index + 1, index == regions.preferred ? " (default)" : ""),
                          region_text(regions.regions[index]));
    text += "\nWhat the machine does not run, and why; the host computes it:\n";
    const std::size_t shown = std::min(regions.outside.size(), kShownReasons);
    for (std::size_t index = 0; index < shown; ++index) text += wrapped(node_text(regions.outside[index]), 2);
    if (shown < regions.outside.size())
        text += fmt::format("  and {} more reasons (--json FILE has them all)\n", regions.outside.size() - shown);
    return text + "\n";
}

nlohmann::ordered_json regions_json(const ModelRegions& regions) {
    nlohmann::ordered_json found = nlohmann::ordered_json::array();
    for (std::size_t index = 0; index < regions.regions.size(); ++index) {
        const ModelRegion& region = regions.regions[index];
        found.push_back({{"region", index + 1},
                         {"default", index == regions.preferred},
                         {"layers", region.layers},
                         {"share", region.share},
                         {"input", region.input},
                         {"host_makes_input", region.host_makes_input},
                         {"output", region.output}});
    }
    nlohmann::ordered_json outside = nlohmann::ordered_json::array();
    for (const OutsideNodes& nodes : regions.outside)
        outside.push_back({{"node", nodes.first}, {"nodes", nodes.count}, {"reason", nodes.reason}});
    return {{"whole_graph", regions.whole_graph}, {"found", found}, {"outside", outside}};
}

} // namespace bru
