// --help of a program and of its subcommands.
#include <fmt/format.h>

#include "base/command_line/option_table.hpp"
#include "base/text_layout.hpp"

namespace bru {

namespace {

std::string rows(const std::string& title, const std::vector<Described>& table) {
    if (table.empty()) return "";
    std::string text = "\n" + title + ":\n";
    for (const Described& row : table) text += table_row(row.name, row.help);
    return text;
}

/// Lines of a usage, the later ones indented under the first.
std::string usage_lines(const std::string& name, const std::string& usage) {
    constexpr std::size_t kIndent = 4;
    const std::string start = "Usage: ";
    std::string lines = wrapped(std::string(start.size() - kIndent - 1, '.') + " " + name + " " + usage, kIndent);
    return start + lines.substr(start.size());
}

std::string option_rows(const Command& command) {
    std::string text;
    for (const Option& option : command.options)
        text += table_row("--" + option.name + (option.argument.empty() ? "" : " " + option.argument), option.help);
    return text + table_row("--help", "this text");
}

std::string parameter_rows(const Program& program, const Command& command) {
    if (command.parameters.empty()) return "";
    std::string text = "\n" + program.parameters_title + ":\n";
    for (const Option& option : command.parameters)
        text += table_row(fmt::format("--{}={}", option.name, option.standard), option.help);
    return text;
}

std::string statuses_and_variables(const Program& program) {
    return rows("Exit status", program.statuses) + rows("Environment", program.environment);
}

std::string example_lines(const std::string& example) {
    return example.empty() ? "" : "\nExample:\n" + command_lines(example);
}

} // namespace

std::string help_text(const Program& program) {
    if (!program.has_subcommands()) return help_text(program, program.commands.front());
    std::string text = wrapped(program.name + " - " + program.summary) + "\nUsage: " + program.name +
                       " SUBCOMMAND [options]\n\nSubcommands:\n";
    for (const Command& command : program.commands) text += table_row(command.name, command.summary);
    const std::string name = program.name + " ";
    text += "\n" + table_row(name + "SUBCOMMAND --help", "options of a subcommand, with an example") +
            table_row(name + "--version", "version of the program and of what it is built with") +
            table_row(name + "completion SHELL", "completion file of bash, zsh or fish") +
            table_row(name + "manual [SUBCOMMAND]", "manual page, for man -l");
    if (!program.details.empty()) text += "\n" + wrapped_paragraphs(program.details);
    return text + statuses_and_variables(program) + example_lines(program.example);
}

std::string help_text(const Program& program, const Command& command) {
    const std::string name = full_name(program, command);
    std::string text = wrapped(name + " - " + command.summary) + "\n" + usage_lines(name, command.usage);
    if (!command.details.empty()) text += "\n" + wrapped_paragraphs(command.details);
    text += "\nOptions:\n" + option_rows(command);
    if (!program.has_subcommands()) text += table_row("--version", "version of the program");
    text += parameter_rows(program, command);
    if (!program.has_subcommands()) text += statuses_and_variables(program);
    return text + example_lines(command.example);
}

} // namespace bru
