// Options that would have no effect: is nothing of what a user asks for passed over without a word?
#include "support/catch.hpp"

#include "cli/process.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kModel = source("models/mnist_rows_h128.onnx");
const std::string kTextModel = source("models/warpeace_h256.onnx");
const std::string kTrace = source("traces/warpeace.trace");

void check_refused(const std::vector<std::string>& words, const std::string& fragment, const std::string& folder = "") {
    const Outcome outcome = run_bru(words, folder);
    CAPTURE(words, outcome.out, outcome.err);
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
    CHECK_THAT(outcome.err, ContainsSubstring(fragment));
}

void check_noted(const std::vector<std::string>& words, const std::string& fragment, const std::string& folder) {
    const Outcome outcome = run_bru(words, folder);
    CAPTURE(words, outcome.out, outcome.err);
    CHECK(outcome.status == 0);
    CHECK_THAT(outcome.err, ContainsSubstring(fragment));
}

} // namespace

TEST_CASE("an option that needs another one is refused without it", "[cli]") {
    for (const char* option : {"--lstm-weight-bits", "--dense-weight-bits", "--input-exponent", "--region"})
        for (const std::vector<std::string>& command :
             {std::vector<std::string>{"resources"}, std::vector<std::string>{"compare", "--hidden", "8"}}) {
            std::vector<std::string> words = command;
            words.insert(words.end(), {option, "2"});
            check_refused(words, std::string(option) +
                                     " has no effect without --model; give --model FILE, too, or leave " + option +
                                     " out");
        }
    check_refused({"resources", "--output", "hidden"}, "--output has no effect without --model");
    check_refused({"image", "--model", kModel, "--out", "i.image", "--steps", "5"},
                  "--steps has no effect without --trace");
    check_refused({"fleet", source("configs/fleets/microphones.ini"), "--save-seconds", "5"},
                  "--save-seconds has no effect without --state");
}

TEST_CASE("what has no effect beside another option, or behind it, is refused", "[cli]") {
    check_refused({"resources", "--device", "all", "--synthesis"}, "--synthesis has no effect beside --device all");
    check_refused({"resources", "--structure", "s.json", "--synthesis"},
                  "--synthesis has no effect beside --structure");
    check_refused({"manual", "run", "trace"}, "'trace' is one word too many; give one subcommand, or none");
    check_refused({"help", "run", "trace"}, "'trace' is one word too many");
}

TEST_CASE("a merge of databases takes no options of a sweep", "[cli]") {
    for (const std::vector<std::string>& given :
         {std::vector<std::string>{"--processes", "2"}, std::vector<std::string>{"--objectives", "lut"},
          std::vector<std::string>{"--steps", "5"}, std::vector<std::string>{"--bru.lanes", "32"}}) {
        std::vector<std::string> words = {"sweep", "--merge", "all.db", "part.db"};
        words.insert(words.end(), given.begin(), given.end());
        check_refused(words, "--merge joins databases as they are, and " + given.front() + " has no effect on that");
    }
}

TEST_CASE("keys of a sweep that its sampling passes over are noted", "[cli]") {
    const TemporaryFolder folder;
    const std::string sweep =
        folder.write("s.ini", "[sweep]\nobjectives = lut\n[run]\nmodel = " + kModel + "\n[bru]\nlanes = 32, 64\n");
    check_noted({"sweep", sweep, "--seed", "3", "--db", "seed.db"},
                "seed has no effect: sampling = grid draws nothing at random", folder.path);
    check_noted({"sweep", sweep, "--population", "8", "--db", "population.db"},
                "population has no effect: sampling = grid has no generations", folder.path);
    check_noted({"sweep", sweep, "--accuracy-steps", "8", "--db", "accuracy.db"},
                "accuracy_steps has no effect: no objective", folder.path);
    const Outcome used =
        run_bru({"sweep", sweep, "--sampling", "random", "--points", "1", "--seed", "3", "--db", folder / "random.db"},
                folder.path);
    CHECK(used.status == 0);
    CHECK(used.err.empty());
}

TEST_CASE("a seed, a number of steps and a name that say nothing are noted", "[cli]") {
    const TemporaryFolder folder;
    const std::string trace = folder / "t.trace";
    const std::vector<std::string> sampled = {"trace", "--model", kTextModel, "--sample", "8", "--out", trace};
    std::vector<std::string> words = sampled;
    words.insert(words.end(), {"--steps", "20"});
    check_noted(words, "--steps 20: --sample has 8 steps, and all of them are taken", folder.path);
    words = sampled;
    words.insert(words.end(), {"--seed", "4"});
    CHECK(run_bru(words).err.empty());
    const std::string text = folder.write("t.txt", "It was late. ");
    check_noted({"trace", "--model", kTextModel, "--text", text, "--seed", "4", "--out", trace},
                "--seed 4 has no effect", folder.path);
    check_noted({"image", "--model", kTextModel, "--out", folder / "i.image", "--trace", trace, "--out-steps",
                 folder / "i.steps", "--steps", "500"},
                "steps, and all of them are written", folder.path);
    check_noted({"image", "--model", kTextModel, "--out", folder / "i.c"}, "--c writes C source", folder.path);
}
