// What a subcommand declares: its options are data, and parsing, --help, "did you mean" and the shell
// completion all derive from that one table.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/load_configuration.hpp"

namespace bru::cli {

/// Exit statuses of the program. 130 after an interrupt, as shells expect.
inline constexpr int kGood = 0;
inline constexpr int kCheckFailed = 1;
inline constexpr int kWrongUse = 2;
inline constexpr int kInterrupted = 130;

struct Option {
    enum class Completes { nothing, file, folder };

    std::string name;     ///< without the dashes
    std::string argument; ///< "FILE", "N"; "" for a flag
    std::string help;
    std::vector<std::string> choices; ///< all allowed arguments, where they can be listed
    Completes completes = Completes::nothing;
};

Option flag(const std::string& name, const std::string& help);
Option value(const std::string& name, const std::string& argument, const std::string& help);
Option file(const std::string& name, const std::string& help, const std::string& argument = "FILE");
Option choice(const std::string& name, std::vector<std::string> choices, const std::string& help);

/// The command line of a subcommand after parsing. An option given twice has its last value.
class Arguments {
public:
    std::string positional;                    ///< "" where none was given
    std::vector<std::string> more_positionals; ///< behind it, where the command takes them
    std::vector<Override> overrides;

    void set(const std::string& name, const std::string& text) { values_[name] = text; }
    bool has(const std::string& name) const { return values_.count(name) != 0; }
    std::optional<std::string> text(const std::string& name) const;
    std::string text_or(const std::string& name, const std::string& otherwise) const;
    /// The option's value; throws InputError that says it is required.
    std::string required(const std::string& name) const;
    /// Throw InputError with the allowed range where the value is no number in it.
    std::optional<std::int64_t> integer(const std::string& name, std::int64_t low, std::int64_t high) const;
    std::optional<double> real(const std::string& name, double low, double high) const;

private:
    std::map<std::string, std::string> values_;
};

struct Command {
    std::string name;
    std::string summary; ///< one line
    std::string usage;   ///< "--model M [options]"
    std::string details; ///< what it prints and writes, exit statuses
    std::string example;
    std::string positional; ///< name of the one positional argument, "" for none
    Option::Completes positional_completes = Option::Completes::nothing;
    bool takes_more_positionals = false;
    std::vector<Option> options;
    bool takes_parameters = false; ///< every parameter of parameters() is an option too
    std::function<int(const Arguments&)> run;
};

/// A subcommand each; a file each.
Command run_command();
Command trace_command();
Command check_command();
Command resources_command();
Command inspect_command();
Command sweep_command();
Command report_command();
Command compare_command();

/// In the order in which help lists them.
const std::vector<Command>& commands();

/// Parses what follows the subcommand's name. Throws InputError: unknown option (with the nearest), missing argument,
/// argument that is not among the choices, more than one positional.
Arguments parse_arguments(const Command& command, const std::vector<std::string>& words);

std::string help_text();
std::string help_text(const Command& command);

/// The bash completion file: subcommands, options, choices, from the tables above.
std::string bash_completion();

/// The whole program below main: dispatch, messages, exit status.
int run_program(const std::vector<std::string>& words);

} // namespace bru::cli
