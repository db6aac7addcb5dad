// The completion file of bash. It needs nothing of the package bash-completion, which loads it by name where it is
// there.
#include <fmt/format.h>

#include "base/command_line/completion.hpp"

namespace bru {

namespace {

/// The call that fills COMPREPLY for an argument.
std::string action(const std::string& function, const std::vector<std::string>& words, const Completion& completion) {
    const std::string list = shell_quoted(fmt::format("{}", fmt::join(words, " ")));
    if (completion.is_list && !completion.shipped) return fmt::format("{}_list {}", function, list);
    if (completion.files == Completion::Files::folders) return function + "_files -d";
    if (completion.shipped)
        return fmt::format("{}_files {} {}", function,
                           shell_quoted(std::string("*") + facts_of(*completion.shipped).extension), list);
    if (completion.files == Completion::Files::any) return fmt::format("{}_files '*'", function);
    return words.empty() ? ":" : fmt::format("{}_words {}", function, list);
}

/// The helpers above the program's own function.
std::string helpers(const std::string& function) {
    constexpr const char* kText = R"(@_words() { # WORDS: those that start with what is typed
    local IFS=$'\n'
    COMPREPLY=($(IFS=' '; compgen -W "$1" -- "$current"))
}
@_list() { # WORDS: several with commas between them
    local before="" IFS=$'\n'
    case "$current" in *,*) before="${current%,*}," ;; esac
    COMPREPLY=($(IFS=' '; compgen -P "$before" -W "$1" -- "${current##*,}"))
    compopt -o nospace 2> /dev/null
}
@_files() { # -d, or PATTERN [WORDS]: folders, files of that pattern, and names that are known without a path
    local IFS=$'\n'
    compopt -o filenames 2> /dev/null
    COMPREPLY=($(
        IFS=' '
        compgen -d -- "$current"
        [ "$1" = -d ] || compgen -f -X "!$1" -- "$current" | while read -r file; do [ -d "$file" ] || echo "$file"; done
        [ -z "$2" ] || compgen -W "$2" -- "$current"
    ))
}
)";
    std::string text;
    for (const char* c = kText; *c != '\0'; ++c) text += *c == '@' ? function : std::string(1, *c);
    return text;
}

/// The branches of `case "$previous"` for a command: what can stand behind each option that takes an argument.
std::string argument_branches(const Command& command, const std::string& function, const std::string& indent) {
    std::string text;
    std::string unknown;
    for (const Option& option : all_options(command)) {
        if (option.argument.empty()) continue;
        const std::string call = action(function, offered_words(option), option.completion);
        if (call == ":")
            unknown += (unknown.empty() ? "--" : "|--") + option.name;
        else
            text += fmt::format("{}--{}) {}; return ;;\n", indent, option.name, call);
    }
    return unknown.empty() ? text : text + fmt::format("{}{}) return ;;\n", indent, unknown);
}

std::string command_body(const Command& command, const std::string& function, const std::string& indent) {
    std::string names = "--help";
    for (const Option& option : command.options) names += " --" + option.name;
    for (const Option& option : command.parameters) names += " --" + option.name + "=";
    const Completion& positional = command.positional.completion;
    const std::string otherwise = action(function, offered_words(positional), positional);
    return fmt::format("{0}case \"$previous\" in\n{1}{0}esac\n"
                       "{0}case \"$current\" in\n"
                       "{0}    -*) {2}_words '{3}'\n"
                       "{0}        case \"${{COMPREPLY[*]}}\" in *=) compopt -o nospace 2> /dev/null ;; esac ;;\n"
                       "{0}    *) {4} ;;\n"
                       "{0}esac\n",
                       indent, argument_branches(command, function, indent + "    "), function, names, otherwise);
}

std::string subcommand_bodies(const Program& program, const std::string& function) {
    std::string names;
    for (const Command& command : program.commands) names += command.name + " ";
    std::string text = fmt::format("    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                                   "        {}_words '{}completion help manual --help --version'\n"
                                   "        return\n"
                                   "    fi\n"
                                   "    case \"${{COMP_WORDS[1]}}\" in\n"
                                   "        completion) {}_words 'bash zsh fish' ;;\n"
                                   "        help|manual) {}_words '{}' ;;\n",
                                   function, names, function, function, names);
    for (const Command& command : program.commands)
        text += fmt::format("        {})\n{}            ;;\n", command.name,
                            command_body(command, function, "            "));
    return text + "    esac\n";
}

} // namespace

std::string bash_completion(const Program& program) {
    const std::string function = function_name(program);
    return fmt::format("# bash completion for {0}, made by: {0} completion bash\n\n"
                       "{1}{2}() {{\n"
                       "    local current=\"${{COMP_WORDS[COMP_CWORD]}}\" previous=\"${{COMP_WORDS[COMP_CWORD-1]}}\"\n"
                       "    COMPREPLY=()\n"
                       "    # bash takes --name=value apart into three words.\n"
                       "    if [ \"$current\" = \"=\" ]; then\n"
                       "        current=\"\"\n"
                       "    elif [ \"$previous\" = \"=\" ]; then\n"
                       "        previous=\"${{COMP_WORDS[COMP_CWORD-2]}}\"\n"
                       "    fi\n"
                       "{3}}}\n"
                       "complete -F {2} {0}\n",
                       program.name, helpers(function), function,
                       program.has_subcommands() ? subcommand_bodies(program, function)
                                                 : command_body(program.commands.front(), function, "    "));
}

} // namespace bru
