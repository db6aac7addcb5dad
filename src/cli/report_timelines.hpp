// The timelines of `bru report`: a few steps of a run's machine, or of a sweep's default and chosen point, simulated
// anew.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace bru::cli {

struct ReportTimelines {
    nlohmann::ordered_json list; ///< as the page draws them (report/report_page.hpp)
    std::string note;            ///< why one is missing; "" where none is
};

/// Of the JSON of a sweep or a run. Paths of a run are looked for from here, those of a sweep from its file's folder.
/// What cannot be simulated again (a model that is gone, or another one by now) is left out, and the note says why.
ReportTimelines timelines_of(const nlohmann::ordered_json& input);

} // namespace bru::cli
