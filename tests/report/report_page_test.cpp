// Does the page carry the data unharmed, and does a bad file give a message that names the place?
#include "support/catch.hpp"

#include <functional>
#include <limits>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "report/checked_json.hpp"
#include "report/report_page.hpp"
#include "report/web_files.hpp"

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

Json small_sweep() {
    return parse_json(R"({
        "schema": "bru-sweep-1",
        "manifest": {"program": "bru", "steps": 100, "nested": {"left": "out"}},
        "parameters": [{"key": "bru.lanes", "unit": "lanes", "help": "rows", "values": ["64", "32", "128"]}],
        "fixed": {"run.model": "a.onnx"},
        "metrics": [{"key": "cycles_per_step", "title": "cycles per step", "unit": "cycles", "better": "low", "help": ""},
                    {"key": "accuracy_loss", "unit": "points", "better": "sideways"}],
        "objectives": ["cycles_per_step"],
        "constraints": ["fits"],
        "devices": {"d": {"name": "D", "available": {"lut": 10}, "limit": {"lut": 8}}},
        "points": [
            {"number": 7, "key": "a", "status": "ok", "error": null, "feasible": true, "violated": null, "front": true,
             "device": "d", "parameters": {"bru.lanes": "128"}, "metrics": {"cycles_per_step": 287.25, "accuracy_loss": null}},
            {"number": 9, "key": "b", "status": "error", "error": "too large", "feasible": false, "violated": null,
             "front": false, "device": "d", "parameters": {"bru.lanes": "1000"}, "metrics": {}}],
        "baseline": {"key": "c", "status": "ok", "feasible": false, "device": "d", "parameters": {"bru.lanes": "48"},
                     "metrics": {"cycles_per_step": 300}},
        "chosen": 7})",
                      "small.json");
}

Json small_run() {
    return parse_json(R"({
        "schema": "bru-run-2", "time_us": 3.5, "clock_mhz": 200, "dma_clock_mhz": 150, "steps": 2, "fits": true,
        "cycles": {"total": 700, "per_step": 300.5, "classes": {"compute": 600, "idle": 100}},
        "latency_us": {"response": 1, "service": 0.5, "request_steps": 1}, "throughput": {"steps_per_s": 1000, "gops": 2},
        "golden": {"checked": 0, "mismatches": 0, "message": "none"},
        "resources": {"lut": {"used": 1, "available": 2, "limit": 2}},
        "manifest": {"model": "m.onnx", "config": {"bru.lanes": "64"}}})",
                      "run.json");
}

Json small_fleet() {
    Json result = {{"holds", true},       {"boards", 2},     {"counted_s", 10}, {"within_share", 1},
                   {"unserved_share", 0}, {"lost_share", 0}, {"up_share", 1},   {"energy_j", 5}};
    for (const char* key : {"arrived", "ended", "rejected", "dropped", "moved", "alive", "waiting"})
        result["sessions"][key] = 1;
    for (const char* key : {"made", "answered", "within_deadline", "lost_in_network", "lost_in_failures", "in_flight"})
        result["steps"][key] = 1;
    for (const char* key : {"mean", "p50", "p90", "p99", "p999", "largest", "target"}) result["response_us"][key] = 7;
    for (const char* key : {"mean", "least", "largest"})
        result["machine_share"][key] = result["software_share"][key] = 0.5;
    for (const char* key : {"boards", "electricity", "per_million_steps"}) result["cost"][key] = 0;
    Json board = {{"section", "board"}};
    for (const char* key : {"count", "streams", "step_us", "saturated_step_us", "response_us", "step_software_us",
                            "transfer_software_us", "idle_w", "busy_w"})
        board[key] = 1;
    return {{"schema", "bru-fleet-1"},
            {"target", {{"percent", 99}, {"deadline_us", 20'000}, {"unserved_percent", 0.1}}},
            {"load", {{"offered", 0.5}, {"of_streams", 0.5}, {"of_steps", 0.1}}},
            {"boards", Json::array({board})},
            {"result", result},
            {"loads", Json::array({{{"load", 0.5}, {"result", result}}})},
            {"trials", Json::array({{{"boards", 3}, {"result", result}}})},
            {"knee_load", nullptr},
            {"boards_needed", 3},
            {"manifest", {{"file", "fleet.ini"}, {"config", {{"board.count", "2"}}}}}};
}

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

std::string sweep_message(const std::function<void(Json&)>& change) {
    Json sweep = small_sweep();
    change(sweep);
    return message_of([&] { page_data(sweep, "small.json"); });
}

std::string message_about_text(const std::string& text) {
    return message_of([&] { page_data(parse_json(text, "f.json"), "f.json"); });
}

const PlottingLibrary kNoLibrary = {"/* library */", "licence"};

} // namespace

TEST_CASE("points of a sweep become columns of the same numbers") {
    const Json data = page_data(small_sweep(), "small.json");
    CHECK(data["kind"] == "sweep");
    CHECK(data["columns"]["number"] == Json({7, 9}));
    CHECK(data["columns"]["ok"] == Json({1, 0}));
    CHECK(data["columns"]["feasible"] == Json({1, 0}));
    CHECK(data["columns"]["front"] == Json({1, 0}));
    CHECK(data["columns"]["error"] == Json({"", "too large"}));
    CHECK(data["columns"]["metrics"][0] == Json({287.25, nullptr}));
    CHECK(data["columns"]["metrics"][1] == Json({nullptr, nullptr}));
    CHECK(data["baseline"]["metrics"][0] == Json::array({300}));
    CHECK(data["chosen"] == 0); // the place, not the number
    CHECK(data["manifest"] == Json({{"program", "bru"}, {"steps", 100}}));
    CHECK(data["metrics"][1]["title"] == "accuracy_loss");
    CHECK(data["metrics"][1]["better"] == "none");
}

TEST_CASE("values of a parameter are numbered in the order of an axis, those of points included") {
    const Json data = page_data(small_sweep(), "small.json");
    CHECK(data["parameters"][0]["values"] == Json({"32", "64", "128", "1000"}));
    CHECK(data["columns"]["parameters"][0] == Json({2, 3}));
    CHECK(data["parameters"][0]["baseline"] == "48"); // need not be among them
    Json texts = small_sweep();
    texts["parameters"][0]["values"] = {"b.onnx", "a.onnx"};
    CHECK(page_data(texts, "small.json")["parameters"][0]["values"] == Json({"b.onnx", "a.onnx", "128", "1000"}));
}

TEST_CASE("a run becomes the numbers that the page shows") {
    const Json data = page_data(small_run(), "run.json");
    CHECK(data["kind"] == "run");
    CHECK(data["run"]["cycles"]["classes"]["compute"] == 600);
    CHECK(data["run"]["resources"]["lut"]["limit"] == 2);
    CHECK(data["config"]["bru.lanes"] == "64");
    CHECK_FALSE(data["run"].contains("predictions"));
}

TEST_CASE("a fleet becomes the numbers that the page shows") {
    const Json data = page_data(small_fleet(), "fleet.json");
    CHECK(data["kind"] == "fleet");
    CHECK(data["fleet"]["loads"][0]["load"] == 0.5);
    CHECK(data["fleet"]["loads"][0]["result"]["response_us"]["p99"] == 7);
    CHECK(data["fleet"]["knee_load"].is_null());
    CHECK(data["fleet"]["boards_needed"] == 3);
    CHECK(data["config"]["board.count"] == "2");
    Json fleet = small_fleet();
    fleet["loads"][0]["result"]["response_us"]["p99"] = "long";
    CHECK_THAT(message_of([&] { page_data(fleet, "fleet.json"); }),
               Catch::Matchers::ContainsSubstring("fleet.json: loads[0].result.response_us.p99: is \"long\""));
    fleet.erase("boards");
    CHECK_THAT(message_of([&] { page_data(fleet, "fleet.json"); }),
               Catch::Matchers::ContainsSubstring("boards: is missing"));
}

TEST_CASE("a sweep without default, chosen point, points or constraints is a page, too") {
    Json sweep = small_sweep();
    sweep["baseline"] = nullptr;
    sweep["chosen"] = nullptr;
    sweep["points"] = Json::array();
    sweep.erase("constraints");
    sweep.erase("devices");
    const Json data = page_data(sweep, "small.json");
    CHECK(data["baseline"].is_null());
    CHECK(data["chosen"].is_null());
    CHECK(data["columns"]["number"].empty());
}

TEST_CASE("a file that is not what it should be gives a message with file and place") {
    CHECK(message_about_text("{") != "no error");
    CHECK_THAT(message_about_text("{\"schema\":"),
               Catch::Matchers::ContainsSubstring("f.json:1: is no whole JSON: it is damaged or cut short"));
    CHECK_THAT(message_about_text("\xff\xfe"), Catch::Matchers::ContainsSubstring("is no JSON"));
    CHECK_THAT(message_about_text("[]"),
               Catch::Matchers::ContainsSubstring("f.json: is an array; allowed is an object"));
    CHECK_THAT(message_about_text("{}"), Catch::Matchers::ContainsSubstring("f.json: schema: is missing"));
    CHECK_THAT(message_about_text(R"({"schema":"bru-run-9"})"),
               Catch::Matchers::ContainsSubstring("schema is bru-run-9; allowed is bru-sweep-1"));
    CHECK_THAT(message_about_text(R"({"schema":"bru-run-2"})"),
               Catch::Matchers::ContainsSubstring("time_us: is missing"));
    CHECK_THAT(sweep_message([](Json& json) { json["points"][1]["metrics"]["cycles_per_step"] = "fast"; }),
               Catch::Matchers::ContainsSubstring(
                   "small.json: points[1].metrics.cycles_per_step: is \"fast\"; allowed is a finite number"));
    CHECK_THAT(sweep_message([](Json& json) { json["points"][0].erase("status"); }),
               Catch::Matchers::ContainsSubstring("points[0].status: is missing"));
    CHECK_THAT(sweep_message([](Json& json) { json["points"][0]["parameters"]["bru.lanes"] = 64; }),
               Catch::Matchers::ContainsSubstring("points[0].parameters.bru.lanes: is 64; allowed is a text"));
    CHECK_THAT(sweep_message([](Json& json) { json["points"] = 3; }),
               Catch::Matchers::ContainsSubstring("points: is 3; allowed is an array"));
    CHECK_THAT(sweep_message([](Json& json) { json["objectives"] = {"speed"}; }),
               Catch::Matchers::ContainsSubstring("allowed is a list of keys of `metrics`"));
    CHECK_THAT(sweep_message([](Json& json) { json["chosen"] = 8; }),
               Catch::Matchers::ContainsSubstring("chosen: is 8; allowed is the number of a point"));
    CHECK_THAT(sweep_message([](Json& json) { json["devices"]["d"]["limit"]["lut"] = nullptr; }),
               Catch::Matchers::ContainsSubstring("devices.d.limit.lut: is null"));
    CHECK_THAT(sweep_message([](Json& json) { json["points"][0]["front"] = 1; }),
               Catch::Matchers::ContainsSubstring("points[0].front: is 1; allowed is true or false"));
}

TEST_CASE("whatever a text holds, it stays inside its script element and comes back as it was") {
    const std::string hostile =
        "</script><!-- <script> \"quotes\" ' & \\ \xd0\x92\xd0\xbe\xd0\xb9\xd0\xbd\xd0\xb0 {{data}}";
    Json sweep = small_sweep();
    sweep["points"][1]["error"] = hostile;
    const Json data = page_data(sweep, "small.json");
    const std::string text = script_json(data);
    CHECK(text.find('<') == std::string::npos);
    CHECK(Json::parse(text)["columns"]["error"][1] == hostile);
    CHECK(script_json(Json("\xff")) == "\"\xef\xbf\xbd\""); // no UTF-8: replaced, not an exception
    CHECK(script_json(Json(std::numeric_limits<double>::quiet_NaN())) == "null");

    const std::string page = html_page(data, kNoLibrary);
    const std::size_t begin = page.find("id=\"data\">") + 10;
    const std::string embedded = page.substr(begin, page.find("</script>", begin) - begin);
    CHECK(Json::parse(embedded) == data);
}

TEST_CASE("a file name cannot break the page") {
    const std::string page = html_page(page_data(small_sweep(), "<b>\"'&</title>.json"), kNoLibrary);
    CHECK(page.find("<title>bru report: &lt;b&gt;&quot;&#39;&amp;&lt;/title&gt;.json</title>") != std::string::npos);
}

TEST_CASE("a library that holds the end of a script element does not end the page's") {
    const std::string page =
        html_page(page_data(small_sweep(), "s.json"), {"var a = '</SCRIPT>' + '</script >';", "l"});
    CHECK(page.find("var a = '<\\/SCRIPT>' + '<\\/script >';") != std::string::npos);
}

TEST_CASE("the page has the library's licence, all scripts, and nothing to load") {
    const std::string page = html_page(page_data(small_sweep(), "s.json"), {"/* library */", "Apache <License>"});
    CHECK(page.find("Apache &lt;License&gt;") != std::string::npos);
    CHECK(page.find("default-src 'none'") != std::string::npos);
    CHECK(page.find("{{") == std::string::npos);
    for (const char* name :
         {"format.js", "store.js", "conditions.js", "charts.js", "filters.js", "summary.js", "front.js", "parallel.js",
          "cycles.js", "resources.js", "timelines.js", "points.js", "run.js", "main.js"}) {
        INFO(name);
        REQUIRE(!web_file(name).empty());
        CHECK(page.find(web_file(name)) != std::string::npos);
    }
    CHECK(web_file("other.js").empty());
}

TEST_CASE("a plotting library that is missing or something else is told with the way to get it") {
    CHECK_THAT(message_of([] { find_plotting_library("/no/such/echarts.min.js"); }),
               Catch::Matchers::ContainsSubstring("tools/get-plotting-library"));
    CHECK_THAT(message_of([] { find_plotting_library(BRU_SOURCE_DIR "/LICENSE"); }),
               Catch::Matchers::ContainsSubstring("is not Apache ECharts"));
}

} // namespace bru
