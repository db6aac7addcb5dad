#include "base/command_line/completion.hpp"

#include <algorithm>

namespace bru {

std::string function_name(const Program& program) {
    std::string name = "_" + program.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

std::string shell_quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("\u2019") : std::string(1, c);
    return result + "'";
}

std::vector<std::string> offered_words(const Completion& completion) {
    std::vector<std::string> words = completion.words;
    if (completion.shipped)
        for (const std::string& name : shipped_names(*completion.shipped)) words.push_back(name);
    return words;
}

std::vector<std::string> offered_words(const Option& option) {
    return option.choices.empty() ? offered_words(option.completion) : option.choices;
}

std::vector<Option> all_options(const Command& command) { return join({command.options, command.parameters}); }

std::vector<Described> builtin_subcommands() {
    return {{"help", "help of a subcommand"},
            {"completion", "completion file of a shell"},
            {"manual", "manual page of a subcommand"}};
}

} // namespace bru
