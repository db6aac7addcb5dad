#include "base/lookalikes.hpp"

#include <fmt/format.h>

namespace bru {

namespace {

struct Lookalike {
    std::string_view bytes; ///< UTF-8
    const char* code;
    std::string_view ascii; ///< what was meant
};

constexpr Lookalike kLookalikes[] = {
    {"\xe2\x80\x90", "U+2010", "-"},  {"\xe2\x80\x91", "U+2011", "-"},  {"\xe2\x80\x92", "U+2012", "-"},
    {"\xe2\x80\x93", "U+2013", "-"},  {"\xe2\x80\x94", "U+2014", "--"}, {"\xe2\x80\x95", "U+2015", "--"},
    {"\xe2\x88\x92", "U+2212", "-"},  {"\xe2\x80\x98", "U+2018", "'"},  {"\xe2\x80\x99", "U+2019", "'"},
    {"\xe2\x80\x9c", "U+201C", "\""}, {"\xe2\x80\x9d", "U+201D", "\""}, {"\xe2\x80\x9e", "U+201E", "\""},
    {"\xc2\xab", "U+00AB", "\""},     {"\xc2\xbb", "U+00BB", "\""},     {"\xc2\xa0", "U+00A0", " "},
    {"\xe2\x80\x87", "U+2007", " "},  {"\xe2\x80\xaf", "U+202F", " "},  {"\xe3\x80\x80", "U+3000", " "},
    {"\xe2\x80\x8b", "U+200B", ""},   {"\xef\xbb\xbf", "U+FEFF", ""},   {"\xef\xbc\x8c", "U+FF0C", ","},
    {"\xef\xbc\x9d", "U+FF1D", "="},
};

const Lookalike* found_at(std::string_view text, std::size_t place) {
    for (const Lookalike& each : kLookalikes)
        if (text.substr(place, each.bytes.size()) == each.bytes) return &each;
    return nullptr;
}

} // namespace

std::string lookalike_remark(std::string_view text) {
    for (std::size_t place = 0; place < text.size(); ++place) {
        const Lookalike* const found = found_at(text, place);
        if (found == nullptr) continue;
        if (found->ascii.empty()) return fmt::format("; it has an invisible {}: remove it", found->code);
        return found->ascii == " " ? fmt::format("; its blank {} is of another kind: type a plain one", found->code)
                                   : fmt::format("; its '{}' ({}) only looks like {}: type that", found->bytes,
                                                 found->code, found->ascii);
    }
    return "";
}

std::string without_lookalikes(std::string_view text) {
    std::string plain;
    for (std::size_t place = 0; place < text.size();) {
        const Lookalike* const found = found_at(text, place);
        plain += found == nullptr ? text.substr(place, 1) : found->ascii;
        place += found == nullptr ? 1 : found->bytes.size();
    }
    return plain;
}

} // namespace bru
