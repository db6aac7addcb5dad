// bru resources: what a machine takes of a device, block by block.
#include <fmt/format.h>

#include "cli/session.hpp"
#include "report/resource_report.hpp"
#include "report/run_report.hpp"
#include "report/text.hpp"
#include "report/version.hpp"

namespace bru::cli {

namespace {

bool has_auto_depth(const Shape& shape) {
    for (const std::int64_t words : {shape.weight_words, shape.scale_words, shape.bias_words, shape.state_words,
                                     shape.cell_words, shape.input_words}) {
        if (words == kAuto) return true;
    }
    return false;
}

int run_resources(const Arguments& arguments) {
    Configuration configuration = configuration_from(arguments);
    std::string model = "none";
    if (const auto path = arguments.text("model")) {
        const Session session(arguments, *path);
        configuration = session.configuration;
        model = fmt::format("{}: {}", *path, network_line(session.network));
    } else if (has_auto_depth(configuration.shape)) {
        note("memories whose depth is auto count as empty; give --model to have them sized for a network");
    }
    const ResourceEstimate estimate =
        estimate_resources(configuration, read_device(find_device_file(configuration.device, configuration.directory)));
    if (const auto path = arguments.text("json")) {
        nlohmann::ordered_json json;
        json["schema"] = "bru-resources-1";
        json["resources"] = resources_json(estimate);
        json["fits"] = estimate.fits;
        json["binding"] = estimate.binding;
        json["blocks"] = blocks_json(estimate);
        nlohmann::ordered_json config;
        for (const Parameter& parameter : parameters()) config[parameter.key] = parameter.get(configuration);
        json["manifest"] = {{"program", "bru"},
                            {"version", program_version()},
                            {"model", model},
                            {"device", estimate.device.name},
                            {"config", config}};
        write_text_file(*path, json.dump(2) + "\n");
    }
    const Shape& shape = configuration.shape;
    fmt::print("machine           {} lanes x {}, E = {}, {}-bit activations\nmodel             {}\n\n{}\n{}",
               shape.lanes, shape.lane_width, shape.update_width, shape.activation_bits, model, block_table(estimate),
               resource_table(estimate, terminal_wants_colour()));
    return kGood;
}

} // namespace

Command resources_command() {
    Command command;
    command.name = "resources";
    command.summary = "LUT, FF, BRAM36 and DSP of a machine against a device's budget";
    command.usage = "[--config FILE] [--model FILE] [--json FILE] [--bru.device=NAME] [parameters]";
    command.details = "BRAM36 and DSP are exact by construction, LUT and FF are the formulas of docs/resources.md. "
                      "With a model, memories\n"
                      "whose depth is `auto` are as deep as it needs.";
    command.example = "bru resources --config configs/z7020.ini --model models/warpeace_h256.onnx --bru.lanes=128";
    command.options =
        join({config_options(), model_options(), output_options(), {file("json", "write the estimate as JSON")}});
    command.takes_parameters = true;
    command.run = run_resources;
    return command;
}

} // namespace bru::cli
