// bru image: a network, and the steps of a trace, as files for software on the board.
#include <array>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/printable.hpp"
#include "cli/shared_options.hpp"
#include "model/output_mode.hpp"
#include "platform/driver_image.hpp"
#include "platform/image_file.hpp"
#include "platform/network_image.hpp"
#include "report/text.hpp"
#include "run/run.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

namespace bru::cli {

namespace {

constexpr std::array<const char*, kLoadTargets> kMemories = {"",       "weights", "scales", "biases",
                                                             "tables", "state",   "cell"};

void write_image(const Arguments& arguments, const bru_image& image, const Network& network) {
    const std::string bytes = image_bytes(image);
    const std::string path = arguments.required("out");
    const std::string comment =
        fmt::format("{} (fingerprint {}), made by bru image", network.name, network.fingerprint);
    const bool as_c = arguments.has("c");
    write_text_file(path, as_c ? image_c_source(bytes, printable(comment)) : bytes);
    fmt::print("{}", report_line("image", fmt::format("{}: {} bytes{}", printable(path), grouped(bytes.size()),
                                                      as_c ? ", as C source" : "")));
    for (const bru_region& region : image.regions)
        fmt::print("{}", detail_line(kMemories.at(region.target), fmt::format("{} words", grouped(region.words))));
}

void write_steps(const Arguments& arguments, const Run& run, const NetworkImage& image, const std::string& path) {
    const std::string trace_path = arguments.required("trace");
    TraceReader trace(trace_path, run.network());
    StepEncoder encoder(run.configuration().shape, run.network(), image);
    const std::int64_t most_steps = std::numeric_limits<std::int64_t>::max();
    const std::int64_t asked = arguments.integer("steps", 1, most_steps).value_or(most_steps);
    LimitedSteps first(trace, asked);
    const WrittenSteps written = in_place({trace_path}, [&] {
        return write_steps_file(path, first, encoder, narrow<std::uint32_t>(image.beats_per_input_step));
    });
    if (arguments.has("steps") && narrow<std::uint64_t>(asked) > written.steps)
        note(fmt::format("--steps {}: {} has {} steps, and all of them are written", asked, trace_path, written.steps));
    fmt::print("{}", report_line("steps", fmt::format("{}: {} steps, {} bytes", printable(path), grouped(written.steps),
                                                      grouped(written.bytes))));
}

int run_image(const Arguments& arguments) {
    const std::string model_path = arguments.required("model");
    const std::string out = arguments.required("out");
    const std::string trace = arguments.text_or("trace", "");
    const std::string out_steps = arguments.text_or("out-steps", "");
    if (trace.empty() != out_steps.empty())
        throw InputError("bru image: --trace and --out-steps belong together; give both or none");
    refuse_overwriting({out, out_steps}, {model_path, arguments.text_or("config", ""), trace});
    const std::string ending = std::filesystem::path(out).extension().string();
    if (!arguments.has("c") && (ending == ".c" || ending == ".h"))
        note(fmt::format("{}: is written as the bytes of an image; --c writes C source", out));
    RunSpecification specification = specification_from(arguments, model_path);
    specification.on_device = false;
    NotingLibrary library;
    const Run run(library, specification);
    const NetworkPlacement placement = resolved_placement(run.configuration(), run.quantized(), run.mode());
    const NetworkImage image = make_network_image(placement, run.quantized(), run.mode());
    write_image(arguments, driver_image(image, placement.shape, run.network()), run.network());
    if (!out_steps.empty()) write_steps(arguments, run, image, out_steps);
    return kGood;
}

} // namespace

Command image_command() {
    Command command;
    command.name = "image";
    command.summary = "write a network, and the steps of a trace, as files for software on the board";
    command.usage = "--model FILE --out FILE [--c] [--trace FILE --out-steps FILE [--steps N]] [options]";
    command.details =
        "The image holds everything that the driver (driver/bru.h) loads: the memories, the descriptors and the mode "
        "of the core. It\n"
        "is made for the configured shape and output. The file of steps holds the input steps of a trace, as the DMA "
        "sends them.\n"
        "docs/driver.md describes both files.";
    command.example = "bru image --model models/warpeace_h256.onnx --out warpeace.image";
    command.options = join({model_options(),
                            {file("out", "the image to write"), flag("c", "write the image as C source"),
                             input("trace", ShippedKind::trace, "the trace whose steps are written"),
                             file("out-steps", "the file of steps to write")},
                            needing("trace", {value("steps", "N", "only the first N steps")}),
                            config_options(),
                            output_options()});
    command.parameters = parameter_options();
    command.run = run_image;
    return command;
}

} // namespace bru::cli
