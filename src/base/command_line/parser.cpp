// Parsing with Boost.Program_options over a description made from the option table; its messages are replaced by
// ones that name the option, what is allowed and the nearest known name.
#include <algorithm>
#include <filesystem>
#include <map>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "base/command_line/option_table.hpp"
#include "base/error.hpp"
#include "base/lookalikes.hpp"
#include "base/nearest.hpp"
#include "base/text_list.hpp"

namespace bru {

namespace po = boost::program_options;

namespace {

std::string shortened(const std::string& text) { return text.size() <= 80 ? text : text.substr(0, 80) + "..."; }

/// What the parser knows, and how its messages begin and end.
class Parser {
public:
    Parser(const Program& program, const Command& command) : program_(program), command_(command) {
        const std::string name = full_name(program, command);
        place_ = command.name.empty() ? "" : name + ": ";
        remedy_ = fmt::format("; see {} --help", name);
        for (const Option& option : join({command.options, command.parameters})) {
            names_.push_back("--" + option.name);
            if (option.argument.empty())
                description_.add_options()(option.name.c_str(), "");
            else
                description_.add_options()(option.name.c_str(), po::value<std::vector<std::string>>()->composing(), "");
        }
    }

    Arguments parse(const std::vector<std::string>& words) {
        Arguments arguments;
        for (const Option& option : command_.options)
            if (!option.argument.empty())
                arguments.describe(option.name, fmt::format("--{} {}: {}", option.name, option.argument, option.help));
        for (const po::option& given : split(words).options) {
            if (given.position_key >= 0 && given.string_key.empty())
                take_positional(arguments, given.value.front());
            else
                take_option(arguments, given.string_key, given.value.empty() ? "" : given.value.back());
        }
        check_needs(arguments);
        return arguments;
    }

private:
    [[noreturn]] void refuse(const std::string& message) const { throw InputError(place_ + message); }

    po::parsed_options split(const std::vector<std::string>& words) const {
        try {
            // A name must be given in full: an abbreviation that is unique today need not be so tomorrow.
            const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing &
                              ~po::command_line_style::allow_short;
            return po::command_line_parser(words).options(description_).style(style).run();
        } catch (const po::unknown_option& error) {
            refuse_unknown(error.get_option_name());
        } catch (const po::invalid_command_line_syntax& error) {
            refuse_syntax(error.get_option_name(), error.kind());
        } catch (const po::error& error) {
            refuse(error.what() + remedy_);
        }
    }

    /// A value that is missing, or one too many.
    [[noreturn]] void refuse_syntax(const std::string& given, po::invalid_syntax::kind_t kind) const {
        const std::string name = given.substr(0, given.find('='));
        for (const Option& option : join({command_.options, command_.parameters})) {
            if ("--" + option.name != name) continue;
            if (option.argument.empty()) refuse(fmt::format("{} is a switch and takes no value{}", name, remedy_));
            refuse(fmt::format("{} needs a value, {} {}: {}{}", name, name, option.argument, option.help, remedy_));
        }
        refuse(po::invalid_command_line_syntax(kind, given).what() + remedy_);
    }

    /// What the user may have meant by an argument that no option takes.
    std::string meant_by(const std::string& word) const {
        const std::string plain = without_lookalikes(word);
        if (plain != word && !plain.empty() && plain.front() == '-') return lookalike_remark(word);
        if (std::find(names_.begin(), names_.end(), word.substr(0, word.find('='))) != names_.end())
            return "; behind a lone -- there are no options: leave -- out";
        if (std::find(names_.begin(), names_.end(), "--" + word.substr(0, word.find('='))) != names_.end())
            return fmt::format(". Did you mean --{}?", shortened(word));
        if (word.size() > 1 && word.front() == '-') {
            const std::string instead = in_place_of(word.substr(1));
            if (!instead.empty()) return instead;
            return meant_by_letter(word) + did_you_mean_option("-" + word) + " (options have two dashes)";
        }
        for (const Option& option : command_.options) {
            if (!option.completion.shipped) continue;
            const std::string extension = facts_of(*option.completion.shipped).extension;
            if (word.size() > extension.size() &&
                word.compare(word.size() - extension.size(), extension.size(), extension) == 0)
                return fmt::format(". Did you mean --{} {}?", option.name, shortened(word));
        }
        return command_.other_words.empty() ? "; every value stands behind an option, and an option takes one value"
                                            : "; " + command_.other_words;
    }

    /// The options that a single letter behind a single dash may stand for.
    std::string meant_by_letter(const std::string& word) const {
        constexpr std::size_t kMostNamed = 4;
        if (const std::string synonym = synonym_of(word.substr(1, 1)); !synonym.empty()) return synonym;
        if (word.size() != 2) return "";
        std::vector<std::string> names;
        for (const Option& option : command_.options)
            if (option.name.front() == word[1]) names.push_back("--" + option.name);
        if (names.empty() || names.size() > kMostNamed) return "";
        return fmt::format(". Did you mean {}?", fmt::join(names, " or "));
    }

    /// Other options that take what this one does not: "--output-steps final" for "--output final".
    std::string belongs_to(const std::string& text) const {
        for (const Option& option : command_.options)
            if (std::find(option.choices.begin(), option.choices.end(), text) != option.choices.end())
                return fmt::format(". Did you mean --{} {}?", option.name, text);
        return "";
    }

    /// What takes the place of an option that other programs have.
    std::string in_place_of(const std::string& name) const {
        for (const Absent& each : program_.absent)
            if (std::find(each.names.begin(), each.names.end(), name) != each.names.end()) return "; " + each.instead;
        return "";
    }

    /// The option that other programs, or other subcommands, call by this name.
    std::string synonym_of(const std::string& name) const {
        for (const Synonyms& each : program_.synonyms) {
            if (std::find(each.names.begin(), each.names.end(), name) == each.names.end()) continue;
            for (const std::string& option : each.options)
                if (option != name && std::find(names_.begin(), names_.end(), "--" + option) != names_.end())
                    return fmt::format(". Did you mean '--{}'?", option);
        }
        return "";
    }

    [[noreturn]] void refuse_unknown(const std::string& given) const {
        const std::string name = given.substr(0, given.find('='));
        for (const Described& renamed : command_.renamed)
            if ("--" + renamed.name == name) refuse(renamed.help + remedy_);
        const std::string others = commands_with(name);
        const std::string bare = name.substr(std::min(name.size(), name.find_first_not_of('-')));
        std::string meant = in_place_of(bare);
        if (meant.empty() && others.empty()) meant = did_you_mean_option(name);
        if (meant.empty()) meant = synonym_of(bare);
        if (meant.empty() && !others.empty()) meant = "; it is an option of " + others;
        refuse(fmt::format("unknown option '{}'{}{}{}", shortened(name), meant, lookalike_remark(name), remedy_));
    }

    /// Other subcommands of the program that have the option, "bru sweep, bru report".
    std::string commands_with(const std::string& name) const {
        std::vector<std::string> commands;
        for (const Command& other : program_.commands)
            for (const Option& option : join({other.options, other.parameters}))
                if ("--" + option.name == name) commands.push_back(full_name(program_, other));
        return fmt::format("{}", fmt::join(commands, ", "));
    }

    /// The nearest option, or the parameter whose name behind its section is nearest: "--bru.lanes" for "--lane".
    std::string did_you_mean_option(const std::string& given) const {
        std::vector<std::string> names = names_;
        names.push_back("--help");
        const std::size_t dot = given.find('.'); // keys of [run] are options without their section
        const std::string bare_name = dot == std::string::npos ? given : "--" + given.substr(dot + 1);
        const bool is_bare_option =
            dot != std::string::npos && std::find(names.begin(), names.end(), bare_name) != names.end();
        const std::string nearest = is_bare_option ? bare_name : nearest_name(given, names);
        if (!nearest.empty()) return ". Did you mean '" + nearest + "'?";
        std::vector<std::string> bare;
        for (const Option& parameter : command_.parameters)
            bare.push_back("--" + parameter.name.substr(parameter.name.find('.') + 1));
        const std::string nearest_bare = nearest_name(given, bare);
        for (const Option& parameter : command_.parameters)
            if (!nearest_bare.empty() && nearest_bare.substr(2) == parameter.name.substr(parameter.name.find('.') + 1))
                return ". Did you mean '--" + parameter.name + "'?";
        return continued(given);
    }

    /// Options whose name, or whose name behind its section, goes on where the given one ends: "--bru.clock_mhz".
    std::string continued(const std::string& given) const {
        constexpr std::size_t kShortest = 5; // with the dashes
        constexpr std::size_t kMostNamed = 4;
        if (given.size() < kShortest) return "";
        std::vector<std::string> names;
        for (const std::string& name : names_) {
            const std::size_t dot = name.find('.');
            const std::string bare = dot == std::string::npos ? name : "--" + name.substr(dot + 1);
            if (name.rfind(given, 0) == 0 || bare.rfind(given, 0) == 0) names.push_back(fmt::format("'{}'", name));
        }
        if (names.empty() || names.size() > kMostNamed) return "";
        return fmt::format(". Did you mean {}?", fmt::join(names, " or "));
    }

    void take_positional(Arguments& arguments, const std::string& word) const {
        const Positional& positional = command_.positional;
        std::error_code ignored;
        const bool is_mistyped_option = // a file of such a name may be meant
            word.size() > 1 && word.front() == '-' && !std::filesystem::exists(word, ignored);
        if (positional.name.empty() || is_mistyped_option)
            refuse(fmt::format("unexpected argument '{}'{}{}", shortened(word), meant_by(word), remedy_));
        if (word.empty()) refuse(fmt::format("the {} is an empty name{}", positional.name, remedy_));
        if (arguments.positional.empty())
            arguments.positional = found(positional.completion, word);
        else if (positional.takes_more)
            arguments.more_positionals.push_back(word);
        else
            refuse(fmt::format("'{}' is one {} too many; give one{}{}", shortened(word), positional.name, out_remark(),
                               remedy_));
    }

    /// Where the second name is more likely that of the file to write.
    std::string out_remark() const {
        for (const Option& option : command_.options)
            if (option.name == "out") return fmt::format("; --out {} says what is written", option.argument);
        return "";
    }

    /// A switch has no value; names of files cannot be empty. An unset variable of the shell leaves such a value.
    void check_filled(const Option& option, const std::string& text) const {
        const bool names_file = option.completion.shipped || option.completion.files != Completion::Files::none;
        if (text.empty() && names_file)
            refuse(fmt::format("--{} has an empty value; give --{} {}: {}{}", option.name, option.name, option.argument,
                               option.help, remedy_));
    }

    /// An option that would be passed over in silence is a mistake.
    void check_needs(const Arguments& arguments) const {
        for (const Option& option : command_.options) {
            if (option.needs.empty() || !arguments.has(option.name) || arguments.has(option.needs)) continue;
            const auto needed = std::find_if(command_.options.begin(), command_.options.end(),
                                             [&option](const Option& each) { return each.name == option.needs; });
            refuse(fmt::format("--{} has no effect without --{}; give --{} {}, too, or leave --{} out", option.name,
                               needed->name, needed->name, needed->argument, option.name));
        }
    }

    [[noreturn]] void refuse_second(const std::string& name, const std::string& first,
                                    const std::string& second) const {
        if (first.empty()) refuse(fmt::format("--{} is given twice; give it once", name));
        refuse(fmt::format("--{} is given twice, with {} and with {}; give it once", name, shortened(first),
                           shortened(second)));
    }

    void take_option(Arguments& arguments, const std::string& name, const std::string& text) {
        const auto option = std::find_if(command_.options.begin(), command_.options.end(),
                                         [&name](const Option& each) { return each.name == name; });
        if (option == command_.options.end()) {
            for (const Override& earlier : arguments.overrides)
                if (earlier.key == name) refuse_second(name, earlier.value, text);
            arguments.overrides.push_back({name, text});
            return;
        }
        if (arguments.has(name) && !option->repeats) refuse_second(name, given_.at(name), text);
        check_filled(*option, text);
        given_[name] = text;
        const std::vector<std::string>& choices = option->choices;
        if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end())
            refuse(fmt::format("--{} {}: allowed is {}{}", name, shortened(text), fmt::join(choices, ", "),
                               belongs_to(text).empty() ? did_you_mean(without_lookalikes(text), choices)
                                                        : belongs_to(text)));
        arguments.add(name, found(option->completion, text));
    }

    /// The path of an input file that was named; any other text as it is.
    static std::string found(const Completion& completion, const std::string& text) {
        if (!completion.shipped) return text;
        std::error_code ignored;
        if (completion.files == Completion::Files::folders && !std::filesystem::exists(text, ignored) &&
            !find_shipped(*completion.shipped, text))
            throw InputError({text}, "there is no such folder; give the path of one");
        if (!completion.is_list) return find_input_file(*completion.shipped, text);
        std::vector<std::string> paths;
        for (const std::string& name : comma_list(text)) paths.push_back(find_input_file(*completion.shipped, name));
        return fmt::format("{}", fmt::join(paths, ","));
    }

    const Program& program_;
    const Command& command_;
    std::string place_;
    std::string remedy_;
    std::vector<std::string> names_;
    std::map<std::string, std::string> given_; ///< texts of the options so far, as written
    po::options_description description_;
};

} // namespace

Arguments parse_arguments(const Program& program, const Command& command, const std::vector<std::string>& words) {
    return Parser(program, command).parse(words);
}

} // namespace bru
