// JSON as text and back. Every file that uses the library's parser or writer itself costs the build more than a second,
// so they are used in one file, and headers include <nlohmann/json_fwd.hpp>.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace bru {

/// The text of a value. `indent`: columns per level; without it the text is one line. What is not UTF-8 is replaced.
std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

/// The same in one line, with an escape sequence for every character beyond ASCII.
std::string json_text_in_ascii(const nlohmann::ordered_json& value);

/// The `id` of a parse_error whose text is JSON, and out of the bounds below.
inline constexpr int kJsonOutOfBounds = 199;

/// The text itself. Throws nlohmann::ordered_json::parse_error where its lists and objects are nested more than 200
/// levels deep, or an object has more than 5000 members: work on such values ends the program, or does not end. The
/// text need not be JSON.
std::string_view json_within_bounds(std::string_view text);

/// Both throw nlohmann::ordered_json::parse_error where the text is no JSON, out of these bounds, or has a number that
/// a `double` cannot hold.
nlohmann::ordered_json json_from_text(std::string_view text);
nlohmann::ordered_json json_from_stream(std::istream& stream);

/// The value `is_discarded()` where the text is no JSON.
nlohmann::ordered_json json_or_discarded(std::string_view text);

} // namespace bru
