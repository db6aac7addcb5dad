#include "run/subprocess.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "machine/descriptor.hpp"

namespace bru {

namespace {

/// Closed at the end of its scope.
struct FileDescriptor {
    int number = -1;
    FileDescriptor() = default;
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor() { close(); }
    void close() {
        if (number >= 0) ::close(number);
        number = -1;
    }
};

struct SpawnActions {
    posix_spawn_file_actions_t actions{};
    SpawnActions() { posix_spawn_file_actions_init(&actions); }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
    ~SpawnActions() { posix_spawn_file_actions_destroy(&actions); }
};

std::string read_to_end(int descriptor) {
    std::string text;
    std::array<char, 4096> buffer{};
    while (true) {
        const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return text;
        text.append(buffer.data(), count);
    }
}

int wait_for(pid_t process) {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    constexpr int kSignalled = 128;
    return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
}

[[noreturn]] void refuse(const std::string& path, int code) {
    throw InputError({path}, fmt::format("cannot be started: {}", std::strerror(code)));
}

} // namespace

SubprocessResult run_program_for_output(const std::string& path, const std::vector<std::string>& words) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) refuse(path, errno);
    FileDescriptor read_end;
    FileDescriptor write_end;
    read_end.number = ends[0];
    write_end.number = ends[1];
    SpawnActions spawn;
    posix_spawn_file_actions_addopen(&spawn.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&spawn.actions, write_end.number, STDOUT_FILENO);

    std::vector<char*> arguments = {const_cast<char*>(path.c_str())};
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_t process = 0;
    const int code = ::posix_spawn(&process, path.c_str(), &spawn.actions, nullptr, arguments.data(), environ);
    if (code != 0) refuse(path, code);
    write_end.close();
    SubprocessResult result;
    result.output = read_to_end(read_end.number);
    result.status = wait_for(process);
    if (interrupted()) throw Interrupted();
    return result;
}

} // namespace bru
