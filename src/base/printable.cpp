#include "base/printable.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace bru {

namespace {

/// One character: its code, or none where the bytes are not UTF-8 (overlong forms, surrogates and codes above 10FFFF
/// included), and how many bytes it takes.
struct Character {
    std::uint32_t code = 0;
    std::size_t bytes = 1;
    bool valid = false;
};

Character first_character(std::string_view text) {
    const auto byte = [text](std::size_t place) { return std::uint32_t{static_cast<unsigned char>(text[place])}; };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80) return {lead, 1, true};
    const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0 || text.size() < length) return {};
    std::uint32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t place = 1; place < length; ++place) {
        if ((byte(place) & 0xC0U) != 0x80) return {};
        code = code << 6U | (byte(place) & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
    return {code, length, true};
}

bool is_shown(const Character& character) {
    const std::uint32_t code = character.code;
    const bool is_control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool ends_line = code == 0x2028 || code == 0x2029;
    const bool turns = (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
                       (code >= 0x2060 && code <= 0x206F) || code == 0x061C || code == 0xFEFF;
    return character.valid && !is_control && !ends_line && !turns;
}

/// Columns of one character. The ranges are those of the scripts of East Asia and of pictures, which take two.
std::size_t columns_of(const Character& character) {
    const auto within = [code = character.code](std::uint32_t first, std::uint32_t last) {
        return code >= first && code <= last;
    };
    if (within(0x0300, 0x036F)) return 0; // combining marks
    const bool is_wide = within(0x1100, 0x115F) || within(0x2E80, 0xA4CF) || within(0xAC00, 0xD7A3) ||
                         within(0xF900, 0xFAFF) || within(0xFE30, 0xFE6F) || within(0xFF00, 0xFF60) ||
                         within(0xFFE0, 0xFFE6) || within(0x1F300, 0x1FAFF) || within(0x20000, 0x3FFFD);
    return is_wide ? 2 : 1;
}

std::string escaped(std::string_view bytes) {
    if (bytes == "\n") return "\\n";
    if (bytes == "\t") return "\\t";
    if (bytes == "\r") return "\\r";
    std::string text;
    for (const char c : bytes) text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    return text;
}

} // namespace

std::string printable(std::string_view text, std::size_t most_characters) {
    std::string result;
    for (std::size_t count = 0; !text.empty(); ++count) {
        if (count == most_characters) return result + "...";
        const Character character = first_character(text);
        const std::string_view bytes = text.substr(0, character.bytes);
        result += is_shown(character) ? std::string(bytes) : escaped(bytes);
        text.remove_prefix(character.bytes);
    }
    return result;
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        if (text.substr(0, 2) == "\033[") { // a code of a colour, up to its "m"
            text.remove_prefix(std::min(text.size(), text.find('m') + 1));
            continue;
        }
        const Character character = first_character(text);
        columns += columns_of(character);
        text.remove_prefix(character.bytes);
    }
    return columns;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const Character character = first_character(text);
        if (!character.valid) return false;
        text.remove_prefix(character.bytes);
    }
    return true;
}

} // namespace bru
