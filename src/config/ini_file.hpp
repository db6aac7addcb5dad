// An INI file ([section], key = value, # comments) as keyed entries with their line numbers. Configurations
// and device files are read through it, so both give the same messages.
#pragma once

#include <string>
#include <vector>

namespace bru {

struct IniEntry {
    std::string key;   ///< "section.key"
    std::string value; ///< without surrounding blanks and comment
    int line = 0;

    /// "file:line", for messages about the value.
    std::string place(const std::string& path) const { return path + ":" + std::to_string(line); }
};

/// Reads a whole file. Throws InputError, with file and line, where it can't be read, is not text, has a line
/// that is neither section, entry nor comment, a key that is not in `known_keys` (names the nearest), or a
/// key twice. Boost.Program_options does the reading; what it can't say, the line, a scan of our own says.
std::vector<IniEntry> read_ini_file(const std::string& path, const std::vector<std::string>& known_keys);

/// The same on text; `path` is for messages.
std::vector<IniEntry> read_ini_text(const std::string& text, const std::string& path,
                                    const std::vector<std::string>& known_keys);

} // namespace bru
