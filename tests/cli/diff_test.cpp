// Does `bru diff` compare two runs metric by metric?
#include "support/catch.hpp"

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "cli/traced.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("bru diff compares two runs metric by metric") {
    const Traced traced;
    const std::string before = traced.folder / "before.json";
    const std::string after = traced.folder / "after.json";
    traced.run();
    std::filesystem::rename(traced.folder / "out.json", before);
    SECTION("the same machine again: no metric differs, whatever the speed of the host") {
        traced.run();
        const Outcome same = run_bru({"diff", before, traced.folder / "out.json"});
        CHECK(same.status == 0);
        CHECK_THAT(same.out, ContainsSubstring("0 of ") && ContainsSubstring(" metrics differ"));
    }
    SECTION("a slower machine: the inputs and metrics that differ, and the exit status") {
        const auto run = traced.run({"--bru.update_width=1"});
        std::filesystem::rename(traced.folder / "out.json", after);
        const Outcome differs = run_bru({"diff", before, after, "--json", traced.folder / "diff.json"});
        CHECK(differs.status == 1);
        CHECK_THAT(differs.out, ContainsSubstring("manifest.config.bru.update_width") &&
                                    ContainsSubstring("cycles.total") && !ContainsSubstring("host."));
        CHECK(run_bru({"diff", before, after, "--fail-above", "100000 %"}).status == 1); // 0 cycles became some
        const auto json = nlohmann::json::parse(file_text(traced.folder / "diff.json"));
        const auto& metrics = json["changed_metrics"];
        const auto total = std::find_if(metrics.begin(), metrics.end(),
                                        [](const auto& metric) { return metric["name"] == "cycles.total"; });
        REQUIRE(total != metrics.end());
        CHECK((*total)["after"] == run["cycles"]["total"]);
        CHECK((*total)["change_percent"] > 0);
        CHECK(json["above"] == metrics.size());
    }
    SECTION("rounding, hints and the length of the trace are no change of the machine") {
        auto json = nlohmann::ordered_json::parse(file_text(before));
        json["energy"]["step_uj"] = json["energy"]["step_uj"].get<double>() * (1 + 1e-12);
        json["hints"] = nlohmann::json::array({{{"parameter", "bru.lanes"}, {"value", "3"}}});
        CHECK(run_bru({"diff", before, traced.folder.write("rounded.json", json.dump())}).status == 0);
        json["steps"] = json["steps"].get<int>() + 1;
        json["cycles"]["total"] = 1;
        const Outcome longer = run_bru({"diff", before, traced.folder.write("longer.json", json.dump())});
        CAPTURE(longer.out);
        CHECK(longer.status == 0);
        CHECK_THAT(longer.out, ContainsSubstring("The runs have other steps") && !ContainsSubstring("cycles.total"));
    }
    SECTION("the main figures come first, and a text is no number") {
        auto json = nlohmann::ordered_json::parse(file_text(before));
        json["cycles"]["per_step"] = "480";
        const Outcome differs = run_bru({"diff", before, traced.folder.write("text.json", json.dump())});
        CHECK(differs.status == 1);
        CHECK_THAT(differs.out, ContainsSubstring("\"480\"") && ContainsSubstring("main figures"));
        CHECK(differs.out.find("latency_us.response") < differs.out.find("metrics that differ"));
    }
    SECTION("a change up to the limit is no failure") {
        auto json = nlohmann::ordered_json::parse(file_text(before));
        json["cycles"]["total"] = json["cycles"]["total"].get<double>() * 1.009;
        const std::string changed = traced.folder.write("changed.json", json.dump());
        CHECK(run_bru({"diff", before, changed, "--fail-above", "1%"}).status == 0);
        CHECK(run_bru({"diff", before, changed, "--fail-above", "0.8"}).status == 1);
        CHECK(run_bru({"diff", changed, before}).status == 1);
    }
    SECTION("wrong use") {
        CHECK_THAT(run_bru({"diff", before}).err, ContainsSubstring("give two files"));
        CHECK_THAT(run_bru({"diff", before, before, "--fail-above", "much"}).err, ContainsSubstring("0 to 1"));
        const std::string other = traced.folder.write("other.json", "{\"schema\": \"bru-sweep-1\"}");
        CHECK_THAT(run_bru({"diff", before, other}).err, ContainsSubstring("is the JSON of bru sweep"));
        const std::string cut = traced.folder.write("cut.json", file_text(before).substr(0, 300));
        CHECK_THAT(run_bru({"diff", cut, before}).err, ContainsSubstring("damaged or cut short") &&
                                                           !ContainsSubstring("syntax") &&
                                                           !ContainsSubstring("it is JSON"));
        const std::string ini = traced.folder.write("s.ini", "[run]\nsteps = 3\n");
        CHECK_THAT(run_bru({"diff", before, ini}).err, ContainsSubstring("is no JSON; it is an INI file"));
        auto earlier = nlohmann::ordered_json::parse(file_text(before));
        earlier["schema"] = "bru-run-1";
        const std::string old = traced.folder.write("old.json", earlier.dump());
        CHECK_THAT(run_bru({"diff", old, before}).err, ContainsSubstring(before + ": schema"));
        const std::string deep = traced.folder.write(
            "deep.json", "{\"schema\": \"bru-run-2\", \"a\": " + std::string(1000, '[') + std::string(1000, ']') + "}");
        const Outcome outcome = run_bru({"diff", before, deep});
        CHECK(outcome.status == 2);
        CHECK_THAT(outcome.err, ContainsSubstring(deep) && ContainsSubstring("levels"));
    }
}
