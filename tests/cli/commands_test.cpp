// Does each subcommand do its job from the command line, and say so in the contract's form?
#include "support/catch.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/traced.hpp"
#include "config/configuration.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::vector<std::string> kSubcommands = {"run",    "trace",   "check", "resources", "inspect",   "sweep",
                                               "report", "compare", "diff",  "quantize",  "partition", "image"};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

} // namespace

TEST_CASE("the output - is standard output, which then has the JSON alone", "[cli]") {
    const TemporaryFolder folder;
    const std::string trace = source("traces/warpeace.trace");
    const std::string model = source("models/warpeace_h256.onnx");
    const std::vector<std::vector<std::string>> commands = {{"run", "--model", model, "--trace", trace, "--steps", "5"},
                                                            {"resources"},
                                                            {"resources", "--device", "all"},
                                                            {"resources", "--largest"},
                                                            {"inspect", model}};
    for (std::vector<std::string> words : commands) {
        words.insert(words.end(), {"--json", "-"});
        const Outcome outcome = run_bru(words, folder.path);
        CAPTURE(words[0], outcome.err);
        CHECK(outcome.status == 0);
        CHECK(nlohmann::json::parse(outcome.out).is_object());
    }
    const Outcome refused = run_bru({"trace", "--model", model, "--sample", "5", "--out", "-"}, folder.path);
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, ContainsSubstring("-: is not taken for standard output"));
    CHECK(folder.names().empty());
}

TEST_CASE("more steps than there are run, and that is said", "[cli]") {
    const TemporaryFolder folder;
    const std::string model = source("models/warpeace_h256.onnx");
    const Outcome run =
        run_bru({"run", "--model", model, "--trace", source("traces/warpeace_poisson.trace"), "--steps", "5000"});
    CHECK(run.status == 0);
    CHECK_THAT(run.err, ContainsSubstring("--steps 5000") && ContainsSubstring("has 500 steps"));
    CHECK(run_bru({"run", "--model", model, "--trace", source("traces/warpeace_poisson.trace"), "--steps", "500"})
              .err.empty());
    const std::string rows = folder.write("rows.csv", "0\n1\n2\n");
    const Outcome trace =
        run_bru({"trace", "--model", model, "--csv", rows, "--steps", "4", "--out", folder / "t.trace"});
    CHECK_THAT(trace.err, ContainsSubstring("--steps 4") && ContainsSubstring("has 3 steps"));
}

TEST_CASE("bru run takes model and trace from the configuration, and options win") {
    const TemporaryFolder folder;
    const std::string config =
        folder.write("my.ini", "[run]\nmodel = " + source("models/mnist_rows_h128.onnx") + "\ntrace = absent.trace\n");
    const Outcome absent = run_bru({"run", "--config", config});
    CHECK(absent.status == 2);
    CHECK_THAT(absent.err, ContainsSubstring(folder / "absent.trace"));
    const Outcome good =
        run_bru({"run", "--config", config, "--trace", source("traces/digits.trace"), "--steps", "280"});
    INFO(good.err);
    CHECK(good.status == 0);
    CHECK_THAT(good.out, ContainsSubstring("mnist_rows_h128.onnx"));
    CHECK_THAT(run_bru({"run"}).err, ContainsSubstring("--model is required"));
}

TEST_CASE("cycles and resources need no trace, and the figures of the machine are those with one", "[cli]") {
    const TemporaryFolder folder;
    const auto figures = [&](const std::vector<std::string>& more) {
        std::vector<std::string> words = {"run", "--model", source("models/warpeace_h256.onnx"), "--json",
                                          folder / "r.json"};
        words.insert(words.end(), more.begin(), more.end());
        const Outcome outcome = run_bru(words);
        INFO(outcome.err);
        REQUIRE(outcome.status == 0);
        return nlohmann::json::parse(file_text(folder / "r.json"));
    };
    const nlohmann::json traced = figures({"--trace", source("traces/warpeace.trace"), "--steps", "100"});
    for (const auto& random : {figures({}), figures({"--random-steps", "7"})}) {
        CHECK(random["steady_state"] == traced["steady_state"]);
        CHECK(random["latency_us"] == traced["latency_us"]);
        CHECK(random["energy"] == traced["energy"]);
        CHECK(random["hints"] == traced["hints"]);
        CHECK(random["golden"]["checked"] == 0);
    }
    CHECK(figures({"--random-steps", "7"})["steps"] == 7);
}

TEST_CASE("a BRU_SIMD that is no level is refused before anything is read", "[cli]") {
    setenv("BRU_SIMD", "mmx", 1);
    const Outcome refused = run_bru({"run", "--trace", "absent.trace"});
    unsetenv("BRU_SIMD");
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, Catch::Matchers::StartsWith("bru: error: BRU_SIMD=mmx: there is no such SIMD level"));
}

TEST_CASE("version and help", "[cli]") {
    const Outcome version = run_bru({"--version"});
    CHECK(version.status == 0);
    CHECK_THAT(version.out, Catch::Matchers::StartsWith("bru "));
    CHECK(version.err.empty()); // SystemC's banner would be here
    for (const std::vector<std::string>& words : {std::vector<std::string>{"help"}, {"--help"}, {"-h"}}) {
        const Outcome help = run_bru(words);
        CHECK(help.status == 0);
        for (const std::string& name : kSubcommands) CHECK_THAT(help.out, ContainsSubstring("\n  " + name));
    }
    for (const std::string& name : kSubcommands) {
        const Outcome help = run_bru({name, "--help"});
        CHECK(help.status == 0);
        CHECK_THAT(help.out, ContainsSubstring("Usage: bru " + name) && ContainsSubstring("Example:\n  bru " + name));
        CHECK(run_bru({"help", name}).out == help.out);
        for (const bru::Parameter& parameter : bru::parameters()) {
            if (name == "run") CHECK_THAT(help.out, ContainsSubstring("--" + parameter.key + "="));
        }
    }
}

TEST_CASE("the bash completion lists what the program takes", "[cli]") {
    const std::string script = run_bru({"completion", "bash"}).out;
    CHECK(file_text(BRU_BINARY_DIR "/documents/bru/bash/bru") == script);
    const TemporaryFolder folder;
    const auto complete = [&](const std::string& words, int index) {
        const std::string driver =
            folder.write("complete.sh",
                         "compopt() { :; }\nsource " BRU_BINARY_DIR "/documents/bru/bash/bru\nCOMP_WORDS=(" + words +
                             ")\nCOMP_CWORD=" + std::to_string(index) + "\n_bru\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
        const std::string command = "bash " + driver + " > " + folder / "reply";
        REQUIRE(std::system(command.c_str()) == 0);
        return file_text(folder / "reply");
    };
    const std::string names = complete("bru ''", 1);
    for (const std::string& name : kSubcommands) CHECK_THAT(names, ContainsSubstring(name + "\n"));
    CHECK(complete("bru re", 1) == "resources\nreport\n");
    CHECK_THAT(complete("bru run --", 2), ContainsSubstring("--trace\n") &&
                                              ContainsSubstring("--explain-divergence\n") &&
                                              ContainsSubstring("--bru.lanes=\n"));
    CHECK(complete("bru run --deadl", 2) == "--deadline-us\n");
    CHECK(complete("bru run --output ''", 3) == "hidden\nlogits\nargmax\n");
    CHECK(complete("bru run --output l", 3) == "logits\n");
    CHECK(complete("bru run --core ''", 3) == "systemc\nrtl\n");
    folder.write("some.trace", "");
    folder.write("some.text", "");
    CHECK(complete("bru run --trace " + folder.path + "/some", 3) == folder.path + "/some.trace\n");
}

TEST_CASE("run reports the contract's keys", "[cli]") {
    const Traced traced;
    const nlohmann::json json = traced.run({"--predictions"});
    CHECK(json["schema"].is_string());
    std::uint64_t sum = 0;
    for (const char* name :
         {"weight_load", "compute", "input_wait", "state_wait", "update_wait", "output_wait", "idle"}) {
        REQUIRE(json["cycles"]["classes"].contains(name));
        sum += json["cycles"]["classes"][name].get<std::uint64_t>();
    }
    CHECK(json["cycles"]["classes"].size() == 7);
    CHECK(sum == json["cycles"]["total"].get<std::uint64_t>());
    CHECK(json["cycles"]["per_step"].get<double>() > 272);
    CHECK(json["clock_mhz"].get<double>() == 150);
    CHECK(json["time_us"].get<double>() == Approx(static_cast<double>(sum) / 150));
    for (const char* name : {"response", "service"}) CHECK(json["latency_us"][name].get<double>() > 0);
    CHECK(json["throughput"]["steps_per_s"].get<double>() == Approx(150e6 / json["cycles"]["per_step"].get<double>()));
    CHECK(json["throughput"]["gops"].get<double>() > 0);
    CHECK(json["golden"]["checked"].get<std::uint64_t>() > 0);
    CHECK(json["golden"]["mismatches"].get<std::uint64_t>() == 0);
    for (const char* name : {"lut", "ff", "bram36", "dsp"}) {
        CHECK(json["resources"][name]["used"].get<double>() > 0);
        CHECK(json["resources"][name]["available"].get<double>() >= json["resources"][name]["used"].get<double>());
    }
    CHECK(json["fits"].get<bool>());
    CHECK(json["saturated_inputs"].get<std::uint64_t>() == 0);
    CHECK(json["saturation"]["sums"]["values"] == 4 * json["saturation"]["cells"]["values"].get<std::uint64_t>());
    CHECK(json["saturation"]["cells"]["values"] == 256 * json["steps"].get<std::uint64_t>());
    CHECK(json["predictions"].contains("bits_per_character"));
    for (const char* name : {"seconds", "cycles_per_s", "steps_per_s"}) CHECK(json["host"][name].get<double>() > 0);
    CHECK(json["manifest"]["config"]["bru.lanes"] == "64");
    CHECK(json["manifest"]["config"]["bru.weight_words"] != "auto");
    CHECK(json["manifest"]["version"].is_string());
}

TEST_CASE("parameters and options of run reach the machine", "[cli]") {
    const Traced traced;
    const nlohmann::json base = traced.run();
    const nlohmann::json wide = traced.run({"--bru.lanes=128", "--bru.clock_mhz=100"});
    CHECK(wide["cycles"]["per_step"].get<double>() < base["cycles"]["per_step"].get<double>());
    CHECK(wide["golden"]["mismatches"] == 0);
    CHECK(wide["golden"]["checked"] == base["golden"]["checked"]);
    CHECK(wide["clock_mhz"] == 100);
    const nlohmann::json hidden = traced.run({"--output", "hidden"});
    CHECK(hidden["golden"]["checked"] == 0); // no such section
    CHECK_THAT(hidden["golden"]["message"].get<std::string>(), ContainsSubstring("no outputs for"));
    CHECK(traced.run({"--steps", "5"})["steps"] == 5);
    CHECK(traced.run({"--deadline-us", "0.01"})["deadline"]["missed"].get<int>() > 0);
    CHECK(traced.run({"--deadline-us", "1000000"})["deadline"]["missed"] == 0);
    CHECK_THAT(traced.run({"--explain-divergence", "0.0001"})["divergence"].get<std::string>(),
               ContainsSubstring("unit") && ContainsSubstring("step"));
    CHECK_THAT(traced.run({"--explain-divergence", "1000"})["divergence"].get<std::string>(),
               ContainsSubstring("nowhere"));
}

TEST_CASE("outputs of run as CSV and as NPY", "[cli]") {
    const Traced traced(5);
    traced.run({"--output", "hidden", "--outputs", traced.folder / "h.csv"});
    const std::vector<std::string> rows = lines_of(file_text(traced.folder / "h.csv"));
    REQUIRE(rows.size() == 6);
    CHECK_THAT(rows[0], Catch::Matchers::StartsWith("sequence,step,v0,v1,"));
    CHECK_THAT(rows[5], Catch::Matchers::StartsWith("0,4,"));
    traced.run({"--output", "argmax", "--outputs", traced.folder / "a.npy"});
    CHECK_THAT(file_text(traced.folder / "a.npy"), Catch::Matchers::StartsWith("\x93NUMPY"));
}

TEST_CASE("a waveform of run", "[cli]") {
    const Traced traced(5);
    const std::string vcd = traced.folder / "w.vcd";
    traced.run({"--vcd", vcd, "--window", "100:120"});
    const std::string text = file_text(vcd);
    CHECK_THAT(text, ContainsSubstring("$var wire 3") && ContainsSubstring(" cycle_class [2:0] $end"));
    CHECK_THAT(text, ContainsSubstring("\n#666667\n1~\n") && ContainsSubstring("\n#793333\n1~\n") &&
                         ContainsSubstring("\n#800000\n"));
    const auto message = [&](const std::vector<std::string>& options) {
        std::vector<std::string> words = {"run", "--model", source("models/warpeace_h256.onnx"), "--trace",
                                          traced.trace};
        words.insert(words.end(), options.begin(), options.end());
        const Outcome outcome = run_bru(words);
        CHECK(outcome.status == 2);
        return outcome.err;
    };
    CHECK_THAT(message({"--vcd", vcd}), ContainsSubstring("--window FROM:TO"));
    CHECK_THAT(message({"--window", "1:2"}), ContainsSubstring("--vcd FILE"));
    for (const char* window : {"5", "5:5", "6:5", ":5", "5:", "a:b", "1:2:3", "-1:5", "99999999999999999999:5"})
        CHECK_THAT(message({"--vcd", vcd, "--window", window}), ContainsSubstring("allowed is FROM:TO"));
    CHECK_THAT(message({"--vcd", vcd, "--window", "0:500001"}), ContainsSubstring("at most 500000"));
    CHECK_THAT(message({"--vcd", traced.trace, "--window", "0:5"}), ContainsSubstring("would be overwritten"));
}

TEST_CASE("a timeline of run", "[cli]") {
    const Traced traced(30);
    const std::string file = traced.folder / "t.json";
    const nlohmann::json report = traced.run({"--timeline", file});
    const auto class_cycles = [&file] {
        std::map<std::string, std::uint64_t> cycles;
        const nlohmann::json timeline = nlohmann::json::parse(file_text(file));
        for (const nlohmann::json& event : timeline["traceEvents"])
            if (event["ph"] == "X" && event["cat"] == "cycle_class")
                cycles[event["name"]] += event["args"]["cycles"].get<std::uint64_t>();
        return cycles;
    };
    const auto whole = class_cycles();
    CHECK(whole.size() >= 4);
    for (const auto& [name, sum] : whole) CHECK(report["cycles"]["classes"][name] == sum);
    traced.run({"--timeline", file, "--window", "25000:26000", "--vcd", traced.folder / "w.vcd"});
    std::uint64_t classified = 0;
    for (const auto& [name, sum] : class_cycles()) classified += sum;
    CHECK(classified == 1000);
    const auto refused = [&](const std::vector<std::string>& options) {
        std::vector<std::string> words = {"run", "--model", kModel, "--trace", traced.trace};
        words.insert(words.end(), options.begin(), options.end());
        const Outcome outcome = run_bru(words);
        CHECK(outcome.status == 2);
        return outcome.err;
    };
    CHECK_THAT(refused({"--timeline", file, "--window", "7"}), ContainsSubstring("allowed is FROM:TO"));
    CHECK_THAT(refused({"--window", "1:2"}), ContainsSubstring("--timeline FILE"));
    CHECK_THAT(refused({"--timeline", kModel}), ContainsSubstring("would be overwritten"));
    CHECK_THAT(refused({"--timeline", traced.folder / "absent/t.json"}), ContainsSubstring("cannot be written"));
    const std::string late = traced.folder / "late.json";
    traced.run({"--timeline", late, "--window", "900000000:900000001"});
    CHECK(nlohmann::json::parse(file_text(late)).contains("traceEvents"));
}

TEST_CASE("a run with more events than a timeline holds is refused, and leaves no file", "[cli]") {
    const Traced traced(20'000);
    const std::string file = traced.folder / "t.json";
    const std::vector<std::string> words = {"run", "--model", kModel, "--trace", traced.trace, "--timeline", file};
    const Outcome outcome = run_bru(words);
    CHECK(outcome.status == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("more than 1,000,000 events") && ContainsSubstring("--window FROM:TO"));
    CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("the RTL as the core: the same report, the same golden outputs and cycles", "[cli]") {
    const Traced traced(5);
    const Outcome tried = run_bru({"run", "--model", kModel, "--trace", traced.trace, "--core", "rtl"});
    if (tried.status == 2) {
        CHECK_THAT(tried.err, ContainsSubstring("built without the RTL core") && ContainsSubstring("-DBRU_RTL=ON"));
        WARN("built without Verilator: there is no second core");
        return;
    }
    nlohmann::json systemc = traced.run();
    nlohmann::json rtl = traced.run({"--core", "rtl"});
    const Outcome timeline = run_bru(
        {"run", "--model", kModel, "--trace", traced.trace, "--core", "rtl", "--timeline", traced.folder / "t.json"});
    CHECK(timeline.status == 2);
    CHECK_THAT(timeline.err, ContainsSubstring("SystemC core only"));
    CHECK(systemc["manifest"]["core"] == "systemc");
    CHECK(rtl["manifest"]["core"] == "rtl");
    CHECK(rtl["golden"]["checked"].get<std::uint64_t>() > 0);
    CHECK(rtl["host"]["cycles_per_s"].get<double>() < systemc["host"]["cycles_per_s"].get<double>());
    CHECK((systemc.contains("saturation") && !rtl.contains("saturation"))); // the RTL's values stay inside of it
    for (nlohmann::json* json : {&systemc, &rtl}) {
        json->erase("host");
        json->erase("saturation");
        (*json)["manifest"].erase("core");
    }
    CHECK(systemc == rtl);

    const std::vector<std::string> check = {"check", traced.folder.path, "--models", source("models")};
    std::vector<std::string> update = check;
    update.push_back("--update");
    CHECK(run_bru(update).status == 0);
    std::vector<std::string> check_rtl = check;
    check_rtl.insert(check_rtl.end(), {"--core", "rtl"});
    CHECK_THAT(one_line(run_bru(check_rtl).out),
               ContainsSubstring("cycles equal") && ContainsSubstring("1 checked, 0 failed"));

    const Outcome refused =
        run_bru({"run", "--model", kModel, "--trace", traced.trace, "--core", "rtl", "--bru.lanes=128"});
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, ContainsSubstring("lanes 128") &&
                                ContainsSubstring("the nearest that was built is 'default': --bru.lanes=64") &&
                                ContainsSubstring("--core systemc") && ContainsSubstring("rtl/shapes.txt"));
}

TEST_CASE("nothing but results on standard output, nothing but messages on standard error", "[cli]") {
    const Traced traced(5);
    const Outcome run = run_bru({"run", "--model", kModel, "--trace", traced.trace});
    CHECK(run.status == 0);
    CHECK(run.err.empty());
    CHECK(run.out.find('\033') == std::string::npos); // no colour, no progress in a pipe
    CHECK_THAT(run.out, ContainsSubstring("golden") && ContainsSubstring("0 mismatches") && ContainsSubstring("fits"));
}

TEST_CASE("the program works from any folder", "[cli]") {
    const TemporaryFolder folder;
    CHECK(run_bru({"resources", "--config", source("configs/z7020.ini"), "--model", kModel}, folder.path).status == 0);
}

TEST_CASE("an installed program finds the device files of its installation", "[cli]") {
    const TemporaryFolder prefix;
    std::filesystem::create_directories(prefix / "bin");
    std::filesystem::create_directories(prefix / "share/bru/configs/devices");
    std::filesystem::copy(BRU_BINARY_DIR "/bru", prefix / "bin/bru");
    std::filesystem::copy(source("configs/devices/xc7z020.ini"),
                          prefix / "share/bru/configs/devices/installed_only.ini");
    std::filesystem::copy(source("configs/devices/xc7.calibration"),
                          prefix / "share/bru/configs/devices/xc7.calibration");
    const std::string command =
        prefix / "bin/bru" + " resources --bru.device=installed_only >" + prefix / "out" + " 2>&1";
    CHECK(std::system(command.c_str()) == 0);
    CHECK_THAT(file_text(prefix / "out"), ContainsSubstring("XC7Z020-1"));
    CHECK(run_bru({"resources", "--bru.device=installed_only"}).status == 2);
}

TEST_CASE("an interrupt leaves no half file", "[cli]") {
    const TemporaryFolder folder;
    const std::string out = folder / "long.trace";
    const pid_t child = fork();
    if (child == 0) {
        std::freopen("/dev/null", "w", stderr);
        execl(BRU_BINARY_DIR "/bru", "bru", "trace", "--model", kModel.c_str(), "--sample", "100000000", "--out",
              out.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    for (int i = 0; i < 100 && folder.names().empty(); ++i) usleep(50'000);
    usleep(100'000);
    kill(child, SIGINT);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
    CHECK(folder.names().empty());
}

TEST_CASE("what has no effect is said", "[cli]") {
    const Outcome binary = run_bru({"inspect", kModel, "--lstm-weight-bits", "4"});
    CHECK(binary.status == 0);
    CHECK_THAT(one_line(binary.err), ContainsSubstring("--lstm-weight-bits 4 has no effect"));
    CHECK_THAT(run_bru({"inspect", kModel, "--lstm-weight-bits", "4"}).err, !ContainsSubstring("dense"));
    setenv("BRU_DATA", "/nowhere/data", 1);
    const Outcome nowhere = run_bru({"inspect", kModel});
    unsetenv("BRU_DATA");
    CHECK(nowhere.status == 0);
    CHECK_THAT(one_line(nowhere.err), ContainsSubstring("BRU_DATA = /nowhere/data: there is no such folder"));
}

TEST_CASE("bru run --fail-on-deadline turns a missed deadline into exit status 1") {
    const Traced traced(10);
    const std::vector<std::string> run = {"run", "--model", kModel, "--trace", traced.trace};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), run.begin(), run.end());
        return run_bru(more);
    };
    CHECK(with({"--deadline-us", "0.01"}).status == 0);
    CHECK(with({"--deadline-us", "0.01", "--fail-on-deadline"}).status == 1);
    CHECK(with({"--deadline-us", "1000", "--fail-on-deadline"}).status == 0);
    const Outcome without = with({"--fail-on-deadline"});
    CHECK(without.status == 2);
    CHECK_THAT(without.err, ContainsSubstring("--deadline-us"));
}
