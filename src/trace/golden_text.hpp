// The lines of a golden file, for its reader and its writer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/line_reader.hpp"
#include "trace/golden_file.hpp"

namespace bru::golden {

inline constexpr std::string_view kMagic = "bru golden 1";
inline constexpr std::string_view kEndOfFile = "end of golden";

struct OutputsHeader {
    std::string key; ///< GoldenKey::text()
    std::uint64_t size = 0;
    bool digests = false;
};

/// What a file holds, without the outputs.
struct Index {
    std::vector<std::string> sections;
    std::vector<GoldenCycles> cycles;
};

void check_magic(LineReader& lines);

/// The next line outside of sections that is no comment; nullopt at the last line, kEndOfFile.
std::optional<std::string_view> next_line(LineReader& lines);

/// The next line within a section; a file that ends here is cut off.
std::string_view section_line(LineReader& lines);

bool is_end(std::string_view line);
void check_end(std::string_view line, std::uint64_t outputs, const LineReader& lines);
void skip_section(LineReader& lines);

/// nullopt for a `cycles` line.
std::optional<OutputsHeader> parse_outputs_header(std::string_view line, const LineReader& lines);
GoldenCycles parse_cycles(std::string_view line, const LineReader& lines);

/// Reads the whole file once and checks its structure.
Index read_index(const std::string& path);

std::string outputs_header_line(const OutputsHeader& header);
std::string cycles_line(const GoldenCycles& cycles);

} // namespace bru::golden
