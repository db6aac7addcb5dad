// Do traces come back as they were written, and is every damage found and named?
#include "support/catch.hpp"
#include <chrono>

#include "base/error.hpp"
#include "files.hpp"
#include "model/fingerprint.hpp"
#include "trace/trace_file.hpp"

using namespace bru;
using namespace bru::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string trace_text(const std::string& steps, const std::string& input = "onehot 5",
                       const std::string& arrival = "back-to-back") {
    return "bru trace 1\n# a comment\nmodel 0123456789abcdef model.onnx\ninput " + input + "\narrival " + arrival +
           "\nbegin\n" + steps;
}

std::string stream_text(const std::string& steps) {
    std::string text = trace_text(steps);
    return text.insert(text.find("begin"), "streams 2\n");
}

void read_file(const std::string& path) {
    TraceReader reader(path);
    read_all(reader);
}

} // namespace

TEST_CASE("a trace of vectors comes back bit for bit", "[trace]") {
    const TemporaryFolder folder;
    const Network network = input_network(InputEncoding::vector, 3);
    std::vector<Step> steps(3);
    steps[0].first = true;
    steps[0].values = {0.1, -1.0 / 3, 1e-300};
    steps[1].values = {0, -0.0, 5e-324};
    steps[1].arrival_us = 0.125;
    steps[1].label = 7;
    steps[2].values = {1.7976931348623157e308, 2, 3};
    steps[2].arrival_us = 1e9 + 0.001;
    steps[2].last = true;
    TraceWriter writer(folder / "t.trace", trace_header_for(network, true), "made by a test\nsecond line");
    for (const Step& step : steps) writer.write(step);
    writer.finish();
    writer.commit();
    TraceReader reader(folder / "t.trace", network);
    CHECK(reader.header().timed);
    const std::vector<Step> back = read_all(reader);
    REQUIRE(back.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(back[i].values == steps[i].values);
        CHECK(back[i].arrival_us == steps[i].arrival_us);
        CHECK(back[i].label == steps[i].label);
        CHECK(back[i].first == steps[i].first);
        CHECK(back[i].last == steps[i].last);
    }
    CHECK(reader.next() == nullptr);
    CHECK_THAT(folder.read("t.trace"), ContainsSubstring("# made by a test\n# second line\n"));
}

TEST_CASE("pixels stay whole numbers in the file and exact in the steps", "[trace]") {
    const TemporaryFolder folder;
    const Network network = input_network(InputEncoding::vector, 256);
    TraceHeader header = trace_header_for(network, false);
    header.divisor = 255;
    Step step;
    step.first = step.last = true;
    for (int pixel = 0; pixel < 256; ++pixel) step.values.push_back(pixel / 255.0);
    TraceWriter writer(folder / "t.trace", header, "");
    writer.write(step);
    writer.finish();
    writer.commit();
    CHECK_THAT(folder.read("t.trace"),
               ContainsSubstring("\ndivisor 255\nbegin\nFL 0 1 2 3 ") && ContainsSubstring(" 254 255\nend 1\n"));
    TraceReader reader(folder / "t.trace", network);
    CHECK(reader.next()->values == step.values);
}

TEST_CASE("symbols, flags and labels of a one-hot trace", "[trace]") {
    const TemporaryFolder folder;
    const std::string path = folder.write("t.trace", trace_text("F 4 =2\n- 0\nL 1 =0\nFL 3\nend 4\n"));
    TraceReader reader(path, input_network(InputEncoding::one_hot, 5));
    const std::vector<Step> steps = read_all(reader);
    REQUIRE(steps.size() == 4);
    CHECK(steps[0].symbol == 4);
    CHECK(steps[0].label == 2);
    CHECK(steps[1].label == kNoLabel);
    CHECK((steps[2].last && !steps[2].first && steps[3].first && steps[3].last));
}

TEST_CASE("steps of several streams come back with their streams", "[trace]") {
    const TemporaryFolder folder;
    const Network network = input_network(InputEncoding::one_hot, 5);
    const std::string steps = "0 2 F 4\n0.5 0 FL 1 =3\n0.5 2 - 0\n1 0 F 2\n2 2 L 1\n3 0 L 2\n";
    std::string text = trace_text(steps + "end 6\n", "onehot 5", "timed");
    text.insert(text.find("begin"), "streams 3\n");
    TraceReader reader(folder.write("t.trace", text));
    CHECK(reader.header().streams == 3);
    const std::vector<Step> read = read_all(reader);
    REQUIRE(read.size() == 6);
    const std::vector<std::uint32_t> streams = {2, 0, 2, 0, 2, 0};
    for (std::size_t k = 0; k < 6; ++k) CHECK(read[k].stream == streams[k]);
    CHECK((read[1].first && read[1].last && read[1].label == 3));
    TraceWriter writer(folder / "again.trace", trace_header_for(network, true, 3), "");
    for (const Step& step : read) writer.write(step);
    writer.finish();
    writer.commit();
    CHECK(writer.sequences() == 3);
    CHECK_THAT(folder.read("again.trace"), ContainsSubstring("\nstreams 3\nbegin\n" + steps + "end 6\n"));
}

TEST_CASE("a network with reverse layers takes no trace of several streams", "[trace]") {
    const TemporaryFolder folder;
    Network network = input_network(InputEncoding::one_hot, 5);
    network.layers[0].directions.resize(1);
    network.layers[0].directions[0].reverse = true;
    TraceWriter writer(folder / "t.trace", trace_header_for(network, false, 2), "");
    writer.finish();
    writer.commit();
    CHECK_THROWS_WITH(TraceReader(folder / "t.trace", network),
                      ContainsSubstring("it has 2 streams, and model.onnx has reverse layers"));
}

TEST_CASE("an unfinished trace leaves no file and keeps an older one", "[trace]") {
    const TemporaryFolder folder;
    folder.write("t.trace", "older");
    {
        TraceWriter writer(folder / "t.trace", trace_header_for(input_network(InputEncoding::one_hot, 5), false), "");
        writer.write(Step{});
        writer.finish();
    }
    CHECK(folder.read("t.trace") == "older");
    CHECK(folder.file_count() == 1);
    CHECK_THROWS_WITH(OutputFile(folder / "no/such/folder.txt"), ContainsSubstring("folder.txt: cannot be written"));
}

TEST_CASE("a trace belongs to the inputs of a network, not to its weights", "[trace]") {
    const TemporaryFolder folder;
    Network network = input_network(InputEncoding::one_hot, 5);
    network.vocabulary = {"a", "b", "c", "d", "e"};
    TraceWriter writer(folder / "t.trace", trace_header_for(network, false), "");
    Step step;
    step.first = step.last = true;
    writer.write(step);
    writer.finish();
    writer.commit();
    network.fingerprint = "ffffffffffffffff"; // other weights, or another quantization of them
    CHECK(TraceReader(folder / "t.trace", network).next() != nullptr);
    network.vocabulary[2] = "x";
    CHECK_THROWS_WITH(TraceReader(folder / "t.trace", network), ContainsSubstring("a trace for other inputs"));
}

TEST_CASE("a trace of another model is refused", "[trace]") {
    const TemporaryFolder folder;
    const std::string path = folder.write("t.trace", trace_text("FL 3\nend 1\n"));
    Network other = input_network(InputEncoding::one_hot, 5);
    other.fingerprint = "ffffffffffffffff";
    CHECK_THROWS_WITH(TraceReader(path, other),
                      ContainsSubstring("t.trace: a trace for other inputs") && ContainsSubstring("0123456789abcdef") &&
                          ContainsSubstring(input_fingerprint(other)) && ContainsSubstring("bru trace"));
    CHECK_THROWS_WITH(TraceReader(path, input_network(InputEncoding::vector, 5)),
                      ContainsSubstring("onehot 5") && ContainsSubstring("vector 5"));
    CHECK_THROWS_AS(TraceReader(path, input_network(InputEncoding::one_hot, 6)), InputError);
}

TEST_CASE("damage is found, with file and line", "[trace]") {
    const TemporaryFolder folder;
    const auto check = [&](const std::string& content, const std::string& message) {
        const std::string path = folder.write("t.trace", content);
        INFO(content);
        CHECK_THROWS_WITH(read_file(path), ContainsSubstring("t.trace") && ContainsSubstring(message));
        CHECK_THROWS_AS(read_file(path), InputError);
    };
    check("", "is empty");
    check("bru trace 1\n", "ends within the header");
    check("garbage\n", "t.trace:1: is no trace");
    check(std::string(300000, 'x'), "longer than");
    check("bru trace 2\n", "is a trace of another version, 'bru trace 2'");
    check("bru trace 1\nmodel 0123456789abcdef m\nbegin\n", "no `input` line");
    check("bru trace 1\ninput onehot 5\nbegin\n", "no `model` line");
    check("bru trace 1\ncolour red\n", "'colour' is no line");
    check("bru trace 1\ninput onehot 0\n", "`input` takes");
    check("bru trace 1\ninput onehot 99999999999999\n", "`input` takes");
    check("bru trace 1\narrival soon\n", "`arrival` takes");
    check("bru trace 1\ndivisor 0\n", "`divisor` takes");
    check("bru trace 1\nstreams 1\n", "`streams` takes the number of streams, 2 to 256");
    check("bru trace 1\nstreams 257\n", "`streams` takes");
    check("bru trace 1\nstreams -2\n", "`streams` takes");
    check(stream_text("2 F 1\n"), "t.trace:8: the stream is '2'; it must be 0 to 1, since the header says `streams 2`");
    check(stream_text("F 1\n"), "the stream is 'F'");
    check(stream_text("0 F 1\n1 - 1\n"), "t.trace:9: the first step of a sequence of stream 1 must have the flag F");
    check(stream_text("0 F 1\n1 F 1\n0 F 1\n"), "a sequence of stream 0 starts (flag F) before");
    check(stream_text("0 F 1\n1 F 1\n0 L 1\nend 3\n"), "the last sequence of stream 1 has no last step");
    check(trace_text(""), "t.trace:7: the trace is cut off");
    check(trace_text("F 1\n- 2\n"), "cut off");
    check(trace_text("F 1\n- 2"), "t.trace:8: the trace is cut off");
    check(trace_text("end 0\n"), "has no steps");
    check(trace_text("FL 1\nend 2\n"), "should have 2 steps and has 1");
    check(trace_text("FL 1\nend x\n"), "number of steps");
    check(trace_text("FL 1\nend 1\nmore\n"), "nothing may follow");
    check(trace_text("F 1\nend 1\n"), "no last step");
    check(trace_text("F 5\n"), "t.trace:7: the symbol is '5'; it must be 0 to 4");
    check(trace_text("F -1\n"), "the symbol is '-1'");
    check(trace_text("F\n"), "the symbol is ''");
    check(trace_text("\n"), "the flags are ''");
    check(trace_text("X 1\n"), "the flags are 'X'");
    check(trace_text("- 1\n"), "must have the flag F");
    check(trace_text("F 1\nF 2\n"), "t.trace:8: a sequence starts (flag F) before");
    check(trace_text("L 1\n"), "must have the flag F");
    check(trace_text("F 1 2\n"), "'2' is no label");
    check(trace_text("F 1 =-2\n"), "'=-2' is no label");
    check(trace_text("F 1 =2 3\n"), "'3' is more than");
    check(trace_text("F 0.5\n", "vector 2"), "there are 1 values; the model takes 2");
    check(trace_text("F 0.5 1 2\n", "vector 2"), "more than 2 values");
    check(trace_text("F 0.5 nan\n", "vector 2"), "value 1 is 'nan'");
    check(trace_text("F 0.5 1e999\n", "vector 2"), "value 1 is '1e999'");
    check(trace_text("F 0.5 inf\n", "vector 2"), "finite");
    check(trace_text("F 0.5 =1 2\n", "vector 2"), "the label comes last");
    check(trace_text("0 F 1\n5 - 2\n4.9 L 1\n", "onehot 5", "timed"), "t.trace:9: the arrival time 4.9 lies before");
    check(trace_text("-1 F 1\n", "onehot 5", "timed"), "the arrival time is '-1'");
    check(trace_text("F 1\n", "onehot 5", "timed"), "the arrival time is 'F'");
    check(trace_text(std::string("F \0\n", 4)), "the symbol is");
    check(trace_text("F " + std::string(500, '1') + "\n"), "the symbol is '1111");
    CHECK_THROWS_WITH(TraceReader(folder / "absent.trace"),
                      ContainsSubstring("absent.trace: cannot be read: there is no such file"));
    CHECK_THROWS_WITH(TraceReader(folder / "."), ContainsSubstring("is a folder; a file is expected"));
}

TEST_CASE("Windows line ends do no harm", "[trace]") {
    const TemporaryFolder folder;
    std::string text = trace_text("F 1 =2\nL 0\nend 2\n");
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2)) text.insert(at, "\r");
    TraceReader reader(folder.write("t.trace", text));
    CHECK(read_all(reader).size() == 2);
}

TEST_CASE("every cut of a trace is found", "[trace]") {
    const TemporaryFolder folder;
    const std::string whole = trace_text("F 1 =2\nL 0 =13\nFL 3 =4\nend 3\n");
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const std::string path = folder.write("t.trace", whole.substr(0, length));
        INFO(whole.substr(0, length));
        CHECK_THROWS_AS(read_file(path), InputError);
    }
}

TEST_CASE("a long trace streams at 1.5 million steps per second", "[trace]") {
    const TemporaryFolder folder;
    constexpr std::uint64_t kSteps = 1000000;
    {
        TraceWriter writer(folder / "t.trace", trace_header_for(input_network(InputEncoding::one_hot, 82), false), "");
        Step step;
        for (std::uint64_t i = 0; i < kSteps; ++i) {
            step.first = i == 0;
            step.last = i + 1 == kSteps;
            step.symbol = static_cast<std::uint32_t>(i % 82);
            step.label = static_cast<std::int32_t>((i + 1) % 82);
            writer.write(step);
        }
        writer.finish();
        writer.commit();
    }
    const auto start = std::chrono::steady_clock::now();
    TraceReader reader(folder / "t.trace");
    std::uint64_t sum = 0;
    while (const Step* step = reader.next()) sum += step->symbol;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    CHECK(reader.steps_read() == kSteps);
    CHECK(sum > 0);
    WARN("steps per second: " << static_cast<double>(kSteps) / seconds);
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(BRU_EMULATED)
    CHECK(static_cast<double>(kSteps) / seconds > 300e3); // far below a quiet machine, so that a busy one passes
#endif
}
