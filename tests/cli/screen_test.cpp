// Do all programs fit a terminal of 80 columns, whatever they print, and print nothing but text where TERM is dumb?
#include "support/catch.hpp"

#include <filesystem>
#include <sstream>

#include "base/printable.hpp"
#include "base/text_layout.hpp"
#include "cli/process.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// The lines that are too wide. A single word that is longer than a line may stand alone in its line, as paths do.
std::vector<std::string> wide_lines(const std::string& text) {
    std::vector<std::string> wide;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const bool is_one_word = line.find(' ') == std::string::npos;
        if (bru::columns_of(line) > bru::kTextColumns && !is_one_word) wide.push_back(line);
    }
    return wide;
}

void check_width(const Words& words, const std::string& folder = "", int status = 0) {
    std::string command;
    for (const std::string& word : words) command += " " + word;
    const Outcome outcome = run_bru(words, folder);
    CAPTURE(command, outcome.err);
    CHECK(outcome.status == status);
    CHECK(!outcome.out.empty());
    CHECK(wide_lines(outcome.out) == Words{});
}

/// A folder with models, a trace and configurations whose names and numbers are as long as they get.
class LongNames {
public:
    LongNames() {
        fs::create_directories(folder / kDeep);
        fs::copy_file(source("models/warpeace_h256.onnx"), model);
        const Outcome made =
            run_bru({"trace", "--model", model, "--sample", "60", "--out", trace, "--arrival", "periodic:9"});
        INFO(made.err);
        REQUIRE(made.status == 0);
        CHECK(wide_lines(made.out) == Words{});
    }

    static constexpr const char* kDeep = "a model of the seventeenth experiment/with_a_name_of_many_letters_and_digits_"
                                         "0123456789_0123456789_0123456789_0123456789";
    TemporaryFolder folder;
    std::string model = folder / (std::string(kDeep) + "/model, \"quoted\", \u6b66\u7532 \u00e4\u00e9.onnx");
    std::string trace = folder / "a_trace_whose_name_nearly_fills_a_line_of_the_terminal_0123.trace";
    /// The slowest machine that there is: the largest numbers of cycles, times and energies.
    Words slowest = {"--bru.lanes=4", "--bru.lane_width=1", "--bru.update_width=1", "--bru.clock_mhz=1"};
};

Words operator+(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

} // namespace

TEST_CASE("help of every program and subcommand fits 80 columns", "[cli]") {
    for (const char* name : {"", "run", "trace", "check", "resources", "inspect", "quantize", "sweep", "report",
                             "compare", "diff", "partition", "image", "capacity", "fleet"})
        check_width(name == std::string() ? Words{"--help"} : Words{name, "--help"});
    check_width({"--version"});
    for (const char* program : {"bru-cosim", "bru-bench", "bru-train"}) {
        if (!fs::exists(std::string(BRU_BINARY_DIR "/") + program)) continue; // not built
        const Outcome help = run_program(program, {"--help"});
        CAPTURE(program);
        CHECK(help.status == 0);
        CHECK(wide_lines(help.out) == Words{});
    }
}

TEST_CASE("reports of runs and machines fit 80 columns, with long names and large numbers", "[cli]") {
    const LongNames names;
    const std::string digits = source("models/mnist_rows_h128.onnx");
    const Words run = {"run", "--model", names.model, "--trace", names.trace, "--predictions"};
    check_width(run + Words{"--explain-divergence", "0.001", "--deadline-us", "0.001", "--synthesis"});
    check_width(run + names.slowest + Words{"--lstm-weight-bits", "8"});
    check_width({"run", "--model", digits, "--trace", source("traces/digits.trace"), "--steps", "280", "--predictions",
                 "--synthesis", "--lstm-weight-bits", "2"});
    for (const char* shown : {"--synthesis", "--largest", "--device=all"})
        for (const std::string& model : {names.model, digits}) {
            check_width({"resources", "--model", model, shown});
            check_width(Words{"resources", "--model", model, shown} + names.slowest);
            check_width({"resources", "--model", model, shown, "--bru.clock_mhz=400", "--bru.lanes=512"});
        }
    for (const std::string& model : {names.model, digits}) check_width({"inspect", model});
    check_width({"quantize", digits, "--calibrate", source("traces/digits.trace"), "--steps", "280"});
    check_width({"quantize", names.model, "--calibrate", names.trace, "--dense-weight-bits", "2", "--out",
                 names.folder / (std::string(LongNames::kDeep) + "/quantized.onnx")});
}

TEST_CASE("checks, comparisons, sweeps and differences fit 80 columns", "[cli]") {
    const LongNames names;
    const Words where = {"--models", names.folder / LongNames::kDeep};
    check_width(Words{"check", names.folder.path} + where);
    check_width(Words{"check", names.folder.path, "--update", "--bru.scale_bits=12"} + where);
    check_width(Words{"check", names.folder.path, "--update"} + where);
    std::string golden = file_text(names.trace + ".golden");
    REQUIRE(golden.find("total=") != std::string::npos);
    names.folder.write(fs::path(names.trace).filename().string() + ".golden",
                       golden.replace(golden.find("total="), 6, "total=1"));
    check_width(Words{"check", names.folder.path} + where, "", 1);

    const std::string config = source("configs/z7020.ini");
    check_width({"compare", "--hidden", "8,16", "--repeats", "1", "--without-libtorch", "--config",
                 config + "," + config + "," + config + "," + config});
    check_width({"compare", "--model", names.model, "--repeats", "1", "--without-libtorch"});

    const std::string sweep =
        names.folder.write("a sweep of a name that has many words in it.ini",
                           "[run]\nmodel = \"" + source("models/warpeace_h256.onnx") + "\"\ntrace = \"" + names.trace +
                               "\"\n[bru]\nlanes = 32, 64, 96\nlane_width = 8, 16\nupdate_width = 1, 2, 4\n"
                               "[ddr]\nlatency_ns = 100, 900000\n"
                               "[sweep]\nobjectives = cycles_per_step, lut, energy_uj\n"
                               "constraints = latency_us < 1000000, dsp_percent <= 80, ff < 100000\n");
    check_width({"sweep", sweep, "--processes", "1"}, names.folder.path);
    check_width({"sweep", sweep, "--processes", "1", "--constraints", "lut < 1"}, names.folder.path, 1);

    const Words run = {"run", "--model", names.model, "--trace", names.trace, "--json"};
    run_bru(run + Words{names.folder / "before.json"});
    run_bru(run + Words{names.folder / "after.json"} + names.slowest);
    check_width({"diff", names.folder / "before.json", names.folder / "after.json"}, "", 1);
}

TEST_CASE("a message is one line in a file, and is broken between words on a terminal", "[cli]") {
    const Words wrong = {"run", "--model", source("models/warpeace_h256.onnx"), "--bru.lanes=7"};
    const std::string line = run_bru(wrong).err;
    CHECK(line.size() > bru::kTextColumns);
    CHECK(line.find('\n') == line.size() - 1);
    const std::string screen = screen_of_bru(wrong, "xterm");
    CHECK(wide_lines(screen) == Words{});
    std::string joined = screen;
    for (char& c : joined)
        if (c == '\n') c = ' ';
    CHECK(joined.substr(0, joined.size() - 1) == line.substr(0, line.size() - 1));
}

TEST_CASE("a terminal gets colour and a line of progress; one that is dumb gets nothing but text", "[cli]") {
    // Long enough for a line of progress, which the first second does not show.
#ifdef BRU_EMULATED
    const std::string steps = "2000";
#else
    const std::string steps = "300000";
#endif
    const Words run = {"run", "--model", source("models/warpeace_h256.onnx"), "--random-steps", steps};
    CHECK_THAT(screen_of_bru(run, "xterm"), ContainsSubstring("\033[32myes"));
    const std::string dumb = screen_of_bru(run, "dumb");
    CHECK_THAT(dumb, ContainsSubstring("fits              yes"));
    CHECK(dumb.find('\033') == std::string::npos);
    CHECK(dumb.find('\r') == std::string::npos);
}

TEST_CASE("the table of a synthesis is shown where --synthesis asks for it", "[cli]") {
    const std::string model = source("models/warpeace_h256.onnx");
    for (const char* command : {"run", "resources"}) {
        const Words words = {command, "--model", model};
        CHECK_THAT(run_bru(words).out, !ContainsSubstring("estimate / synthesis"));
        CHECK_THAT(run_bru(words + Words{"--synthesis"}).out, ContainsSubstring("estimate / synthesis (Yosys 0.23)"));
        CHECK_THAT(run_bru(words + Words{"--synthesis", "--bru.lanes=60", "--bru.update_width=1"}).out,
                   ContainsSubstring("synthesis       none of this shape"));
    }
}
