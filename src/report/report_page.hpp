// What `bru report` shows, as data: the JSON of a sweep, a run or a fleet, checked and packed into columns so that a
// page of thousands of points stays small, and the page that carries it.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace bru {

/// The page's data from the JSON of a sweep, a run or a fleet, whichever its `schema` names. `file` is for messages and
/// for the page's head. Throws InputError that names the place in the file.
///
/// Of a sweep: `kind` "sweep"; `parameters` (the varied ones, `values` as text), `metrics`, `objectives`,
/// `constraints`, `devices`, `fixed`, `manifest`; `columns`: a list per field of a point, all of one length
/// (`parameters` holds indices into `values`, -1 where a point has none; `metrics` numbers or null); `baseline` a
/// column of length one or null; `chosen` the place of the point, or null. Of a run: `kind` "run" and `run`, what the
/// page shows of it. Of a fleet: `kind` "fleet" and `fleet`, the same.
nlohmann::ordered_json page_data(const nlohmann::ordered_json& input, const std::string& file);

nlohmann::ordered_json sweep_page_data(const nlohmann::ordered_json& sweep, const std::string& file);
nlohmann::ordered_json run_page_data(const nlohmann::ordered_json& run, const std::string& file);
nlohmann::ordered_json fleet_page_data(const nlohmann::ordered_json& fleet, const std::string& file);

/// `timelines` as the page draws them, or why there are none (`note`).
void set_timelines(nlohmann::ordered_json& data, nlohmann::ordered_json timelines, const std::string& note);

struct PlottingLibrary {
    std::string script;
    std::string license; ///< goes into the page with the script
};

/// Looks for the library that tools/get-plotting-library fetched: in `path` where it is not empty, else in web/ beside
/// the program and in share/bru/web of an installation. Throws InputError that says how to get it.
PlottingLibrary find_plotting_library(const std::string& path);

/// One HTML file that opens without a network: template, style and scripts of src/report/web/, library and data.
std::string html_page(const nlohmann::ordered_json& data, const PlottingLibrary& library);

/// JSON that may stand in a script element whatever its texts hold.
std::string script_json(const nlohmann::ordered_json& data);

/// Text that may stand in HTML, also in a quoted attribute.
std::string html_text(std::string_view text);

} // namespace bru
