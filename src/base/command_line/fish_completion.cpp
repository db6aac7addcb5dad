// The completion file of fish.
#include <fmt/format.h>

#include "base/command_line/completion.hpp"

namespace bru {

namespace {

/// Options of fish's `complete` that say what an argument can be.
std::string argument_words(const std::vector<std::string>& words, const Completion& completion) {
    const std::string list = fmt::format("{}", fmt::join(words, " "));
    if (completion.is_list && !completion.shipped)
        return fmt::format(" -x -a \"(__fish_complete_list , 'string split \\\" \\\" \\\"{}\\\"')\"", list);
    if (completion.files == Completion::Files::folders) return " -x -a '(__fish_complete_directories)'";
    if (completion.shipped)
        return fmt::format(" -x -a '{} (__fish_complete_suffix {})'", list, facts_of(*completion.shipped).extension);
    if (completion.files == Completion::Files::any) return " -r -F";
    return " -x" + (words.empty() ? "" : " -a " + shell_quoted(list));
}

std::string option_lines(const Command& command, const std::string& start) {
    std::string text = start + " -l help -d 'this text'\n";
    for (const Option& option : all_options(command)) {
        const std::string argument =
            option.argument.empty() ? "" : argument_words(offered_words(option), option.completion);
        text += fmt::format("{} -l {}{} -d {}\n", start, option.name, argument, shell_quoted(option.help));
    }
    const Completion& positional = command.positional.completion;
    if (!command.positional.name.empty() &&
        (positional.shipped || positional.files != Completion::Files::none || !positional.words.empty()))
        text += start + argument_words(offered_words(positional), positional) + "\n";
    return text;
}

std::string subcommand_lines(const Program& program) {
    const std::string complete = "complete -c " + program.name;
    const std::string function = "_" + function_name(program) + "_subcommand";
    std::string names;
    std::string text = fmt::format("function {}\n"
                                   "    set -l words (commandline -opc)\n"
                                   "    test (count $words) -eq 1; and test -z \"$argv\"; and return 0\n"
                                   "    test (count $words) -gt 1; and contains -- $words[2] $argv\n"
                                   "end\n",
                                   function);
    const auto name_line = [&](const std::string& name, const std::string& help) {
        text += fmt::format("{} -n {} -a {} -d {}\n", complete, function, name, shell_quoted(help));
    };
    for (const Command& command : program.commands) {
        names += (names.empty() ? "" : " ") + command.name;
        name_line(command.name, command.summary);
    }
    for (const Described& each : builtin_subcommands()) name_line(each.name, each.help);
    text += fmt::format("{} -n {} -l help -d 'all subcommands'\n{} -n {} -l version -d 'version'\n", complete, function,
                        complete, function);
    text += fmt::format("{} -n '{} completion' -a 'bash zsh fish'\n", complete, function);
    text += fmt::format("{} -n '{} help manual' -a '{}'\n", complete, function, names);
    for (const Command& command : program.commands)
        text += option_lines(command, fmt::format("{} -n '{} {}'", complete, function, command.name));
    return text;
}

} // namespace

std::string fish_completion(const Program& program) {
    const std::string complete = "complete -c " + program.name;
    return fmt::format("# fish completion for {0}, made by: {0} completion fish\n\n{1} -f\n{2}", program.name, complete,
                       program.has_subcommands() ? subcommand_lines(program)
                                                 : option_lines(program.commands.front(), complete));
}

} // namespace bru
