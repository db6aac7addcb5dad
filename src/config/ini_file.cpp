// The scan finds every fault that has a line; Boost.Program_options then reads the same text, and the two
// must agree on what the entries are.
#include "config/ini_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/ini_value.hpp"
#include "base/lookalikes.hpp"
#include "base/nearest.hpp"
#include "base/piped_input.hpp"
#include "base/read_text.hpp"
#include "base/text_list.hpp"
#include "config/renamed_keys.hpp"

namespace bru {

namespace {

/// No INI file of ours is near this; a model or a trace given by mistake is.
constexpr std::size_t kLargestFileBytes = 1U << 20U;
constexpr std::size_t kShownCharacters = 60;
constexpr const char* kIniFile = "an INI file";

std::string shown(const std::string& text) {
    return text.size() <= kShownCharacters ? text : text.substr(0, kShownCharacters) + "...";
}

std::vector<std::string> sections_of(const std::vector<std::string>& known_keys) {
    std::vector<std::string> sections;
    for (const std::string& key : known_keys) {
        const std::string section = key.substr(0, key.find('.'));
        if (std::find(sections.begin(), sections.end(), section) == sections.end()) sections.push_back(section);
    }
    return sections;
}

void check_text(const std::string& line, const InputPlace& place) {
    for (const char character : line) {
        const unsigned char byte = character;
        if (byte == 0x7F || (byte < 0x20 && byte != '\t' && byte != '\r'))
            throw InputError(place, fmt::format("not a text file (byte 0x{:02X}); an INI file with [sections] and "
                                                "'key = value' lines is expected{}",
                                                byte, file_kind_remark(place.source, kIniFile)));
    }
}

/// Where a file goes that has such a section, for a reader that does not know the section.
std::string place_of_section(const std::string& section) {
    if (section == "sweep") return "; a sweep file goes to bru sweep";
    if (section == "fleet" || section == "board" || section == "sessions") return "; a fleet file goes to bru fleet";
    if (section == "device") return "; a device file goes to --bru.device";
    if (section == "bru")
        return "; it is a configuration, give it to --config, or name it under [board] of a fleet file";
    return "";
}

std::string parse_section(const std::string& line, const InputPlace& place,
                          const std::vector<std::string>& known_keys) {
    const std::vector<std::string> sections = sections_of(known_keys);
    if (line.back() != ']')
        throw InputError(place, fmt::format("'{}' is a section header without its closing ']'", shown(line)));
    const std::string section = trimmed(line.substr(1, line.size() - 2));
    if (std::find(sections.begin(), sections.end(), section) == sections.end())
        throw InputError(place, fmt::format("unknown section [{}]; known are [{}]{}{}", shown(section),
                                            fmt::join(sections, "], ["), did_you_mean(section, sections),
                                            place_of_section(section)));
    return section;
}

/// The keys of a section without its name; in front of the first section, all keys with their sections.
std::string keys_of(const std::string& section, const std::vector<std::string>& known_keys) {
    std::vector<std::string> keys;
    for (const std::string& key : known_keys) {
        if (section.empty())
            keys.push_back(key);
        else if (key.rfind(section + ".", 0) == 0)
            keys.push_back(key.substr(section.size() + 1));
    }
    return fmt::format("{}{}", fmt::join(keys, ", "), section.empty() ? "" : " under [" + section + "]");
}

void check_known(const std::string& key, const std::string& section, const InputPlace& place,
                 const std::vector<std::string>& known_keys) {
    if (std::find(known_keys.begin(), known_keys.end(), key) != known_keys.end()) return;
    if (const std::string renamed = renamed_remark(key); !renamed.empty()) throw InputError(place, renamed);
    const std::string bare = key.substr(key.find('.') + 1);
    for (const std::string& known : known_keys) {
        if (known.substr(known.find('.') + 1) == bare)
            throw InputError(place,
                             fmt::format("'{}' does not belong {}; it is {}, under [{}]", shown(bare),
                                         section.empty() ? "before the first section" : "under [" + section + "]",
                                         known, known.substr(0, known.find('.'))));
    }
    std::string nearest = nearest_name(key, known_keys);
    if (nearest.empty())
        nearest = nearest_name(section.empty() ? known_keys.front() : section + "." + bare, known_keys);
    const std::string allowed =
        nearest.empty() ? "; known are " + keys_of(section, known_keys) : ". Did you mean '" + nearest + "'?";
    throw InputError(place, fmt::format("unknown key '{}'{}{}", shown(key), allowed, lookalike_remark(key)));
}

/// How a line that is none of the three kinds would be written: "lanes: 64" and "lanes 64" as "lanes = 64".
std::string written_right(const std::string& line) {
    const std::size_t end = line.find_first_of(": \t");
    if (end == std::string::npos || end == 0) return "";
    const std::string key = line.substr(0, end);
    const auto in_keys = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    if (!std::all_of(key.begin(), key.end(), in_keys)) return "";
    const std::string value = trimmed(line.substr(
        line.find_first_not_of(": \t", end) == std::string::npos ? line.size() : line.find_first_not_of(": \t", end)));
    if (value.empty()) return fmt::format("; a section is written [{}]", shown(key));
    return fmt::format("; write {} = {}", shown(key), shown(value));
}

IniEntry parse_entry(const std::string& line, const std::string& section, std::uint64_t number, const std::string& path,
                     const std::vector<std::string>& known_keys) {
    const InputPlace place{path, number};
    const auto equals = line.find('=');
    if (line.front() == ';')
        throw InputError(place, fmt::format("'{}': a comment begins with # here, not with ;", shown(line)));
    if (equals == std::string::npos)
        throw InputError(place, fmt::format("'{}' is neither a [section], a 'key = value' line nor a # comment{}",
                                            shown(line), written_right(line)));
    const std::string bare = trimmed(line.substr(0, equals));
    IniEntry entry{section.empty() ? bare : section + "." + bare, "", trimmed(line.substr(equals + 1)), number};
    if (bare.empty()) throw InputError(place, "no key before '='");
    if (section.empty() && std::find(known_keys.begin(), known_keys.end(), bare) == known_keys.end())
        check_known("." + bare, section, place, known_keys);
    check_known(entry.key, section, place, known_keys);
    if (entry.written.empty())
        throw InputError(
            place, fmt::format("{} has no value; give one, or remove the line: then the default holds", entry.key));
    if (has_semicolon_comment(entry.written))
        throw InputError(place,
                         fmt::format("{} = {}: a comment begins with # here, not with ;. Put a value that has ' ;' "
                                     "in double quotes",
                                     entry.key, shown(entry.written)));
    const std::vector<IniItem> items = in_place(place, [&] { return ini_items(entry.written); });
    entry.value = items.size() == 1 ? items.front().text : entry.written;
    return entry;
}

std::string without_comment(const std::string& line) {
    const std::size_t equals = line.find('=');
    return line.substr(0, comment_begin(line, equals == std::string::npos ? line.size() : equals + 1));
}

/// A value that a '#' cuts in two is a path more often than a comment: neither is taken without a word.
void check_comment(const std::string& line, const std::string& kept, const InputPlace& place) {
    const bool is_glued = kept.size() < line.size() && kept.find('=') != std::string::npos && kept.back() != '=' &&
                          kept.back() != ' ' && kept.back() != '\t';
    if (is_glued)
        throw InputError(place, fmt::format("'{}': a '#' begins a comment; put the value in double quotes, or a blank "
                                            "in front of the comment",
                                            shown(trimmed(line))));
}

/// What Boost.Program_options reads. It knows no quotes, so that a '#' in them stands there as its escape sequence.
std::string for_boost(const std::string& text) {
    std::string result;
    for (const std::string& line : lines_of(text)) {
        for (const char c : without_comment(line)) result += c == '#' ? std::string("\\x23") : std::string(1, c);
        result += '\n';
    }
    return result;
}

/// The text without a byte order mark, which editors on Windows put in front.
std::string without_mark(const std::string& text, const std::string& path) {
    const std::string start = text.substr(0, 2);
    if (start == "\xFF\xFE" || start == "\xFE\xFF")
        throw InputError({path, 1}, "is text in UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)");
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    return text.compare(0, kMark.size(), kMark) == 0 ? text.substr(kMark.size()) : text;
}

std::vector<IniEntry> scan(const std::string& text, const std::string& path,
                           const std::vector<std::string>& known_keys) {
    std::vector<IniEntry> entries;
    std::map<std::string, std::uint64_t> line_of;
    std::string section;
    std::uint64_t number = 0;
    for (std::string line : lines_of(text)) {
        const InputPlace place{path, ++number};
        if (const std::size_t ending = line.find('\r'); ending + 1 < line.size() && ending != std::string::npos)
            throw InputError(place, "has carriage returns within its lines; save the file with line ends LF or CR LF");
        check_text(line, place);
        const std::string kept = without_comment(line);
        check_comment(line, kept, place);
        line = trimmed(kept);
        if (line.empty()) continue;
        if (line.front() == '[') {
            section = parse_section(line, place, known_keys);
            continue;
        }
        IniEntry entry = parse_entry(line, section, number, path, known_keys);
        const auto [earlier, is_new] = line_of.emplace(entry.key, number);
        if (!is_new)
            throw InputError(place, fmt::format("{} is given a second time (first in line {}); keep one of them",
                                                entry.key, earlier->second));
        entries.push_back(std::move(entry));
    }
    return entries;
}

} // namespace

std::vector<IniEntry> read_ini_text(const std::string& whole, const std::string& path,
                                    const std::vector<std::string>& known_keys) {
    const std::string text = without_mark(whole, path);
    const std::vector<IniEntry> entries = scan(text, path, known_keys);

    namespace po = boost::program_options;
    po::options_description description;
    for (const std::string& key : known_keys) description.add_options()(key.c_str(), po::value<std::string>(), "");
    std::istringstream stream(for_boost(text));
    stream.exceptions(std::ios::badbit); // else the text would seem to end where memory is short
    po::variables_map values;
    try {
        po::store(po::parse_config_file(stream, description), values);
    } catch (const po::error& error) { // the scan took the text, so it is short memory more often than the text
        throw SystemError({path}, fmt::format("could not be read: {}", error.what()), ENOMEM);
    }
    for (const IniEntry& entry : entries) {
        std::string written = entry.written;
        for (std::size_t at = 0; (at = written.find('#', at)) != std::string::npos;) written.replace(at, 1, "\\x23");
        if (values.count(entry.key) == 0 || values[entry.key].as<std::string>() != written)
            throw SystemError(entry.place(path), fmt::format("{} could not be read", entry.key), ENOMEM);
    }
    return entries;
}

std::vector<IniEntry> read_ini_file(const std::string& path, const std::vector<std::string>& known_keys) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) throw InputError({path}, "is a folder; an INI file is expected");
    std::ifstream file(reopenable(path), std::ios::binary);
    if (!file) throw unreadable(path, errno);
    std::string text;
    std::array<char, 1 << 14> block{};
    while (text.size() <= kLargestFileBytes && (file.read(block.data(), block.size()) || file.gcount() > 0))
        text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    if (file.bad()) throw SystemError({path}, "cannot be read to its end", EIO);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos &&
        std::filesystem::is_regular_file(path, ignored)) // /dev/null may be
        throw InputError({path}, "is empty; an INI file with [sections] and 'key = value' lines is expected");
    if (const std::string other_kind = file_kind_remark(path, kIniFile); !other_kind.empty())
        throw InputError({path, 1},
                         fmt::format("is no INI file{}{}; an INI file with [sections] and 'key = value' lines is "
                                     "expected",
                                     other_kind, other_kind == "; it is an ONNX model" ? ", which --model takes" : ""));
    if (text.size() > kLargestFileBytes)
        throw InputError({path}, fmt::format("is larger than {} bytes, so it is no INI file; one with [sections] and "
                                             "'key = value' lines is expected",
                                             kLargestFileBytes));
    return read_ini_text(text, path, known_keys);
}

} // namespace bru
