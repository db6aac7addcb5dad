// bru inspect: what is in a model, and what its weights take of the device.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "cli/shared_options.hpp"
#include "report/inspect_report.hpp"
#include "report/regions_report.hpp"
#include "run/run.hpp"

namespace bru::cli {

namespace {

int run_inspect(const Arguments& arguments) {
    const std::string path = model_path_from(arguments, "bru inspect");
    refuse_overwriting({arguments.text_or("json", "")}, {path, arguments.text_or("config", "")});
    // The run is not executed: a model larger than the device is to be shown, not refused.
    RunSpecification specification = specification_from(arguments, path);
    const OpenModel model(path, specification.model.quantization.inputs);
    const ModelRegions regions = model.regions();
    if (!regions.whole_graph) print_report({arguments.text("json")}, regions_table(regions, path));
    ImportedModel imported = model.network(specification.model.quantization);
    for (const std::string& message : imported.messages) note(message);
    specification.model.network = std::make_shared<const Network>(std::move(imported.network));
    NotingLibrary library;
    const Run run(library, specification);
    const ModelFacts facts = inspect_model(run.network(), path, run.configuration());
    if (const auto json = arguments.text("json"))
        write_json_file(*json, inspect_json(facts, regions, run.configuration(), run.device()));
    print_report({arguments.text("json")}, inspect_table(facts, run.configuration(), run.device()));
    return kGood;
}

} // namespace

Command inspect_command() {
    Command command;
    command.name = "inspect";
    command.summary = "show what is in a model: layers, planes, scales, weight bits, block RAM";
    command.usage = "MODEL [--config FILE] [--json FILE] [--lstm-weight-bits N] [--dense-weight-bits N] [--region N] "
                    "[--input NAME=NUMBER] [parameters]";
    command.details =
        "The weight BRAM is that of the configured machine: rows and columns are padded to its lanes and chunks.\n"
        "A model that holds more than LSTM layers and a dense layer is shown region by region: what the machine can "
        "run, and why the\n"
        "rest is left to the host. docs/models.md says more.";
    command.example = "bru inspect models/warpeace_h256.onnx";
    command.positional = {"MODEL", {Completion::Files::any, {}, false, ShippedKind::model}};
    command.options = join({model_options(), config_options(), {file("json", "write the same as JSON")}});
    command.parameters = parameter_options();
    command.run = run_inspect;
    return command;
}

} // namespace bru::cli
