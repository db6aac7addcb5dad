// The program bru-cosim: holds the SystemC core against the RTL, and both against the reference, in random cases.
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <systemc>

#include "base/command_line/option_table.hpp"
#include "base/interrupt.hpp"
#include "cosim/campaign.hpp"

namespace {

using namespace bru;

constexpr std::int64_t kMostCases = 100'000'000;

std::vector<std::string> shape_names() {
    std::vector<std::string> names;
    for (const RtlShape& shape : rtl_shapes()) names.push_back(shape.name);
    return names;
}

CampaignOptions options_from(const Arguments& arguments, const std::string& program) {
    CampaignOptions options;
    options.program = program;
    const auto number = [&arguments](const char* name, std::int64_t low, std::int64_t high) {
        return arguments.integer(name, low, high);
    };
    if (const auto cases = number("cases", 1, kMostCases)) options.cases = *cases;
    if (const auto seed = number("seed", 0, INT64_MAX)) options.seed = *seed;
    if (const auto only = number("case", 0, INT64_MAX)) options.only_case = *only;
    options.case_file = arguments.text_or("case-file", options.case_file);
    options.failure_file = arguments.text_or("failure-file", options.failure_file);
    options.stops = arguments.has("stop");
    options.shrinks = !arguments.has("no-shrink");
    options.shapes = arguments.all("shape");
    return options;
}

/// `called` is how the program was started: the command that repeats a case begins with it.
Command campaign_command(const std::string& called) {
    Command command;
    command.summary = "random networks, inputs and stalls on the SystemC core, the Verilated RTL and the reference";
    command.usage = "[--cases N] [--seed S] [--shape NAME]...";
    command.details = fmt::format(
        "Compares the cycle of every beat and interrupt, every output value and all counters. A case that differs is "
        "made smaller and printed with the command that repeats it. The last line is "
        "cases=N cycle_mismatches=X value_mismatches=Y, where X and Y count cases.\n\nShapes that are built: {}.",
        fmt::join(shape_names(), ", "));
    command.example = "bru-cosim --cases 1000 --seed 7";
    Option shape = value("shape", "NAME", "only this shape; may be given several times (default: all that are built)");
    shape.completion.words = shape_names();
    shape.repeats = true;
    command.options = {
        value("cases", "N", "cases to draw (default: 100)"),
        value("seed", "S", "what they are drawn from (default: 1); a case depends on S, its number and the shapes"),
        shape,
        value("case", "K", "only case number K of the seed, counted from 0"),
        file("case-file", "the case in this file, as written for one that differs"),
        file("failure-file", "where the smallest case that differs is written (default: bru-cosim-failure.json)"),
        flag("stop", "stop after the first case that differs"),
        flag("no-shrink", "leave a case that differs as it is")};
    command.run = [called](const Arguments& arguments) {
        return Campaign(options_from(arguments, called)).run() ? kGood : kCheckFailed;
    };
    return command;
}

Program cosim_program(const std::string& called) {
    Program program;
    program.name = "bru-cosim";
    program.commands = {campaign_command(called)};
    program.statuses = {{"0", "nothing differs"},
                        {"1", "a case differs"},
                        {"2", "wrong use or wrong input"},
                        {"130", "stopped by Ctrl-C: the last line counts the cases until then"}};
    program.see_also = {"bru(1)"};
    program.out_of_memory = "use fewer shapes";
    return program;
}

} // namespace

int sc_main(int argc, char* argv[]) {
    // A fatal report becomes an exception: a core with a fault must not end the program.
    sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
    catch_interrupts(std::chrono::seconds(10)); // a case may take a while, and counts
    return run_program(cosim_program(argv[0]), std::vector<std::string>(argv + 1, argv + argc));
}

int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return bru::run_main([&] { return sc_core::sc_elab_and_sim(argc, argv); });
}
