// Dispatch to the subcommands, and the one place where errors become messages and exit statuses.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include <boost/version.hpp>
#include <fmt/format.h>
#include <systemc>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/nearest.hpp"
#include "base/simd_level.hpp"
#include "cli/command.hpp"
#include "report/version.hpp"

namespace bru::cli {

namespace {

bool is_help(const std::string& word) { return word == "--help" || word == "-h" || word == "help"; }

/// Everything that was printed must have arrived: a full disk under `bru ... > file` is an error.
int flush_output(int status) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
    fmt::print(stderr, "bru: error: standard output could not be written (disk full?)\n");
    return status == kGood ? kWrongUse : status;
}

const Command& find_command(const std::string& name) {
    std::vector<std::string> names;
    for (const Command& command : commands()) {
        if (command.name == name) return command;
        names.push_back(command.name);
    }
    throw InputError(fmt::format("unknown subcommand '{}'{} Known are {}; see bru --help", name.substr(0, 80),
                                 did_you_mean(name, names).empty() ? "." : did_you_mean(name, names),
                                 fmt::join(names, ", ")));
}

int print_completion(const std::vector<std::string>& words) {
    if (words.size() != 2 || words[1] != "bash") throw InputError("completion: allowed is bru completion bash");
    fmt::print("{}", bash_completion());
    return kGood;
}

int dispatch(const std::vector<std::string>& words) {
    if (words.empty()) {
        fmt::print(stderr, "{}", help_text());
        return kWrongUse;
    }
    if (words[0] == "--version") {
        fmt::print("bru {} (SystemC {}, Boost {}, fmt {})\n", program_version(), SC_VERSION, BOOST_LIB_VERSION,
                   FMT_VERSION);
        return kGood;
    }
    if (words[0] == "completion") return print_completion(words);
    if (is_help(words[0])) {
        fmt::print("{}", words.size() > 1 ? help_text(find_command(words[1])) : help_text());
        return kGood;
    }
    const Command& command = find_command(words[0]);
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    if (std::find_if(rest.begin(), rest.end(), [](const auto& word) { return word == "--help" || word == "-h"; }) !=
        rest.end()) {
        fmt::print("{}", help_text(command));
        return kGood;
    }
    chosen_simd_level(); // a wrong BRU_SIMD is no fault of a model or a trace
    return command.run(parse_arguments(command, rest));
}

} // namespace

const std::vector<Command>& commands() {
    static const std::vector<Command> all = {run_command(),       trace_command(), check_command(),  inspect_command(),
                                             resources_command(), sweep_command(), report_command(), compare_command()};
    return all;
}

int run_program(const std::vector<std::string>& words) {
    std::string message;
    try {
        return flush_output(dispatch(words));
    } catch (const InputError& error) {
        message = error.what();
    } catch (const std::bad_alloc&) {
        message = "not enough memory; use a smaller model, smaller memories or shorter sequences";
    } catch (const std::exception& error) {
        message = fmt::format("internal error: {}", error.what());
    }
    std::fflush(stdout);
    if (interrupted()) {
        fmt::print(stderr, "bru: interrupted\n");
        return kInterrupted;
    }
    fmt::print(stderr, "bru: error: {}\n", message);
    return kWrongUse;
}

} // namespace bru::cli
