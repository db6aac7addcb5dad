#include "base/piped_input.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/temporary_file.hpp"

namespace bru {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{2} << 30U;
constexpr std::size_t kBlockBytes = 1 << 16;

/// A descriptor that is closed.
struct Descriptor {
    int number = -1;
    explicit Descriptor(int opened) : number(opened) {}
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
};

[[noreturn]] void fail(const std::string& path, const char* what) {
    throw InputError({path},
                     fmt::format("{}: {}; write the input to a file and name that", what, std::strerror(errno)));
}

std::size_t read_block(int descriptor, std::vector<char>& block, const std::string& path) {
    while (true) {
        const ssize_t got = ::read(descriptor, block.data(), block.size());
        if (got >= 0) return got;
        if (interrupted()) throw Interrupted();
        if (errno != EINTR) fail(path, "cannot be read");
    }
}

std::string name_of(const TemporaryFile& file) { return fmt::format("/proc/self/fd/{}", file.descriptor()); }

/// Copies what comes through the pipe.
std::unique_ptr<TemporaryFile> copy_of(const std::string& path) {
    const Descriptor pipe(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (interrupted()) throw Interrupted();
    if (pipe.number < 0) fail(path, "cannot be opened");
    auto file = std::make_unique<TemporaryFile>();
    std::vector<char> block(kBlockBytes);
    std::uint64_t bytes = 0;
    while (const std::size_t got = read_block(pipe.number, block, path)) {
        bytes += got;
        if (bytes > kMostBytes)
            throw InputError({path}, fmt::format("gives more than {} bytes through a pipe; write the input to a file "
                                                 "and name that",
                                                 kMostBytes));
        file->write({block.data(), got});
    }
    file->flush();
    ::fcntl(file->descriptor(), F_SETFD, 0); // a program that this one starts may read it, too
    if (::access(name_of(*file).c_str(), R_OK) != 0)
        fail(path, "is a pipe, and /proc, which reading it twice needs, is not there");
    return file;
}

bool is_null_device(const struct stat& status) {
    struct stat null = {};
    return ::stat("/dev/null", &null) == 0 && null.st_rdev == status.st_rdev;
}

} // namespace

bool is_pipe(const std::string& path) {
    struct stat status = {};
    return ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

std::string reopenable(const std::string& path) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) return path;
    if (S_ISCHR(status.st_mode) && is_null_device(status)) return path; // an empty file
    if (!S_ISFIFO(status.st_mode))
        throw InputError({path}, "is a device or a terminal; name a file, or a pipe that ends");
    // They live as long as the program. A pipe can have several names.
    static std::map<std::pair<dev_t, ino_t>, std::unique_ptr<TemporaryFile>> copies;
    std::unique_ptr<TemporaryFile>& copy = copies[{status.st_dev, status.st_ino}];
    if (!copy) copy = copy_of(path);
    return name_of(*copy);
}

} // namespace bru
