// Mistakes that users make with the programs of others in mind: does the message name the place and the remedy, and is
// nothing taken, or overwritten, without a word?
#include "support/catch.hpp"

#include <algorithm>
#include <filesystem>

#include "cli/process.hpp"
#include "model/onnx/export.hpp"
#include "model/synthetic_network.hpp"
#include "support/shipped.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kModel = source("models/mnist_rows_h128.onnx");
const std::string kTextModel = source("models/warpeace_h256.onnx");
const std::string kUtf16 = "it is text in UTF-16";

/// Exit status 2, nothing on standard output, one error with every fragment.
void check_refused(const std::vector<std::string>& words, const std::vector<std::string>& fragments,
                   const std::string& folder = "") {
    const Outcome outcome = run_bru(words, folder);
    CAPTURE(words, outcome.out, outcome.err);
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
    CHECK_THAT(outcome.err, ContainsSubstring("bru: error: "));
    for (const std::string& fragment : fragments) CHECK_THAT(outcome.err, ContainsSubstring(fragment));
}

/// Status 0, and a note with the fragment.
void check_noted(const std::vector<std::string>& words, const std::string& fragment) {
    const Outcome outcome = run_bru(words);
    CAPTURE(words, outcome.out, outcome.err);
    CHECK(outcome.status == 0);
    CHECK_THAT(outcome.err, ContainsSubstring(fragment));
}

std::string comma_row(int count, const std::string& field) {
    std::string row = field;
    for (int k = 1; k < count; ++k) row += "," + field;
    return row + "\n";
}

/// A ZIP archive's first bytes: its first file has this name.
std::string archive_with(const std::string& name) {
    std::string bytes(30, '\0');
    bytes.replace(0, 4, "PK\x03\x04");
    bytes[26] = static_cast<char>(name.size());
    return bytes + name + std::string(40, 'x');
}

} // namespace

TEST_CASE("options of other programs and other subcommands lead to those of this one", "[cli]") {
    const std::string sweep = source("configs/sweeps/warpeace.ini");
    for (const char* option : {"--jobs", "--procs", "--threads", "-j4"})
        check_refused({"sweep", sweep, option, "4"}, {"Did you mean '--processes'?"});
    check_refused({"sweep", sweep, "--config", "a.ini"}, {"the sweep file is the configuration"});
    check_refused({"diff", "a.json", "b.json", "--tolerance", "1"}, {"Did you mean '--fail-above'?"});
    check_refused({"quantize", kModel, "--bits", "4"}, {"Did you mean '--lstm-weight-bits'?"});
    check_refused({"quantize", kModel, "--csv", "a.csv"}, {"Did you mean '--calibrate'?"});
    check_refused({"check", source("traces"), "--model", kModel}, {"Did you mean '--models'?"});
    check_refused({"run", "--device", "xc7z045"}, {"Did you mean '--bru.device'?"});
    check_refused({"report", "a.json", "-o", "a.html"}, {"Did you mean '--out'?"});
}

TEST_CASE("words that stand in the wrong place say where they belong", "[cli]") {
    check_refused({"run", "--", "--model", kModel}, {"'--model'", "behind a lone -- there are no options"});
    check_refused({"run", "bru.lanes=128"}, {"Did you mean --bru.lanes=128?"});
    check_refused({"partition", kModel, "parts"},
                  {"'parts' is one MODEL too many", "--out FOLDER says what is written"});
    check_refused({"trace", "--model", kModel, "--out", "a.trace", "--input", "a.csv"},
                  {"0 sources of data", "--input gives a constant of the model"});
    check_refused({"diff", "a.json", "b.json", "--fail-above", "1", "%"}, {"3 given, the last '%'"});
    for (const char* command : {"inspect", "partition", "quantize"})
        check_refused({command, kModel, "--model", kTextModel}, {"the model is given twice", kTextModel});
}

TEST_CASE("a dash, a quote or a blank of another kind is named", "[cli]") {
    check_refused({"run", "\xe2\x80\x93model", kModel}, {"'\xe2\x80\x93' (U+2013) only looks like -"});
    check_refused({"run", "--model", "\xe2\x80\x9c" + kModel + "\xe2\x80\x9d"}, {"U+201C"});
    const std::string minus = "\xe2\x88\x92";
    check_refused({"run", "--model", kModel, "--random-steps", minus + "5"}, {"U+2212", "a whole number from 1"});
    const TemporaryFolder folder;
    check_refused({"run", "--config", folder.write("nbsp.ini", "[bru]\nlanes\xc2\xa0= 64\n")}, {":2:", "U+00A0"});
    check_refused({"run", "--config",
                   folder.write("minus.ini", "[run]\ninput_exponent = \xe2\x88\x92"
                                             "2\n")},
                  {":2:", "U+2212"});
}

TEST_CASE("an empty name is no name", "[cli]") {
    check_refused({"run", "--model", ""}, {"--model has an empty value", "an ONNX file"});
    check_refused({"run", "--model", kModel, "--random-steps", "5", "--json", ""}, {"--json has an empty value"});
}

TEST_CASE("numbers with commas, separators and units say how they are written", "[cli]") {
    check_refused({"run", "--model", kModel, "--bru.lanes=1,024"}, {"without commas", "bru sweep takes several"});
    check_refused({"run", "--model", kModel, "--bru.lanes=1_024"}, {"the digits without anything between them"});
    check_refused({"run", "--model", kModel, "--random-steps", "1,000"}, {"without commas"});
    check_refused({"run", "--model", kModel, "--deadline-us", "10ms"}, {"give the number alone"});
}

TEST_CASE("a model stays, whatever is to be written onto it", "[cli]") {
    const TemporaryFolder folder;
    const std::string model = folder / "m.onnx";
    std::filesystem::copy_file(kModel, model);
    const std::uintmax_t bytes = std::filesystem::file_size(model);
    check_refused({"inspect", model, "--json", model}, {"would be overwritten"});
    check_refused({"inspect", "--model", model, "--json", model}, {"would be overwritten"});
    CHECK(std::filesystem::file_size(model) == bytes);
}

TEST_CASE("a name that ends as another kind of file is noted", "[cli]") {
    const TemporaryFolder folder;
    check_noted({"run", "--model", kModel, "--random-steps", "5", "--json", folder / "r.yaml"}, "is written as JSON");
    check_noted({"run", "--model", kTextModel, "--trace", source("traces/warpeace.trace"), "--steps", "5", "--outputs",
                 folder / "o.xlsx"},
                "is written as CSV");
    check_noted(
        {"quantize", kModel, "--calibrate", source("traces/digits.trace"), "--steps", "28", "--out", folder / "q.pt"},
        "is written as ONNX");
    const Outcome plain = run_bru({"run", "--model", kModel, "--random-steps", "5", "--json", folder / "r.v2"});
    CHECK(plain.err.empty());
}

TEST_CASE("files of other tools are recognized wherever they are given", "[cli]") {
    const TemporaryFolder folder;
    const std::string keras = folder.write("m.keras", archive_with("config.json"));
    const std::string sheet = folder.write("d.xlsx", archive_with("[Content_Types].xml"));
    const std::string arrays = folder.write("d.npz", archive_with("x.npy"));
    const std::string database = folder.write("s.db", "SQLite format 3\r1\n2");
    const std::string utf16 = folder.write("u.txt", std::string("\xff\xfe[\0b\0", 6));
    check_refused({"run", "--model", keras}, {"Keras model", "export the model as ONNX"});
    check_refused({"run", "--model", folder.write("m.pt", archive_with("archive/data.pkl"))}, {"PyTorch checkpoint"});
    check_refused({"run", "--model", folder.write("m.tflite", std::string("\x1c\0\0\0TFL3", 8))}, {"TensorFlow Lite"});
    check_refused({"run", "--model", folder.write("m.html", "\n\n<!doctype HTML>\n")}, {"HTML page"});
    check_refused({"run", "--model", folder.write("m.bin", "no model")}, {"do not read as one", "as an ONNX file"});
    check_refused({"run", "--config", kTextModel}, {"is no INI file; it is an ONNX model"});
    check_refused({"run", "--config", database}, {"is no INI file; it is a database"});
    check_refused({"sweep", database}, {"is no INI file; it is a database"});
    check_refused({"run", "--config", utf16}, {kUtf16, "iconv"});
    check_refused({"run", "--model", kTextModel, "--trace", utf16}, {kUtf16});
    check_refused({"report", utf16, "--out", folder / "a.html"}, {kUtf16});
    const auto refuse_data = [&](const std::string& option, const std::string& file,
                                 const std::vector<std::string>& fragments) {
        check_refused({"trace", "--model", kModel, option, file, "--out", folder / "a.trace"}, fragments);
    };
    refuse_data("--csv", sheet, {"is no CSV file", "Office document", "save the sheet as CSV"});
    refuse_data("--csv", arrays, {"is no CSV file", "numpy.save"});
    refuse_data("--csv", utf16, {kUtf16});
    refuse_data("--npy", arrays, {"several arrays"});
    refuse_data("--wav", folder.write("s.mp3", "ID3\x03"), {"compressed sound", "save it as WAVE"});
    refuse_data("--images", folder.write("i.png", "\x89PNG\r\n"), {"it is a picture"});
    refuse_data("--images", folder.write("labels", std::string("\0\0\x08\x01\0\0\0\1\1", 9)), {"give it to --labels"});
    check_refused({"quantize", kModel, "--calibrate", arrays}, {"is no CSV file", "several arrays"});
}

TEST_CASE("a line of an INI file is shown as it would be right", "[cli]") {
    const TemporaryFolder folder;
    const auto refuse = [&](const std::string& text, const std::string& fragment) {
        check_refused({"run", "--config", folder.write("c.ini", text)}, {fragment});
    };
    refuse("[bru]\nlanes: 64\n", "write lanes = 64");
    refuse("[bru]\nlanes 64\n", "write lanes = 64");
    refuse("bru:\n  lanes: 64\n", "a section is written [bru]");
    refuse("[bru]\nlanes =\n", "remove the line: then the default holds");
}

TEST_CASE("a path as other systems write it says what is meant by it", "[cli]") {
    const TemporaryFolder folder;
    const auto refuse = [&](const std::string& path, const std::string& fragment) {
        check_refused({"run", "--config", folder.write("c.ini", "[run]\nmodel = " + path + "\n")}, {fragment});
    };
    refuse("models\\warpeace.onnx", "folders are separated by '/'");
    refuse("~/warpeace.onnx", "'~' is no folder here");
    refuse("$MODELS/warpeace.onnx", "variables are not replaced here");
    refuse("'models/warpeace.onnx'", "leave them out");
}

TEST_CASE("a file in place of a folder, and the other way round, is called so", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = folder.write("a.txt", "text\n");
    check_refused({"check", source("traces/digits.trace")}, {"is a file; give the folder", "bru run"});
    check_refused({"check", source("traces"), "--models", file}, {"is no folder"});
    check_refused({"partition", kModel, "--out", file}, {"is a file; --out takes the folder"});
    check_refused({"check", source("traces"), "--models", folder.path}, {"is not in --models " + folder.path});
}

TEST_CASE("values of a sweep as other programs write them lead to ranges and lists", "[cli]") {
    const TemporaryFolder folder;
    const auto refuse = [&](const std::string& lanes, const std::vector<std::string>& fragments) {
        check_refused({"sweep", folder.write("s.ini", "[bru]\nlanes = " + lanes + "\n")}, fragments, folder.path);
    };
    for (const char* lanes : {"32-64", "32..", "32:64:8", "[32, 64]", "32 64"})
        refuse(lanes, {"s.ini:2:", "no number and no range", "a range 4..32 step 4"});
    check_refused({"sweep", folder.write("o.ini", "[sweep]\nobjectives = minimize lut\n[bru]\nlanes = 32, 64\n")},
                  {"Did you mean 'lut' alone?"});
    check_refused({"sweep", folder.write("c.ini", "[sweep]\nconstraints = fits and meets_clock\n")},
                  {"commas between them"});
}

TEST_CASE("a merge takes each shard once", "[cli]") {
    const TemporaryFolder folder;
    const std::string sweep =
        folder.write("s.ini", "[run]\nmodel = " + kTextModel + "\ntrace = " + source("traces/warpeace.trace") +
                                  "\nsteps = 5\noutput = hidden\n[bru]\nlanes = 32, 64\n");
    REQUIRE(run_bru({"sweep", sweep, "--processes", "1"}, folder.path).status == 0);
    check_refused({"sweep", "--merge", "all.db", "s.db", "./s.db"}, {"./s.db", "is named twice"}, folder.path);
    check_refused({"sweep", "--merge", "all.db", "absent.db"}, {"that bru sweep wrote"}, folder.path);
}

TEST_CASE("rows and labels that do not fit say why", "[cli]") {
    const TemporaryFolder folder;
    const auto refuse = [&](const std::string& text, const std::string& fragment) {
        check_refused({"trace", "--model", kModel, "--csv", folder.write("d.csv", text), "--out", folder / "a.trace"},
                      {fragment});
    };
    refuse(comma_row(27, "0.5").substr(0, 107) + ",\n", "the line ends with a comma");
    refuse("," + comma_row(28, "p"), "index=False");
    refuse("0.5,," + comma_row(26, "0.5"), "a missing value");
    refuse("# mine\n" + comma_row(28, "0.5"), "remove the line");
    const std::string data = folder.write("ok.csv", comma_row(28, "0.5") + "\n" + comma_row(28, "0.5"));
    const auto with_labels = [&](const std::string& labels) {
        return std::vector<std::string>{
            "trace", "--model",         kModel, "--csv", data, "--labels", folder.write("l", labels),
            "--out", folder / "a.trace"};
    };
    check_refused(with_labels("1\n2\n3\n"), {"has 3 labels", "give 2 or 2 labels"});
    check_noted(with_labels("1\n99\n"), "the largest label is 99");
    CHECK(run_bru(with_labels("1\n9\n")).err.empty());
}

TEST_CASE("reports that say nothing are no equal runs", "[cli]") {
    const TemporaryFolder folder;
    const std::string empty = folder.write("a.json", R"({"schema": "bru-run-2", "cycles": "many"})");
    check_refused({"diff", empty, empty}, {"has no cycles.total"});
    const std::string timeline = folder.write("t.json", R"({"traceEvents": []})");
    check_refused({"report", timeline, "--out", folder / "t.html"}, {"is a timeline", "ui.perfetto.dev"});
    check_refused({"resources", "--device", "all", "--bru.device=xc7z045"}, {"give one of them"});
}

TEST_CASE("options that other programs have say what takes their place", "[cli]") {
    const std::string shown = "all messages are shown always, on standard error; --json FILE has every figure";
    for (const char* option : {"--verbose", "-v", "--debug"})
        check_refused({"run", option, "--model", kModel}, {shown});
    check_refused({"sweep", "a.ini", "--quiet"}, {"2>/dev/null hides the messages"});
    check_refused({"run", "--force"}, {"are replaced without a question"});
    check_refused({"compare", "a.json", "b.json"}, {"'a.json'", "bru diff compares two reports of bru run --json"});
}

TEST_CASE("a number in another unit, in hexadecimal or with a letter is shown as it would be right", "[cli]") {
    check_refused({"run", "--model", kModel, "--deadline-us", "100ms"},
                  {"give the number alone, 100000: its unit is us"});
    check_refused({"run", "--model", kModel, "--random-steps", "1e3"}, {"write 1000"});
    check_refused({"run", "--model", kModel, "--bru.lanes=0x40"}, {"write it in decimal, 64"});
    check_refused({"run", "--model", kModel, "--bru.lanes=64k"}, {"give all digits of the number"});
    check_refused({"run", "--model", kModel, "--bru.clock_mhz=0.2GHz"},
                  {"give the number alone, 200: its unit is MHz"});
    const std::string sweep = source("configs/sweeps/warpeace.ini");
    check_refused({"sweep", sweep, "--constraints", "lut_percent < 50%"}, {"give the number alone"});
    check_refused({"sweep", sweep, "--constraints", "lut < 20k"}, {"give all digits of the number"});
    check_refused({"sweep", sweep, "--bru.lanes", "32..64"}, {"bru.lanes = 33", "the range counts by one"});
    check_refused({"sweep", sweep, "--objectives", "cycles"}, {"Did you mean 'cycles_per_step'?"});
}

TEST_CASE("data in the wrong option say which option takes them", "[cli]") {
    const TemporaryFolder folder;
    const std::string array = folder / "x.npy";
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3, 28), }";
    header.resize(117, ' ');
    folder.write("x.npy", std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" + std::string(4 * 168, '\0'));
    const auto trace = [&](const std::string& option, const std::string& file) {
        return std::vector<std::string>{"trace", "--model", kModel, option, file, "--out", folder / "o.trace"};
    };
    for (const char* option : {"--images", "--wav"})
        check_refused(trace(option, array), {"it is a NumPy array, which bru trace --npy takes"});
    check_refused(trace("--npy", array), {"the array (1, 2, 3, 28) has 4 dimensions", "array.reshape(-1, 3, 28)"});
    folder.write("dates.csv", comma_row(28, "2024-01-31"));
    check_refused(trace("--csv", folder / "dates.csv"), {"'2024-01-31'", "leave its column out"});
    folder.write("t.txt", "abc");
    check_refused(trace("--text", folder / "t.txt"), {"--csv, --npy, --images or --wav"});
    check_refused({"trace", "--model", kTextModel, "--text", kTextModel, "--out", folder / "o.trace"},
                  {"not in the vocabulary", "it is an ONNX model"});
    check_refused(
        {"trace", "--model", kModel, "--csv", folder / "dates.csv", "--indices", "0,1", "--out", folder / "o.trace"},
        {"--indices 0,1: there is no such file", "one number on each line"});
    check_refused({"trace", "--model", kTextModel, "--sample", "3", "--arrival", "10us", "--out", folder / "o.trace"},
                  {"--arrival '10us': allowed is back-to-back"});
    check_refused({"run", "--model", source("configs/z7020.ini")}, {"it is an INI file, which --config takes"});
    check_refused({"run", "--config", kModel}, {"it is an ONNX model, which --model takes"});
    check_refused({"run", "--model", "/nowhere/a.onnx"}, {"give the path of one that is there"});
    folder.write("future.json", "{\"schema\": \"bru-run-99\"}");
    check_refused({"diff", folder / "future.json", folder / "future.json"}, {"schema bru-run-99", "write it anew"});
    folder.write("other.json", "{\"a\": 1}");
    check_refused({"report", folder / "other.json", "--out", folder / "r.html"}, {"with --json (run, sweep)"});
}

TEST_CASE("initial states outside the machine's numbers are told wherever golden outputs are made of them", "[cli]") {
    const TemporaryFolder folder;
    bru::Network network = bru::synthetic_network(8);
    network.layers[0].directions[0].initial_h = std::vector<double>(8, 4.0);
    const std::string model = folder.write("initial.onnx", bru::onnx_model(network));
    const std::string trace = folder / "t.trace";
    const std::string clamped = "8 of 8 initial values of h (100.0 %) lie outside -1 to 1; the largest is 4";
    check_noted({"trace", "--model", model, "--sample", "5", "--out", trace}, clamped);
    check_noted({"quantize", model, "--calibrate", trace}, clamped);
    check_noted({"run", "--model", model, "--trace", trace}, clamped);
}

TEST_CASE("a period beyond what cycles can count is refused in the words of its option", "[cli]") {
    check_refused({"capacity", kTextModel, "--period-us", "1e9", "--deadline-us", "5"},
                  {"--period-us 1e9: not allowed", "to 10000000"});
}

TEST_CASE("labels, lists and sequences that do not fit are named by where the user gave them", "[cli]") {
    const TemporaryFolder folder;
    const std::string rows = comma_row(28, "0") + comma_row(28, "0.5");
    check_refused(
        {"quantize", kModel, "--calibrate", folder.write("d.csv", rows), "--labels", folder.write("l.txt", "15\n")},
        {"l.txt: there is a label 15, and the network has 10 classes (0 to 9); give labels of this network"});
    const std::string sweep = folder.write("s.ini", "[run]\nmodel = " + kModel + "\n");
    check_refused({"sweep", sweep, "--bru.lanes", "64..32"}, {"command line: bru.lanes: '64..32'", "is no range"});
    check_refused({"sweep", sweep, "--bru.lanes", "32,,64"}, {"command line: bru.lanes: ", "a value is missing"});
    check_refused({"run", "--model", kModel, "--bru.lanes", "64", "32"}, {"'32'", "an option takes one value"});
    check_refused({"run", "--model", source("tests/data/onnx/states_constant.onnx"), "--random-steps", "20",
                   "--bru.input_words=2"},
                  {"sequence 0 (counted from 0) has more than 2 steps", "set --bru.input_words higher, or auto"});
}
