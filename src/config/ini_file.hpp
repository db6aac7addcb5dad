// An INI file ([section], key = value, # comments) as keyed entries with their line numbers. Configurations
// and device files are read through it, so both give the same messages. Values may be quoted (base/ini_value.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace bru {

struct IniEntry {
    std::string key;     ///< "section.key"
    std::string value;   ///< without blanks around it, quotes and comment; of a list, as it is written
    std::string written; ///< without blanks around it and comment: what ini_items() takes apart
    std::uint64_t line = 0;

    /// For messages about the value.
    InputPlace place(const std::string& path) const { return {path, line}; }
};

/// Reads a whole file. Throws InputError, with file and line, where it can't be read, is not text, has a line
/// that is neither section, entry nor comment, a key that is not in `known_keys` (names the nearest), or a
/// key twice. Boost.Program_options does the reading; what it can't say, the line, a scan of our own says.
std::vector<IniEntry> read_ini_file(const std::string& path, const std::vector<std::string>& known_keys);

/// The same on text; `path` is for messages.
std::vector<IniEntry> read_ini_text(const std::string& text, const std::string& path,
                                    const std::vector<std::string>& known_keys);

} // namespace bru
