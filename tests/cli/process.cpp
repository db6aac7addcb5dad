// fork and exec with both outputs in files, so that no pipe can fill up, or in a terminal. An alarm ends a hang.
#include "cli/process.hpp"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <pty.h>
#include <sstream>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

namespace bru::test {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void become(const std::string& name, const std::vector<std::string>& words, unsigned seconds) {
    const std::string program = BRU_BINARY_DIR "/" + name;
    std::vector<char*> arguments = {const_cast<char*>(program.c_str())};
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    alarm(seconds);
    execv(program.c_str(), arguments.data());
    _exit(127);
}

[[noreturn]] void become_in_files(const std::string& name, const std::vector<std::string>& words,
                                  const std::string& folder, const std::string& out, const std::string& err,
                                  unsigned seconds) {
    const int out_file = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err_file = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out_file, STDOUT_FILENO);
    dup2(err_file, STDERR_FILENO);
    if (!folder.empty() && chdir(folder.c_str()) != 0) _exit(126);
    become(name, words, seconds);
}

} // namespace

Outcome run_program(const std::string& program, const std::vector<std::string>& words, const std::string& folder,
                    unsigned seconds) {
    const TemporaryFolder capture;
    const std::string out = capture / "out";
    const std::string err = capture / "err";
    const pid_t child = fork();
    if (child == 0) become_in_files(program, words, folder, out, err, seconds);
    int status = 0;
    waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), file_text(out), file_text(err)};
}

Outcome run_bru(const std::vector<std::string>& words, const std::string& folder, unsigned seconds) {
    return run_program("bru", words, folder, seconds);
}

std::string screen_of_bru(const std::vector<std::string>& words, const std::string& term, unsigned seconds) {
    termios modes{}; // nothing is translated: a line end stays a line end
    const winsize size = {24, 80, 0, 0};
    int terminal = -1;
    const pid_t child = forkpty(&terminal, nullptr, &modes, &size);
    if (child == 0) {
        setenv("TERM", term.c_str(), 1);
        unsetenv("NO_COLOR");
        become("bru", words, seconds);
    }
    std::string screen;
    char buffer[4096];
    for (ssize_t count = 0; (count = read(terminal, buffer, sizeof buffer)) > 0;) screen.append(buffer, count);
    close(terminal);
    int status = 0;
    waitpid(child, &status, 0);
    return screen;
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

std::string one_line(const std::string& text) {
    std::istringstream words(text);
    std::string line;
    for (std::string word; words >> word;) line += (line.empty() ? "" : " ") + word;
    return line;
}

std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace bru::test
