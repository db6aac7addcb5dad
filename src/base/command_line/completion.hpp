// What the three shells' completion files have in common.
#pragma once

#include <string>
#include <vector>

#include "base/command_line/option_table.hpp"

namespace bru {

/// The program's name as shells allow it in names of functions: "_bru_train".
std::string function_name(const Program& program);

/// Text between single quotes of a shell whose quotes know no escape: a quote inside becomes a typographic one.
std::string shell_quoted(const std::string& text);

/// Words that a shell can offer for an argument: the allowed ones, or the known ones and the shipped files' names.
std::vector<std::string> offered_words(const Option& option);
std::vector<std::string> offered_words(const Completion& completion);

/// Options and parameters of a command.
std::vector<Option> all_options(const Command& command);

/// Subcommands that every program with subcommands has beside its own.
std::vector<Described> builtin_subcommands();

} // namespace bru
