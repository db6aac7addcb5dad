#include "report/compare_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/printable.hpp"
#include "base/version.hpp"
#include "model/output_mode.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

constexpr int kNameWidth = 18;

struct NamedMeasurement {
    const char* key;
    const char* title;
    const FloatMeasurement& measurement;
};

std::vector<NamedMeasurement> measurements_of(const ComparedNetwork& network) {
    return {{"cpu_one_thread", "CPU, one thread", network.cpu_one},
            {"cpu_all_threads", "CPU, all threads", network.cpu_all},
            {"gpu", "GPU", network.gpu}};
}

nlohmann::ordered_json measurement_json(const FloatMeasurement& measurement) {
    if (!measurement.timing) return {{"measured", false}, {"reason", measurement.why_not}};
    const std::vector<double>& times = measurement.timing->step_us;
    const auto [least, most] = std::minmax_element(times.begin(), times.end());
    nlohmann::ordered_json json = {{"measured", true}, {"by", measurement.by}};
    if (measurement.threads > 0) json["threads"] = measurement.threads;
    json["steps"] = measurement.timing->steps;
    json["step_us"] = {{"median", measurement.step_us()}, {"min", *least}, {"max", *most}};
    if (measurement.threads > 0) json["processor_us"] = median(measurement.timing->processor_us);
    return json;
}

nlohmann::ordered_json machine_json(const ComparedNetwork& network, const ComparedMachine& machine) {
    nlohmann::ordered_json ratios;
    for (const NamedMeasurement& named : measurements_of(network)) {
        const auto value = ratio(named.measurement, machine);
        ratios[named.key] = value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
    }
    nlohmann::ordered_json parameters_json;
    for (const Parameter& parameter : parameters())
        parameters_json[parameter.key] = parameter.get(machine.configuration);
    return {{"config", machine.config},     {"clock_mhz", machine.configuration.clock_mhz},
            {"steps", machine.steps},       {"cycles_per_step", machine.cycles_per_step},
            {"step_us", machine.step_us()}, {"device", machine.device},
            {"fits", machine.fits},         {"ratio", ratios},
            {"parameters", parameters_json}};
}

std::string spread(const FloatMeasurement& measurement) {
    const std::vector<double>& times = measurement.timing->step_us;
    const auto [least, most] = std::minmax_element(times.begin(), times.end());
    return fmt::format("{} to {}", short_number(*least), short_number(*most));
}

/// A line of the table: one ratio for each machine.
std::string row(const std::string& name, const std::string& time, const std::string& between,
                const std::string& processor, const std::vector<std::string>& ratios, const std::string& remark) {
    std::string text = fmt::format("  {:<{}}{:>12}{:>20}{:>12}", name, kNameWidth, time, between, processor);
    for (const std::string& over : ratios) text += fmt::format("{:>13}", over);
    text += "   " + remark;
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
}

std::string machine_number(const ComparedNetwork& network, std::size_t machine) {
    return network.machines.size() == 1 ? "BRU" : fmt::format("BRU {}", machine + 1);
}

std::string head_row(const ComparedNetwork& network) {
    std::vector<std::string> titles;
    for (std::size_t k = 0; k < network.machines.size(); ++k) titles.push_back("times " + machine_number(network, k));
    return row("", "us per step", "least to most", "processor", titles, "");
}

std::string machine_rows(const ComparedNetwork& network) {
    std::string text;
    for (std::size_t k = 0; k < network.machines.size(); ++k) {
        const ComparedMachine& machine = network.machines[k];
        text +=
            row(machine_number(network, k), short_number(machine.step_us()), "simulated", "",
                std::vector<std::string>(network.machines.size(), "1"),
                fmt::format("{}: {} cycles at {} MHz; {} {}", machine.config, short_number(machine.cycles_per_step),
                            machine.configuration.clock_mhz, machine.fits ? "fits" : "does NOT fit", machine.device));
    }
    return text;
}

std::string float_rows(const ComparedNetwork& network) {
    std::string text;
    for (const NamedMeasurement& named : measurements_of(network)) {
        const FloatMeasurement& measurement = named.measurement;
        std::vector<std::string> ratios;
        for (const ComparedMachine& machine : network.machines) {
            const auto over = ratio(measurement, machine);
            ratios.push_back(over ? short_number(*over) : "-");
        }
        if (!measurement.timing) {
            text += row(named.title, "-", "-", "-", ratios, "not measured: " + measurement.why_not);
            continue;
        }
        const std::string threads = measurement.threads == 0   ? ""
                                    : measurement.threads == 1 ? ", 1 thread"
                                                               : fmt::format(", {} threads", measurement.threads);
        text += row(named.title, short_number(measurement.step_us()), spread(measurement),
                    measurement.threads > 0 ? short_number(median(measurement.timing->processor_us)) : "-", ratios,
                    fmt::format("{}{}, {} steps", measurement.by, threads, grouped(measurement.timing->steps)));
    }
    return text;
}

} // namespace

std::optional<double> ratio(const FloatMeasurement& measurement, const ComparedMachine& machine) {
    if (!measurement.timing || !(machine.step_us() > 0)) return std::nullopt;
    return measurement.step_us() / machine.step_us();
}

nlohmann::ordered_json compare_json(const CompareReport& report) {
    nlohmann::ordered_json json;
    json["schema"] = kCompareSchema;
    json["host"] = {{"cpu", report.host.cpu}, {"threads", report.host.threads}, {"load", report.host.load}};
    if (!report.host.gpu.empty()) json["host"]["gpu"] = report.host.gpu;
    json["inputs"] = report.inputs;
    json["repeats"] = report.repeats;
    json["networks"] = nlohmann::ordered_json::array();
    for (const ComparedNetwork& network : report.networks) {
        nlohmann::ordered_json item = {{"name", network.name},
                                       {"layers", network.layers},
                                       {"hidden_size", network.hidden_size},
                                       {"output", output_kind_name(network.mode.kind)},
                                       {"output_steps", output_steps_name(network.mode.steps)}};
        item["bru"] = nlohmann::ordered_json::array();
        for (const ComparedMachine& machine : network.machines) item["bru"].push_back(machine_json(network, machine));
        for (const NamedMeasurement& named : measurements_of(network))
            item[named.key] = measurement_json(named.measurement);
        json["networks"].push_back(item);
    }
    json["published"] = {{"over_cpu", kPublishedOverCpu},
                         {"over_gpu", kPublishedOverGpu},
                         {"note", "the source's maxima on its own CPU and GPU; not measured here"}};
    json["manifest"] = {{"program", "bru"}, {"version", program_version()}};
    for (const auto& [key, text] : report.manifest) json["manifest"][key] = text;
    return json;
}

std::string compare_table(const CompareReport& report) {
    const HostDescription& host = report.host;
    std::string text = fmt::format("host              {}, {} threads, load {:.1f}{}\n", host.cpu, host.threads,
                                   host.load, host.gpu.empty() ? "" : "; " + host.gpu) +
                       fmt::format("inputs            {}\n", report.inputs) +
                       fmt::format("float             batch 1, single precision; medians of {} repeats; processor: its "
                                   "time, of all threads together\n",
                                   report.repeats);
    for (const ComparedNetwork& network : report.networks) {
        text += fmt::format("\n{}: {}; {} of {}\n", printable(network.name), network.layers,
                            output_kind_name(network.mode.kind),
                            network.mode.steps == OutputSteps::every  ? "every step"
                            : network.mode.steps == OutputSteps::last ? "the last step"
                                                                      : "the final states");
        text += head_row(network) + machine_rows(network) + float_rows(network);
    }
    return text +
           fmt::format("\npublished, not measured: BRU on a Z7020 at 200 MHz up to {} times as fast as a CPU and "
                       "{} times as a GPU\n(the source's maxima, on its own hardware)\n",
                       kPublishedOverCpu, kPublishedOverGpu);
}

} // namespace bru
