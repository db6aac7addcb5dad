// Runs the built program as a user would, and keeps what it printed.
#pragma once

#include <string>
#include <vector>

namespace bru::test {

struct Outcome {
    int status = 0; ///< exit status, or 128 + signal
    std::string out;
    std::string err;
};

/// Runs a program of build/ with these words in `folder` ("" for the current one). Kills it after `seconds`.
Outcome run_program(const std::string& program, const std::vector<std::string>& words, const std::string& folder = "",
                    unsigned seconds = 60);
Outcome run_bru(const std::vector<std::string>& words, const std::string& folder = "", unsigned seconds = 60);

/// What build/bru writes to a terminal of the kind `term`, both outputs together, as the program writes it.
std::string screen_of_bru(const std::vector<std::string>& words, const std::string& term, unsigned seconds = 60);

/// A folder that goes away with the test.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string operator/(const std::string& name) const { return path + "/" + name; }
    std::string write(const std::string& name, const std::string& content) const;
    /// Names in the folder, sorted.
    std::vector<std::string> names() const;
    std::string path;
};

/// The text without its line breaks and indents: one blank between words.
std::string one_line(const std::string& text);

std::string file_text(const std::string& path);

} // namespace bru::test
