// A file that appears whole or not at all: written beside its place under another name, renamed by commit().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bru {

/// Buffered writing. Without commit() the destructor removes what was written and an older file stays.
/// A target that is no regular file (a pipe, /dev/null) is written directly. Throws InputError where the
/// file system refuses.
class OutputFile {
public:
    explicit OutputFile(std::string path);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    void write(std::string_view bytes);

    /// Overwrites bytes written before, counted from the start of the file. Not for pipes.
    void patch(std::uint64_t offset, std::string_view bytes);

    /// Everything written so far is in the file at written_path() after this.
    void flush();

    /// Puts the finished file in its place. Nothing may be written afterwards.
    void commit();

    const std::string& path() const { return path_; }
    /// Where the bytes are until commit().
    const std::string& written_path() const { return temporary_.empty() ? path_ : temporary_; }

private:
    void write_through(std::string_view bytes);
    [[noreturn]] void fail(const char* what) const;

    std::string path_;
    std::string temporary_; ///< empty: written directly
    int descriptor_ = -1;
    std::string buffer_;
};

} // namespace bru
