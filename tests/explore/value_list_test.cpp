// Is a list of values read as a person means it?
#include "support/catch.hpp"

#include "base/error.hpp"
#include "explore/metrics.hpp"
#include "explore/value_list.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;
using List = std::vector<std::string>;

TEST_CASE("values, ranges and both") {
    CHECK(parse_value_list("64") == List{"64"});
    CHECK(parse_value_list("32, 64 ,128") == List{"32", "64", "128"});
    CHECK(parse_value_list("4..7") == List{"4", "5", "6", "7"});
    CHECK(parse_value_list("4..32 step 4").size() == 8);
    CHECK(parse_value_list("4..31 step 4").back() == "28");
    CHECK(parse_value_list("4..64 step *2") == List{"4", "8", "16", "32", "64"});
    CHECK(parse_value_list("auto, 1..2, 2, auto") == List{"auto", "1", "2"});
    CHECK(parse_value_list("100..101 step 0.5") == List{"100", "100.5", "101"});
    CHECK(parse_value_list("0.1..1 step 0.1").size() == 10);
    CHECK(parse_value_list("../models/a.onnx, b.onnx") == List{"../models/a.onnx", "b.onnx"});
}

TEST_CASE("what stands in quotes means itself") {
    CHECK(parse_value_list("\"a, b.onnx\", \"1..3\", 1..2") == List{"a, b.onnx", "1..3", "1", "2"});
    CHECK_THROWS_WITH(parse_value_list("\"a, b.onnx"), ContainsSubstring("no end"));
}

TEST_CASE("what is no list says so") {
    for (const char* text :
         {"", "4,,8", "4,", ",4", "8..4", "4..8 step 0", "4..8 step *1", "0..8 step *2", "4 step 4"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_value_list(text), InputError);
    }
    CHECK_THROWS_WITH(parse_value_list("1..1000000000"), ContainsSubstring("larger step"));
    CHECK_THROWS_WITH(parse_value_list("1..2 step 0.0000001"), ContainsSubstring("larger step"));
}

TEST_CASE("values that are named again and again count each time, and a text of any length is no range") {
    std::string text = "1..100";
    for (int k = 0; k < 2000; ++k) text += ", 1..100";
    CHECK_THROWS_WITH(parse_value_list(text), Catch::Matchers::ContainsSubstring("more than 100000 values"));
    const std::string digits(30'000, '1'); // a recursion over each of them ended the program
    CHECK(parse_value_list(digits + "..2") == std::vector<std::string>{digits + "..2"});
    CHECK_THROWS_AS(Constraint::parse("lut < " + digits), InputError);
}
