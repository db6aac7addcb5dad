// Reads a text file line by line in constant memory, and makes the messages that name file and line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace bru {

/// Lines end with \n or \r\n. A line longer than the limit is an InputError, so that a file which is no
/// text cannot fill the memory.
class LineReader {
public:
    static constexpr std::size_t kDefaultLimitBytes = 1 << 20;

    explicit LineReader(std::string path, std::size_t limit_bytes = kDefaultLimitBytes);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    /// The next line without its end, valid until the next call; nullopt at the end of the file.
    std::optional<std::string_view> next();

    void set_limit(std::size_t limit_bytes) { limit_bytes_ = limit_bytes; }

    /// Whether the line returned last had a line end; false only for a last line that was cut off.
    bool line_was_whole() const { return whole_; }
    std::uint64_t line_number() const { return line_number_; } ///< of the line returned last, from 1
    std::uint64_t offset() const { return offset_; }           ///< byte after the line returned last

    /// Goes on reading at the byte `offset`, where line `line_number` + 1 starts.
    void seek(std::uint64_t offset, std::uint64_t line_number);

    /// "file:line: message" for the line returned last.
    InputError error(std::string_view message) const;
    const std::string& path() const { return path_; }

private:
    bool fill(); ///< moves what is left to the front and reads more; false at the end of the file

    std::string path_;
    std::size_t limit_bytes_;
    int descriptor_ = -1;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t line_number_ = 0;
    std::uint64_t offset_ = 0;
    bool whole_ = true;
};

/// Takes the next word (separated by blanks) off the front; empty at the end.
std::string_view take_word(std::string_view& text);

/// A piece of a file's content fit for a message, in quotes (base/printable.hpp).
std::string quoted(std::string_view text);

} // namespace bru
