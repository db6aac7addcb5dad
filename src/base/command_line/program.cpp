// Dispatch to the subcommands, and the one place where errors become messages and exit statuses.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include <fmt/format.h>

#include "base/command_line/option_table.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "base/standard_streams.hpp"
#include "base/terminal.hpp"
#include "base/version.hpp"

namespace bru {

namespace {

constexpr std::size_t kMostMessageCharacters = 8000;

constexpr const char* kNoOutput = "standard output could not be written (closed, or on a full disk?)";

using Words = std::vector<std::string>;

bool is_help(const std::string& word) { return word == "--help" || word == "-h"; }

const Command& find_command(const Program& program, const std::string& name) {
    Words names;
    for (const Command& command : program.commands) {
        if (command.name == name) return command;
        names.push_back(command.name);
    }
    if (!name.empty() && name.front() == '-')
        throw InputError(fmt::format("unknown option '{}' in front of the subcommand; there are --help and --version, "
                                     "and options of a subcommand stand behind it; see {} --help",
                                     name.substr(0, 80), program.name));
    const std::string nearest = did_you_mean(name, names);
    throw InputError(fmt::format("unknown subcommand '{}'{} Known are {}; see {} --help", name.substr(0, 80),
                                 nearest.empty() ? "." : nearest, fmt::join(names, ", "), program.name));
}

std::string completion_file(const Program& program, const Words& words) {
    const Words shells = {"bash", "zsh", "fish"};
    if (words.size() == 1 && words[0] == "bash") return bash_completion(program);
    if (words.size() == 1 && words[0] == "zsh") return zsh_completion(program);
    if (words.size() == 1 && words[0] == "fish") return fish_completion(program);
    throw InputError(fmt::format("completion: give one shell; allowed is {}{}", fmt::join(shells, ", "),
                                 words.empty() ? "" : did_you_mean(words[0], shells)));
}

/// A page of the program, or of the subcommand that `words` name.
template <typename Page>
std::string page_of(const Program& program, const Words& words, const Page& page) {
    if (words.size() > 1)
        throw InputError(fmt::format("'{}' is one word too many; give one subcommand, or none; see {} --help",
                                     words[1].substr(0, 80), program.name));
    return words.empty() || !program.has_subcommands() ? page(program) : page(program, find_command(program, words[0]));
}

/// What the program says of itself, where it was asked for that.
std::optional<std::string> about(const Program& program, const Words& words) {
    if (words.empty()) return std::nullopt;
    const Words rest(words.begin() + 1, words.end());
    if (words[0] == "--version")
        return fmt::format("{} {}{}{}\n", program.name, program_version(), program.version_details.empty() ? "" : " ",
                           program.version_details);
    if (words[0] == "completion") return completion_file(program, rest);
    if (words[0] == "manual") return page_of(program, rest, [](const auto&... each) { return manual_page(each...); });
    if (words[0] == "help" || is_help(words[0]))
        return page_of(program, rest, [](const auto&... each) { return help_text(each...); });
    if (std::none_of(words.begin(), words.end(), is_help)) return std::nullopt;
    return program.has_subcommands() ? help_text(program, find_command(program, words[0])) : help_text(program);
}

int run_command(const Program& program, const Command& command, const Words& words) {
    if (program.before_run) program.before_run();
    return command.run(parse_arguments(program, command, words));
}

int dispatch(const Program& program, const Words& words) {
    if (const auto text = about(program, words)) {
        fmt::print("{}", *text);
        return kGood;
    }
    if (words.size() == 2 && words[0] == "documents") { // for the build, which installs them
        write_documents(program, words[1]);
        return kGood;
    }
    if (!program.has_subcommands()) {
        const Command& command = program.commands.front();
        return run_command(program, command, words);
    }
    if (words.empty()) {
        std::fputs(help_text(program).c_str(), stderr);
        return kWrongUse;
    }
    const Command& command = find_command(program, words[0]);
    return run_command(program, command, Words(words.begin() + 1, words.end()));
}

/// Everything that was printed must have arrived: a full disk under `bru ... > file` is an error.
int flush_output(const Program& program, int status) {
    if (flush_standard_output()) return status;
    print_message(program.name + ": error: " + kNoOutput);
    return status == kGood ? kWrongUse : status;
}

} // namespace

int run_main(const std::function<int()>& work) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        std::fputs("error: not enough memory to start\n", stderr);
        return kWrongUse;
    }
}

int run_program(const Program& program, const Words& words) {
    hold_standard_streams();
    std::string message;
    try {
        return flush_output(program, dispatch(program, words));
    } catch (const InputError& error) {
        message = error.what();
    } catch (const std::bad_alloc&) {
        message = "not enough memory; " + program.out_of_memory;
    } catch (const std::exception& error) {
        // Printing to a full disk throws.
        message = interrupted()              ? error.what()
                  : std::ferror(stdout) != 0 ? kNoOutput
                                             : fmt::format("internal error: {}", error.what());
    }
    // Whatever part of it came from a file or a command line: one line, and nothing that a terminal obeys.
    message = printable(message, kMostMessageCharacters);
    std::fflush(stdout);
    if (interrupted()) {
        print_message(program.name + ": " + message);
        return kInterrupted;
    }
    print_message(program.name + ": error: " + message);
    return kWrongUse;
}

} // namespace bru
