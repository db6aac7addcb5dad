// "Did you mean": the known name closest to a misspelt one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bru {

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
int edit_distance(std::string_view a, std::string_view b);

/// The candidate with the smallest edit distance (the first of equals), or "" where none is close enough to
/// be a likely slip: more than a third of the longer word would have to change. Dashes in front and a section or an
/// ending that both share ("run.", ".onnx") count for no part of the word, and upper case is no difference.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// ". Did you mean 'x'?" or "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

} // namespace bru
