// See json_text.hpp.
#include "base/json_text.hpp"

#include <algorithm>
#include <istream>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

/// The library copies, compares and writes values by recursion.
constexpr std::size_t kMostLevels = 200;
/// It keeps the members of an object in a list, and looks through all of them for each further one.
constexpr int kMostMembers = 5000;

[[noreturn]] void refuse(std::size_t place, const std::string& why) {
    throw Json::parse_error::create(kJsonOutOfBounds, place + 1, why, nullptr);
}

} // namespace

std::string_view json_within_bounds(std::string_view text) {
    std::vector<int> members; ///< of the objects and lists around a place
    bool in_string = false;
    for (std::size_t place = 0; place < text.size(); ++place) {
        const char character = text[place];
        if (character == '"') in_string = !in_string;
        if (character == '\\' && in_string) ++place; // what follows it ends no string
        if (in_string) continue;
        if (character == '[' || character == '{') members.push_back(0);
        if ((character == ']' || character == '}') && !members.empty()) members.pop_back();
        if (members.size() > kMostLevels) refuse(place, fmt::format("more than {} levels", kMostLevels));
        if (character == ':' && !members.empty() && ++members.back() > kMostMembers)
            refuse(place, fmt::format("more than {} members in one object", kMostMembers));
    }
    return text;
}

std::string json_text(const Json& value, int indent) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string json_text_in_ascii(const Json& value) { return value.dump(-1, ' ', true, Json::error_handler_t::replace); }

Json json_from_text(std::string_view text) {
    try {
        return Json::parse(json_within_bounds(text));
    } catch (const Json::out_of_range& error) { // a number such as 1e999, which the message has in quotes
        const std::string_view message = error.what();
        const std::size_t quote = std::min(message.find('\''), message.size() - 1);
        const std::string_view number = message.substr(quote + 1, message.rfind('\'') - quote - 1);
        refuse(std::min(text.find(number), text.size()), "a number beyond the range of numbers");
    }
}

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
