// The table of names has a fixed size and holds plain pointers, so that a signal handler can read it at any moment. No
// signal arrives between the moment a file is made and the moment its name is in the table.
#include "base/unfinished_files.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <random>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace bru {

namespace {

constexpr std::size_t kMostFiles = 256; ///< written at the same time
constexpr int kTries = 100;             ///< for a name that nobody has
constexpr std::size_t kMostStem = 200;  ///< bytes of a name that are kept; file systems take 255 in all
std::array<std::atomic<const char*>, kMostFiles> names{};
std::atomic<pid_t> owner{0};
std::mutex places; ///< taken outside of signal handlers only

static_assert(std::atomic<const char*>::is_always_lock_free && std::atomic<pid_t>::is_always_lock_free);

/// While it lives, the thread gets no signal.
class NoSignals {
public:
    NoSignals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    NoSignals(const NoSignals&) = delete;
    NoSignals& operator=(const NoSignals&) = delete;

private:
    sigset_t before_{};
};

[[noreturn]] void fail(int code) { throw std::system_error(code, std::generic_category()); }

std::string random_name(const std::string& path) {
    static std::random_device random;
    const std::size_t folder = path.rfind('/') + 1; // 0 without a folder
    const std::uint64_t number = (std::uint64_t{random()} << 32U) | random();
    return fmt::format("{}{}.partial-{:016x}", path.substr(0, folder), path.substr(folder, kMostStem), number);
}

std::size_t free_place() {
    for (std::size_t place = 0; place < kMostFiles; ++place)
        if (names[place] == nullptr) return place;
    fail(EMFILE);
}

} // namespace

UnfinishedFile::UnfinishedFile(const std::string& path, mode_t permissions) {
    const std::lock_guard<std::mutex> lock(places);
    place_ = free_place();
    for (int tried = 0; descriptor_ < 0; ++tried) {
        name_ = random_name(path);
        const NoSignals whole;
        descriptor_ = ::open(name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions);
        if (descriptor_ >= 0) {
            if (owner.exchange(::getpid()) != ::getpid())
                for (auto& name : names) name = nullptr; // those of the process that forked this one
            names[place_] = name_.c_str();
        } else if ((errno != EEXIST && errno != EINTR) || tried == kTries) {
            fail(errno);
        }
    }
}

UnfinishedFile::~UnfinishedFile() {
    if (name_.empty()) return;
    ::unlink(name_.c_str());
    names[place_] = nullptr;
}

void UnfinishedFile::rename_to(const std::string& path) {
    while (std::rename(name_.c_str(), path.c_str()) != 0)
        if (errno != EINTR) fail(errno);
    names[place_] = nullptr;
    name_.clear();
}

void remove_unfinished_files() noexcept {
    if (owner != ::getpid()) return;
    for (const auto& name : names)
        if (const char* const unfinished = name) ::unlink(unfinished);
}

} // namespace bru
