// How the user's data divide into calls of a graph, and what the file of calls keeps.
#include "support/catch.hpp"

#include "base/error.hpp"
#include "host_runtime/session.hpp"
#include "support/temporary_folder.hpp"
#include "trace/npy_file.hpp"
#include "trace/output_writer.hpp"
#include "whole/call_data.hpp"
#include "whole/calls_file.hpp"
#include "whole/other_inputs.hpp"

using namespace bru;
using namespace bru::testing;
using Catch::Matchers::ContainsSubstring;
using Dims = std::vector<std::int64_t>;

namespace {

GraphInput input_of(const Dims& dims) {
    GraphInput input;
    input.name = "x";
    input.element_type = static_cast<int>(ElementType::float32);
    input.dims = dims;
    input.enters = true;
    return input;
}

std::vector<DataCall> calls_of_csv(const std::string& text, const Dims& dims) {
    const TemporaryFolder folder;
    const auto source = open_calls(TraceSource::csv, folder.write("data.csv", text), input_of(dims), "model.onnx");
    std::vector<DataCall> calls;
    while (auto call = source->next()) calls.push_back(std::move(*call));
    CHECK(source->count() == calls.size());
    return calls;
}

} // namespace

TEST_CASE("do leading axes of the data count calls?") {
    CHECK(divide({4, 25, 19}, {1, 25, 19})->calls == 4);
    CHECK(divide({4, 1, 25, 19}, {1, 25, 19})->calls == 4);
    CHECK(divide({25, 19}, {1, 25, 19})->calls == 1);
    CHECK(divide({16, 7, 161}, {8, 7, 161})->calls == 2);
    CHECK(divide({3, 28, 128, 28}, {28, 128, 28})->calls == 3);
    CHECK(divide({5120}, {1, 512})->calls == 10);
    CHECK(divide({6, 1, 257}, {1, 1, 257})->dims == Dims{1, 1, 257});
}

TEST_CASE("does the length of a sequence follow from the data?") {
    CHECK(divide({40, 8}, {1, 0, 8})->dims == Dims{1, 40, 8});
    CHECK(divide({3, 40, 8}, {1, 0, 8})->calls == 3);
    CHECK(divide({40, 1, 8}, {0, 1, 8})->dims == Dims{40, 1, 8});
    CHECK(divide({40, 1, 8}, {0, 1, 8})->calls == 1);
}

TEST_CASE("are data that do not fit refused?") {
    CHECK_FALSE(divide({4, 24, 19}, {1, 25, 19}));
    CHECK_FALSE(divide({12, 7, 161}, {8, 7, 161}));
    CHECK_FALSE(divide({28, 256, 28}, {28, 128, 28}));
    CHECK_THROWS_WITH(calls_of_csv("1,2,3\n", {1, 4, 2}),
                      ContainsSubstring("1 rows of 3 numbers") && ContainsSubstring("float [1, 4, 2]"));
}

TEST_CASE("are rows cut into windows, and the rest left out?") {
    const auto calls = calls_of_csv("1,2\n3,4\n5,6\n7,8\n9,10\n\n11,12\n13,14\n", {1, 2, 2});
    REQUIRE(calls.size() == 3);
    CHECK(calls[1].values == std::vector<double>{5, 6, 7, 8});
    CHECK_FALSE(calls[0].ends_sequence);
    CHECK(calls[1].ends_sequence);
    CHECK(calls[2].values == std::vector<double>{11, 12, 13, 14});
}

TEST_CASE("are single numbers one call where the input takes any length?") {
    const auto calls = calls_of_csv("1\n2\n3\n4\n", {1, 0});
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].dims == Dims{1, 4});
    CHECK(calls_of_csv("1\n2\n3\n4\n", {1, 2}).size() == 2);
}

TEST_CASE("do rows of features become columns where the input holds features first?") {
    const auto calls = calls_of_csv("1,2\n3,4\n5,6\n", {1, 2, 0});
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].dims == Dims{1, 2, 3});
    CHECK(calls[0].values == std::vector<double>{1, 3, 5, 2, 4, 6});
}

TEST_CASE("does the file of calls give back what was written?") {
    const TemporaryFolder folder;
    const std::string trace = folder.write("t", "a trace");
    CHECK_FALSE(has_calls(trace));
    CallsWriter writer(trace, "region");
    writer.write({7, {tensor_of("a", ElementType::float32, {2}, {0.5, -1})}});
    writer.write({3, {}});
    writer.commit(12.5);
    CHECK(has_calls(trace));
    CallsReader reader(trace, "region");
    CHECK(reader.front_us() == 12.5);
    const auto first = reader.next();
    REQUIRE(first);
    CHECK(first->steps == 7);
    REQUIRE(first->around.size() == 1);
    CHECK(first->around[0].numbers() == std::vector<double>{0.5, -1});
    CHECK(reader.next()->steps == 3);
    CHECK_FALSE(reader.next());
    CHECK_THROWS_WITH(CallsReader(trace, "other"), ContainsSubstring("another region or model"));
}

TEST_CASE("is a file of calls refused that is damaged or belongs to an older trace?") {
    const TemporaryFolder folder;
    const std::string trace = folder.write("t", "a trace");
    CallsWriter writer(trace, "region");
    writer.write({7, {}});
    writer.commit(0);
    const std::string bytes = folder.read("t.calls");
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        folder.write("t.calls", bytes.substr(0, size));
        CHECK_THROWS_WITH(CallsReader(trace, "region"), ContainsSubstring("make the trace again"));
    }
    folder.write("t.calls", bytes);
    folder.write("t", "another trace");
    CHECK_FALSE(has_calls(trace));
    CHECK_THROWS_WITH(CallsReader(trace, "region"), ContainsSubstring("belongs to an older"));
}

TEST_CASE("is a tensor refused whose dimensions have more elements than 64 bits can count?") {
    const TemporaryFolder folder;
    const std::string trace = folder.write("t", "a trace");
    CallsWriter writer(trace, "region");
    writer.write({7, {HostTensor{"a", ElementType::float32, {std::int64_t{1} << 62, 4}, ""}}}); // modulo 2^64 none
    writer.commit(0);
    CallsReader reader(trace, "region");
    CHECK_THROWS_WITH(reader.next(), ContainsSubstring("make the trace again"));
}

TEST_CASE("do integers keep to the range of their type?") {
    CHECK(tensor_of("n", ElementType::int64, {1}, {16000}).numbers() == std::vector<double>{16000});
    CHECK_THROWS_WITH(tensor_of("n", ElementType::int8, {1}, {128}), ContainsSubstring("no int8"));
    CHECK_THROWS_WITH(tensor_of("n", ElementType::int64, {1}, {0.5}), ContainsSubstring("no int64"));
}

TEST_CASE("does a program without ONNX Runtime say what to install?") {
    if (why_no_host_runtime().empty()) return; // it is there
    CHECK_THROWS_WITH(HostSession("", "the front"),
                      ContainsSubstring("libonnxruntime-dev") && ContainsSubstring("bru partition"));
}

namespace {

/// An array of 32-bit floating-point numbers 0, 1, 2, ...
std::string counting_array(std::int64_t first_axis, const Dims& others) {
    std::string bytes = npy_header(static_cast<std::uint64_t>(first_axis), others);
    std::int64_t count = first_axis;
    for (const std::int64_t size : others) count *= size;
    for (std::int64_t i = 0; i < count; ++i) append_float32(bytes, static_cast<float>(i));
    return bytes;
}

/// What input "s" [1, 2] gets beside three calls of x.
std::vector<std::vector<double>> side_inputs(const std::string& array) {
    const TemporaryFolder folder;
    GraphInput side = input_of({1, 2});
    side.name = "s";
    auto calls = with_other_inputs(
        open_calls(TraceSource::csv, folder.write("x.csv", "1\n2\n3\n"), input_of({1, 1}), "model.onnx"),
        {input_of({1, 1}), side}, {{"s", folder.write("s.npy", array)}}, "model.onnx");
    std::vector<std::vector<double>> values;
    for (int round = 0; round < 2; ++round) { // from the start again
        values.clear();
        calls->restart();
        while (const auto call = calls->next()) {
            REQUIRE(call->others.size() == 1);
            CHECK(call->others.front().name == "s");
            values.push_back(call->others.front().numbers());
        }
    }
    return values;
}

} // namespace

TEST_CASE("does every call get its own values of the other inputs?") {
    CHECK(side_inputs(counting_array(3, {1, 2})) == std::vector<std::vector<double>>{{0, 1}, {2, 3}, {4, 5}});
    CHECK(side_inputs(counting_array(3, {2})) == std::vector<std::vector<double>>{{0, 1}, {2, 3}, {4, 5}});
}

TEST_CASE("do the values of one call serve all?") {
    CHECK(side_inputs(counting_array(1, {2})) == std::vector<std::vector<double>>(3, {0, 1}));
}

TEST_CASE("are arrays of other inputs that do not fit refused?") {
    CHECK_THROWS_WITH(side_inputs(counting_array(2, {1, 2})), ContainsSubstring("s.npy") &&
                                                                  ContainsSubstring("2 calls for input 's'") &&
                                                                  ContainsSubstring("3 calls"));
    CHECK_THROWS_WITH(side_inputs(counting_array(3, {5})), ContainsSubstring("float [1, 2]"));
    CHECK_THROWS_WITH(read_input_files({"mask"}), ContainsSubstring("NAME=FILE"));
    CHECK_THROWS_WITH(read_input_files({"mask=a.npy", "mask=b.npy"}), ContainsSubstring("a file already"));
    CHECK(read_input_files({"mask=a=b.npy"}) == InputFiles{{"mask", "a=b.npy"}});
}
