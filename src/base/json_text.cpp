// See json_text.hpp.
#include "base/json_text.hpp"

#include <istream>

#include <nlohmann/json.hpp>

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

} // namespace

std::string json_text(const Json& value, int indent) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string json_text_in_ascii(const Json& value) { return value.dump(-1, ' ', true, Json::error_handler_t::replace); }

Json json_from_text(std::string_view text) { return Json::parse(text); }

Json json_from_stream(std::istream& stream) { return Json::parse(stream); }

Json json_or_discarded(std::string_view text) { return Json::parse(text, nullptr, false); }

} // namespace bru
