// See json_text.hpp.
#include "base/json_text.hpp"

#include <istream>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

/// The library copies, compares and writes values by recursion.
constexpr int kMostLevels = 200;

} // namespace

std::string_view json_of_bounded_depth(std::string_view text) {
    int level = 0;
    bool in_string = false;
    for (std::size_t place = 0; place < text.size(); ++place) {
        const char character = text[place];
        if (character == '"') in_string = !in_string;
        if (character == '\\' && in_string) ++place; // what follows it ends no string
        if (in_string) continue;
        if (character == '[' || character == '{') ++level;
        if (character == ']' || character == '}') --level;
        if (level > kMostLevels)
            throw Json::parse_error::create(101, place + 1, fmt::format("more than {} levels", kMostLevels), nullptr);
    }
    return text;
}

std::string json_text(const Json& value, int indent) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string json_text_in_ascii(const Json& value) { return value.dump(-1, ' ', true, Json::error_handler_t::replace); }

Json json_from_text(std::string_view text) { return Json::parse(json_of_bounded_depth(text)); }

Json json_from_stream(std::istream& stream) {
    return json_from_text(std::string(std::istreambuf_iterator<char>(stream), {}));
}

Json json_or_discarded(std::string_view text) {
    try {
        return json_from_text(text);
    } catch (const Json::parse_error&) {
        return Json(Json::value_t::discarded);
    }
}

} // namespace bru
