// Does bru quantize write a model that runs without options as the original does with them, and refuse wrong use?
#include "support/catch.hpp"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli/process.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kMotor = source("docs/tutorial/motor.onnx");
const std::string kMotorData = source("docs/tutorial/motor.csv");
const std::string kMotorLabels = source("docs/tutorial/motor.labels");
const std::string kText = source("models/warpeace_h256.onnx");

nlohmann::json quantized(const TemporaryFolder& folder, std::vector<std::string> words) {
    words.insert(words.begin(), "quantize");
    words.insert(words.end(), {"--json", folder / "q.json"});
    const Outcome outcome = run_bru(words);
    CAPTURE(outcome.out, outcome.err);
    REQUIRE(outcome.status == 0);
    return nlohmann::json::parse(file_text(folder / "q.json"));
}

struct RunOfModel {
    std::string outputs;
    nlohmann::json cycles;
};
RunOfModel run_of(const TemporaryFolder& folder, std::vector<std::string> words) {
    words.insert(words.begin(), "run");
    words.insert(words.end(), {"--outputs", folder / "outputs.csv", "--json", folder / "run.json"});
    const Outcome outcome = run_bru(words);
    CAPTURE(outcome.out, outcome.err);
    REQUIRE(outcome.status == 0);
    return {file_text(folder / "outputs.csv"), nlohmann::json::parse(file_text(folder / "run.json"))["cycles"]};
}

} // namespace

TEST_CASE("the model of bru quantize runs without options as the original with them", "[cli]") {
    const TemporaryFolder folder;
    const std::string trace = folder / "t.trace";
    REQUIRE(run_bru({"trace", "--model", kMotor, "--dense-weight-bits", "8", "--csv", kMotorData, "--labels",
                     kMotorLabels, "--steps", "500", "--out", trace})
                .status == 0);
    for (const char* bits : {"1", "3", "8"}) {
        // One trace serves every quantization: it belongs to the data.
        const nlohmann::json report =
            quantized(folder, {kMotor, "--calibrate", trace, "--dense-weight-bits", bits, "--out", folder / "q.onnx"});
        const std::string exponent = report["input_exponent"]["chosen"].dump();
        CAPTURE(bits, exponent);
        const RunOfModel original = run_of(
            folder, {"--model", kMotor, "--dense-weight-bits", bits, "--input-exponent", exponent, "--trace", trace});
        const RunOfModel written = run_of(folder, {"--model", folder / "q.onnx", "--trace", trace});
        CHECK(written.outputs == original.outputs);
        CHECK(written.cycles == original.cycles);
        const Outcome inspected = run_bru({"inspect", folder / "q.onnx"});
        CHECK(inspected.err.empty()); // nothing to note, since nothing is asked for
        CHECK_THAT(inspected.out, ContainsSubstring(report["fingerprint"].get<std::string>()));
        // Quantized once more, it stays what it is.
        const nlohmann::json again = quantized(folder, {folder / "q.onnx", "--calibrate", trace, "--out",
                                                        folder / "r.onnx", "--input-exponent", exponent});
        CHECK(again["fingerprint"] == report["fingerprint"]);
        CHECK(file_text(folder / "r.onnx") == file_text(folder / "q.onnx"));
    }
}

TEST_CASE("bru quantize says the exponent, its neighbours, saturation and the loss", "[cli]") {
    const TemporaryFolder folder;
    const std::vector<std::string> words = {kMotor,       "--calibrate", kMotorData,       "--labels",
                                            kMotorLabels, "--steps",     "1000",           "--dense-weight-bits",
                                            "6",          "--out",       folder / "q.onnx"};
    const nlohmann::json report = quantized(folder, words);
    CHECK(report["schema"] == "bru-quantize-1");
    CHECK(report["data"]["steps"] == 1000);
    CHECK(report["data"]["sequences"] == 20);
    CHECK(report["data"]["input_values"] == 3000);
    const nlohmann::json& trials = report["input_exponent"]["trials"];
    REQUIRE(trials.size() == 3);
    for (const nlohmann::json& trial : trials) {
        CHECK(trial["saturated_percent"].get<double>() == Approx(trial["saturated_inputs"].get<double>() / 3000 * 100));
        CHECK(trial["error"]["rms"] >= trials[1]["error"]["rms"]);
    }
    CHECK(trials[1]["exponent"] == report["input_exponent"]["chosen"]);
    CHECK(report["loss"]["machine"] == trials[1]["error"]);
    CHECK(report["loss"]["quantized_float"]["rms"] > 0);
    CHECK(report["predictions"]["accuracy_percent"].contains("quantized_float"));
    CHECK(report["predictions"]["accuracy_percent"]["count"] == 20);
    // The predictions are those that bru run shows for the model that was written.
    REQUIRE(run_bru({"trace", "--model", folder / "q.onnx", "--csv", kMotorData, "--labels", kMotorLabels, "--steps",
                     "1000", "--out", folder / "t.trace"})
                .status == 0);
    REQUIRE(run_bru({"run", "--model", folder / "q.onnx", "--trace", folder / "t.trace", "--predictions", "--json",
                     folder / "run.json"})
                .status == 0);
    const nlohmann::json run = nlohmann::json::parse(file_text(folder / "run.json"));
    CHECK(run["predictions"]["nats_per_label"]["machine"] == report["predictions"]["nats_per_label"]["machine"]);
    CHECK(run["saturated_inputs"] == trials[1]["saturated_inputs"]);

    std::vector<std::string> shown = words;
    shown.insert(shown.begin(), "quantize");
    const Outcome outcome = run_bru(shown);
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);)
        if (line.rfind("model", 0) != 0 && line.rfind("data", 0) != 0 && line.rfind("written", 0) != 0)
            CHECK(line.size() <= 80); // the others have paths
    CHECK_THAT(outcome.out, ContainsSubstring("input exponent") && ContainsSubstring("saturated") &&
                                ContainsSubstring("quantized float") && ContainsSubstring("without further options"));
}

TEST_CASE("bru quantize of a character model takes its text, and needs no exponent", "[cli]") {
    const TemporaryFolder folder;
    const std::string text = folder.write("some.text", "the prince said nothing, and went out of the room.\n");
    const nlohmann::json report =
        quantized(folder, {kText, "--calibrate", text, "--dense-weight-bits", "2", "--out", folder / "q.onnx"});
    CHECK_FALSE(report.contains("input_exponent"));
    CHECK(report["predictions"]["nats_per_character"]["count"] == 50);
    CHECK(report["loss"]["machine"].contains("same_largest_percent"));
    CHECK(run_bru({"trace", "--model", folder / "q.onnx", "--text", text, "--out", folder / "t.trace"}).status == 0);
}

TEST_CASE("--input-exponent decides how inputs are rounded", "[cli]") {
    const TemporaryFolder folder;
    const std::string data = folder.write("d.csv", "0.2,0.3,0.4\n0.9,-0.8,1.5\n-3,2,0.1\n");
    const auto saturated = [&](const std::string& exponent) {
        REQUIRE(run_bru({"trace", "--model", kMotor, "--dense-weight-bits", "6", "--input-exponent", exponent, "--csv",
                         data, "--out", folder / "t.trace"})
                    .status == 0);
        REQUIRE(run_bru({"run", "--model", kMotor, "--dense-weight-bits", "6", "--input-exponent", exponent, "--trace",
                         folder / "t.trace", "--json", folder / "run.json"})
                    .status == 0);
        const nlohmann::json run = nlohmann::json::parse(file_text(folder / "run.json"));
        CHECK(run["golden"]["checked"] > 0);
        CHECK(run["golden"]["mismatches"] == 0);
        CHECK(run["manifest"]["input-exponent"] == exponent);
        return run["saturated_inputs"].get<int>();
    };
    CHECK(saturated("2") == 0);
    CHECK(saturated("1") == 2);  // -3 and 2
    CHECK(saturated("0") == 3);  // and 1.5
    CHECK(saturated("-1") == 5); // and 0.9 and -0.8
    const Outcome refused = run_bru({"run", "--model", kText, "--input-exponent", "1"});
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, ContainsSubstring("--input-exponent 1") && ContainsSubstring("one-hot"));
}

TEST_CASE("wrong uses of bru quantize are refused, and nothing is half written", "[cli]") {
    const TemporaryFolder folder;
    const std::string model = folder.write("m.onnx", file_text(kMotor));
    const std::string data = folder.write("d.csv", "1,2,3\n4,5,6\n");
    folder.write("wide.csv", "1,2,3,4\n");
    folder.write("empty.csv", "");
    folder.write("some.labels", "1\n2\n3\n");
    const std::vector<std::string> before = folder.names();
    const auto refuse = [&](const std::vector<std::string>& words, const std::vector<std::string>& parts) {
        std::vector<std::string> all = {"quantize"};
        all.insert(all.end(), words.begin(), words.end());
        const Outcome outcome = run_bru(all, folder.path);
        CAPTURE(words, outcome.out, outcome.err);
        CHECK(outcome.status == 2);
        CHECK(outcome.out.empty());
        for (const std::string& part : parts) CHECK_THAT(outcome.err, ContainsSubstring(part));
        CHECK(folder.names() == before);
    };
    const std::string out = folder / "q.onnx";
    refuse({}, {"give the model"});
    refuse({model, "--out", out}, {"--calibrate"});
    refuse({model, "--calibrate", data, "--out", out}, {"--dense-weight-bits N"});
    refuse({model, "--calibrate", data, "--dense-weight-bits", "9", "--out", out}, {"--dense-weight-bits", "1 to 8"});
    refuse({model, "--calibrate", data, "--dense-weight-bits", "6", "--input-exponent", "33"},
           {"--input-exponent", "-32 to 32"});
    refuse({model, "--calibrate", "absent.csv", "--dense-weight-bits", "6", "--out", out},
           {"absent.csv", "no such file"});
    refuse({model, "--calibrate", "wide.csv", "--dense-weight-bits", "6", "--out", out},
           {"wide.csv:1", "4 numbers", "3 per step"});
    refuse({model, "--calibrate", "empty.csv", "--dense-weight-bits", "6", "--out", out}, {"empty.csv", "no steps"});
    refuse({model, "--calibrate", data, "--dense-weight-bits", "6", "--out", model}, {"would be overwritten"});
    refuse({model, "--calibrate", data, "--dense-weight-bits", "6", "--out", data}, {"would be overwritten"});
    refuse({model, "--calibrate", data, "--dense-weight-bits", "6", "--out", folder / "none/q.onnx"},
           {"none/q.onnx", "cannot be written"});
    refuse({model, "--calibrate", data, "--dense-weight-bits", "6", "--out", folder.path}, {"is a folder"});
    refuse({model, "--calibrate", data, "--dense-weight-bits", "6", "--labels", "some.labels", "--out", out},
           {"some.labels", "3"});
    refuse({model, "--calibrate", kText, "--dense-weight-bits", "6", "--out", out}, {kText});
    refuse({model, "--calibrate", source("traces/warpeace.trace"), "--dense-weight-bits", "6", "--out", out},
           {"warpeace.trace", "onehot"});
    refuse({kText, "--calibrate", source("traces/warpeace.trace"), "--labels", "some.labels"},
           {"is a trace", "--labels"});
    refuse({model, "--calibrate", data, "--dense-weight-bits", "6", "--steps", "0"}, {"--steps"});
}
