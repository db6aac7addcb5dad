// Mistakes of users: each message names the place, the value and the remedy, the status is 2, and nothing is written.
#include <sys/stat.h>

#include "catch_and_torch.hpp"

#include "program.hpp"
#include "tasks.hpp"

using namespace bru::train;
using Catch::Matchers::ContainsSubstring;

namespace {

namespace fs = std::filesystem;

/// What the program says when it refuses.
std::string refusal(const TemporaryFolder& folder, const std::vector<std::string>& words) {
    const bool there_before = fs::exists(folder / "out");
    const Outcome outcome = run("bru-train", folder, words);
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
    CHECK_THAT(outcome.err, !ContainsSubstring("internal error"));
    CHECK(fs::exists(folder / "out") == there_before);
    return outcome.err;
}

const std::vector<std::string> kShort = with(kSmall, {"--steps", "10", "--trace-steps", "5"});

} // namespace

TEST_CASE("values out of range, with units, and options without effect") {
    const TemporaryFolder folder;
    folder.write("text.txt", made_up_text(5000));
    const auto refused = [&](const std::vector<std::string>& words) {
        return refusal(folder, with({"text", "text.txt", "--out", "out"}, words));
    };
    CHECK_THAT(refused({"--steps", "0"}), ContainsSubstring("--steps 0") && ContainsSubstring("a whole number from 1"));
    CHECK_THAT(refused({"--steps", "1.5"}), ContainsSubstring("a whole number from 1"));
    CHECK_THAT(refused({"--rate", "-0.1"}), ContainsSubstring("--rate -0.1") && ContainsSubstring("1e-06 to 1"));
    CHECK_THAT(refused({"--minutes", "5min"}), ContainsSubstring("--minutes 5min") && ContainsSubstring("; give "));
    // Negative means "chosen" within the program; a user who gives it wants something else.
    CHECK_THAT(refused({"--dropout", "-0.5"}), ContainsSubstring("a number from 0 to 0.95"));
    CHECK_THAT(refused({"--dropout", "20%"}), ContainsSubstring("give the number alone"));
    CHECK_THAT(refused({"--steps", "5", "--only", "full", "--dense-bits", "3"}),
               ContainsSubstring("--dense-bits with --only full") && ContainsSubstring("leave one of them out"));
    CHECK_THAT(refused({"--steps", "5", "--minutes", "2"}), ContainsSubstring("--steps 5 and --minutes 2"));
}

TEST_CASE("data that can be read only once, and a folder for output that cannot be") {
    const TemporaryFolder folder;
    folder.write("text.txt", made_up_text(5000));
    REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK_THAT(refusal(folder, {"text", "pipe", "--steps", "5", "--out", "out"}),
               ContainsSubstring("pipe: is a pipe") && ContainsSubstring("write them to a file"));
    CHECK_THAT(refusal(folder, {"text", "-", "--steps", "5", "--out", "out"}), ContainsSubstring("standard input"));
    CHECK_THAT(refusal(folder, with(kShort, {"--out", "text.txt"})),
               ContainsSubstring("text.txt: is no folder") && ContainsSubstring("--out"));
    CHECK_THAT(refusal(folder, with(kShort, {"--out", "/dev/full"})), ContainsSubstring("/dev/full: is no folder"));
    CHECK_THAT(refusal(folder, with(kShort, {"--out", "text.txt/x"})),
               ContainsSubstring("cannot be made") && ContainsSubstring("choose a place"));
}

TEST_CASE("a window that the text is too short for is said") {
    const TemporaryFolder folder;
    folder.write("text.txt", made_up_text(5000));
    const Outcome outcome = run("bru-train", folder,
                                {"text", "text.txt", "--hidden", "8", "--steps", "5", "--batch", "8", "--window",
                                 "5000", "--trace-steps", "5", "--out", "out"});
    CHECK(outcome.status == 0);
    CHECK_THAT(outcome.err, ContainsSubstring("places of 194 characters, not 8 of 5000"));
}

TEST_CASE("resume of what is no training, and of checkpoints that do not belong together") {
    const TemporaryFolder folder;
    folder.write("text.txt", made_up_text(5000));
    const auto refused = [&](const std::string& name) { return refusal(folder, {"resume", name}); };
    CHECK_THAT(refused("absent"), ContainsSubstring("no such folder") && ContainsSubstring("--out"));
    CHECK_THAT(refused("text.txt"), ContainsSubstring("is no folder") && ContainsSubstring("--out"));
    fs::create_directory(folder / "empty");
    CHECK_THAT(refused("empty"), ContainsSubstring("no checkpoint") && ContainsSubstring("bru-train text"));

    REQUIRE(run("bru-train", folder, with(kShort, {"--out", "my"})).status == 0);
    REQUIRE(run("bru-train", folder, with(kShort, {"--seed", "2", "--out", "other"})).status == 0);
    REQUIRE(run("bru-train", folder, with(kShort, {"--only", "binary", "--out", "binary"})).status == 0);
    const auto mixed = [&](const std::string& full, const std::string& binarized) {
        fs::remove_all(folder / "mixed");
        fs::create_directory(folder / "mixed");
        if (!full.empty()) fs::copy_file(folder / full, folder / "mixed/full.checkpoint");
        fs::copy_file(folder / binarized, folder / "mixed/binarized.checkpoint");
        return refused("mixed");
    };
    CHECK_THAT(mixed("my/full.checkpoint", "other/binarized.checkpoint"),
               ContainsSubstring("mixed/binarized.checkpoint: is of another training") &&
                   ContainsSubstring("--seed is 2 here, and 1 there"));
    CHECK_THAT(mixed("my/full.checkpoint", "binary/binarized.checkpoint"),
               ContainsSubstring("--only is binary here, and both there"));
    CHECK_THAT(mixed("", "my/full.checkpoint"),
               ContainsSubstring("in full precision") && ContainsSubstring("whose name is full.checkpoint"));
    fs::create_directory(folder / "mixed2");
    fs::create_directory(folder / "mixed2/full.checkpoint");
    CHECK_THAT(refused("mixed2"), ContainsSubstring("is a folder"));

    fs::rename(folder / "text.txt", folder / "moved.txt");
    CHECK_THAT(refused("my"),
               ContainsSubstring("was trained on") && ContainsSubstring("text.txt") && ContainsSubstring("a link"));
}
