// Does the program do what its help says: train, stop, resume, refuse?
#include <sys/file.h>

#include "catch_and_torch.hpp"

#include "program.hpp"
#include "tasks.hpp"
#include "train/checkpoint.hpp"

using namespace bru::train;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("bru-train text makes a model that bru run takes with no option beside the configuration") {
    const TemporaryFolder folder;
    folder.write("text.txt", made_up_text(20000));
    const Outcome trained =
        run("bru-train", folder, with(kSmall, {"--steps", "120", "--out", "my", "--trace-steps", "300"}));
    INFO(trained.err);
    REQUIRE(trained.status == 0);
    CHECK_THAT(trained.out, ContainsSubstring("full precision") && ContainsSubstring("binarized") &&
                                ContainsSubstring("bru run --config my/my.ini"));
    for (const char* file :
         {"my/my.onnx", "my/my.ini", "my/my.trace", "my/my.trace.golden", "my/my.md", "my/curve.csv", "my/curve.svg"})
        CHECK(std::filesystem::exists(folder / file));
    const Outcome ran = run("bru", folder, {"run", "--config", "my/my.ini", "--predictions"});
    INFO(ran.err);
    CHECK(ran.status == 0);
    CHECK_THAT(ran.out, ContainsSubstring("nats_per_character") && ContainsSubstring(" 0 mismatches"));
    CHECK_THAT(folder.read("my/my.md"), ContainsSubstring("binarized: test") && ContainsSubstring("--steps 120"));

    // A training that is there is not trained over.
    const std::string before = folder.read("my/binarized.checkpoint");
    const Outcome again = run("bru-train", folder, with(kSmall, {"--steps", "60", "--out", "my"}));
    CHECK(again.status == 2);
    CHECK_THAT(again.err, ContainsSubstring("my/full.checkpoint") && ContainsSubstring("resume my"));
    CHECK(folder.read("my/binarized.checkpoint") == before);
}

TEST_CASE("Ctrl-C saves, says how to go on, and going on gives the uninterrupted curve") {
    const TemporaryFolder folder;
    folder.write("text.txt", made_up_text(20000));
    const std::vector<std::string> words = with(kSmall, {"--steps", "2000", "--trace-steps", "10"});
    REQUIRE(run("bru-train", folder, with(words, {"--out", "whole"})).status == 0);
    const Outcome stopped = run("bru-train", folder, with(words, {"--out", "parts"}), true);
    CHECK(stopped.status == 130);
    CHECK_THAT(stopped.err, ContainsSubstring("bru-train resume parts"));
    const Outcome resumed = run("bru-train", folder, {"resume", "parts"});
    INFO(resumed.err);
    REQUIRE(resumed.status == 0);
    CHECK(curve_of(folder, "whole") == curve_of(folder, "parts"));
    CHECK(resumed.out.substr(0, resumed.out.find("model")) != "");
}

TEST_CASE("a checkpoint that finds no room does not end the training") {
    const TemporaryFolder folder;
    folder.write("text.txt", made_up_text(20000));
    const Outcome trained = run("bru-train", folder,
                                {"text", "text.txt", "--hidden", "64", "--batch", "8", "--window", "20", "--steps",
                                 "20", "--trace-steps", "10", "--only", "binary", "--out", "my"},
                                false, 150'000);
    INFO(trained.err);
    CHECK(trained.status == 0);
    CHECK_THAT(trained.err, ContainsSubstring("no checkpoint at step 20") && ContainsSubstring("File too large"));
    CHECK(std::filesystem::exists(folder / "my/my.onnx"));
    CHECK_FALSE(std::filesystem::exists(folder / "my/binarized.checkpoint"));
}

TEST_CASE("two programs do not train in one folder") {
    const TemporaryFolder folder;
    folder.write("text.txt", made_up_text(5000));
    std::filesystem::create_directory(folder / "my");
    const int held = open((folder / "my").c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(flock(held, LOCK_EX) == 0);
    for (const std::vector<std::string>& words :
         {with(kSmall, {"--steps", "5", "--out", "my"}), std::vector<std::string>{"resume", "my"}}) {
        const Outcome outcome = run("bru-train", folder, words);
        CHECK(outcome.status == 2);
        CHECK_THAT(outcome.err, ContainsSubstring("my: another bru-train works in this folder"));
    }
    close(held);
    CHECK(std::filesystem::is_empty(folder / "my"));
}

TEST_CASE("a checkpoint whose checksum is right and whose content is odd is refused") {
    const TemporaryFolder folder;
    folder.write("text.txt", made_up_text(20000));
    REQUIRE(run("bru-train", folder,
                with(kSmall, {"--steps", "20", "--only", "binary", "--out", "my", "--trace-steps", "5"}))
                .status == 0);
    const std::string path = folder / "my/binarized.checkpoint";
    const Checkpoint good = read_checkpoint(path);
    const auto refused = [&](const std::string& name, const nlohmann::json& value) {
        Checkpoint odd = good;
        odd.state[nlohmann::json::json_pointer(name)] = value;
        write_checkpoint(path, odd);
        const Outcome outcome = run("bru-train", folder, {"resume", "my"});
        INFO(name << " = " << value.dump() << ": " << outcome.err);
        CHECK(outcome.status == 2);
        CHECK_THAT(outcome.err, ContainsSubstring("binarized.checkpoint") && !ContainsSubstring("internal error"));
    };
    refused("/task", 5);
    refused("/settings", "none");
    refused("/settings/hidden", "4096");
    refused("/curve/0", nlohmann::json::array({1}));
    refused("/steps", -1);
    refused("/steps", 1e300);
    refused("/states", "many");
    refused("/best", nlohmann::json::object());
    // A shape that the file has no room for, and a header that is longer than the file.
    const auto replaced = [&](std::string header, std::uint64_t length) {
        std::string bytes = "bru-train checkpoint 1\n";
        bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
        bytes += header;
        const std::uint64_t sum = checkpoint_checksum(bytes);
        bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum);
        folder.write("my/binarized.checkpoint", bytes);
        CHECK_THROWS_AS(read_checkpoint(path), bru::InputError);
    };
    const std::string header = R"({"state": {}, "tensors": [{"name": "a", "shape": [1000000, 1000000, 8]}]})";
    replaced(header, header.size());
    replaced(header, UINT64_MAX);
    replaced("{}", 2);
    replaced("no JSON", 7);
}

TEST_CASE("wrong use and bad input end with status 2 and a message") {
    const TemporaryFolder folder;
    folder.write("text.txt", made_up_text(5000));
    folder.write("empty.txt", "");
    const auto refused = [&](const std::vector<std::string>& words) {
        const Outcome outcome = run("bru-train", folder, words);
        CHECK(outcome.status == 2);
        CHECK(outcome.out.empty());
        return outcome.err;
    };
    CHECK_THAT(refused({"texd"}), ContainsSubstring("unknown subcommand 'texd'") && ContainsSubstring("text"));
    CHECK_THAT(refused({"text", "text.txt", "--hiden", "5"}),
               ContainsSubstring("--hiden") && ContainsSubstring("--hidden"));
    CHECK_THAT(refused({"text", "text.txt", "--hidden", "0"}),
               ContainsSubstring("--hidden 0") && ContainsSubstring("1 to 4096"));
    CHECK_THAT(refused({"text", "text.txt", "--scales", "none"}), ContainsSubstring("learned, mean, loss-aware"));
    CHECK_THAT(refused({"text", "text.txt", "--steps", "5", "--minutes", "5"}), ContainsSubstring("give one"));
    CHECK_THAT(refused({"text", "text.txt", "text.txt"}), ContainsSubstring("one FILE too many"));
    CHECK_THAT(refused({"text", "empty.txt", "--steps", "5"}),
               ContainsSubstring("empty.txt") && ContainsSubstring("is empty"));
    // 4 * 3000 rows of 3000: more than bru reads. Said before the training, and nothing is left.
    CHECK_THAT(refused({"text", "text.txt", "--steps", "5", "--hidden", "3000", "--only", "binary", "--out", "large"}),
               ContainsSubstring("would not run on BRU"));
    CHECK_FALSE(std::filesystem::exists(folder / "large"));
    CHECK_THAT(refused({"csv"}), ContainsSubstring("FILE is missing"));
    CHECK_THAT(refused({"images", "absent"}), ContainsSubstring("get-mnist"));
    CHECK_THAT(refused({"resume", "absent"}), ContainsSubstring("no such folder"));
    std::filesystem::create_directory(folder / "bad");
    folder.write("bad/full.checkpoint", "bru-train checkpoint 1\nnonsense and more nonsense");
    CHECK_THAT(refused({"resume", "bad"}), ContainsSubstring("bad/full.checkpoint") && ContainsSubstring("checksum"));
    CHECK(folder.read("bad/full.checkpoint") == "bru-train checkpoint 1\nnonsense and more nonsense");
}

TEST_CASE("help names every option, with an example") {
    const TemporaryFolder folder;
    const Outcome help = run("bru-train", folder, {"text", "--help"});
    CHECK(help.status == 0);
    CHECK_THAT(help.out,
               ContainsSubstring("--minutes") && ContainsSubstring("--seed") && ContainsSubstring("Example:"));
    CHECK_THAT(run("bru-train", folder, {"--help"}).out,
               ContainsSubstring("images") && ContainsSubstring("csv") && ContainsSubstring("resume"));
}

TEST_CASE("bru-train csv end to end") {
    const TemporaryFolder folder;
    std::string csv = "sequence,label,x,y\n";
    const LabelledSequences data = made_up_sequences(60, 2);
    for (std::size_t k = 0; k < data.sequences.size(); ++k)
        for (std::int64_t t = 0; t < data.sequences[k].size(0); ++t)
            csv += "s" + std::to_string(k) + "," + std::to_string(data.labels[k]) + "," +
                   std::to_string(3 * data.sequences[k][t][0].item<double>()) + "," +
                   std::to_string(data.sequences[k][t][1].item<double>()) + "\n";
    folder.write("data.csv", csv);
    const Outcome trained =
        run("bru-train", folder,
            {"csv", "data.csv", "--hidden", "8", "--steps", "60", "--bidirectional", "--layers", "2", "--out", "c"});
    INFO(trained.err);
    REQUIRE(trained.status == 0);
    const Outcome ran = run("bru", folder, {"run", "--config", "c/c.ini", "--predictions"});
    INFO(ran.err);
    CHECK(ran.status == 0);
    CHECK_THAT(ran.out, ContainsSubstring("accuracy_percent") && !ContainsSubstring("saturated"));
}
