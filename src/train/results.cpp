#include "train/results.hpp"

#include <filesystem>

#include <c10/core/GradMode.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/ini_value.hpp"
#include "base/integers.hpp"
#include "base/output_file.hpp"
#include "model/onnx/import.hpp"
#include "model/quantized_network.hpp"
#include "reference/predictions.hpp"
#include "trace/trace_file.hpp"
#include "train/matrix_product.hpp"
#include "train/onnx_export.hpp"
#include "train/plot.hpp"

namespace bru::train {
namespace {

namespace fs = std::filesystem;

constexpr int kBitsOfFloat = 32;

void write_text(const std::string& path, const std::string& text) {
    OutputFile file(path);
    file.write(text);
    file.commit();
}

std::string score_cell(const Score& score, bool text) {
    return text ? fmt::format("{:.4f} nats ({:.3f} bits) per character, {:.2f} % right", score.nats,
                              score.nats / 0.69314718056, 100 * score.accuracy)
                : fmt::format("{:.2f} % of {}, {:.4f} nats", 100 * score.accuracy, score.count, score.nats);
}

std::string settings_line(const Settings& settings) {
    std::string line = "bru-train " + settings.task;
    if (!settings.data.empty()) line += " " + fs::path(settings.data).lexically_normal().filename().string();
    const Settings standard;
    for (const Setting& setting : settings_table()) {
        const bool path = setting.option.name == "out" || setting.option.name == "labels"; // of this machine
        const std::string value = path ? "" : setting.get(settings);
        if (setting.tasks.find(settings.task) == std::string::npos || value.empty() || value == setting.get(standard))
            continue;
        line += setting.option.argument.empty() ? " --" + setting.option.name
                                                : fmt::format(" --{} {}", setting.option.name, value);
    }
    return line;
}

std::string architecture(const NetworkShape& shape) {
    return fmt::format("{} {}-> {} x {}{} {} -> dense {}", shape.inputs, shape.one_hot ? "one-hot " : "", shape.layers,
                       shape.hidden, shape.bidirectional ? " bidirectional" : "", cell_name(shape.cell), shape.outputs);
}

/// The trace's predictions with BRU's default number formats, by the reference execution, and in floating point.
struct MachineScore {
    PredictionScore fixed;
    PredictionScore real;
};

MachineScore score_on_machine(const Network& network, const std::string& trace) {
    const OutputMode mode{OutputKind::logits, network.graph_output.steps};
    const QuantizedNetwork quantized = quantize(network, NumberFormats{});
    Reference reference(quantized, mode);
    FloatExecution execution(network, mode);
    PredictionScorer fixed(mode);
    PredictionScorer real(mode);
    TraceReader steps(trace, network);
    while (const Step* step = steps.next()) {
        fixed.expect(*step);
        real.expect(*step);
        reference.step(*step, [&](const OutputVector& output) { fixed.score(output); });
        execution.step(*step, [&](const FloatOutputVector& output) { real.score(output); });
    }
    return {fixed.result(), real.result()};
}

Score score_of(const PredictionScore& score) {
    return {score.nats.value_or(0), score.accuracy().value_or(0), static_cast<std::int64_t>(score.scored)};
}

std::string card(const Settings& settings, const Task& task, const std::string& stem, const std::optional<Result>& full,
                 const std::optional<Result>& binary, const std::optional<MachineScore>& machine) {
    const NetworkShape& shape = binary ? binary->shape : full->shape;
    std::string text = fmt::format("# {}\n\n| | |\n|---|---|\n| task | {} |\n| data | {} |\n| network | {} |\n", stem,
                                   settings.task, task.description(), architecture(shape));
    for (const auto& result : {full, binary}) {
        if (!result) continue;
        const std::string kind = result->binary ? "binarized" : "full precision";
        const std::int64_t bits =
            result->binary ? shape.weight_bits(1, settings.dense_bits) : shape.weight_bits(kBitsOfFloat, kBitsOfFloat);
        text +=
            fmt::format("| {0}: weight bits | {1} |\n| {0}: training | {2} steps, {3:.1f} minutes |\n| {0}: validation "
                        "| {4} |\n| {0}: test | {5} |\n",
                        kind, bits, result->steps, result->seconds / 60,
                        score_cell(result->validation, shape.every_step), score_cell(result->test, shape.every_step));
    }
    if (machine) {
        const bool every = shape.every_step;
        text += fmt::format("| binarized: on BRU | {} |\n| | in floating point on the same {} labels: {} |\n",
                            score_cell(score_of(machine->fixed), every), machine->real.scored,
                            score_cell(score_of(machine->real), every));
    }
    text += fmt::format("| seed | {} |\n| settings | `{}`; what is not named had its default |\n", settings.seed,
                        settings_line(settings));
    text +=
        "\nThe scores are those of the weights with the best validation score, in floating point. This command shows\n"
        "the effect of the number formats of BRU on the binarized network:\n`bru run --config " +
        stem + ".ini --predictions`.\n";
    return text;
}

Metadata metadata_of(const Task& task, const Settings& settings, const Result& binary,
                     const std::optional<Result>& full) {
    Metadata metadata = {{"input_encoding", binary.shape.one_hot ? "onehot" : "vector"},
                         {"vocabulary", nlohmann::json(task.vocabulary()).dump()},
                         {"test_cross_entropy_nats", fmt::format("{:.4f}", binary.test.nats)},
                         {"test_accuracy", fmt::format("{:.4f}", binary.test.accuracy)},
                         {"trained_by", settings_line(settings)}};
    if (full) metadata["full_precision_test_cross_entropy_nats"] = fmt::format("{:.4f}", full->test.nats);
    if (task.input_exponent() != 0) metadata["input_exponent"] = std::to_string(task.input_exponent());
    return metadata;
}

std::string configuration(const std::string& stem) {
    return fmt::format(
        "# bru run --config {0}.ini needs no other option; see docs/configuration.md for what else may stand here.\n"
        "[run]\nmodel = {1}   # paths count from this file's folder\ntrace = {2}\n\n[bru]\ndevice = xc7z020\n",
        stem, ini_value(stem + ".onnx"), ini_value(stem + ".trace"));
}

std::string model_stem(const Settings& settings) { return file_stem(fs::path(settings.out).filename().string()); }
std::string model_base(const Settings& settings) { return settings.out + "/" + model_stem(settings); }

Series series_of(const Training& training, bool validation) {
    Series series;
    series.name = fmt::format("{}, {}", training.binary() ? "binarized" : "full precision",
                              validation ? "validation" : "training");
    series.dashed = !validation;
    for (const CurveRow& row : training.curve())
        series.points.emplace_back(real(row.step), validation ? row.validation.nats : row.training_nats);
    return series;
}

} // namespace

std::string file_stem(const std::string& name) {
    std::string stem;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                           c == '-' || c == '_';
        stem += plain ? c : '_';
    }
    return stem.empty() || stem == "." || stem == ".." ? "trained" : stem;
}

void check_export(const Settings& settings, const Task& task, const TrainedNetwork& network) {
    const c10::NoGradGuard no_gradients;
    Result untrained;
    untrained.shape = network.shape();
    untrained.weights = network.weights();
    const std::string path = model_base(settings) + ".untrained.onnx";
    write_onnx(path, untrained.shape, untrained.weights, settings.dense_bits,
               metadata_of(task, settings, untrained, std::nullopt));
    try {
        quantize(import_onnx(path).network, NumberFormats{});
    } catch (const InputError& error) {
        fs::remove(path);
        throw InputError(
            fmt::format("the trained network would not run on BRU, so it is not trained: {}", error.what()));
    }
    fs::remove(path);
}

Result result_of(const Training& training, Task& task) {
    const Arithmetic before = arithmetic();
    set_arithmetic(Arithmetic::single);
    Result result;
    result.binary = training.binary();
    result.shape = training.network().shape();
    result.weights = training.best_weights();
    result.validation = training.best_score();
    result.test = task.score(result.shape, result.weights, Split::test);
    result.steps = training.steps_done();
    result.seconds = training.seconds_done();
    set_arithmetic(before);
    return result;
}

void write_curve(const std::string& folder, const Training* full, const Training* binary) {
    std::string csv = "kind,step,rate,training_nats,validation_nats,validation_accuracy,seconds\n";
    Plot plot;
    plot.title = "Loss over the training";
    plot.x_label = "training steps";
    plot.y_label = "nats";
    for (const Training* training : {full, binary}) {
        if (training == nullptr) continue;
        for (const CurveRow& row : training->curve())
            csv += fmt::format("{},{},{},{},{},{},{:.1f}\n", training->binary() ? "binarized" : "full", row.step,
                               row.rate, row.training_nats, row.validation.nats, row.validation.accuracy, row.seconds);
        plot.series.push_back(series_of(*training, false));
        plot.series.push_back(series_of(*training, true));
    }
    write_text(folder + "/curve.csv", csv);
    write_text(folder + "/curve.svg", svg(plot));
}

std::string write_results(const Settings& settings, Task& task, const std::optional<Result>& full,
                          const std::optional<Result>& binary) {
    const std::string stem = model_stem(settings);
    const std::string base = model_base(settings);
    const bool text = task.shape().every_step;
    std::string report;
    std::optional<MachineScore> machine;
    if (full) report += fmt::format("full precision  {}\n", score_cell(full->test, text));
    if (binary) {
        report += fmt::format("binarized       {}\n", score_cell(binary->test, text));
        write_onnx(base + ".onnx", binary->shape, binary->weights, settings.dense_bits,
                   metadata_of(task, settings, *binary, full));
        const Network network = import_onnx(base + ".onnx").network;
        TraceOptions trace = task.test_trace(settings.out, stem);
        trace.out_path = base + ".trace";
        trace.steps = settings.trace_steps;
        make_trace(network, trace);
        machine = score_on_machine(network, trace.out_path);
        write_text(base + ".ini", configuration(stem));
        report += fmt::format("model           {0}.onnx\ncard            {0}.md\ncurve           {1}/curve.csv, "
                              "{1}/curve.svg\n\nNow: bru run --config {0}.ini --predictions\n",
                              base, settings.out);
    }
    write_text(base + ".md", card(settings, task, stem, full, binary, machine));
    return report;
}

} // namespace bru::train
