#include "base/piped_input.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/interrupt.hpp"

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
        if (got >= 0) return static_cast<std::size_t>(got);
        if (interrupted()) throw Interrupted();
        if (errno != EINTR) fail(path, "cannot be read");
    }
}

/// Copies what comes through the pipe. The file has no name, and lives as long as the program.
std::string copy_of(const std::string& path) {
    const Descriptor pipe(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (interrupted()) throw Interrupted();
    if (pipe.number < 0) fail(path, "cannot be opened");
    std::FILE* const file = std::tmpfile();
    if (file == nullptr) fail(path, "is a pipe, and no temporary file can be made for what it gives");
    std::vector<char> block(kBlockBytes);
    std::uint64_t bytes = 0;
    while (const std::size_t got = read_block(pipe.number, block, path)) {
        bytes += got;
        if (bytes > kMostBytes)
            throw InputError({path}, fmt::format("gives more than {} bytes through a pipe; write the input to a file "
                                                 "and name that",
                                                 kMostBytes));
        if (std::fwrite(block.data(), 1, got, file) != got) fail(path, "a temporary file cannot be written");
    }
    if (std::fflush(file) != 0) fail(path, "a temporary file cannot be written");
    const std::string copy = fmt::format("/proc/self/fd/{}", ::fileno(file));
    if (::access(copy.c_str(), R_OK) != 0)
        fail(path, "is a pipe, and /proc, which reading it twice needs, is not there");
    return copy;
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
    static std::map<std::pair<dev_t, ino_t>, std::string> copies; // a pipe can have several names
    std::string& copy = copies[{status.st_dev, status.st_ino}];
    if (copy.empty()) copy = copy_of(path);
    return copy;
}

} // namespace bru
