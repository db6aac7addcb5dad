// Everything here is a view of a RunReport; nothing is measured or decided.
#include "report/run_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/integers.hpp"
#include "base/printable.hpp"
#include "base/version.hpp"
#include "report/cores_report.hpp"
#include "report/figures_report.hpp"
#include "report/power_report.hpp"
#include "report/resource_report.hpp"
#include "report/saturation_report.hpp"
#include "report/streams_report.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

double per_second(double count, double seconds) { return seconds > 0 ? count / seconds : 0; }

nlohmann::ordered_json manifest_json(const RunReport& report) {
    nlohmann::ordered_json config;
    for (const Parameter& parameter : parameters()) config[parameter.key] = parameter.get(report.configuration);
    nlohmann::ordered_json json = {{"program", "bru"},
                                   {"version", program_version()},
                                   {"model", report.model_path},
                                   {"model_fingerprint", report.network->fingerprint},
                                   {"trace", report.trace_path},
                                   {"core", report.core == CoreKind::rtl ? "rtl" : "systemc"},
                                   {"device", report.resources.device.name},
                                   {"output", output_kind_name(report.mode.kind)},
                                   {"output_steps", output_steps_name(report.mode.steps)}};
    for (const auto& [key, text] : report.manifest) json[key] = text;
    json["config"] = config;
    return json;
}

std::string class_table(const RunReport& report) {
    const SimulationResult& result = report.result;
    const auto total = real(result.total_cycles);
    const char* const title = report.configuration.has_one_clock() ? "cycles" : "cycles of the core";
    std::string text = fmt::format("{:18}{:>14}{:>9}\n", title, "cycles", "share");
    for (const CycleClass each : kAllCycleClasses) {
        const std::uint64_t cycles = result.class_cycles[index_of(each)];
        const std::string share = fmt::format("{:.2f} %", total > 0 ? 100 * real(cycles) / total : 0);
        text += fmt::format("  {:16}{:>14}{:>9}\n", cycle_class_name(each), grouped(cycles), share);
    }
    return text + fmt::format("  {:16}{:>14}{:>9}   {} us at {} MHz\n", "total", grouped(result.total_cycles), "",
                              short_number(report.configuration.us(total)), report.configuration.clock_mhz);
}

std::string golden_line(const RunReport& report, bool use_colour) {
    const GoldenOutcome& golden = report.golden;
    if (golden.checked == 0)
        return report_line("golden", "0 values checked" + (golden.first.empty() ? "" : ": " + printable(golden.first)));
    const std::string counts = fmt::format("{} mismatches", grouped(golden.mismatches));
    const std::string checked =
        fmt::format("{} values checked, {}", grouped(golden.checked),
                    coloured(counts, golden.mismatches == 0 ? Colour::good : Colour::bad, use_colour));
    return report_line("golden", checked) +
           (golden.first.empty() ? "" : report_line("", "first: " + printable(golden.first)));
}

std::string prediction_lines(const RunReport& report) {
    std::string text = report.predictions ? prediction_table(*report.predictions) : "";
    if (report.divergence) text += report_line("divergence", *report.divergence);
    return text;
}

/// "" for one core.
std::string cores_text(const Configuration& configuration) {
    const std::int64_t cores = configuration.platform.cores;
    return cores > 1 ? fmt::format("{} cores of ", cores) : "";
}

std::string head_lines(const RunReport& report) {
    const Shape& shape = report.configuration.shape;
    const SimulationResult& result = report.result;
    const std::uint64_t streams = report.figures.steady.streams;
    return report_line("model", fmt::format("{}: {}", printable(report.model_path), network_line(*report.network))) +
           report_line("trace", fmt::format("{}: {} steps in {} {}{}",
                                            report.trace_path.empty() ? "random" : printable(report.trace_path),
                                            grouped(result.steps), grouped(result.sequences),
                                            result.sequences == 1 ? "sequence" : "sequences",
                                            streams > 1 ? fmt::format(" of {} streams", streams) : "")) +
           report_line("output", fmt::format("{} of {}", output_kind_name(report.mode.kind),
                                             report.mode.steps == OutputSteps::every  ? "every step"
                                             : report.mode.steps == OutputSteps::last ? "the last step"
                                                                                      : "the final states")) +
           report_line("machine",
                       fmt::format("{}{} lanes x {}, E = {}, {}{}-bit activations, {} on {}",
                                   cores_text(report.configuration), shape.lanes, shape.lane_width, shape.update_width,
                                   shape.streams > 1 ? fmt::format("{} streams, ", shape.streams) : "",
                                   shape.activation_bits, clock_text(report.configuration),
                                   report.resources.device.name)) +
           report_line("core", report.core == CoreKind::rtl ? "Verilated RTL" : "SystemC model");
}

} // namespace

double RunReport::steps_per_s() const {
    return figures.steady.cycles() > 0 ? configuration.clock_mhz * 1e6 / figures.steady.chip_cycles_per_step() : 0;
}

double RunReport::queueing_us() const {
    return std::max(0.0, result.latency.mean_us - configuration.us(figures.response.cycles));
}

double RunReport::gops() const { return 2 * result.one_bit_macs_per_step * steps_per_s() / 1e9; }

std::string network_line(const Network& network) {
    const auto planes = [](int count) { return count == 1 ? std::string() : fmt::format(" ({} planes)", count); };
    std::string text = fmt::format("{} {}", network.input_size(),
                                   network.input_encoding == InputEncoding::one_hot ? "one-hot" : "inputs");
    for (const LstmLayer& layer : network.layers) {
        const char* const direction = layer.direction_count() == 2 ? "Bi" : layer.has_reverse() ? "reverse " : "";
        text += fmt::format(" -> {}{} {}{}", direction, cell_name(layer.cell), layer.hidden_size,
                            planes(std::max(layer.directions[0].input.planes, layer.directions[0].recurrent.planes)));
    }
    if (network.dense)
        text += fmt::format(" -> dense {}{}", network.dense->weights.rows, planes(network.dense->weights.planes));
    return text;
}

std::string clock_text(const Configuration& configuration) {
    const std::string text = fmt::format("{} MHz", configuration.clock_mhz);
    return configuration.has_one_clock() ? text : text + fmt::format(" (DMA {} MHz)", configuration.dma_clock_mhz);
}

std::string prediction_table(const std::vector<PredictionMeasure>& measures) {
    const bool quantized = std::any_of(measures.begin(), measures.end(),
                                       [](const PredictionMeasure& measure) { return measure.quantized.has_value(); });
    std::string text = fmt::format("{:18}{:>11}{:>11}{}{:>12}\n", "predictions", "machine", "float",
                                   quantized ? fmt::format("{:>17}", "quantized float") : "", "difference");
    for (const PredictionMeasure& measure : measures)
        text += fmt::format("  {:18}{:>9.4f}{:>11.4f}{}{:>+12.4f}  {}\n", measure.name, measure.machine,
                            measure.floating, measure.quantized ? fmt::format("{:>17.4f}", *measure.quantized) : "",
                            measure.machine - measure.floating, measure.unit);
    if (!measures.empty())
        text += report_line("", fmt::format("over {} labels; float is the network as its file has it",
                                            grouped(measures.front().count)));
    return text;
}

nlohmann::ordered_json predictions_json(const std::vector<PredictionMeasure>& measures) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (const PredictionMeasure& measure : measures) {
        json[measure.name] = {{"machine", measure.machine}, {"float", measure.floating}, {"count", measure.count}};
        if (measure.quantized) json[measure.name]["quantized_float"] = *measure.quantized;
    }
    return json;
}

nlohmann::ordered_json run_json(const RunReport& report) {
    const SimulationResult& result = report.result;
    nlohmann::ordered_json classes;
    for (const CycleClass each : kAllCycleClasses)
        classes[cycle_class_name(each)] = result.class_cycles[index_of(each)];
    nlohmann::ordered_json json;
    json["schema"] = kRunSchema;
    const SteadyState& steady = report.figures.steady;
    json["cycles"] = {{"total", result.total_cycles}, {"classes", classes}, {"per_step", steady.cycles_per_step()}};
    json["time_us"] = report.configuration.us(real(result.total_cycles));
    json["clock_mhz"] = report.configuration.clock_mhz;
    json["dma_clock_mhz"] = report.configuration.dma_clock_mhz;
    json["steps"] = result.steps;
    json["sequences"] = result.sequences;
    json["output_vectors"] = result.output_vectors;
    json["steady_state"] = steady_state_json(steady);
    if (const double steps = steady.steps_per_sequence(); steps > 0)
        json["per_sequence"] = {{"steps", steps},
                                {"cycles", steady.cycles_per_step() * steps},
                                {"us", report.configuration.us(steady.cycles_per_step() * steps)},
                                {"uj", report.power.microjoules_per_step() * steps}};
    json["hints"] = hints_json(report);
    json["latency_us"] = latency_json(report);
    json["with_software"] = software_json(report);
    if (report.deadline_us > 0)
        json["deadline"] = {
            {"us", report.deadline_us}, {"missed", result.latency.missed_deadlines}, {"outputs", result.latency.count}};
    json["throughput"] = {{"steps_per_s", report.steps_per_s()}, {"gops", report.gops()}};
    if (steady.streams > 1) {
        json["throughput"]["streams"] = steady.streams;
        json["throughput"]["steps_per_s_per_stream"] = report.steps_per_s() / real(steady.streams);
    }
    if (nlohmann::ordered_json streams = streams_json(report); !streams.is_null()) json["streams"] = std::move(streams);
    if (nlohmann::ordered_json cores = cores_json(report); !cores.is_null()) json["cores"] = std::move(cores);
    json["golden"] = {
        {"checked", report.golden.checked}, {"mismatches", report.golden.mismatches}, {"file", report.golden.file}};
    if (!report.golden.first.empty()) json["golden"]["message"] = report.golden.first;
    json["resources"] = resources_json(report.resources);
    json["blocks"] = blocks_json(report.resources);
    json["fits"] = report.resources.fits;
    json["binding"] = report.resources.binding;
    json["timing"] = timing_json(report.resources);
    json["estimate_errors"] = errors_json(report.synthesis.errors);
    json["outside_calibration"] = report.synthesis.outside;
    if (!report.synthesis.shapes.empty()) json["synthesis"] = synthesis_json(report.synthesis.shapes);
    json["power"] = power_json(report.power);
    json["energy"] = energy_json(report);
    json["saturated_inputs"] = result.saturated_inputs;
    if (result.saturations) json["saturation"] = saturations_json(*result.saturations);
    if (report.predictions) json["predictions"] = predictions_json(*report.predictions);
    if (report.divergence) json["divergence"] = *report.divergence;
    if (report.host_times)
        json["whole_model"] = {{"calls", report.host_times->calls},
                               {"front_us", report.host_times->front_us},
                               {"back_us", report.host_times->back_us}};
    json["host"] = {{"seconds", result.host_seconds},
                    {"cycles_per_s", per_second(real(result.total_cycles), result.host_seconds)},
                    {"steps_per_s", per_second(real(result.steps), result.host_seconds)}};
    json["manifest"] = manifest_json(report);
    return json;
}

namespace {

/// What the host does of a whole model, per call of the graph.
std::string host_lines(const RunReport& report) {
    if (!report.host_times || report.host_times->calls == 0) return "";
    const HostTimes& times = *report.host_times;
    const double calls = real(times.calls);
    return report_line("on the host", fmt::format("{} calls of the graph: front {} us, back {} us per call, not "
                                                  "simulated but measured on this computer",
                                                  grouped(times.calls), short_number(times.front_us / calls),
                                                  short_number(times.back_us / calls)));
}

} // namespace

std::string run_table(const RunReport& report, bool use_colour) {
    const SimulationResult& result = report.result;
    std::string text = head_lines(report) + "\n" + speed_lines(report) + verdict_lines(report.resources, use_colour) +
                       power_lines(report.power) + host_lines(report) + golden_line(report, use_colour) +
                       prediction_lines(report);
    Saturations inputs_alone; // where the core does not tell more
    inputs_alone.inputs = {result.steps * static_cast<std::uint64_t>(report.network->input_size()),
                           result.saturated_inputs};
    text += saturation_lines(result.saturations.value_or(inputs_alone));
    text += streams_table(report) + cores_table(report) + "\n" + layer_table(report) + hint_lines(report) + "\n" +
            class_table(report);
    text += "\nresources (estimate)\n" + resource_table(report.resources, use_colour) +
            error_lines(report.resources, report.synthesis);
    if (report.shows_synthesis) text += "\n" + synthesis_table(report.resources, report.synthesis);
    text += "\n" + energy_table(report);
    return text + "\n" +
           report_line("host", fmt::format("{} s, {} cycles/s, {} steps/s", short_number(result.host_seconds),
                                           short_number(per_second(real(result.total_cycles), result.host_seconds)),
                                           short_number(per_second(real(result.steps), result.host_seconds))));
}

} // namespace bru
