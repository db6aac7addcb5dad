// Parsing with Boost.Program_options over a description made from the option table; its messages are replaced by
// ones that name the option, what is allowed and the nearest known name.
#include <algorithm>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/nearest.hpp"
#include "base/numbers.hpp"
#include "cli/command.hpp"

namespace bru::cli {

namespace po = boost::program_options;

namespace {

std::string shortened(const std::string& text) { return text.size() <= 80 ? text : text.substr(0, 80) + "..."; }

std::vector<std::string> option_names(const Command& command) {
    std::vector<std::string> names = {"--help"};
    for (const Option& option : command.options) names.push_back("--" + option.name);
    if (command.takes_parameters) {
        for (const Parameter& parameter : parameters()) names.push_back("--" + parameter.key);
    }
    return names;
}

po::options_description description_of(const Command& command) {
    po::options_description description;
    const auto with_value = [] { return po::value<std::vector<std::string>>()->composing(); };
    for (const Option& option : command.options) {
        if (option.argument.empty()) {
            description.add_options()(option.name.c_str(), "");
        } else {
            description.add_options()(option.name.c_str(), with_value(), "");
        }
    }
    if (command.takes_parameters) {
        for (const Parameter& parameter : parameters())
            description.add_options()(parameter.key.c_str(), with_value(), "");
    }
    return description;
}

po::parsed_options parse(const Command& command, const std::vector<std::string>& words,
                         const po::options_description& description) {
    const std::string help = fmt::format("; see bru {} --help", command.name);
    try {
        // A name must be given in full: an abbreviation that is unique today need not be so tomorrow.
        const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing &
                          ~po::command_line_style::allow_short;
        return po::command_line_parser(words).options(description).style(style).run();
    } catch (const po::unknown_option& error) {
        throw InputError(fmt::format("bru {}: unknown option '{}'{}{}", command.name,
                                     shortened(error.get_option_name()),
                                     did_you_mean(error.get_option_name(), option_names(command)), help));
    } catch (const po::invalid_command_line_syntax& error) {
        throw InputError(fmt::format("bru {}: {}{}", command.name, error.what(), help));
    } catch (const po::error& error) {
        throw InputError(fmt::format("bru {}: {}{}", command.name, error.what(), help));
    }
}

void check_choice(const Command& command, const Option& option, const std::string& text) {
    if (option.choices.empty()) return;
    if (std::find(option.choices.begin(), option.choices.end(), text) != option.choices.end()) return;
    throw InputError(fmt::format("bru {}: --{} {}: allowed is {}{}", command.name, option.name, shortened(text),
                                 fmt::join(option.choices, ", "), did_you_mean(text, option.choices)));
}

[[noreturn]] void refuse_number(const std::string& name, const std::string& text, const std::string& allowed) {
    throw InputError(fmt::format("--{} {}: not allowed; allowed is {}", name, shortened(text), allowed));
}

} // namespace

Option flag(const std::string& name, const std::string& help) {
    return {name, "", help, {}, Option::Completes::nothing};
}
Option value(const std::string& name, const std::string& argument, const std::string& help) {
    return {name, argument, help, {}, Option::Completes::nothing};
}
Option file(const std::string& name, const std::string& help, const std::string& argument) {
    return {name, argument, help, {}, Option::Completes::file};
}
Option choice(const std::string& name, std::vector<std::string> choices, const std::string& help) {
    std::string argument = fmt::format("{}", fmt::join(choices, "|"));
    return {name, std::move(argument), help, std::move(choices), Option::Completes::nothing};
}

std::optional<std::string> Arguments::text(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

std::string Arguments::text_or(const std::string& name, const std::string& otherwise) const {
    return text(name).value_or(otherwise);
}

std::string Arguments::required(const std::string& name) const {
    const std::optional<std::string> given = text(name);
    if (!given) throw InputError(fmt::format("--{} is required", name));
    return *given;
}

std::optional<std::int64_t> Arguments::integer(const std::string& name, std::int64_t low, std::int64_t high) const {
    const std::optional<std::string> given = text(name);
    if (!given) return std::nullopt;
    const auto number = parse_integer(*given, low, high);
    if (!number) refuse_number(name, *given, fmt::format("{} to {}", low, high));
    return number;
}

std::optional<double> Arguments::real(const std::string& name, double low, double high) const {
    const std::optional<std::string> given = text(name);
    if (!given) return std::nullopt;
    const auto number = parse_real(*given, low, high);
    if (!number) refuse_number(name, *given, fmt::format("a number from {} to {}", low, high));
    return number;
}

Arguments parse_arguments(const Command& command, const std::vector<std::string>& words) {
    const po::options_description description = description_of(command);
    const po::parsed_options parsed = parse(command, words, description);
    Arguments arguments;
    for (const auto& given : parsed.options) {
        if (given.position_key >= 0 && given.string_key.empty()) {
            const std::string& word = given.value.front();
            if (command.positional.empty())
                throw InputError(fmt::format("bru {}: unexpected argument '{}'; see bru {} --help", command.name,
                                             shortened(word), command.name));
            if (!arguments.positional.empty() && command.takes_more_positionals) {
                arguments.more_positionals.push_back(word);
                continue;
            }
            if (!arguments.positional.empty())
                throw InputError(fmt::format("bru {}: '{}' is one {} too many; give one", command.name, shortened(word),
                                             command.positional));
            arguments.positional = word;
            continue;
        }
        const std::string text = given.value.empty() ? "" : given.value.back();
        const auto option = std::find_if(command.options.begin(), command.options.end(),
                                         [&given](const Option& each) { return each.name == given.string_key; });
        if (option == command.options.end()) {
            arguments.overrides.push_back({given.string_key, text});
            continue;
        }
        check_choice(command, *option, text);
        arguments.set(option->name, text);
    }
    return arguments;
}

} // namespace bru::cli
