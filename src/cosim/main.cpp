// The program bru-cosim: holds the SystemC core against the RTL, and both against the reference, in random cases.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include <boost/program_options.hpp>
#include <fmt/format.h>
#include <systemc>

#include "base/error.hpp"
#include "base/nearest.hpp"
#include "base/numbers.hpp"
#include "cosim/campaign.hpp"

namespace {

namespace po = boost::program_options;

constexpr int kGood = 0;
constexpr int kMismatch = 1;
constexpr int kWrongUse = 2;
constexpr std::uint64_t kMostCases = 100'000'000;

const std::vector<std::string> kOptions = {"--cases",     "--seed",         "--shape",     "--case",
                                           "--case-file", "--failure-file", "--no-shrink", "--help"};

std::string help_text() {
    std::string shapes;
    for (const bru::RtlShape& shape : bru::rtl_shapes()) shapes += " " + shape.name;
    return "bru-cosim - random networks, inputs and stalls on the SystemC core, the Verilated RTL and the reference\n\n"
           "Usage: bru-cosim [--cases N] [--seed S] [--shape NAME]...\n\n"
           "Compares the cycle of every beat and interrupt, every output value and all counters. A case that differs "
           "is made\n"
           "smaller and printed with the command that repeats it. Exit status: 0 nothing differs, 1 something does, 2 "
           "wrong use.\n"
           "The last line is cases=N cycle_mismatches=X value_mismatches=Y, where X and Y count cases.\n\n"
           "  --cases N            cases to draw (default: 100)\n"
           "  --seed S             what they are drawn from (default: 1); a case depends on S, its number and the "
           "shapes\n"
           "  --shape NAME         only this shape; may be given several times (default: all that are built)\n"
           "  --case K             only case number K of the seed, counted from 0\n"
           "  --case-file FILE     the case in this file, as written for one that differs\n"
           "  --failure-file FILE  where the smallest case that differs is written (default: bru-cosim-failure.json)\n"
           "  --no-shrink          leave a case that differs as it is\n"
           "  --help               this text\n\nShapes:" +
           shapes + "\n\nExample:\n  bru-cosim --cases 1000 --seed 7\n";
}

/// The value of a number option.
std::uint64_t number(const po::variables_map& given, const std::string& name, std::uint64_t low, std::uint64_t high) {
    const std::string text = given[name].as<std::string>();
    const auto value = bru::parse_integer(text, low, high);
    if (!value)
        throw bru::InputError(
            fmt::format("--{} {}: allowed is an integer, {} to {}", name, text.substr(0, 80), low, high));
    return *value;
}

po::variables_map parse(int argc, char* argv[]) {
    po::options_description description;
    const auto text = [] { return po::value<std::string>(); };
    description.add_options()("help", "")("no-shrink", "")("cases", text(), "")("seed", text(), "")("case", text(), "")(
        "case-file", text(), "")("failure-file", text(), "")("shape",
                                                             po::value<std::vector<std::string>>()->composing(), "");
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing &
                      ~po::command_line_style::allow_short;
    try {
        po::variables_map given;
        po::store(po::command_line_parser(argc, argv).options(description).positional({}).style(style).run(), given);
        return given;
    } catch (const po::unknown_option& error) {
        throw bru::InputError(fmt::format("unknown option '{}'{}; see bru-cosim --help",
                                          error.get_option_name().substr(0, 80),
                                          bru::did_you_mean(error.get_option_name(), kOptions)));
    } catch (const po::error& error) {
        throw bru::InputError(fmt::format("{}; see bru-cosim --help", error.what()));
    }
}

bru::CampaignOptions options_from(const po::variables_map& given, const char* program) {
    bru::CampaignOptions options;
    options.program = program;
    if (given.count("cases") != 0) options.cases = number(given, "cases", 1, kMostCases);
    if (given.count("seed") != 0) options.seed = number(given, "seed", 0, INT64_MAX);
    if (given.count("case") != 0) options.only_case = number(given, "case", 0, INT64_MAX);
    if (given.count("case-file") != 0) options.case_file = given["case-file"].as<std::string>();
    if (given.count("failure-file") != 0) options.failure_file = given["failure-file"].as<std::string>();
    options.shrinks = given.count("no-shrink") == 0;
    if (given.count("shape") != 0) options.shapes = given["shape"].as<std::vector<std::string>>();
    return options;
}

int run(int argc, char* argv[]) {
    std::string message;
    try {
        const po::variables_map given = parse(argc, argv);
        if (given.count("help") != 0) {
            fmt::print("{}", help_text());
            return kGood;
        }
        return bru::Campaign(options_from(given, argv[0])).run() ? kGood : kMismatch;
    } catch (const bru::InputError& error) {
        message = error.what();
    } catch (const std::exception& error) {
        message = fmt::format("internal error: {}", error.what());
    }
    std::fflush(stdout);
    fmt::print(stderr, "bru-cosim: error: {}\n", message);
    return kWrongUse;
}

} // namespace

int sc_main(int argc, char* argv[]) {
    // A fatal report becomes an exception: a core with a fault must not end the program.
    sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
    const int status = run(argc, argv);
    return std::fflush(stdout) == 0 ? status : kWrongUse;
}

int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
