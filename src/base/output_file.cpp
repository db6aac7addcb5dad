#include "base/output_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/interrupt.hpp"

namespace bru {
namespace {

constexpr std::size_t kBufferBytes = 1 << 18;
constexpr mode_t kPermissionBits = 0777;
constexpr mode_t kPrivate = 0600;
constexpr mode_t kNewFile = 0666; ///< less the user's umask

/// What is at a path now; nullopt where nothing is. `look` is stat or lstat.
template <typename Look>
std::optional<struct stat> status_of(const std::string& path, const Look& look) {
    struct stat status = {};
    if (look(path.c_str(), &status) == 0) return status;
    if (errno == ENOENT) return std::nullopt;
    throw std::system_error(errno, std::generic_category());
}

int flush_to_disk(int descriptor) {
    while (::fsync(descriptor) != 0) {
        if (errno == EINTR) continue;
        return errno == EINVAL || errno == EROFS || errno == ENOTSUP ? 0 : errno; // a file system without such a thing
    }
    return 0;
}

/// A renamed file outlives a power failure only when its folder is flushed, too.
int flush_folder(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return errno == EACCES ? 0 : errno; // a folder that may be written and not be read
    const int code = flush_to_disk(descriptor);
    ::close(descriptor);
    return code;
}

/// Standard output goes on where it is, which a second opening of the file would not.
int open_directly(const std::string& path) {
    if (path == "/dev/stdout") {
        std::fflush(stdout);
        return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    }
    int descriptor = -1;
    do descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    while (descriptor < 0 && errno == EINTR && !interrupted());
    return descriptor;
}

void throw_if_interrupted() {
    if (interrupted()) throw Interrupted();
}

} // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
    if (path_ == "-")
        throw InputError({path_}, "is not taken for standard output here; name a file, or /dev/stdout where the output "
                                  "is written in one go (./- is a file of that name)");
    try {
        const auto status = status_of(path_, ::stat);
        if (status && S_ISDIR(status->st_mode)) throw InputError({path_}, "is a folder; name a file to write");
        if (!status && status_of(path_, ::lstat))
            throw InputError({path_}, "is a symbolic link to a file that is not there; name the file itself, or remove "
                                      "the link");
        if (path_ == "/dev/stdout" || (status && !S_ISREG(status->st_mode))) {
            descriptor_ = open_directly(path_);
            throw_if_interrupted();
            if (descriptor_ < 0) fail("cannot be written", errno);
        } else {
            if (status) path_ = std::filesystem::canonical(path_).string();
            open_beside();
        }
    } catch (const std::system_error& error) {
        if (descriptor_ >= 0) ::close(descriptor_);
        fail("cannot be written", error.code().value());
    }
    buffer_.reserve(kBufferBytes);
}

/// The content of a private file is private while it is written, too.
void OutputFile::open_beside() {
    const auto replaced = status_of(path_, ::stat);
    unfinished_.emplace(path_, replaced ? kPrivate : kNewFile);
    descriptor_ = unfinished_->descriptor();
    if (!replaced) return;
    // Owner and group are kept where that is allowed: for root, and for groups that the user is in.
    if (::fchown(descriptor_, replaced->st_uid, replaced->st_gid) != 0 &&
        ::fchown(descriptor_, static_cast<uid_t>(-1), replaced->st_gid) != 0)
        errno = 0;
    if (::fchmod(descriptor_, replaced->st_mode & kPermissionBits) != 0 && errno != EPERM && errno != ENOTSUP)
        throw std::system_error(errno, std::generic_category());
}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void OutputFile::fail(const char* what, int code) const {
    const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
    std::error_code ignored;
    if (code == ENOENT && !folder.empty() && !std::filesystem::exists(folder, ignored))
        throw InputError(
            {path_}, fmt::format("{}: there is no folder {}; make it, or name another place", what, folder.string()));
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
        if (written < 0 && errno == EINTR) { // a pipe that nobody reads; work that was interrupted may save its results
            throw_if_interrupted();
            continue;
        }
        if (written <= 0) fail("writing failed", written < 0 ? errno : ENOSPC);
        bytes.remove_prefix(narrow<std::size_t>(written));
    }
}

void OutputFile::patch(std::uint64_t offset, std::string_view bytes) {
    flush();
    ssize_t written = 0;
    do written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    while (written < 0 && errno == EINTR);
    if (written != static_cast<ssize_t>(bytes.size()))
        fail("going back to the start failed (a pipe?)", written < 0 ? errno : ENOSPC);
}

/// A close that a signal interrupts has closed the file.
void OutputFile::close() {
    if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) fail("closing failed", errno);
}

void OutputFile::commit() {
    flush();
    if (!unfinished_) return close();
    if (const int code = flush_to_disk(descriptor_)) fail("cannot be flushed to the disk", code);
    close();
    try {
        unfinished_->rename_to(path_);
    } catch (const std::system_error& error) {
        fail("could not be put in its place", error.code().value());
    }
    if (const int code = flush_folder(path_))
        fail("is in its place, but its folder cannot be flushed to the disk", code);
}

} // namespace bru
