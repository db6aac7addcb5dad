// bru inspect: what is in a model, and what its weights take of the device.
#include <fmt/format.h>

#include "base/error.hpp"
#include "cli/session.hpp"
#include "platform/simulation.hpp"
#include "report/inspect_report.hpp"

namespace bru::cli {

namespace {

int run_inspect(const Arguments& arguments) {
    std::string path = arguments.positional;
    if (path.empty()) path = arguments.text_or("model", "");
    if (path.empty()) throw InputError("bru inspect: give the model; see bru inspect --help");
    // No Session: a model larger than the device is to be shown, not refused.
    Configuration configuration = configuration_from(arguments);
    const Device device = device_for(configuration);
    const Network network = network_from(path, arguments);
    configuration.shape =
        resolve_shape(configuration, quantize(network, configuration.shape.formats()), network.graph_output);
    const ModelFacts facts = inspect_model(network, path, configuration);
    if (const auto json = arguments.text("json"))
        write_text_file(
            *json,
            inspect_json(facts, configuration, device).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
                "\n");
    fmt::print("{}", inspect_table(facts, configuration, device));
    return kGood;
}

} // namespace

Command inspect_command() {
    Command command;
    command.name = "inspect";
    command.summary = "show what is in a model: layers, planes, scales, weight bits, block RAM";
    command.usage = "MODEL [--config FILE] [--json FILE] [--lstm-weight-bits N] [--dense-weight-bits N] [parameters]";
    command.details =
        "The weight BRAM is that of the configured machine: rows and columns are padded to its lanes and chunks.";
    command.example = "bru inspect models/warpeace_h256.onnx";
    command.positional = {"MODEL", {Completion::Files::any, {}, false, ShippedKind::model}};
    command.options = join({model_options(), config_options(), {file("json", "write the same as JSON")}});
    command.parameters = parameter_options();
    command.run = run_inspect;
    return command;
}

} // namespace bru::cli
