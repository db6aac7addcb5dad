// What a program's command line consists of, as data. Parsing, --help, the manual pages, the completions of bash, zsh
// and fish and "did you mean" all derive from these tables; no program parses by itself.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/command_line/arguments.hpp"
#include "base/shipped_files.hpp"

namespace bru {

/// Exit statuses of all programs. 130 after an interrupt, as shells expect.
inline constexpr int kGood = 0;
inline constexpr int kCheckFailed = 1;
inline constexpr int kWrongUse = 2;
inline constexpr int kInterrupted = 130;

/// What a shell offers where an argument stands.
struct Completion {
    enum class Files { none, any, folders };

    Files files = Files::none;
    std::vector<std::string> words = {};     ///< known arguments; others are allowed, too
    bool is_list = false;                    ///< several with commas between them
    std::optional<ShippedKind> shipped = {}; ///< an input file that is found by name among the shipped ones
};

struct Option {
    std::string name;     ///< without the dashes
    std::string argument; ///< "FILE", "N"; "" for a flag
    std::string help;
    std::vector<std::string> choices = {}; ///< all allowed arguments, where they can be listed
    Completion completion = {};
    std::string standard = ""; ///< value without the option; shown where the option is written NAME=VALUE
    bool repeats = false;      ///< may be given several times; Arguments::all() has every value
    std::string needs = "";    ///< another option of the command, without which this one has no effect
};

/// The arguments of a command that are no options.
struct Positional {
    std::string name; ///< "FILE"; "" where the command takes none
    Completion completion = {};
    bool takes_more = false; ///< any number of them
};

/// A name and what stands behind it: an environment variable, a file, an exit status.
struct Described {
    std::string name;
    std::string help;
};

struct Command {
    std::string name;    ///< of the subcommand; "" in a program that has none
    std::string summary; ///< one line
    std::string usage;   ///< "--model M [options]"
    std::string details; ///< what it prints and writes; an empty line parts paragraphs
    std::string example;
    Positional positional;
    std::string other_words = ""; ///< no positional: what words that no option takes may be meant for
    std::vector<Option> options;
    std::vector<Option> parameters; ///< of the configuration, "bru.lanes": listed apart, kept in Arguments::overrides
    std::vector<Described> renamed = {}; ///< parameters of before, and what the message about one says
    std::function<int(const Arguments&)> run;
};

/// What other programs and other subcommands call an option: "threads" for --processes.
struct Synonyms {
    std::vector<std::string> names;
    std::vector<std::string> options; ///< the first that the command has is meant
};

/// Options that other programs have, and what takes their place here.
struct Absent {
    std::vector<std::string> names;
    std::string instead;
};

struct Program {
    std::string name;
    std::string summary; ///< one line
    std::string details;
    std::string example;
    std::string version_details;   ///< what --version prints behind name and version: "(SystemC 2.3.4)"
    std::vector<Command> commands; ///< one without a name: the program has no subcommands
    std::vector<Described> statuses;
    std::vector<Described> environment;
    std::vector<Described> files;
    std::vector<std::string> see_also; ///< manual pages of other programs: "bru(1)"
    std::vector<Synonyms> synonyms = {};
    std::vector<Absent> absent = {};
    std::string out_of_memory = "";    ///< what to do about it
    std::string parameters_title = ""; ///< over Command::parameters

    std::function<void()> before_run = {}; ///< before any command; may throw InputError

    bool has_subcommands() const { return commands.size() != 1 || !commands.front().name.empty(); }
};

Option flag(const std::string& name, const std::string& help);
Option value(const std::string& name, const std::string& argument, const std::string& help);
Option choice(const std::string& name, std::vector<std::string> choices, const std::string& help);
/// A file that is written, or of no shipped kind.
Option file(const std::string& name, const std::string& help, const std::string& argument = "FILE");
Option folder(const std::string& name, const std::string& help, const std::string& argument = "FOLDER");
/// A file that is read; the parser replaces a name by the path of the file. Throws there where no such file is.
Option input(const std::string& name, ShippedKind kind, const std::string& help, const std::string& argument = "FILE");

/// "bru run", or "bru-cosim" where the command has no name.
std::string full_name(const Program& program, const Command& command);

/// The options, of which none but `other` itself has an effect without `other`.
std::vector<Option> needing(const std::string& other, std::vector<Option> options);

/// Tables after each other.
std::vector<Option> join(std::vector<std::vector<Option>> groups);

/// --help.
std::string help_text(const Program& program);
std::string help_text(const Program& program, const Command& command);

/// Manual pages in the language of man(7).
std::string manual_page(const Program& program);
std::string manual_page(const Program& program, const Command& command);

/// Completion files.
std::string bash_completion(const Program& program);
std::string zsh_completion(const Program& program);
std::string fish_completion(const Program& program);

/// Writes the manual pages and completion files of the program to man/, bash/, zsh/ and fish/ of `folder`, under the
/// names that an installation has for them.
void write_documents(const Program& program, const std::string& folder);

/// Parses what follows the command's name. Throws InputError: unknown option (with the nearest), missing argument,
/// argument that is not among the choices, an option given twice, too many positional arguments, an input file that is
/// nowhere.
Arguments parse_arguments(const Program& program, const Command& command, const std::vector<std::string>& words);

/// The whole program below main: dispatch, messages, exit status.
int run_program(const Program& program, const std::vector<std::string>& words);

/// What main returns: what `work` returns, or a message and status 2 where there is no memory even for the program's
/// table.
int run_main(const std::function<int()>& work);

} // namespace bru
