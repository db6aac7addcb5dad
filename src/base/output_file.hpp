// A file that appears whole or not at all. All programs write their files with this class; docs/reliability.md says
// what that promises.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/unfinished_files.hpp"

namespace bru {

/// Buffered writing beside the place of the file. commit() flushes the file to the disk and renames it. Without
/// commit() the destructor removes what was written, and an older file stays as it was; a signal that ends the program
/// does the same.
/// - A symbolic link is followed: the file that it names is replaced, and the link stays. A link to nothing is refused.
/// - The new file has the permissions of the file that it replaces, and its owner and group where that is allowed.
///   Without an older file they follow from the user's umask.
/// - A target that is no regular file (a pipe, /dev/null, /dev/stdout) is written directly.
/// Throws InputError where the file system refuses.
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
    const std::string& written_path() const { return unfinished_ ? unfinished_->name() : path_; }

private:
    void open_beside();
    void write_through(std::string_view bytes);
    void close();
    [[noreturn]] void fail(const char* what, int code) const;

    std::string path_;                         ///< of the file itself where a symbolic link was named
    std::optional<UnfinishedFile> unfinished_; ///< empty: written directly
    int descriptor_ = -1;
    std::string buffer_;
};

} // namespace bru
