// Runs a built program as a user would, and keeps what it printed and wrote.
#pragma once

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "trace/files.hpp"

namespace bru::train {

using bru::testing::TemporaryFolder;

struct Outcome {
    int status = 0;
    std::string out;
    std::string err;
};

/// Runs a built program in the folder; with `interrupt`, sends SIGINT soon after it has begun to train. No file may
/// have more than `most_bytes`.
inline Outcome run(const std::string& program, const TemporaryFolder& folder, const std::vector<std::string>& words,
                   bool interrupt = false, rlim_t most_bytes = RLIM_INFINITY) {
    const std::string path = std::string(BRU_BINARY_DIR) + "/" + program;
    std::vector<char*> arguments = {const_cast<char*>(path.c_str())};
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const std::string out = folder / "stdout";
    const std::string err = folder / "stderr";
    std::filesystem::remove(err); // of the run before
    const pid_t child = fork();
    if (child == 0) {
        dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
        dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
        if (chdir((folder / "").c_str()) != 0) _exit(126);
        alarm(120);
        const rlimit limit{most_bytes, most_bytes};
        setrlimit(RLIMIT_FSIZE, &limit);
        execv(path.c_str(), arguments.data());
        _exit(127);
    }
    if (interrupt) {
        constexpr useconds_t kPause = 50'000;
        for (int waits = 0; waits < 1200 && folder.read("stderr").find("to train") == std::string::npos; ++waits)
            usleep(kPause);
        usleep(4 * kPause);
        kill(child, SIGINT);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), folder.read("stdout"),
            folder.read("stderr")};
}

/// The curve without its last column, the seconds.
inline std::string curve_of(const TemporaryFolder& folder, const std::string& name) {
    std::istringstream lines(folder.read(name + "/curve.csv"));
    std::string result;
    for (std::string line; std::getline(lines, line);) result += line.substr(0, line.rfind(',')) + "\n";
    return result;
}

inline const std::vector<std::string> kSmall = {"text", "text.txt", "--hidden", "16", "--batch", "8", "--window", "20"};

inline std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

} // namespace bru::train
