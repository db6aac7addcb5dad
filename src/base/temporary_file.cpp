#include "base/temporary_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <fmt/format.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/unfinished_files.hpp"

namespace bru {

namespace {

constexpr std::size_t kBufferBytes = 1 << 16;
constexpr mode_t kPrivate = 0600;

std::string temporary_folder() {
    const char* const named = std::getenv("TMPDIR");
    return named == nullptr || *named == '\0' ? "/tmp" : named;
}

} // namespace

TemporaryFile::TemporaryFile() : folder_(temporary_folder()) {
    try {
        const UnfinishedFile nameless(folder_ + "/bru", kPrivate); // its name is gone at the end of this block
        descriptor_ = nameless.descriptor();
    } catch (const std::system_error& error) {
        fail("no temporary file can be made", error.code().value());
    }
}

TemporaryFile::~TemporaryFile() { ::close(descriptor_); }

void TemporaryFile::fail(const char* what, int code) const {
    throw InputError({folder_}, fmt::format("{}: {}; make room there, or name another folder with the environment "
                                            "variable TMPDIR",
                                            what, std::strerror(code)));
}

void TemporaryFile::write(std::string_view bytes) {
    size_bytes_ += bytes.size();
    buffer_.append(bytes);
    if (buffer_.size() >= kBufferBytes) flush();
}

void TemporaryFile::flush() {
    write_through(buffer_);
    buffer_.clear();
}

void TemporaryFile::write_through(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail("a temporary file cannot be written", written < 0 ? errno : ENOSPC);
        bytes.remove_prefix(narrow<std::size_t>(written));
    }
}

void TemporaryFile::rewind() {
    flush();
    if (::lseek(descriptor_, 0, SEEK_SET) != 0) fail("a temporary file cannot be read", errno);
    read_bytes_ = 0;
    block_.resize(kBufferBytes);
}

std::string_view TemporaryFile::next_block() {
    ssize_t got = 0;
    do got = ::read(descriptor_, block_.data(), block_.size());
    while (got < 0 && errno == EINTR);
    if (got < 0) fail("a temporary file cannot be read", errno);
    read_bytes_ += narrow<std::uint64_t>(got);
    if (got == 0 && read_bytes_ != size_bytes_) fail("a temporary file does not give back what was written", EIO);
    return {block_.data(), narrow<std::size_t>(got)};
}

} // namespace bru
