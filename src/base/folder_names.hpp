// What is in a folder. The iterators of std::filesystem end the program (std::terminate) where memory is short; this
// throws.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace bru {

/// The names in a folder that end with `extension` (".ini"; "" for all), sorted, at most `most` of them. Sets `error`
/// where the folder cannot be read, and clears it otherwise. Throws std::bad_alloc.
std::vector<std::string> names_in_folder(const std::string& folder, std::string_view extension, std::error_code& error,
                                         std::size_t most = std::numeric_limits<std::size_t>::max());

/// The same; none where the folder cannot be read.
std::vector<std::string> names_in_folder(const std::string& folder, std::string_view extension);

} // namespace bru
