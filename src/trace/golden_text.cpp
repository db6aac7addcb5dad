#include "trace/golden_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/numbers.hpp"

namespace bru::golden {
namespace {

constexpr int kKeyWords = 6;
constexpr std::uint64_t kMostValues = 1 << 24; ///< of an output that can be believed
constexpr const char* kRemedy = "delete the file and make it anew with `bru trace` or `bru check --update`";

void check_whole(const LineReader& lines) {
    if (!lines.line_was_whole()) throw lines.error(fmt::format("the golden file is cut off; {}", kRemedy));
}

} // namespace

void check_magic(LineReader& lines) {
    const auto line = lines.next();
    if (!line || *line != kMagic || !lines.line_was_whole())
        throw InputError(fmt::format("{}:1: is no golden file: it must start with `{}`; {}{}", lines.path(), kMagic,
                                     kRemedy, file_kind_remark(lines.path(), "the golden file")));
}

std::optional<std::string_view> next_line(LineReader& lines) {
    while (const auto line = lines.next()) {
        check_whole(lines);
        if (*line == kEndOfFile) {
            if (lines.next()) throw lines.error(fmt::format("nothing may follow the line `{}`", kEndOfFile));
            return std::nullopt;
        }
        if (!line->empty() && line->front() != '#') return line;
    }
    throw InputError({lines.path()},
                     fmt::format("the golden file is cut off: it must end with a line `{}`; {}", kEndOfFile, kRemedy));
}

std::string_view section_line(LineReader& lines) {
    const auto line = lines.next();
    if (!line)
        throw InputError({lines.path()}, fmt::format("the golden file is cut off within a section; {}", kRemedy));
    check_whole(lines);
    return *line;
}

bool is_end(std::string_view line) { return line.substr(0, 4) == "end "; }

void check_end(std::string_view line, std::uint64_t outputs, const LineReader& lines) {
    if (parse_integer<std::uint64_t>(line.substr(4)) != outputs)
        throw lines.error(
            fmt::format("the section has {} outputs and ends with {}; {}", outputs, bru::quoted(line), kRemedy));
}

void skip_section(LineReader& lines) {
    std::uint64_t outputs = 0;
    std::string_view line = section_line(lines);
    for (; !is_end(line); line = section_line(lines), ++outputs) {
        if (line.empty() || line.front() < '0' || line.front() > '9')
            throw lines.error(
                fmt::format("{} stands where an output or `end` is expected; {}", bru::quoted(line), kRemedy));
    }
    check_end(line, outputs, lines);
}

std::optional<OutputsHeader> parse_outputs_header(std::string_view line, const LineReader& lines) {
    std::string_view rest = line;
    const std::string_view kind = take_word(rest);
    if (kind == "cycles") return std::nullopt;
    if (kind != "outputs")
        throw lines.error(
            fmt::format("{} stands where `outputs` or `cycles` is expected; {}", bru::quoted(kind), kRemedy));
    OutputsHeader header;
    for (int word = 0; word < kKeyWords; ++word) {
        header.key += word > 0 ? " " : "";
        header.key += take_word(rest);
    }
    const auto size = parse_integer<std::uint64_t>(take_word(rest));
    const std::string_view form = take_word(rest);
    if (!size || *size > kMostValues || (form != "full" && form != "digest") || !take_word(rest).empty())
        throw lines.error(
            fmt::format("an `outputs` line ends with the number of values and `full` or `digest`; {}", kRemedy));
    header.size = *size;
    header.digests = form == "digest";
    return header;
}

GoldenCycles parse_cycles(std::string_view line, const LineReader& lines) {
    std::string_view rest = line;
    take_word(rest);
    GoldenCycles cycles;
    cycles.key = take_word(rest);
    for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
        const std::size_t equals = std::min(word.find('='), word.size() - 1);
        const auto count = parse_integer<std::uint64_t>(word.substr(equals + 1));
        if (!count || equals == 0)
            throw lines.error(fmt::format("{} is no name=count; {}", bru::quoted(word), kRemedy));
        cycles.counts.emplace_back(std::string(word.substr(0, equals)), *count);
    }
    return cycles;
}

Index read_index(const std::string& path) {
    LineReader lines(path);
    check_magic(lines);
    Index index;
    while (const auto line = next_line(lines)) {
        const auto header = parse_outputs_header(*line, lines);
        if (!header) {
            index.cycles.push_back(parse_cycles(*line, lines));
            continue;
        }
        if (std::count(index.sections.begin(), index.sections.end(), header->key) > 0)
            throw lines.error(fmt::format("the section `{}` is there twice; {}", header->key, kRemedy));
        index.sections.push_back(header->key);
        skip_section(lines);
    }
    return index;
}

std::string outputs_header_line(const OutputsHeader& header) {
    return fmt::format("outputs {} {} {}\n", header.key, header.size, header.digests ? "digest" : "full");
}

std::string cycles_line(const GoldenCycles& cycles) {
    std::string line = "cycles " + cycles.key;
    for (const auto& [name, count] : cycles.counts) line += fmt::format(" {}={}", name, count);
    return line + "\n";
}

} // namespace bru::golden
