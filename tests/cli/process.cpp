// fork and exec with both outputs in files: no pipe can fill up, and an alarm ends a hang.
#include "cli/process.hpp"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

namespace bru::test {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void become_bru(const std::vector<std::string>& words, const std::string& folder, const std::string& out,
                             const std::string& err, unsigned seconds) {
    const std::string program = BRU_BINARY_DIR "/bru";
    std::vector<char*> arguments = {const_cast<char*>(program.c_str())};
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const int out_file = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err_file = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out_file, STDOUT_FILENO);
    dup2(err_file, STDERR_FILENO);
    if (!folder.empty() && chdir(folder.c_str()) != 0) _exit(126);
    alarm(seconds);
    execv(program.c_str(), arguments.data());
    _exit(127);
}

} // namespace

Outcome run_bru(const std::vector<std::string>& words, const std::string& folder, unsigned seconds) {
    const TemporaryFolder capture;
    const std::string out = capture / "out";
    const std::string err = capture / "err";
    const pid_t child = fork();
    if (child == 0) become_bru(words, folder, out, err, seconds);
    int status = 0;
    waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), file_text(out), file_text(err)};
}

TemporaryFolder::TemporaryFolder() {
    char pattern[] = "/tmp/bru_cli_XXXXXX";
    path = mkdtemp(pattern);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& content) const {
    std::ofstream(*this / name, std::ios::binary) << content;
    return *this / name;
}

std::vector<std::string> TemporaryFolder::names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path)) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace bru::test
