// Manual pages of section 1 from the option tables, in the macros of man(7).
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/command_line/option_table.hpp"
#include "base/text_layout.hpp"
#include "base/version.hpp"

namespace bru {

namespace {

/// Text as roff takes it literally; every line break is one between words.
std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '\\')
            result += "\\e";
        else if (c == '-')
            result += "\\-";
        else
            result += c;
    }
    return result;
}

/// A line that starts with no control character.
std::string text_line(const std::string& text) {
    const bool controls = !text.empty() && (text[0] == '.' || text[0] == '\'');
    return (controls ? "\\&" : "") + escaped(text) + "\n";
}

std::string page_name(const Program& program, const Command& command) {
    return command.name.empty() ? program.name : program.name + "-" + command.name;
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string section(const std::string& title, const std::string& body) {
    return body.empty() ? "" : ".SH " + title + "\n" + body;
}

std::string head(const Program& program, const std::string& page, const std::string& summary) {
    return fmt::format(".\\\" made by: {} manual\n.TH {} 1 \"{}\" \"{} {}\" \"User Commands\"\n", program.name,
                       escaped(upper(page)), program_date(), escaped(program.name), program_version()) +
           section("NAME", fmt::format("{} \\- {}\n", escaped(page), escaped(summary)));
}

std::string body_text(const std::string& text) {
    std::string result;
    for (const std::string& paragraph : paragraphs(text))
        result += (result.empty() ? "" : ".PP\n") + text_line(paragraph);
    return result;
}

/// A list of terms; an argument behind an option's name is set apart.
std::string item(const std::string& term, const std::string& argument, const std::string& help) {
    const std::string behind = argument.empty() ? "" : " \\fI" + escaped(argument) + "\\fR";
    return ".TP\n\\fB" + escaped(term) + "\\fR" + behind + "\n" + text_line(help);
}

std::string items(const std::vector<Described>& table) {
    std::string text;
    for (const Described& each : table) text += item(each.name, "", each.help);
    return text;
}

std::string option_items(const Command& command) {
    std::string text;
    for (const Option& option : command.options) text += item("--" + option.name, option.argument, option.help);
    return text + item("--help", "", "this text");
}

std::string parameter_items(const Program& program, const Command& command) {
    if (command.parameters.empty()) return "";
    std::string text = text_line(program.parameters_title + ".");
    for (const Option& option : command.parameters)
        text += item(fmt::format("--{}={}", option.name, option.standard), "", option.help);
    return text;
}

/// An example is shown as it is typed.
std::string example_lines(const std::string& example) {
    return example.empty() ? "" : ".nf\n" + text_line(example) + ".fi\n";
}

std::string synopsis(const std::string& name, const std::string& usage) {
    return fmt::format(".B {}\n{}", escaped(name), usage.empty() ? "" : text_line(usage));
}

std::string references(const std::vector<std::string>& pages) {
    std::string text;
    for (const std::string& page : pages) {
        const std::size_t open = page.find('(');
        text += fmt::format(".BR {} {}{}\n", escaped(page.substr(0, open)), page.substr(open),
                            &page == &pages.back() ? "" : " ,");
    }
    return text;
}

/// Sections that all pages of a program end with.
std::string tail(const Program& program, const std::string& example, const std::vector<std::string>& pages) {
    return section("EXIT STATUS", items(program.statuses)) + section("ENVIRONMENT", items(program.environment)) +
           section("FILES", items(program.files)) + section("EXAMPLES", example_lines(example)) +
           section("SEE ALSO", references(pages));
}

} // namespace

std::string manual_page(const Program& program) {
    if (!program.has_subcommands()) return manual_page(program, program.commands.front());
    std::vector<std::string> pages;
    std::string subcommands;
    for (const Command& command : program.commands) {
        pages.push_back(page_name(program, command) + "(1)");
        subcommands += item(program.name + " " + command.name, "", command.summary);
    }
    subcommands +=
        item(program.name + " completion", "bash|zsh|fish", "print the completion file of that shell") +
        item(program.name + " manual", "[SUBCOMMAND]", "print a manual page") +
        item(program.name + " --version", "", "print the version of the program and of what it is built with");
    pages.insert(pages.end(), program.see_also.begin(), program.see_also.end());
    return head(program, program.name, program.summary) +
           section("SYNOPSIS", synopsis(program.name, "SUBCOMMAND [options]")) +
           section("DESCRIPTION", body_text(program.details)) + section("SUBCOMMANDS", subcommands) +
           tail(program, program.example, pages);
}

std::string manual_page(const Program& program, const Command& command) {
    std::vector<std::string> pages;
    if (program.has_subcommands()) pages.push_back(program.name + "(1)");
    pages.insert(pages.end(), program.see_also.begin(), program.see_also.end());
    const std::string description = command.details.empty() ? command.summary + "." : command.details;
    return head(program, page_name(program, command), command.summary) +
           section("SYNOPSIS", synopsis(full_name(program, command), command.usage)) +
           section("DESCRIPTION", body_text(description)) + section("OPTIONS", option_items(command)) +
           section("PARAMETERS", parameter_items(program, command)) + tail(program, command.example, pages);
}

} // namespace bru
