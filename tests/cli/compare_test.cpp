// bru compare: keys, wording of what was not measured, and what it refuses.
#include "support/catch.hpp"

#include <filesystem>

#include <nlohmann/json.hpp>

#include "cli/process.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kModel = source("models/mnist_rows_h128.onnx");
const bool kLibtorch = std::filesystem::exists(BRU_BINARY_DIR "/bru-float-libtorch");
const bool kGpu = std::filesystem::exists("/dev/nvidia0");

} // namespace

TEST_CASE("compare prints and writes what it measured, and says what it did not", "[cli]") {
    const TemporaryFolder folder;
    const Outcome outcome = run_bru({"compare", "--model", kModel, "--trace", source("traces/digits.trace"),
                                     "--repeats", "2", "--without-libtorch", "--json", folder / "c.json"});
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    CHECK(outcome.err.empty());
    CHECK_THAT(outcome.out,
               ContainsSubstring("own float execution (plain C++)") && ContainsSubstring("published, not measured"));
    CHECK_THAT(one_line(outcome.out),
               ContainsSubstring("not measured: bru's own float execution (plain C++) has one thread"));
    if (!kGpu) CHECK_THAT(one_line(outcome.out), ContainsSubstring("not measured: no CUDA device"));
    const auto json = nlohmann::json::parse(file_text(folder / "c.json"));
    CHECK(json["schema"] == "bru-compare-1");
    CHECK(json["host"]["threads"].get<int>() >= 1);
    CHECK_FALSE(json["host"]["cpu"].get<std::string>().empty());
    const auto& network = json["networks"].at(0);
    CHECK(network["hidden_size"] == 128);
    CHECK(network["output"] == "logits");
    CHECK(network["cpu_one_thread"]["measured"] == true);
    CHECK(network["cpu_one_thread"]["threads"] == 1);
    CHECK(network["cpu_all_threads"]["measured"] == false);
    CHECK_FALSE(network["cpu_all_threads"]["reason"].get<std::string>().empty());
    const double step_us = network["cpu_one_thread"]["step_us"]["median"];
    const auto& machine = network["bru"].at(0);
    CHECK(machine["step_us"].get<double>() == Approx(machine["cycles_per_step"].get<double>() / 150));
    CHECK(machine["ratio"]["cpu_one_thread"].get<double>() == Approx(step_us / machine["step_us"].get<double>()));
    CHECK(json["manifest"]["libtorch_program"] == "none");

    // The machine's cycles are those of bru run over the same steps.
    const Outcome run = run_bru({"run", "--model", kModel, "--trace", source("traces/digits.trace"), "--steps", "2000",
                                 "--json", folder / "r.json"});
    REQUIRE(run.status == 0);
    CHECK(nlohmann::json::parse(file_text(folder / "r.json"))["cycles"]["per_step"] == machine["cycles_per_step"]);
}

TEST_CASE("compare over sizes and configurations", "[cli]") {
    const TemporaryFolder folder;
    const std::string config = source("configs/z7020.ini");
    const Outcome outcome =
        run_bru({"compare", "--hidden", "16,32", "--config", config + "," + config, "--bru.lanes=32", "--repeats", "1",
                 "--without-libtorch", "--json", folder / "c.json"});
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    const auto json = nlohmann::json::parse(file_text(folder / "c.json"));
    REQUIRE(json["networks"].size() == 2);
    CHECK(json["networks"][1]["hidden_size"] == 32);
    for (const auto& machine : json["networks"][1]["bru"]) CHECK(machine["parameters"]["bru.lanes"] == "32");
    CHECK(json["networks"][1]["bru"].size() == 2);
}

TEST_CASE("compare refuses what makes no sense", "[cli]") {
    const TemporaryFolder folder;
    const auto message = [](std::vector<std::string> words) {
        words.insert(words.begin(), "compare");
        const Outcome outcome = run_bru(words);
        CHECK(outcome.status == 2);
        CHECK(outcome.out.empty());
        return outcome.err;
    };
    CHECK_THAT(message({}), ContainsSubstring("--model FILE or --hidden SIZES"));
    CHECK_THAT(message({"--model", kModel, "--hidden", "64"}), ContainsSubstring("one of them"));
    CHECK_THAT(message({"--hidden", "64", "--trace", source("traces/digits.trace")}),
               ContainsSubstring("--trace and --hidden"));
    for (const char* sizes : {"", "64,", "0", "-1", "64;128", "65537", "99999999999999999999"})
        CHECK_THAT(message({"--hidden", sizes}), ContainsSubstring("allowed are sizes of 1 to 65536"));
    CHECK_THAT(message({"--model", kModel, "--trace", source("traces/warpeace.trace")}),
               ContainsSubstring("warpeace.trace"));
    CHECK_THAT(message({"--model", folder / "absent.onnx"}), ContainsSubstring("absent.onnx"));
    CHECK_THAT(message({"--hidden", "16", "--config", folder / "absent.ini"}), ContainsSubstring("absent.ini"));
    CHECK_THAT(message({"--hidden", "16", "--repeats", "0"}), ContainsSubstring("1 to 1000"));
    CHECK_THAT(message({"--model", kModel, "--json", kModel}), ContainsSubstring("would be overwritten"));
}

TEST_CASE("compare measures LibTorch where it was built", "[cli]") {
    if (!kLibtorch) {
        WARN("built without LibTorch");
        return;
    }
    const TemporaryFolder folder;
    const Outcome outcome = run_bru({"compare", "--model", source("tests/data/onnx/bidirectional_final.onnx"),
                                     "--lstm-weight-bits", "4", "--repeats", "1", "--json", folder / "c.json"});
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    const auto json = nlohmann::json::parse(file_text(folder / "c.json"));
    const auto& network = json["networks"].at(0);
    CHECK_THAT(network["cpu_one_thread"]["by"].get<std::string>(), ContainsSubstring("LibTorch"));
    CHECK(network["cpu_one_thread"]["step_us"]["median"].get<double>() > 0);
    if (json["host"]["threads"] > 1) CHECK(network["cpu_all_threads"]["threads"] == json["host"]["threads"]);
}
