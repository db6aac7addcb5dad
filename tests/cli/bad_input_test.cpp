// Does every wrong use and every damaged file end with exit status 2, one clear message, and no output file?
#include "support/catch.hpp"

#include <algorithm>
#include <filesystem>
#include <random>

#include <fmt/format.h>

#include "cli/process.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

const std::string kModel = source("models/mnist_rows_h128.onnx");
const std::string kTextModel = source("models/warpeace_h256.onnx");

/// A short trace of the character model, made once.
const std::string& trace_text() {
    static const std::string text = [] {
        const TemporaryFolder folder;
        const Outcome made = run_bru({"trace", "--model", kTextModel, "--sample", "20", "--out", folder / "t.trace"});
        INFO(made.err);
        REQUIRE(made.status == 0);
        return file_text(folder / "t.trace");
    }();
    return text;
}

/// Exit status 2, "bru: error: " once and last, nothing on standard output, no signal.
void check_refused(const Outcome& outcome, const std::vector<std::string>& fragments) {
    CAPTURE(outcome.out, outcome.err);
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
    const auto place = outcome.err.rfind("bru: error: ");
    REQUIRE(place != std::string::npos);
    CHECK(outcome.err.find("bru: error: ") == place);
    CHECK(std::count(outcome.err.begin() + static_cast<std::ptrdiff_t>(place), outcome.err.end(), '\n') == 1);
    CHECK_THAT(outcome.err, !ContainsSubstring("internal error"));
    for (const std::string& fragment : fragments) CHECK_THAT(outcome.err, ContainsSubstring(fragment));
}

/// `bru run` on a folder with the given files; no file may be left that was not there.
void check_run_refused(const TemporaryFolder& folder, std::vector<std::string> words,
                       const std::vector<std::string>& fragments) {
    const std::vector<std::string> before = folder.names();
    words.insert(words.begin(), "run");
    for (const char* output : {"--json", "--outputs"}) {
        words.push_back(output);
        words.push_back(folder / (std::string("left_over") + output));
    }
    check_refused(run_bru(words), fragments);
    CHECK(folder.names() == before);
}

} // namespace

TEST_CASE("a file name that is not UTF-8 runs, and reaches terminal and JSON as UTF-8", "[cli]") {
    const TemporaryFolder folder;
    const std::string model = folder / "bad\xff\x1b[31m.onnx";
    std::filesystem::copy_file(kTextModel, model);
    const Outcome run = run_bru({"run", "--model", model, "--trace", source("traces/warpeace.trace"), "--steps", "5",
                                 "--json", folder / "o.json"});
    CAPTURE(run.err);
    CHECK(run.status == 0);
    CHECK_THAT(run.out, ContainsSubstring("bad\\xff\\x1b[31m.onnx"));
    CHECK_THAT(file_text(folder / "o.json"), ContainsSubstring("bad\xef\xbf\xbd"));
    check_refused(run_bru({"run", "--model", folder / "\x1b[31m\xff.onnx"}), {"\\x1b[31m\\xff.onnx"});
}

TEST_CASE("what was given in the wrong place is recognized", "[cli]") {
    const std::string trace = source("traces/warpeace.trace");
    check_refused(run_bru({"run", "--model", trace, "--trace", trace}), {"is no ONNX model", "it is a trace"});
    check_refused(run_bru({"run", "--model", kTextModel, "--trace", kTextModel}),
                  {"is no trace", "it is an ONNX model"});
    check_refused(run_bru({"run", kTextModel, "--trace", trace}), {"Did you mean --model "});
    check_refused(run_bru({"run", "--model", "warpeace.trace", "--trace", "warpeace_h256.onnx"}),
                  {"warpeace.trace: a model is expected here, and the shipped file of that name is a trace"});
    check_refused(run_bru({"run", "--model", kTextModel, "--trace", source("traces")}), {"is a folder; a file is"});
    check_refused(run_bru({"run", "-model", kTextModel}), {"Did you mean '--model'", "two dashes"});
    check_refused(run_bru({"run", "--output", "final"}), {"Did you mean --output-steps final?"});
    check_refused(run_bru({"run", "--config", source("configs/sweeps/warpeace.ini")}), {"goes to bru sweep"});
    check_refused(run_bru({"run", "--config", source("configs/devices/xc7z020.ini")}), {"goes to --bru.device"});
    check_refused(run_bru({"run", "--config", source("configs/fleets/microphones.ini")}), {"goes to bru fleet"});
    check_refused(run_bru({"run", "--config", "microphones.ini"}), {"a configuration is expected", "is a fleet file"});
    check_refused(run_bru({"fleet", source("configs/z7020.ini")}), {"name it under [board]"});
    check_refused(run_bru({"fleet", "microphone.ini"}), {"no such fleet file", "Did you mean 'microphones.ini'?"});
    check_refused(run_bru({"run", "-m", kTextModel}), {"Did you mean --model?"});
    check_refused(run_bru({"run", "--largest"}), {"it is an option of bru resources"});
    check_refused(run_bru({"run", "--model", kTextModel, "--bru.device", source("configs/z7020.ini")}),
                  {"it is a configuration, give it to --config"});
    check_refused(run_bru({"--verbose", "run"}), {"unknown option '--verbose'", "--version"});
    const TemporaryFolder folder;
    const std::string config = folder.write("c.ini", "[run]\nmodel = absent.onnx\n");
    check_refused(run_bru({"run", "--config", config}), {config + ":2: run.model", "there is no such model"});
}

TEST_CASE("wrong use of the command line is refused", "[cli]") {
    check_refused(run_bru({"rnu"}), {"unknown subcommand 'rnu'", "Did you mean 'run'", "inspect"});
    check_refused(run_bru({"run"}), {"--model is required"});
    check_refused(run_bru({"run", "--trace", "warpeace.trace", "--random-steps", "5"}), {"--trace and --random-steps"});
    check_refused(run_bru({"run", "--model", kModel, "--outputs", "o.csv"}), {"--outputs", "add --trace"});
    check_refused(run_bru({"run", "--model", kModel, "--steps", "5"}), {"--random-steps N"});
    check_refused(run_bru({"run", "--model", kModel, "--random-steps", "0"}), {"--random-steps", "1 to 1000000"});
    check_refused(run_bru({"run", "--trace", "warpeace.trace"}), {"--model is required"});
    check_refused(run_bru({"run", "--modle", "x"}),
                  {"unknown option '--modle'", "Did you mean '--model'", "bru run --help"});
    check_refused(run_bru({"run", "--mod", "x"}), {"unknown option"});
    check_refused(run_bru({"run", "--bru.lane=64"}), {"unknown option", "--bru.lanes"});
    check_refused(run_bru({"run", "stray"}), {"unexpected argument 'stray'"});
    check_refused(run_bru({"run", "--trace"}), {"--trace"});
    check_refused(run_bru({"run", "--output", "logit"}),
                  {"--output logit", "hidden, logits, argmax", "Did you mean 'logits'"});
    check_refused(run_bru({"check"}), {"folder"});
    check_refused(run_bru({"check", "traces", "b"}), {"'b'"});
    check_refused(run_bru({"run", "--model", kModel, "--bru.lanes=64", "--bru.lanes=128"}),
                  {"--bru.lanes is given twice, with 64 and with 128"});
    check_refused(run_bru({"run", "--model", kModel, "--deadline-us", "0"}), {"--deadline-us 0", "0.001 to"});
    check_refused(run_bru({"resources", "--device", "xc7z020", "--bru.device=xc7z045"}), {"give one of them"});
    check_refused(run_bru({"check", source("traces"), "--models", "/nowhere"}), {"--models /nowhere: there is no"});
    check_refused(run_bru({"sweep", "-"}), {"give /dev/stdin"});
    check_refused(run_bru({"completion", "fihs"}), {"bash, zsh, fish", "Did you mean 'fish'"});
    const Outcome nothing = run_bru({});
    CHECK(nothing.status == 2);
    CHECK_THAT(nothing.err, ContainsSubstring("Usage: bru"));
}

TEST_CASE("a burst that AXI DMA does not have runs with a word about it", "[cli]") {
    for (const char* beats : {"1", "3", "13", "2", "16"}) {
        const Outcome outcome =
            run_bru({"run", "--model", kTextModel, "--random-steps", "5", fmt::format("--dma.burst_beats={}", beats)});
        CAPTURE(beats, outcome.err);
        CHECK(outcome.status == 0);
        CHECK((one_line(outcome.err).find("has bursts of 2, 4, 8 or 16 beats") != std::string::npos) ==
              (std::string(beats) != "2" && std::string(beats) != "16"));
    }
}

TEST_CASE("impossible shapes are refused before any work", "[cli]") {
    const TemporaryFolder folder;
    const std::string trace = folder.write("t.trace", trace_text());
    const auto refuse = [&](const std::string& option, const std::vector<std::string>& fragments) {
        check_run_refused(folder, {"--model", kTextModel, "--trace", trace, option}, fragments);
    };
    refuse("--bru.lanes=0", {"bru.lanes = 0", "4 to 1024"});
    refuse("--bru.lanes=66", {"multiple of 4"});
    refuse("--bru.lane_width=0", {"1 to 64"});
    refuse("--bru.lane_width=99", {"bru.lane_width = 99", "1 to 64"});
    refuse("--bru.activation_bits=99", {"1 to 16"});
    refuse("--bru.lut_address_bits=0", {"4 to 14"});
    refuse("--bru.lanes=4", {"update_width", "divide"});
    refuse("--bru.lanes=", {"bru.lanes"});
    refuse("--bru.clock_mhz=nan", {"clock_mhz"});
    refuse("--bru.weight_words=1", {"weight_words"});
    refuse("--bru.device=xc7z999", {"xc7z020"});
    refuse("--deadline-us=-1", {"--deadline-us"});
    refuse("--explain-divergence=much", {"--explain-divergence"});
    refuse("--steps=0", {"--steps"});
    refuse("--dense-weight-bits=9", {"--dense-weight-bits", "1 to 8"});
}

TEST_CASE("a network larger than the block RAM is refused", "[cli]") {
    const TemporaryFolder folder;
    const std::string trace = folder.write("t.trace", trace_text());
    folder.write("tiny.ini",
                 "[device]\nname = tiny\nluts = 1000\nmemory_luts = 100\nflip_flops = 1000\nbram36 = 2\ndsp = 4\n"
                 "lut_limit_percent = 85\nclock_mhz = 200\n");
    check_run_refused(folder, {"--model", kTextModel, "--trace", trace, "--bru.device=" + folder / "tiny.ini"},
                      {"weight memory", "tiny", "larger device"});
}

TEST_CASE("damaged configuration files are refused with their line", "[cli]") {
    const TemporaryFolder folder;
    const std::string trace = folder.write("t.trace", trace_text());
    const auto refuse = [&](const std::string& content, const std::vector<std::string>& fragments) {
        const std::string config = folder.write("c.ini", content);
        check_run_refused(folder, {"--config", config, "--model", kTextModel, "--trace", trace}, fragments);
    };
    refuse("[bru]\nlane = 64\n", {"c.ini:2", "bru.lanes"});
    refuse("[bru]\nlanes = 0\n", {"c.ini:2", "4 to 1024"});
    refuse(std::string("\x7f"
                       "ELF\0\0\1",
                       7),
           {"c.ini:1", "is no INI file; it is a program"});
    refuse("[bru]\nlanes = 64\n[dm", {"c.ini:3"});
    check_run_refused(folder, {"--config", folder / "absent.ini", "--model", kTextModel, "--trace", trace},
                      {"absent.ini"});
    check_run_refused(folder, {"--config", kTextModel, "--model", kTextModel, "--trace", trace},
                      {"warpeace_h256.onnx"});
}

TEST_CASE("damaged models are refused", "[cli]") {
    const TemporaryFolder folder;
    const std::string trace = folder.write("t.trace", trace_text());
    const std::string model = file_text(kTextModel);
    REQUIRE(model.size() > 10000);
    const auto refuse = [&](const std::string& content) {
        const std::string path = folder.write("m.onnx", content);
        check_run_refused(folder, {"--model", path, "--trace", trace}, {"m.onnx"});
    };
    refuse("");
    refuse("this is no protobuf");
    for (const std::size_t size : {std::size_t{1}, std::size_t{100}, model.size() / 2, model.size() - 1})
        refuse(model.substr(0, size));
    refuse(std::string(100000, '\xff'));
    check_run_refused(folder, {"--model", folder / "absent.onnx", "--trace", trace}, {"absent.onnx"});
    check_run_refused(folder, {"--model", folder.path, "--trace", trace}, {folder.path});
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"inspect", folder / "m.onnx"},
          {"resources", "--model", folder / "m.onnx"},
          {"trace", "--model", folder / "m.onnx", "--sample", "3", "--out", folder / "new.trace"}})
        check_refused(run_bru(words), {"m.onnx"});
    CHECK_FALSE(std::filesystem::exists(folder / "new.trace"));
}

TEST_CASE("a model with garbled bytes never crashes the program", "[cli]") {
    const TemporaryFolder folder;
    const std::string model = file_text(kModel);
    std::mt19937 random(7);
    for (int trial = 0; trial < 12; ++trial) {
        std::string garbled = model;
        for (int i = 0; i < 20; ++i) garbled[random() % garbled.size()] = static_cast<char>(random());
        for (int i = 0; i < 4; ++i) garbled[garbled.size() - 1 - random() % 2000] = static_cast<char>(random());
        const Outcome outcome = run_bru({"inspect", folder.write("g.onnx", garbled)});
        CAPTURE(trial, outcome.err);
        CHECK((outcome.status == 0 || outcome.status == 2));
    }
}

TEST_CASE("damaged traces are refused, and nothing is left half written", "[cli]") {
    const TemporaryFolder folder;
    const std::string& text = trace_text();
    const auto refuse = [&](const std::string& content, const std::vector<std::string>& fragments = {"d.trace"}) {
        const std::string path = folder.write("d.trace", content);
        check_run_refused(folder, {"--model", kTextModel, "--trace", path}, fragments);
    };
    refuse("");
    refuse("garbage\n");
    refuse(std::string("\0\1\2\3", 4));
    refuse(text.substr(0, text.size() / 2)); // the machine is already running when the damage shows
    refuse(text.substr(0, text.size() - 1));
    refuse(text + "one line more\n");
    refuse(file_text(kModel));
    check_run_refused(folder, {"--model", kTextModel, "--trace", folder / "absent.trace"}, {"absent.trace"});
    const std::string good = folder.write("d.trace", text);
    check_run_refused(folder, {"--model", kModel, "--trace", good}, {"d.trace", "model"});
}

TEST_CASE("traces with garbled bytes never crash the program", "[cli]") {
    const TemporaryFolder folder;
    std::mt19937 random(3);
    for (int trial = 0; trial < 12; ++trial) {
        std::string garbled = trace_text();
        for (int i = 0; i < 3; ++i) garbled[random() % garbled.size()] = static_cast<char>(random());
        const Outcome outcome = run_bru({"run", "--model", kTextModel, "--trace", folder.write("g.trace", garbled)});
        CAPTURE(trial, outcome.err);
        CHECK((outcome.status == 0 || outcome.status == 2));
    }
}

TEST_CASE("outputs that cannot be written are told", "[cli]") {
    const TemporaryFolder folder;
    const std::string trace = folder.write("t.trace", trace_text());
    check_refused(run_bru({"run", "--model", kTextModel, "--trace", trace, "--outputs", "/nowhere/out.csv"}),
                  {"/nowhere/out.csv", "there is no folder /nowhere; make it"});
    const Outcome json = run_bru({"run", "--model", kTextModel, "--trace", trace, "--json", "/nowhere/out.json"});
    CHECK(json.status == 2);
    CHECK_THAT(json.err, ContainsSubstring("/nowhere/out.json"));
}

TEST_CASE("a place where nothing can be written is told before the work", "[cli]") {
    const TemporaryFolder folder;
    // A device or data that are not there would be the first thing that the work says.
    const std::string place = "no/x";
    const std::vector<std::vector<std::string>> commands = {
        {"run", "--json", place, "--bru.device=absent"},
        {"run", "--random-steps", "10", "--timeline", place, "--window", "0:9", "--bru.device=absent"},
        {"run", "--random-steps", "10", "--vcd", place, "--window", "0:9", "--bru.device=absent"},
        {"run", "--trace", source("traces/warpeace.trace"), "--outputs", place, "--bru.device=absent"},
        {"resources", "--json", place, "--bru.device=absent"},
        {"trace", "--text", "absent.txt", "--out", place}};
    for (std::vector<std::string> words : commands) {
        words.insert(words.end(), {"--model", kTextModel});
        check_refused(run_bru(words, folder.path), {"no/x: cannot be written: there is no folder no; make it"});
    }
    check_refused(run_bru({"run", "--model", kTextModel, "--json", ".", "--bru.device=absent"}, folder.path),
                  {"is a folder; name a file"});
    const std::string sweep =
        folder.write("s.ini", "[run]\nmodel = " + kTextModel + "\ntrace = " + source("traces/warpeace.trace") +
                                  "\n[bru]\nlanes = 16, 32\n");
    for (const char* option : {"--json", "--csv", "--best", "--db"})
        check_refused(run_bru({"sweep", sweep, option, place}, folder.path), {"there is no folder no; make it"});
    CHECK_FALSE(std::filesystem::exists(folder / "s.db"));
}

TEST_CASE("an output never overwrites an input or another output", "[cli]") {
    const TemporaryFolder folder;
    const std::string trace = folder.write("t.trace", trace_text());
    const std::vector<std::string> run = {"run", "--model", kTextModel, "--trace", trace};
    const auto with = [&](std::vector<std::string> more) {
        std::vector<std::string> words = run;
        words.insert(words.end(), more.begin(), more.end());
        return run_bru(words);
    };
    check_refused(with({"--outputs", trace}), {"t.trace", "another name"});
    check_refused(with({"--json", folder / "./t.trace"}), {"t.trace"});
    check_refused(with({"--json", folder / "o", "--outputs", folder / "o"}), {"two outputs"});
    CHECK(file_text(trace) == trace_text());
    const std::string text = folder.write("a.txt", "abc");
    check_refused(run_bru({"trace", "--model", kTextModel, "--text", text, "--out", text}), {"a.txt"});
    CHECK(file_text(text) == "abc");
}

TEST_CASE("messages about a step name the trace, about a depth the configuration", "[cli]") {
    const TemporaryFolder folder;
    const std::string trace = folder.write("t.trace", trace_text());
    const std::string depth = folder.write("depth.ini", "[bru]\nweight_words = 1\n");
    check_refused(run_bru({"run", "--config", depth, "--model", kTextModel, "--trace", trace}),
                  {"depth.ini", "weight_words"});
    const std::string device = folder.write("device.ini", "[bru]\ndevice = xc9\n");
    check_refused(run_bru({"run", "--config", device, "--model", kTextModel, "--trace", trace}), {"device.ini", "xc9"});
}

TEST_CASE("options of trace that do not go together are refused", "[cli]") {
    const TemporaryFolder folder;
    const std::string out = folder / "t.trace";
    const auto refuse = [&](std::vector<std::string> words, const std::vector<std::string>& fragments) {
        const std::vector<std::string> start = {"trace", "--out", out, "--model", kModel};
        words.insert(words.begin(), start.begin(), start.end());
        check_refused(run_bru(words), fragments);
        CHECK(folder.names().empty());
    };
    refuse({}, {"0 sources"});
    refuse({"--text", "a", "--csv", "b"}, {"2 sources"});
    refuse({"--sample", "0"}, {"--sample 0"});
    refuse({"--sample", "10"}, {"sample"}); // digits cannot be sampled
    refuse({"--csv", "/nowhere.csv"}, {"/nowhere.csv"});
    refuse({"--csv", "x.csv", "--arrival", "sometimes"}, {"sometimes", "periodic"});
    check_refused(run_bru({"trace", "--model", kModel, "--csv", "x"}), {"--out is required"});
}

TEST_CASE("a folder without traces cannot be checked", "[cli]") {
    const TemporaryFolder folder;
    check_refused(run_bru({"check", folder.path}), {"no *.trace files"});
    check_refused(run_bru({"check", folder / "absent"}), {"absent"});
    std::string text = trace_text();
    text.replace(text.find("warpeace_h256"), 4, "nowh"); // a model that is not shipped either
    folder.write("a.trace", text);
    check_refused(run_bru({"check", folder.path}, folder.path), {"--models", "nowheace_h256.onnx"});
}
