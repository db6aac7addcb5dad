// The values of one key of a sweep file: "32, 64, 128", "4..32 step 4", "16..256 step *2", "auto, 512".
#pragma once

#include <string>
#include <vector>

namespace bru {

/// In the order written, each once. A range a..b has step 1 unless it says `step n` (n > 0) or `step *f` (f > 1); b
/// belongs to it where a step falls on it. Throws InputError: the text, and what is allowed.
std::vector<std::string> parse_value_list(const std::string& text);

/// The same with every value as often as it is named.
std::vector<std::string> expand_value_list(const std::string& text);

} // namespace bru
