#include "base/ini_value.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/numbers.hpp"
#include "base/text_list.hpp"

namespace bru {

namespace {

constexpr char kQuote = '"';
constexpr char kEscape = '\\';

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// The place behind the closing quote of the one at `begin`; npos where there is none.
std::size_t quote_end(const std::string& text, std::size_t begin) {
    for (std::size_t place = begin + 1; place < text.size(); ++place) {
        if (text[place] == kEscape)
            ++place;
        else if (text[place] == kQuote)
            return place + 1;
    }
    return std::string::npos;
}

/// The byte of "\xHH" at `place`, that of the 'x'.
char hexadecimal_byte(const std::string& quoted, std::size_t place) {
    const auto value = place + 2 < quoted.size() ? parse_hexadecimal(quoted.substr(place + 1, 2)) : std::nullopt;
    if (!value || *value == 0)
        throw InputError(fmt::format("{}: behind \\x stand two hexadecimal digits that are not 00", quoted));
    return static_cast<char>(*value);
}

/// Of `"..."`, the quotes included.
std::string without_escapes(const std::string& quoted) {
    std::string text;
    for (std::size_t place = 1; place + 1 < quoted.size(); ++place) {
        if (quoted[place] != kEscape) {
            text += quoted[place];
            continue;
        }
        switch (const char c = quoted[++place]) {
        case kQuote:
        case kEscape: text += c; break;
        case 'n': text += '\n'; break;
        case 'r': text += '\r'; break;
        case 't': text += '\t'; break;
        case 'x':
            text += hexadecimal_byte(quoted, place);
            place += 2;
            break;
        default:
            throw InputError(fmt::format("{}: \\{} means nothing in quotes; known are \\\" \\\\ \\n \\r \\t \\xHH, and "
                                         "\\\\ is a backslash",
                                         quoted, c));
        }
    }
    return text;
}

/// Of a text that begins with a quote.
std::string without_quotes(const std::string& written) {
    const std::size_t end = quote_end(written, 0);
    if (end == std::string::npos)
        throw InputError(fmt::format("{}: the quote has no end; close it, or write \\\" for a quote in it", written));
    if (end != written.size())
        throw InputError(fmt::format("{}: nothing may follow the closing quote but a comma; write \\\" for a quote "
                                     "inside of quotes",
                                     written));
    return without_escapes(written);
}

std::size_t skip_blanks(const std::string& text, std::size_t place) {
    while (place < text.size() && is_blank(text[place])) ++place;
    return place;
}

/// The first of `wanted` at or behind `place`, quotes in front of items skipped; the text's end where there is none.
std::size_t find_outside_quotes(const std::string& text, std::size_t place, char wanted) {
    for (bool is_front = true; place < text.size(); ++place) {
        if (is_front) place = skip_blanks(text, place);
        if (is_front && place < text.size() && text[place] == kQuote) {
            const std::size_t end = quote_end(text, place);
            if (end == std::string::npos) return text.size();
            place = end;
        }
        if (place >= text.size() || text[place] == wanted) break;
        is_front = text[place] == ',';
    }
    return std::min(place, text.size());
}

} // namespace

std::string ini_value(const std::string& text) {
    const bool is_plain = !text.empty() && text.front() != kQuote && !is_blank(text.front()) &&
                          !is_blank(text.back()) && text.find_first_of("#,") == std::string::npos &&
                          text.find(" ;") == std::string::npos && std::none_of(text.begin(), text.end(), is_control);
    if (is_plain) return text;
    std::string quoted(1, kQuote);
    for (const char c : text) {
        if (c == kQuote || c == kEscape)
            quoted += fmt::format("\\{}", c);
        else if (is_control(c))
            quoted += c == '\n' ? "\\n" : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            quoted += c;
    }
    return quoted + kQuote;
}

std::vector<IniItem> ini_items(const std::string& written) {
    std::vector<IniItem> items;
    for (std::size_t begin = 0; begin <= written.size();) {
        const std::size_t comma = find_outside_quotes(written, begin, ',');
        const std::string item = trimmed(written.substr(begin, comma - begin));
        const bool is_quoted = !item.empty() && item.front() == kQuote;
        items.push_back({is_quoted ? without_quotes(item) : item, is_quoted});
        begin = comma + 1;
    }
    return items;
}

std::string ini_text(const std::string& written) {
    const std::string text = trimmed(written);
    return !text.empty() && text.front() == kQuote ? without_quotes(text) : text;
}

bool has_semicolon_comment(const std::string& written) {
    for (std::size_t place = 0; (place = find_outside_quotes(written, place, ';')) < written.size(); ++place)
        if (place > 0 && is_blank(written[place - 1])) return true;
    return false;
}

std::size_t comment_begin(const std::string& line, std::size_t value_begin) {
    const std::size_t early = line.substr(0, value_begin).find('#');
    return early != std::string::npos ? early : find_outside_quotes(line, std::min(value_begin, line.size()), '#');
}

} // namespace bru
