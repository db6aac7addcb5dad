// Does `bru check` find what differs from a golden file, and does `bru run` name it?
#include "support/catch.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/traced.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a wrong golden value gives exit status 1 and is named", "[cli]") {
    const Traced traced(5);
    const std::string golden = traced.trace + ".golden";
    std::string text = file_text(golden);
    const std::size_t place = text.find_last_of("0123456789", text.rfind("\nend 5"));
    REQUIRE(place != std::string::npos);
    text[place] = text[place] == '1' ? '2' : '1';
    std::ofstream(golden) << text;
    const nlohmann::json json = traced.run({}, 1);
    CHECK(json["golden"]["mismatches"] == 1);
    CHECK_THAT(json["golden"]["message"].get<std::string>(),
               ContainsSubstring("step 4") && ContainsSubstring("expected") && ContainsSubstring("got"));
    const Outcome check = run_bru({"check", traced.folder.path, "--models", source("models")});
    CHECK(check.status == 1);
    CHECK_THAT(one_line(check.out), ContainsSubstring("FAIL") && ContainsSubstring("step 4") &&
                                        ContainsSubstring("expected") && ContainsSubstring("got"));
    const Outcome update = run_bru({"check", traced.folder.path, "--models", source("models"), "--update"});
    CHECK(update.status == 0);
    CHECK_THAT(one_line(update.out), ContainsSubstring("CHANGED") && ContainsSubstring("step 4"));
    CHECK(run_bru({"check", traced.folder.path, "--models", source("models")}).status == 0);
}

TEST_CASE("check compares cycles where they are recorded", "[cli]") {
    const Traced traced(10);
    const std::vector<std::string> check = {"check", traced.folder.path, "--models", source("models")};
    const Outcome before = run_bru(check);
    CHECK(before.status == 0);
    CHECK_THAT(one_line(before.out), ContainsSubstring("not recorded"));
    std::vector<std::string> update = check;
    update.push_back("--update");
    CHECK(run_bru(update).status == 0);
    CHECK_THAT(one_line(run_bru(check).out), ContainsSubstring("cycles equal"));
    CHECK_THAT(run_bru(update).out,
               ContainsSubstring("same") && !ContainsSubstring("CHANGED") && !ContainsSubstring("new"));

    // Another machine has its own entry.
    std::vector<std::string> other = check;
    other.push_back("--bru.lanes=128");
    CHECK_THAT(one_line(run_bru(other).out), ContainsSubstring("not recorded"));

    // Cycles that differ are a failure.
    const std::string golden = traced.trace + ".golden";
    std::string text = file_text(golden);
    const std::size_t place = text.find("total");
    REQUIRE(place != std::string::npos);
    const std::size_t digit = text.find_first_of("0123456789", place);
    text[digit] = text[digit] == '9' ? '8' : '9';
    std::ofstream(golden) << text;
    const Outcome failed = run_bru(check);
    CHECK(failed.status == 1);
    CHECK_THAT(one_line(failed.out), ContainsSubstring("cycles differ: total: expected"));
}

TEST_CASE("check --update --output adds a section", "[cli]") {
    const Traced traced(10);
    for (const char* kind : {"hidden", "argmax"}) {
        const Outcome update =
            run_bru({"check", traced.folder.path, "--models", source("models"), "--update", "--output", kind});
        INFO(update.err);
        CHECK(update.status == 0);
        CHECK_THAT(update.out, ContainsSubstring("new"));
    }
    const Outcome check = run_bru({"check", traced.folder.path, "--models", source("models")});
    CHECK(check.status == 0);
    CHECK_THAT(one_line(check.out), ContainsSubstring("logits every") && ContainsSubstring("hidden every") &&
                                        ContainsSubstring("argmax every") && ContainsSubstring("3 checked, 0 failed"));
}

TEST_CASE("bru check refuses number formats, which the golden file names") {
    const Traced traced(5);
    const Outcome outcome = run_bru({"check", traced.folder.path, "--bru.activation_bits=6"});
    CHECK(outcome.status == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("bru.activation_bits") && ContainsSubstring("--update"));
    const Outcome lanes = run_bru({"check", traced.folder.path, "--bru.lanes=32"});
    CHECK(lanes.status == 0);
    CHECK_THAT(one_line(lanes.out), ContainsSubstring("cycles were compared in 0 of 1"));
    const std::string config = traced.folder.write("a.ini", "[bru]\nactivation_bits = 4\n[run]\nsteps = 3\n");
    const Outcome file = run_bru({"check", traced.folder.path, "--config", config});
    CHECK(file.status == 2);
    CHECK_THAT(file.err,
               ContainsSubstring("a.ini: bru.activation_bits = 4") && ContainsSubstring("run.steps has no effect"));
    const Outcome added = run_bru({"check", traced.folder.path, "--config", config, "--update"});
    CHECK(added.status == 0);
    CHECK_THAT(added.out, ContainsSubstring("A4 "));
}
