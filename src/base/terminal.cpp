#include "base/terminal.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text_layout.hpp"

namespace bru {

namespace {

bool is_dumb() {
    const char* const terminal = std::getenv("TERM");
    return terminal != nullptr && std::strcmp(terminal, "dumb") == 0;
}

} // namespace

bool terminal_wants_colour() {
    const char* const no_colour = std::getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0') && !is_dumb();
}

bool terminal_rewrites_lines() { return isatty(STDERR_FILENO) == 1 && !is_dumb(); }

std::size_t terminal_columns() {
    winsize size{};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : kTextColumns;
}

void rewrite_line(const std::string& text) {
    std::fputs(("\r\033[K" + text).c_str(), stderr);
    std::fflush(stderr);
}

void print_message(const std::string& text) {
    const std::string lines = isatty(STDERR_FILENO) == 1 ? wrapped(text) : text + "\n";
    std::fputs(lines.c_str(), stderr);
}

} // namespace bru
