// The completion file of zsh, for its completion system (compsys).
#include <fmt/format.h>

#include "base/command_line/completion.hpp"

namespace bru {

namespace {

/// Text inside the brackets or between the colons of an _arguments specification.
std::string described(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
        result += c;
    }
    return result;
}

/// The action of an _arguments specification.
std::string action(const std::string& function, const std::vector<std::string>& words, const Completion& completion) {
    const std::string list = fmt::format("{}", fmt::join(words, " "));
    if (completion.is_list && !completion.shipped) return fmt::format("{{_values -s , name {}}}", list);
    if (completion.files == Completion::Files::folders) return "_files -/";
    if (completion.shipped)
        return fmt::format("{{{}_known \"{}\" \"*{}\"}}", function, list, facts_of(*completion.shipped).extension);
    if (completion.files == Completion::Files::any) return "_files";
    return words.empty() ? " " : "(" + list + ")";
}

std::string specification(const Option& option, const std::string& function) {
    const std::string name =
        fmt::format("--{}{}[{}]", option.name, option.argument.empty() ? "" : "=", described(option.help));
    if (option.argument.empty()) return shell_quoted(name);
    return shell_quoted(fmt::format("{}:{}:{}", name, described(option.argument),
                                    action(function, offered_words(option), option.completion)));
}

std::string arguments_call(const Command& command, const std::string& function, const std::string& indent) {
    std::string text = indent + "_arguments \\\n";
    for (const Option& option : all_options(command))
        text += fmt::format("{}    {} \\\n", indent, specification(option, function));
    if (!command.positional.name.empty()) {
        const Completion& completion = command.positional.completion;
        text += fmt::format("{}    {} \\\n", indent,
                            shell_quoted(fmt::format("{}:{}:{}", command.positional.takes_more ? "*" : "1",
                                                     described(command.positional.name),
                                                     action(function, offered_words(completion), completion))));
    }
    return text + indent + "    '--help[this text]'\n";
}

std::string name_with_help(const std::string& name, const std::string& help) {
    return shell_quoted(name + ":" + described(help));
}

std::string subcommand_bodies(const Program& program, const std::string& function) {
    std::string names;
    std::string list;
    std::string bodies;
    for (const Command& command : program.commands) {
        names += command.name + " ";
        list += "        " + name_with_help(command.name, command.summary) + "\n";
        bodies += fmt::format("        {})\n{}            ;;\n", command.name,
                              arguments_call(command, function, "            "));
    }
    for (const Described& each : builtin_subcommands())
        list += "        " + name_with_help(each.name, each.help) + "\n";
    return fmt::format("    local -a subcommands=(\n{}    )\n"
                       "    if (( CURRENT == 2 )); then\n"
                       "        _describe subcommand subcommands\n"
                       "        return\n"
                       "    fi\n"
                       "    # The subcommand takes the place of the program for what follows.\n"
                       "    shift words\n"
                       "    (( CURRENT-- ))\n"
                       "    case \"$words[1]\" in\n"
                       "        completion) _arguments '1:shell:(bash zsh fish)' ;;\n"
                       "        help|manual) _arguments '1:subcommand:({})' ;;\n"
                       "{}    esac\n",
                       list, names, bodies);
}

} // namespace

std::string zsh_completion(const Program& program) {
    const std::string function = "_" + program.name; // that of the file, which compsys calls
    return fmt::format("#compdef {0}\n# zsh completion for {0}, made by: {0} completion zsh\n\n"
                       "{1}_known() {{ # WORDS PATTERN: names that are known without a path, and files\n"
                       "    local -a words_known=(${{=1}})\n"
                       "    _alternative 'known:shipped file:compadd -a words_known' \"files:file:_files -g '$2'\"\n"
                       "}}\n"
                       "{1}() {{\n"
                       "{2}}}\n\n"
                       "if [ \"$funcstack[1]\" = {1} ]; then\n    {1} \"$@\"\nelse\n    compdef {1} {0}\nfi\n",
                       program.name, function,
                       program.has_subcommands() ? subcommand_bodies(program, function)
                                                 : arguments_call(program.commands.front(), function, "    "));
}

} // namespace bru
