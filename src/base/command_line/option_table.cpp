#include "base/command_line/option_table.hpp"

#include <fmt/format.h>

namespace bru {

Option flag(const std::string& name, const std::string& help) { return {name, "", help}; }

Option value(const std::string& name, const std::string& argument, const std::string& help) {
    return {name, argument, help};
}

Option choice(const std::string& name, std::vector<std::string> choices, const std::string& help) {
    std::string argument = fmt::format("{}", fmt::join(choices, "|"));
    return {name, std::move(argument), help, std::move(choices)};
}

Option file(const std::string& name, const std::string& help, const std::string& argument) {
    Option option{name, argument, help};
    option.completion.files = Completion::Files::any;
    return option;
}

Option folder(const std::string& name, const std::string& help, const std::string& argument) {
    Option option{name, argument, help};
    option.completion.files = Completion::Files::folders;
    return option;
}

Option input(const std::string& name, ShippedKind kind, const std::string& help, const std::string& argument) {
    Option option = file(name, help, argument);
    option.completion.shipped = kind;
    return option;
}

std::string full_name(const Program& program, const Command& command) {
    return command.name.empty() ? program.name : program.name + " " + command.name;
}

std::vector<Option> needing(const std::string& other, std::vector<Option> options) {
    for (Option& option : options)
        if (option.name != other) option.needs = other;
    return options;
}

std::vector<Option> join(std::vector<std::vector<Option>> groups) {
    std::vector<Option> all;
    for (std::vector<Option>& group : groups) all.insert(all.end(), group.begin(), group.end());
    return all;
}

} // namespace bru
