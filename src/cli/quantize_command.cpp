// bru quantize: the input exponent from data, what the quantization costs, and a model that needs no options.
#include <limits>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/output_file.hpp"
#include "cli/progress.hpp"
#include "cli/shared_options.hpp"
#include "model/fingerprint.hpp"
#include "model/onnx/export.hpp"
#include "report/quantize_report.hpp"
#include "run/quantization.hpp"

namespace bru::cli {

namespace {

DataChoice data_from(const Arguments& arguments) {
    DataChoice data;
    data.path = arguments.required("calibrate");
    data.labels_path = arguments.text_or("labels", "");
    data.indices_path = arguments.text_or("indices", "");
    if (const auto steps = arguments.integer("steps", 1, std::numeric_limits<std::int64_t>::max()))
        data.steps = static_cast<std::uint64_t>(*steps);
    return data;
}

QuantizationFigures measure(const Network& network, QuantizationOptions options) {
    Progress progress("quantize", options.data.steps.value_or(0));
    options.progress = [&progress](const char* phase, std::uint64_t steps) {
        progress.rename(phase);
        progress.reached(steps);
    };
    return measure_quantization(network, options);
}

int run_quantize(const Arguments& arguments) {
    const std::string path = model_path_from(arguments, "bru quantize");
    const std::string out_path = arguments.text_or("out", "");
    const DataChoice data = data_from(arguments);
    refuse_overwriting({out_path, arguments.text_or("json", "")},
                       {path, data.path, data.labels_path, data.indices_path, arguments.text_or("config", "")});
    note_ending(arguments.text("out"), "ONNX", {".onnx"});
    note_ending(arguments.text("json"), "JSON", {".json"});
    const Configuration configuration = configuration_from(arguments);
    const ModelSpecification model = model_from(arguments, path);
    NotingLibrary library;
    const std::shared_ptr<const Network> loaded = library.network(model);
    library.quantized(loaded, configuration.shape.formats()); // notes what lies outside the number formats
    Network network = *loaded;
    std::optional<OutputFile> out; // a place that cannot be written is told before the work
    if (!out_path.empty()) out.emplace(out_path);

    const std::optional<int> asked = model.quantization.input_exponent;
    QuantizeReport report;
    report.model_path = path;
    report.data_path = data.path;
    report.out_path = out_path;
    report.formats = configuration.shape.formats();
    report.asked_exponent = asked;
    report.exponent_of_file = network.input_exponent;
    const InputPlace of_mistakes = {data.labels_path.empty() ? data.path : data.labels_path};
    report.figures = in_place(of_mistakes, [&] { return measure(network, {data, report.formats, asked, {}}); });
    network.input_exponent = report.figures.exponent;
    network.fingerprint = network_fingerprint(network);
    report.network = &network;
    if (!report.figures.remark.empty()) note(fmt::format("{}: {}", data.path, report.figures.remark));
    if (data.steps && *data.steps > report.figures.steps)
        note(fmt::format("--steps {}: {} has {} steps, and all of them are taken", *data.steps, data.path,
                         report.figures.steps));
    if (out) {
        out->write(onnx_model(network));
        out->commit();
    }
    if (const auto json = arguments.text("json")) write_json_file(*json, quantize_json(report));
    print_report({arguments.text("json")}, quantize_table(report));
    return kGood;
}

} // namespace

Command quantize_command() {
    Command command;
    command.name = "quantize";
    command.summary = "choose the input exponent from data, show what quantization costs, write the model";
    command.usage = "MODEL --calibrate FILE [--lstm-weight-bits N] [--dense-weight-bits N] [--out FILE] [options]";
    command.details =
        "Runs the original network in float, the quantized network in float, and the machine's arithmetic over the "
        "data.\n"
        "The input exponent is the one whose outputs are nearest to those of the original network, for the number "
        "formats\n"
        "of the configuration; its neighbours are shown beside it. The file of --out is an ONNX model with integer "
        "weights,\n"
        "which bru runs without further options and with the same outputs. docs/models.md describes it.";
    command.example = "bru quantize model.onnx --calibrate data.csv --lstm-weight-bits 4 --dense-weight-bits 6 --out "
                      "quantized.onnx";
    command.positional = {"MODEL", {Completion::Files::any, {}, false, ShippedKind::model}};
    command.options =
        join({model_options(),
              {file("calibrate", "the data: a trace, or what bru trace takes (text, images, CSV, NPY)"),
               file("labels", "labels: one integer per line, or an IDX file; one per sequence or per step"),
               file("indices", "the sequences to take, one number per line, counted from 0"),
               value("steps", "N", "take at most N steps"), file("out", "write the quantized model as ONNX"),
               file("json", "write the report as JSON")},
              config_options()});
    command.parameters = parameter_options();
    command.run = run_quantize;
    return command;
}

} // namespace bru::cli
