// Is JSON that is nested without end refused before the library works on it?
#include "support/catch.hpp"

#include <sstream>

#include <nlohmann/json.hpp>

#include "base/json_text.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

} // namespace

TEST_CASE("200 levels of JSON are read, and more are refused") {
    CHECK_NOTHROW(json_from_text(nested(200)));
    CHECK_THROWS_WITH(json_from_text(nested(201)), ContainsSubstring("more than 200 levels"));
    std::istringstream stream(nested(1'000'000));
    CHECK_THROWS_WITH(json_from_stream(stream), ContainsSubstring("more than 200 levels"));
    CHECK(json_or_discarded(nested(80'000)).is_discarded());
    CHECK(json_or_discarded("[1, {\"a\": [2]}]").is_array());
}

TEST_CASE("an object has at most 5000 members, and a document any number of them") {
    std::string members;
    for (int k = 0; k < 5000; ++k) members += (k == 0 ? "\"" : ", \"") + std::to_string(k) + "\": 1";
    CHECK(json_from_text("[{" + members + "}, {" + members + "}]").size() == 2);
    CHECK_THROWS_WITH(json_from_text("{" + members + ", \"a\": 1}"), ContainsSubstring("more than 5000 members"));
}

TEST_CASE("a number that no double holds is refused at its place, as what is no JSON is") {
    CHECK_THROWS_AS(json_from_text("{\"a\": 1e999}"), nlohmann::ordered_json::parse_error);
    CHECK_THROWS_WITH(json_from_text("{\"a\": -1e999}"), ContainsSubstring("byte 7") && ContainsSubstring("beyond"));
    CHECK(json_or_discarded("[1e999]").is_discarded());
    CHECK(json_from_text("[1e308, 1e-999]").size() == 2);
}

TEST_CASE("brackets in the strings of JSON do not count") {
    const std::string text = "[\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\\\\\", [1]]";
    CHECK(json_from_text(text).size() == 2);
}
