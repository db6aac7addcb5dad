// The program's and the subcommands' --help, and the bash completion: both are only other views of the option tables.
#include <algorithm>

#include <fmt/format.h>

#include "cli/command.hpp"

namespace bru::cli {

namespace {

constexpr std::size_t kWidestName = 34;

std::string option_line(const std::string& name, const std::string& help) {
    if (name.size() > kWidestName) return fmt::format("  {}\n  {:{}}  {}\n", name, "", kWidestName, help);
    return fmt::format("  {:{}}  {}\n", name, kWidestName, help);
}

std::string option_table(const std::vector<Option>& options) {
    std::string text;
    for (const Option& option : options)
        text += option_line("--" + option.name + (option.argument.empty() ? "" : " " + option.argument), option.help);
    return text;
}

std::string parameter_table() {
    const Configuration defaults;
    std::string text;
    for (const Parameter& parameter : parameters()) {
        const std::string unit = parameter.unit.empty() ? "" : " " + parameter.unit;
        text += option_line(fmt::format("--{}={}", parameter.key, parameter.get(defaults)),
                            fmt::format("{} [{}{}]", parameter.help, parameter.range, unit));
    }
    return text;
}

std::string completion_words(const Command& command) {
    std::string words = "--help";
    for (const Option& option : command.options) words += " --" + option.name;
    if (command.takes_parameters) {
        for (const Parameter& parameter : parameters()) words += " --" + parameter.key + "=";
    }
    return words;
}

/// The case of `previous option -> what can follow`, over all subcommands (an option means the same in each).
std::string completion_of_values() {
    std::vector<std::string> seen;
    std::string text;
    for (const Command& command : commands()) {
        for (const Option& option : command.options) {
            if (option.argument.empty() || std::find(seen.begin(), seen.end(), option.name) != seen.end()) continue;
            seen.push_back(option.name);
            std::string action = ":";
            if (!option.choices.empty())
                action =
                    fmt::format("COMPREPLY=($(compgen -W \"{}\" -- \"$current\"))", fmt::join(option.choices, " "));
            else if (option.completes == Option::Completes::file)
                action = "COMPREPLY=($(compgen -f -- \"$current\"))";
            else if (option.completes == Option::Completes::folder)
                action = "COMPREPLY=($(compgen -d -- \"$current\"))";
            text += fmt::format("        --{}) {}; return ;;\n", option.name, action);
        }
    }
    return text;
}

} // namespace

std::string help_text() {
    std::string text = "bru - cycle-accurate simulator of a binarized-LSTM accelerator (BRU) on a Zynq\n\n"
                       "Usage: bru SUBCOMMAND [options]\n\nSubcommands:\n";
    for (const Command& command : commands()) text += fmt::format("  {:12}{}\n", command.name, command.summary);
    text += "\n  bru SUBCOMMAND --help   options of a subcommand, with an example\n"
            "  bru --version           version of the program and of what it is built with\n"
            "\nExample:\n  bru run --config configs/z7020.ini --model models/warpeace_h256.onnx --trace "
            "traces/warpeace.trace\n"
            "\nResults go to standard output, messages to standard error. Exit status: 0 good, 1 a check failed,\n"
            "2 wrong use or input.\n";
    return text;
}

std::string help_text(const Command& command) {
    std::string text =
        fmt::format("bru {} - {}\n\nUsage: bru {} {}\n", command.name, command.summary, command.name, command.usage);
    if (!command.details.empty()) text += "\n" + command.details + "\n";
    if (!command.options.empty()) text += "\nOptions:\n" + option_table(command.options);
    text += option_line("--help", "this text");
    if (command.takes_parameters)
        text += "\nParameters, with their defaults; each wins over the configuration file:\n" + parameter_table();
    return text + "\nExample:\n  " + command.example + "\n";
}

std::string bash_completion() {
    std::string names;
    std::string options;
    for (const Command& command : commands()) {
        names += command.name + " ";
        std::string files;
        if (command.positional_completes == Option::Completes::file) files = "$(compgen -f -- \"$current\")";
        if (command.positional_completes == Option::Completes::folder) files = "$(compgen -d -- \"$current\")";
        options += fmt::format("        {}) words=\"{}\"; files={} ;;\n", command.name, completion_words(command),
                               files.empty() ? "\"\"" : "\"" + files + "\"");
    }
    return "# bash completion for bru, made by: bru completion bash\n"
           "_bru() {\n"
           "    local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\" words files\n"
           "    COMPREPLY=()\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "        COMPREPLY=($(compgen -W \"" +
           names +
           "help --help --version\" -- \"$current\"))\n"
           "        return\n"
           "    fi\n"
           "    case \"$previous\" in\n" +
           completion_of_values() +
           "    esac\n"
           "    case \"${COMP_WORDS[1]}\" in\n" +
           options +
           "        *) return ;;\n"
           "    esac\n"
           "    case \"$current\" in\n"
           "        -*) COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "            [ \"${#COMPREPLY[@]}\" -eq 1 ] && [ \"${COMPREPLY[0]%=}\" != \"${COMPREPLY[0]}\" ] && compopt "
           "-o nospace ;;\n"
           "        *) COMPREPLY=($files) ;;\n"
           "    esac\n"
           "}\n"
           "complete -o filenames -F _bru bru\n";
}

} // namespace bru::cli
