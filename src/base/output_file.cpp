#include "base/output_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"

namespace bru {
namespace {

constexpr std::size_t kBufferBytes = 1 << 18;
constexpr mode_t kPermissions = 0666; ///< less the user's umask

} // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
    if (path_ == "-")
        throw InputError({path_}, "is not taken for standard output here; name a file, or /dev/stdout where the output "
                                  "is written in one go (./- is a file of that name)");
    std::error_code no_such_file;
    const std::string resolved = std::filesystem::canonical(path_, no_such_file).string(); // follows a symbolic link
    struct stat status = {};
    const bool exists = !no_such_file && ::stat(resolved.c_str(), &status) == 0;
    const bool direct = exists && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
    if (exists && S_ISDIR(status.st_mode)) throw InputError({path_}, "is a folder; name a file to write");
    if (exists && !direct) path_ = resolved;
    if (!direct) temporary_ = fmt::format("{}.partial-{}", path_, ::getpid());
    descriptor_ = ::open(written_path().c_str(), direct ? O_WRONLY : O_WRONLY | O_CREAT | O_TRUNC, kPermissions);
    if (descriptor_ < 0) fail("cannot be written");
    buffer_.reserve(kBufferBytes);
}

OutputFile::~OutputFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::fail(const char* what) const {
    const int code = errno;
    throw InputError({path_},
                     fmt::format("{}: {}; choose a place with room that you may write", what, std::strerror(code)));
}

void OutputFile::write(std::string_view bytes) {
    if (buffer_.size() + bytes.size() > kBufferBytes) flush();
    if (bytes.size() < kBufferBytes / 2) {
        buffer_.append(bytes);
        return;
    }
    flush();
    write_through(bytes); // long pieces need no copy
}

void OutputFile::flush() {
    write_through(buffer_);
    buffer_.clear();
}

void OutputFile::write_through(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("writing failed");
        bytes.remove_prefix(written);
    }
}

void OutputFile::patch(std::uint64_t offset, std::string_view bytes) {
    flush();
    if (::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset)) !=
        static_cast<ssize_t>(bytes.size()))
        fail("going back to the start failed (a pipe?)");
}

void OutputFile::commit() {
    flush();
    const int closed = ::close(std::exchange(descriptor_, -1));
    if (closed != 0) {
        if (!temporary_.empty()) ::unlink(temporary_.c_str());
        fail("closing failed");
    }
    if (temporary_.empty()) return;
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
        const int code = errno;
        ::unlink(temporary_.c_str());
        errno = code;
        fail("could not be put in its place");
    }
}

} // namespace bru
