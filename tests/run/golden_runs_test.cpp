// Do the sections of a golden file become the runs that they stand for, and does writing them anew change nothing?
#include "support/catch.hpp"

#include <filesystem>

#include "base/error.hpp"
#include "run/golden_runs.hpp"
#include "support/shipped.hpp"
#include "trace/files.hpp"

using namespace bru;
using namespace bru::test;
using bru::testing::TemporaryFolder;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

RunSpecification poisson(const std::string& trace) {
    RunSpecification specification;
    specification.model.path = source("models/warpeace_h256.onnx");
    specification.trace.path = trace;
    specification.compare_golden = true;
    return specification;
}

/// A trace of the tree and its golden file, in a folder of their own.
std::string copied(const TemporaryFolder& folder, const std::string& name) {
    std::filesystem::copy_file(source("traces/" + name), folder / name);
    std::filesystem::copy_file(golden_path(source("traces/" + name)), golden_path(folder / name));
    return folder / name;
}

} // namespace

TEST_CASE("every section of a golden file is a run, with its formats and its output") {
    Library library;
    RunSpecification base = poisson(source("traces/warpeace.trace"));
    base.configuration.shape.activation_bits = 3; // the formats of a section win
    const std::vector<RunSpecification> all = golden_runs(library, base);
    REQUIRE(all.size() == golden_sections(golden_path(base.trace.path)).size());
    for (const RunSpecification& run : all) CHECK(run.configuration.shape.activation_bits == 8);
    base.output.kind = "argmax";
    CHECK(golden_runs(library, base).size() == all.size() / 3);
    base.output.steps = "last";
    CHECK(golden_runs(library, base).size() == 1);
    base.model.path = source("models/warpeace_h512.onnx"); // other weights
    CHECK(golden_runs(library, base).empty());
}

TEST_CASE("golden outputs and cycles that are written anew are those that were there") {
    const TemporaryFolder folder;
    const std::string trace = copied(folder, "warpeace_poisson.trace");
    const std::string before = folder.read("warpeace_poisson.trace.golden");
    Library library;
    std::uint64_t steps = 0;
    const std::vector<GoldenChange> changes =
        update_golden(library, golden_runs(library, poisson(trace)), [&](const Step&) { ++steps; });
    REQUIRE(changes.size() == 2);
    for (const GoldenChange& change : changes) {
        CHECK(change.existed);
        CHECK(!change.changed);
    }
    CHECK(steps == 2 * 500);
    CHECK(folder.read("warpeace_poisson.trace.golden") == before);
}

TEST_CASE("an output that differs from the golden file is found, with its unit") {
    const TemporaryFolder folder;
    const std::string trace = copied(folder, "warpeace_poisson.trace");
    std::string golden = folder.read("warpeace_poisson.trace.golden");
    char& digit = golden[golden.find("\nend 500") - 1]; // of the last output's digest
    digit = digit == '0' ? '1' : '0';
    folder.write("warpeace_poisson.trace.golden", golden);
    Library library;
    const RunOutcome outcome = Run(library, poisson(trace)).execute();
    REQUIRE(outcome.golden);
    CHECK(outcome.golden->mismatches == 1);
    CHECK_THAT(outcome.golden_remark, ContainsSubstring("the golden file is out of date"));
}

TEST_CASE("a section without a known form names the golden file") {
    const TemporaryFolder folder;
    const std::string trace = copied(folder, "warpeace_poisson.trace");
    std::string golden = folder.read("warpeace_poisson.trace.golden");
    golden.replace(golden.find(" logits every"), 7, " dreams");
    folder.write("warpeace_poisson.trace.golden", golden);
    Library library;
    try {
        golden_runs(library, poisson(trace));
        FAIL("the section was accepted");
    } catch (const InputError& error) {
        CHECK_THAT(std::string(error.what()), StartsWith(golden_path(trace) + ": ") && ContainsSubstring("dreams"));
    }
}
