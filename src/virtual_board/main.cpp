// The program bru-virtual-board: a firmware on an emulated Cortex-A9 drives BRU, in SystemC or as RTL.
#include <chrono>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <systemc>

#include "base/command_line/option_table.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "cli/shared_options.hpp"
#include "run/run.hpp"
#include "trace/first_steps.hpp"
#include "virtual_board/board.hpp"
#include "virtual_board/report.hpp"

namespace {

using namespace bru;
using namespace bru::cli;

constexpr std::int64_t kMostSteps = 10'000'000; ///< they lie in the memory of the board

BoardOptions options_from(const Arguments& arguments) {
    BoardOptions options;
    options.firmware = arguments.text_or("firmware", BRU_FIRMWARE);
    const auto number = [&](const char* name, std::int64_t low, std::int64_t high, double standard) {
        const auto given = arguments.integer(name, low, high);
        return given ? static_cast<double>(*given) : standard;
    };
    ProcessorTiming& timing = options.processor;
    timing.clock_mhz = number("cpu-mhz", 1, 10'000, timing.clock_mhz);
    timing.cycles_per_instruction = number("cpi-percent", 1, 100'000, timing.cycles_per_instruction * 100) / 100;
    timing.quantum_ns = number("quantum-ns", 1, 1'000'000'000, timing.quantum_ns);
    options.baud = number("baud", 300, 1'000'000'000, options.baud);
    return options;
}

int run_virtual_board(const Arguments& arguments) {
    const std::string trace = arguments.required("trace");
    RunSpecification specification = specification_from(arguments, arguments.required("model"));
    specification.on_device = false;
    NotingLibrary library;
    const Run run(library, specification);
    const std::int64_t most = arguments.integer("steps", 1, kMostSteps).value_or(kMostSteps);
    const BoardOptions options = options_from(arguments);
    const BoardResult result = run_board(run, read_first_steps(trace, run.network(), most), options);
    fmt::print("{}\n\n{}", result.text, board_report(run, result, options));
    return result.result == BRU_OK && result.text == result.expected ? kGood : kCheckFailed;
}

Command board_command() {
    Command command;
    command.summary =
        "a firmware on an emulated Cortex-A9 loads BRU, streams a trace through it and prints the outputs";
    command.usage = "--model FILE --trace FILE [--core rtl] [options]";
    command.details =
        "The firmware (firmware/, over driver/) is executed instruction by instruction. Its text comes first, then "
        "where "
        "the time of the processor and of the accelerator went. The text is compared with the reference execution.\n"
        "docs/virtual-board.md describes the board.";
    command.example =
        "bru-virtual-board --model models/warpeace_h256.onnx --trace traces/warpeace.trace --output argmax";
    command.options =
        join({model_options(),
              {input("trace", ShippedKind::trace, "the steps"), value("steps", "N", "only the first N steps"),
               file("firmware", "an ELF file for 32-bit ARM (default: the one that was built)"),
               value("cpu-mhz", "N", "clock of the processor (default: 667, Zynq-7020 of speed grade 1)"),
               value("cpi-percent", "N", "hundredths of a cycle per instruction (default: 150)"),
               value("quantum-ns", "N", "how far the processor runs ahead (default: 1000)"),
               value("baud", "N", "of the UART (default: 921600)")},
              core_options(),
              config_options(),
              output_options()});
    command.parameters = parameter_options();
    command.run = run_virtual_board;
    return command;
}

Program board_program() {
    Program program;
    program.name = "bru-virtual-board";
    program.commands = {board_command()};
    program.statuses = {{"0", "good"},
                        {"1", "the text differs from the reference execution, or the driver failed"},
                        {"2", "wrong use or wrong input"},
                        {"130", "stopped by Ctrl-C"}};
    program.see_also = {"bru(1)"};
    program.out_of_memory = "use a smaller model";
    program.parameters_title = "Parameters, with their defaults; each wins over the configuration file";
    return program;
}

} // namespace

int sc_main(int argc, char* argv[]) {
    catch_interrupts();
    return run_program(board_program(), std::vector<std::string>(argv + 1, argv + argc));
}

int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return bru::run_main([&] { return sc_core::sc_elab_and_sim(argc, argv); });
}
