// Does docs/sweeps.md say what the tables in the code say?
#include "support/catch.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "explore/metrics.hpp"
#include "explore/sweep_files.hpp"
#include "explore/sweep_plan.hpp"

using namespace bru;
using namespace bru::test;

namespace {

std::string sweep_key_table() {
    std::string text = "| key of `[sweep]` | default | meaning |\n|---|---|---|\n";
    for (const SweepKey& key : sweep_keys())
        text += fmt::format("| `{}` | {} | {} |\n", key.key, key.standard, key.help);
    return text;
}

std::string metric_table() {
    std::string text = "| metric | unit | better | meaning |\n|---|---|---|---|\n";
    for (const Metric& metric : metrics())
        text += fmt::format("| `{}` | {} | {} | {}{} |\n", metric.key, metric.is_flag ? "0 or 1" : metric.unit,
                            metric.better == Better::none ? "-" : better_name(metric.better), metric.help,
                            metric.needs_predictions ? " (if predictions are scored)" : "");
    return text;
}

std::string document() {
    std::ostringstream text;
    text << std::ifstream(source("docs/sweeps.md")).rdbuf();
    return text.str();
}

std::string with_table(std::string text, const std::string& name, const std::string& table) {
    const std::string begin = "<!-- " + name + " -->\n";
    const std::size_t from = text.find(begin) + begin.size();
    return text.replace(from, text.find("<!-- end -->", from) - from, table);
}

std::string expected() {
    return with_table(with_table(document(), "sweep keys", sweep_key_table()), "metrics", metric_table());
}

} // namespace

TEST_CASE("docs/sweeps.md has the keys and metrics of the program") {
    INFO("write it with: build/test_explore \"write docs/sweeps.md\"");
    CHECK(document() == expected());
}

TEST_CASE("write docs/sweeps.md", "[.write-docs]") {
    const std::string text = expected();
    std::ofstream(source("docs/sweeps.md")) << text;
}
