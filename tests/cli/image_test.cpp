// Does `bru image` write the files that its help promises, and say what is wrong with its options?
#include "support/catch.hpp"

#include <filesystem>
#include <string>

#include "cli/process.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("bru image writes a network and steps for software") {
    TemporaryFolder folder;
    const std::string image = folder / "network.image";
    const std::string steps = folder / "trace.steps";
    const Outcome written = run_bru({"image", "--model", "warpeace_h256.onnx", "--out", image, "--trace",
                                     "warpeace.trace", "--out-steps", steps, "--steps", "20"});
    CAPTURE(written.err);
    CHECK(written.status == 0);
    CHECK_THAT(written.out, ContainsSubstring("weights") && ContainsSubstring("20 steps"));
    CHECK(std::filesystem::file_size(image) % 8 == 0);
    CHECK(std::filesystem::file_size(steps) == 24 + 20 * 8);
    CHECK(run_bru({"image", "--model", "warpeace_h256.onnx", "--out", folder / "network.c", "--c"}).status == 0);
    CHECK(std::filesystem::file_size(folder / "network.c") > std::filesystem::file_size(image));
}

TEST_CASE("bru image refuses half of what belongs together, and to overwrite what it reads") {
    TemporaryFolder folder;
    const Outcome half =
        run_bru({"image", "--model", "warpeace_h256.onnx", "--out", folder / "a", "--trace", "warpeace.trace"});
    CHECK(half.status == 2);
    CHECK_THAT(half.err, ContainsSubstring("--trace and --out-steps belong together"));
    const Outcome same = run_bru({"image", "--model", "warpeace_h256.onnx", "--out", folder / "a", "--trace",
                                  "warpeace.trace", "--out-steps", folder / "a"});
    CHECK(same.status == 2);
    CHECK(run_bru({"image", "--model", "warpeace_h256.onnx"}).status == 2);
}
