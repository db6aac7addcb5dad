// bru-bench: how fast this host simulates. The SystemC core, the Verilated RTL behind the same platform, and float
// inference of the same network by LibTorch, one thread each, in turn, several rounds; the medians are printed.
// Before that it makes sure that all of them run the same network.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <systemc>

#include "base/command_line/option_table.hpp"
#include "base/enumeration.hpp"
#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/terminal.hpp"
#include "base/text_layout.hpp"
#include "bench_steps.hpp"
#include "config/load_configuration.hpp"
#include "modules/simd/kernels.hpp"
#include "reference/step_timing.hpp"
#include "run/run.hpp"
#include "trace/first_steps.hpp"
#ifdef BRU_HAS_TORCH
#include "libtorch/torch_lstm.hpp"
#endif

namespace bru::bench {

namespace {

constexpr std::uint64_t kSystemcSteps = 200'000;
constexpr std::uint64_t kRtlSteps = 400;
constexpr std::size_t kTorchSteps = 2'000;
constexpr std::size_t kComparedSteps = 50;
constexpr const char* kConfig = "z7020.ini";
constexpr const char* kModel = "warpeace_h256.onnx";
constexpr const char* kTrace = "warpeace.trace";
constexpr OutputMode kHidden{OutputKind::hidden, OutputSteps::every};

struct Options {
    std::string config;
    std::string model;
    std::string trace;
    int rounds = 0;
};

/// One of the three, with what each round gave.
struct Contender {
    std::string name;
    std::uint64_t steps = 0;                 ///< a round
    std::function<SimulationResult()> round; ///< LibTorch: host_seconds alone
    std::vector<double> step_us;
    std::vector<double> cycles_per_second;
};

struct Workload {
    Library library;
    RunSpecification specification;
    std::shared_ptr<const Network> network;
    std::vector<Step> trace;

    explicit Workload(const Options& options) {
        specification.configuration = resolve_configuration(options.config, {});
        specification.model.path = options.model;
        specification.output = OutputSpecification::of(kHidden);
        specification.on_device = false;
        network = library.network(specification.model);
        trace = read_first_steps(options.trace, *network, std::numeric_limits<std::size_t>::max());
    }

    Run run(CoreKind core) {
        RunSpecification of_core = specification;
        of_core.core = core;
        return Run(library, std::move(of_core));
    }

    SimulationResult execute(const Run& run, std::uint64_t steps, const OutputSink& sink) const {
        ReplayedSteps source(trace, steps);
        RunObservers observers;
        observers.on_output = sink;
        return run.execute(source, false, observers).simulation;
    }
};

/// Both cores over a few steps: the same outputs in the same number of cycles, or the figures would say nothing.
void compare_cores(Workload& workload) {
    std::vector<std::vector<std::int32_t>> outputs[2];
    std::uint64_t cycles[2] = {0, 0};
    for (const CoreKind core : {CoreKind::systemc, CoreKind::rtl}) {
        const auto index = index_of(core);
        const auto keep = [&](const OutputVector& output) { outputs[index].push_back(output.values); };
        cycles[index] = workload.execute(workload.run(core), kComparedSteps, keep).total_cycles;
    }
    if (outputs[0] != outputs[1] || cycles[0] != cycles[1])
        throw std::runtime_error(fmt::format("the RTL differs from the SystemC core over {} steps: {} and {} cycles, "
                                             "outputs {}; look for the cause with bru-cosim",
                                             kComparedSteps, cycles[1], cycles[0],
                                             outputs[0] == outputs[1] ? "equal" : "different"));
}

Contender simulator(Workload& workload, CoreKind core, std::string name, std::uint64_t steps) {
    const auto round = [&workload, run = workload.run(core), steps] {
        std::int64_t sum = 0; // what is put out is looked at, and nothing more
        const auto add = [&sum](const OutputVector& output) { sum += output.values.front(); };
        return workload.execute(run, steps, add);
    };
    return {std::move(name), steps, round, {}, {}};
}

#ifdef BRU_HAS_TORCH
Contender torch_inference(const Workload& workload) {
    const auto torch =
        std::make_shared<TorchLstm>(*workload.network, kHidden, one_sequence(workload.trace, kTorchSteps));
    const auto round = [torch] {
        SimulationResult result;
        const auto begin = std::chrono::steady_clock::now();
        torch->run();
        result.host_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return result;
    };
    return {fmt::format("LibTorch {}", TorchLstm::version()), kTorchSteps, round, {}, {}};
}
#endif

std::vector<Contender> contenders(Workload& workload) {
    std::vector<Contender> all;
    all.push_back(
        simulator(workload, CoreKind::systemc, fmt::format("SystemC core ({})", simd::kernels().name), kSystemcSteps));
    all.push_back(simulator(workload, CoreKind::rtl, "Verilated RTL", kRtlSteps));
#ifdef BRU_HAS_TORCH
    all.push_back(torch_inference(workload));
#endif
    return all;
}

void measure(std::vector<Contender>& all, int rounds) {
    for (int round = 0; round < rounds; ++round)
        for (Contender& contender : all) {
            const SimulationResult result = contender.round();
            contender.step_us.push_back(result.host_seconds * 1e6 / real(contender.steps));
            contender.cycles_per_second.push_back(real(result.total_cycles) / result.host_seconds);
        }
}

void print_table(const Options& options, const std::vector<Contender>& all) {
    fmt::print("{}{}\n", wrapped(fmt::format("{}, {}, {}", options.config, options.model, options.trace)),
               wrapped(fmt::format("hidden outputs of every step, one thread; {} rounds in turn, medians (smallest to "
                                   "largest)",
                                   options.rounds)));
    fmt::print("{:<26} {:>9} {:>28} {:>14}\n", "", "steps", "host us per step", "Mcycles/s");
    for (const Contender& contender : all) {
        const auto [least, most] = std::minmax_element(contender.step_us.begin(), contender.step_us.end());
        const double mega = median(contender.cycles_per_second) / 1e6;
        fmt::print("{:<26} {:>9} {:>28} {:>14}\n", contender.name, contender.steps,
                   fmt::format("{:.4g} ({:.4g} to {:.4g})", median(contender.step_us), *least, *most),
                   mega > 0 ? fmt::format("{:.4g}", mega) : "-");
    }
    if (all.size() < 3) fmt::print("LibTorch: not built (install libtorch-dev and build with -DBRU_TORCH=ON)\n");
}

void run(const Options& options) {
    Workload workload(options);
    compare_cores(workload);
#ifdef BRU_HAS_TORCH
    check_torch_lstm(*workload.network, kHidden, one_sequence(workload.trace, kComparedSteps));
#endif
    std::vector<Contender> all = contenders(workload);
    measure(all, options.rounds);
    print_table(options, all);
    const double step_us = median(all[0].step_us);
    fmt::print("\nsteps_us={:.3f}\nratio={:.1f}\n", step_us,
               median(all[0].cycles_per_second) / median(all[1].cycles_per_second));
    if (all.size() > 2)
        fmt::print("libtorch_ratio={:.1f}\n", median(all[2].step_us) / step_us);
    else
        fmt::print("libtorch_ratio=not_built\n");
}

/// What stands for an option that was not given: a file that comes with the program.
std::string input_from(const Arguments& arguments, const char* name, ShippedKind kind, const char* standard) {
    const auto given = arguments.text(name);
    return given ? *given : find_input_file(kind, standard);
}

int run_bench(const Arguments& arguments) {
    constexpr std::int64_t kMostRounds = 1000;
    constexpr std::int64_t kRounds = 5;
    Options options;
    options.rounds = narrow<int>(arguments.integer("rounds", 1, kMostRounds).value_or(kRounds));
    options.config = input_from(arguments, "config", ShippedKind::configuration, kConfig);
    options.model = input_from(arguments, "model", ShippedKind::model, kModel);
    options.trace = input_from(arguments, "trace", ShippedKind::trace, kTrace);
    try {
        run(options);
    } catch (const InputError&) {
        throw;
    } catch (const std::exception& error) {
        print_message(fmt::format("bru-bench: {}", error.what()));
        return kCheckFailed;
    }
    return kGood;
}

Program bench_program() {
    Command command;
    command.summary = "host time of a simulated step, beside the Verilated RTL and LibTorch";
    command.usage = "[--rounds N] [--config FILE] [--model FILE] [--trace FILE]";
    command.details = "The last lines are steps_us=, ratio= (RTL to SystemC core) and libtorch_ratio=.";
    command.example = "bru-bench --rounds 3";
    const auto preset = [](const char* help, const char* standard) {
        return fmt::format("{} (default: {})", help, standard);
    };
    command.options = {
        input("config", ShippedKind::configuration, preset("machine; the RTL must be built for its shape", kConfig)),
        input("model", ShippedKind::model, preset("network", kModel)),
        input("trace", ShippedKind::trace, preset("steps, replayed as often as needed, back to back", kTrace)),
        value("rounds", "N", "rounds, 1 to 1000 (default: 5)")};
    command.run = run_bench;
    Program program;
    program.name = "bru-bench";
    program.commands = {command};
    program.statuses = {{"0", "good"}, {"1", "the cores differ"}, {"2", "wrong use or wrong input"}};
    program.out_of_memory = "use a shorter trace";
    return program;
}

} // namespace

} // namespace bru::bench

int sc_main(int argc, char* argv[]) {
    sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    return bru::run_program(bru::bench::bench_program(), std::vector<std::string>(argv + 1, argv + argc));
}

int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
