// Data that do not fit into memory: written once, then read as often as wanted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bru {

/// A file without a name in the folder that TMPDIR names, or in /tmp. It is gone when the object is, however the
/// program ends. Throws InputError with the folder and the remedy where the file cannot be made, written or read in
/// full.
class TemporaryFile {
public:
    TemporaryFile();
    ~TemporaryFile();
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    void write(std::string_view bytes);
    /// Everything written so far is in the file after this.
    void flush();

    /// The next block is the first one.
    void rewind();
    /// The next bytes, valid until the next call; none at the end. What was written is read back whole, or the call
    /// throws.
    std::string_view next_block();

    std::uint64_t size_bytes() const { return size_bytes_; }
    int descriptor() const { return descriptor_; }

private:
    void write_through(std::string_view bytes);
    [[noreturn]] void fail(const char* what, int code) const;

    std::string folder_;
    int descriptor_ = -1;
    std::string buffer_;
    std::vector<char> block_;
    std::uint64_t size_bytes_ = 0; ///< written, the buffer included
    std::uint64_t read_bytes_ = 0;
};

} // namespace bru
