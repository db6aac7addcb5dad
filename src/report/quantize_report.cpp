#include "report/quantize_report.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/integers.hpp"
#include "base/printable.hpp"
#include "model/output_mode.hpp"
#include "report/float_report.hpp"
#include "report/run_report.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

double share_percent(std::uint64_t count, std::uint64_t total) {
    return total == 0 ? 0 : 100 * real(count) / real(total);
}

std::string error_text(double error) { return fmt::format("{:.4g}", error); }

bool is_one_hot(const Network& network) { return network.input_encoding == InputEncoding::one_hot; }

/// "2: -4 to 3.97 in steps of 0.03125"
std::string exponent_text(const QuantizeReport& report) {
    const int exponent = report.figures.exponent;
    const int bits = report.formats.activation_bits;
    const std::string why = report.asked_exponent
                                ? "as asked for"
                                : fmt::format("found by trying; the model has {}", report.exponent_of_file);
    if (bits == 1) return fmt::format("{}: inputs become +-{:g} ({})", exponent, std::ldexp(1.0, exponent), why);
    return fmt::format("{}: {:g} to {:g} in steps of {:g} ({})", exponent, -std::ldexp(1.0, exponent),
                       std::ldexp(1.0, exponent) - std::ldexp(1.0, exponent - bits + 1),
                       std::ldexp(1.0, exponent - bits + 1), why);
}

std::string input_lines(const QuantizeReport& report) {
    const QuantizationFigures& figures = report.figures;
    if (is_one_hot(*report.network))
        return report_line("inputs", "one-hot, which are exact and need no input exponent");
    std::string text = report_line("inputs", fmt::format("{} values, the largest of magnitude {:.4g}",
                                                         grouped(figures.input_values), figures.largest_input)) +
                       report_line("input exponent", exponent_text(report)) +
                       fmt::format("\n{:18}{:>11}{:>12}{:>16}{:>16}\n", "  exponent", "saturated", "share", "rms error",
                                   "largest error");
    for (const ExponentTrial& trial : figures.trials)
        text += fmt::format("{:>10}{:8}{:>11}{:>10.3f} %{:>16}{:>16}\n", trial.exponent,
                            trial.exponent == figures.exponent ? " <" : "", grouped(trial.saturated_inputs),
                            share_percent(trial.saturated_inputs, figures.input_values), error_text(trial.error.rms),
                            error_text(trial.error.largest));
    return text;
}

/// Machine, and where bru quantized weights the quantized float network, against the original.
std::string loss_lines(const QuantizationFigures& figures) {
    const OutputError& machine = figures.chosen().error;
    const std::optional<OutputError>& quantized = figures.quantized_error;
    const auto line = [&](const char* name, const auto& text_of) {
        return fmt::format("  {:26}{:>12}{}\n", name, text_of(machine),
                           quantized ? fmt::format("{:>20}", text_of(*quantized)) : "");
    };
    std::string text = fmt::format("{:28}{:>12}{}\n", "loss against float", "machine",
                                   quantized ? fmt::format("{:>20}", "quantized float") : "");
    text += line("rms error", [](const OutputError& error) { return error_text(error.rms); });
    text += line("largest error", [](const OutputError& error) { return error_text(error.largest); });
    if (figures.mode.kind == OutputKind::logits)
        text += line("same largest output", [&](const OutputError& error) {
            return fmt::format("{:.2f} %", share_percent(error.same_largest, figures.outputs));
        });
    return text + report_line("", fmt::format("over {} outputs ({} of {}), in float of rms {}; float is the network as "
                                              "its file has it",
                                              grouped(figures.outputs), output_kind_name(figures.mode.kind),
                                              figures.mode.steps == OutputSteps::every  ? "every step"
                                              : figures.mode.steps == OutputSteps::last ? "the last step"
                                                                                        : "the final states",
                                              error_text(figures.float_rms)));
}

std::vector<PredictionMeasure> measures_of(const QuantizationFigures& figures) {
    FloatComparison floating;
    floating.score = figures.original;
    floating.quantized = figures.quantized;
    return prediction_measures(figures.chosen().score, floating);
}

nlohmann::ordered_json error_json(const OutputError& error, const QuantizationFigures& figures) {
    nlohmann::ordered_json json = {{"rms", error.rms}, {"largest", error.largest}};
    if (figures.mode.kind == OutputKind::logits)
        json["same_largest_percent"] = share_percent(error.same_largest, figures.outputs);
    return json;
}

nlohmann::ordered_json exponent_json(const QuantizeReport& report) {
    const QuantizationFigures& figures = report.figures;
    nlohmann::ordered_json trials = nlohmann::ordered_json::array();
    for (const ExponentTrial& trial : figures.trials)
        trials.push_back({{"exponent", trial.exponent},
                          {"saturated_inputs", trial.saturated_inputs},
                          {"saturated_percent", share_percent(trial.saturated_inputs, figures.input_values)},
                          {"error", error_json(trial.error, figures)}});
    return {{"chosen", figures.exponent},
            {"asked_for", report.asked_exponent.has_value()},
            {"of_model", report.exponent_of_file},
            {"trials", trials}};
}

} // namespace

std::string quantize_table(const QuantizeReport& report) {
    const QuantizationFigures& figures = report.figures;
    std::string text =
        report_line("model", fmt::format("{}: {}", printable(report.model_path), network_line(*report.network))) +
        report_line("data",
                    fmt::format("{}: {} steps in {} {}", printable(report.data_path), grouped(figures.steps),
                                grouped(figures.sequences), figures.sequences == 1 ? "sequence" : "sequences")) +
        report_line("machine", fmt::format("{}-bit activations, {}-bit table addresses, {}-bit scales",
                                           report.formats.activation_bits, report.formats.lut_address_bits,
                                           report.formats.scale_bits)) +
        input_lines(report) + "\n" + loss_lines(figures);
    if (const auto measures = measures_of(figures); !measures.empty()) text += "\n" + prediction_table(measures);
    if (report.out_path.empty())
        return text + "\n" + report_line("written", "nothing; --out FILE writes the quantized model");
    return text + "\n" +
           report_line("written", fmt::format("{}, which runs without further options", printable(report.out_path)));
}

nlohmann::ordered_json quantize_json(const QuantizeReport& report) {
    const QuantizationFigures& figures = report.figures;
    nlohmann::ordered_json json;
    json["schema"] = kQuantizeSchema;
    json["model"] = report.model_path;
    json["fingerprint"] = report.network->fingerprint;
    json["data"] = {{"file", report.data_path},
                    {"steps", figures.steps},
                    {"sequences", figures.sequences},
                    {"input_values", figures.input_values}};
    json["formats"] = {{"activation_bits", report.formats.activation_bits},
                       {"lut_address_bits", report.formats.lut_address_bits},
                       {"scale_bits", report.formats.scale_bits}};
    if (!is_one_hot(*report.network)) {
        json["data"]["largest_input"] = figures.largest_input;
        json["input_exponent"] = exponent_json(report);
    }
    json["loss"] = {{"output", output_kind_name(figures.mode.kind)},
                    {"output_steps", output_steps_name(figures.mode.steps)},
                    {"outputs", figures.outputs},
                    {"float_rms", figures.float_rms},
                    {"machine", error_json(figures.chosen().error, figures)}};
    if (figures.quantized_error) json["loss"]["quantized_float"] = error_json(*figures.quantized_error, figures);
    if (const auto measures = measures_of(figures); !measures.empty()) json["predictions"] = predictions_json(measures);
    if (!report.out_path.empty()) json["out"] = report.out_path;
    return json;
}

} // namespace bru
