// The table of the program `bru`: its subcommands, and what its help and manual page say of all of them.
#include <filesystem>

#include <boost/version.hpp>
#include <fmt/format.h>
#include <systemc>

#include "base/simd_level.hpp"
#include "cli/command.hpp"
#include "cli/shared_options.hpp"
#include "config/renamed_keys.hpp"

namespace bru::cli {

std::vector<std::string> device_names() {
    std::vector<std::string> names = shipped_names(ShippedKind::device);
    for (std::string& name : names) name = std::filesystem::path(name).stem().string();
    return names;
}

std::vector<Option> parameter_options() {
    const Configuration defaults;
    std::vector<Option> options;
    for (const Parameter& parameter : parameters()) {
        const std::string unit = parameter.unit.empty() ? "" : " " + parameter.unit;
        Option option = value(parameter.key, "VALUE", fmt::format("{} [{}{}]", parameter.help, parameter.range, unit));
        option.standard = parameter.get(defaults);
        if (parameter.key == "bru.device") option.completion.words = device_names();
        options.push_back(std::move(option));
    }
    return options;
}

namespace {

std::vector<Synonyms> synonyms() {
    return {
        {{"jobs", "job", "j", "procs", "workers", "threads", "cores", "cpus", "parallel", "n-jobs"}, {"processes"}},
        {{"tolerance", "tol", "threshold", "rtol", "max-change"}, {"fail-above"}},
        {{"bits", "weight-bits", "precision"}, {"lstm-weight-bits"}},
        {{"text", "csv", "npy", "images", "wav", "trace"}, {"calibrate"}},
        {{"data", "dataset", "samples"}, {"calibrate", "csv"}},
        {{"device", "part", "fpga", "chip", "board"}, {"bru.device"}},
        {{"clock", "freq", "frequency", "mhz"}, {"bru.clock_mhz", "dma.clock_mhz"}},
        {{"model", "network", "net", "onnx"}, {"model", "models"}},
        {{"o", "outfile", "output-file", "save", "html"}, {"out", "outputs", "json"}},
        {{"database", "sqlite"}, {"db"}},
        {{"goal", "minimize", "maximize"}, {"objectives"}},
        {{"limit", "where", "filter"}, {"constraints"}},
        {{"waveform", "wave"}, {"vcd"}},
        {{"perfetto", "profile"}, {"timeline"}},
    };
}

/// Options of other programs that have nothing here that takes their place.
std::vector<Absent> absent_options() {
    return {
        {{"verbose", "v", "vv", "debug", "d", "log", "loglevel", "log-level"},
         "all messages are shown always, on standard error; --json FILE has every figure, where a command has it"},
        {{"quiet", "q", "silent", "s"}, "2>/dev/null hides the messages, and >/dev/null the report"},
        {{"force", "f", "overwrite", "yes", "y"}, "files that are written are replaced without a question"},
        {{"color", "colour", "no-color", "no-colour", "c"},
         "the environment variable NO_COLOR=1 switches colours off; only a terminal has them"},
        {{"gpu", "cuda"}, "bru runs on the processor; bru compare measures the network on a GPU, if there is one"},
    };
}

} // namespace

Program bru_program() {
    Program program;
    program.name = "bru";
    program.summary = "cycle-accurate simulator of a binarized-LSTM accelerator (BRU) on a Zynq";
    program.details =
        "Results go to standard output, messages to standard error.\n\n"
        "Configurations, models, traces, sweep and fleet files that come with the program are found by name from any "
        "folder: a file in the current folder wins, then follow the folder in BRU_DATA, the installation and, for a "
        "program in its build folder, the source tree.";
    program.example = "bru run --config z7020.ini --model warpeace_h256.onnx --trace warpeace.trace";
    program.version_details = fmt::format("(SystemC {}, Boost {}, fmt {})", SC_VERSION, BOOST_LIB_VERSION, FMT_VERSION);
    program.commands = {run_command(),       trace_command(), check_command(),    inspect_command(), quantize_command(),
                        resources_command(), sweep_command(), report_command(),   compare_command(), diff_command(),
                        partition_command(), image_command(), capacity_command(), fleet_command()};
    for (Command& command : program.commands)
        if (!command.parameters.empty())
            for (const RenamedKey& each : renamed_keys())
                command.renamed.push_back({each.old_key, renamed_remark(each.old_key)});
    program.before_run = [] {
        chosen_simd_level(); // a wrong BRU_SIMD is no fault of a model or a trace
        if (const std::string remark = data_folder_remark(); !remark.empty()) note(remark);
    };
    program.statuses = {{"0", "good"},
                        {"1", "a check failed: values, cycles or metrics differ, a deadline is missed, no point of a "
                              "sweep holds all constraints, or a fleet does not hold its target"},
                        {"2", "wrong use or wrong input"},
                        {"130", "stopped by Ctrl-C"}};
    program.environment = {
        {"BRU_DATA", "folder with configs/, models/ and traces/, searched before the ones that were installed"},
        {"BRU_SIMD",
         "instructions that the simulator uses: portable, avx2, avx512 or neon (default: the best of the host)"}};
    program.files = {
        {"PREFIX/share/bru", "configurations, device files, models, traces, sweep files, plotting library"},
        {"PREFIX/share/doc/bru", "documents; PREFIX is /usr for the Debian package"}};
    program.see_also = {"bru-train(1)", "bru-cosim(1)"};
    program.synonyms = synonyms();
    program.absent = absent_options();
    program.out_of_memory = "use a smaller model, smaller memories or shorter sequences";
    program.parameters_title = "Parameters, with their defaults; each wins over the configuration file";
    return program;
}

} // namespace bru::cli
