#include "report/compare_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/printable.hpp"
#include "base/text_layout.hpp"
#include "base/version.hpp"
#include "config/software_cost.hpp"
#include "model/output_mode.hpp"
#include "report/aligned_table.hpp"
#include "report/run_report.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

constexpr std::size_t kNameColumns = 21;

struct NamedMeasurement {
    const char* key;
    const char* title;
    const FloatMeasurement& measurement;
};

std::vector<NamedMeasurement> measurements_of(const ComparedNetwork& network) {
    return {{"cpu_one_thread", "CPU, one thread", network.cpu_one},
            {"cpu_all_threads", "CPU, all threads", network.cpu_all},
            {"gpu", "GPU", network.gpu},
            {"onnx_one_thread", "ONNX, one thread", network.onnx_one},
            {"onnx_all_threads", "ONNX, all threads", network.onnx_all},
            {"onnx_best_batch", "ONNX, best batch", network.onnx_batch}};
}

nlohmann::ordered_json measurement_json(const FloatMeasurement& measurement) {
    if (!measurement.timing) return {{"measured", false}, {"reason", measurement.why_not}};
    const std::vector<double>& times = measurement.timing->step_us;
    const auto [least, most] = std::minmax_element(times.begin(), times.end());
    nlohmann::ordered_json json = {{"measured", true}, {"by", measurement.by}};
    if (measurement.threads > 0) json["threads"] = measurement.threads;
    if (measurement.batch > 1) json["batch"] = measurement.batch;
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
    return {{"config", machine.config},
            {"clock_mhz", machine.configuration.clock_mhz},
            {"dma_clock_mhz", machine.configuration.dma_clock_mhz},
            {"steps", machine.steps},
            {"cycles_per_step", machine.cycles_per_step},
            {"step_us", machine.step_us()},
            {"step_us_with_software", software_cost(machine.configuration.host).step_us(machine.step_us())},
            {"device", machine.device},
            {"fits", machine.fits},
            {"ratio", ratios},
            {"parameters", parameters_json}};
}

std::string spread(const FloatMeasurement& measurement) {
    const std::vector<double>& times = measurement.timing->step_us;
    const auto [least, most] = std::minmax_element(times.begin(), times.end());
    return fmt::format("{} to {}", short_number(*least), short_number(*most));
}

std::string machine_name(const ComparedNetwork& network, std::size_t machine) {
    return network.machines.size() == 1 ? "BRU" : fmt::format("BRU {}", machine + 1);
}

/// The table of a network, with a column of ratios for each machine, and what each of its lines stands on.
class NetworkTable {
public:
    explicit NetworkTable(const ComparedNetwork& network) : network_(network) {
        std::vector<std::string> heads = {"", "us per step", "least to most", "processor"};
        for (std::size_t k = 0; k < network.machines.size(); ++k) heads.push_back("times " + machine_name(network, k));
        table_.add(heads);
        for (std::size_t k = 0; k < network.machines.size(); ++k)
            add_machine(machine_name(network, k), network.machines[k]);
        for (const NamedMeasurement& named : measurements_of(network)) add_measurement(named.title, named.measurement);
    }

    std::string text() const { return table_.text() + "\n" + remarks_; }

private:
    void add(std::vector<std::string> row, const std::vector<std::string>& ratios, const std::string& remark) {
        remarks_ += hanging("  " + row[0], remark, kNameColumns);
        row.insert(row.end(), ratios.begin(), ratios.end());
        table_.add(std::move(row));
    }

    void add_machine(const std::string& name, const ComparedMachine& machine) {
        const SoftwareCost software = software_cost(machine.configuration.host);
        add({name, short_number(machine.step_us()), "simulated", ""},
            std::vector<std::string>(network_.machines.size(), "1"),
            fmt::format("{}: {} cycles at {}; {} {}", printable(machine.config), short_number(machine.cycles_per_step),
                        clock_text(machine.configuration), machine.fits ? "fits" : "does NOT fit", machine.device));
        remarks_ += hanging("",
                            fmt::format("the machine alone; with software {} us per step ({})",
                                        short_number(software.step_us(machine.step_us())), software.name),
                            kNameColumns);
    }

    void add_measurement(const std::string& title, const FloatMeasurement& measurement) {
        std::vector<std::string> ratios;
        for (const ComparedMachine& machine : network_.machines) {
            const auto over = ratio(measurement, machine);
            ratios.push_back(over ? short_number(*over) : "-");
        }
        if (!measurement.timing) return add({title, "-", "-", "-"}, ratios, "not measured: " + measurement.why_not);
        const std::string threads = measurement.threads == 0   ? ""
                                    : measurement.threads == 1 ? ", 1 thread"
                                                               : fmt::format(", {} threads", measurement.threads);
        add({title, short_number(measurement.step_us()), spread(measurement),
             measurement.threads > 0 ? short_number(median(measurement.timing->processor_us)) : "-"},
            ratios,
            fmt::format("{}{}{}, {} steps", measurement.by, threads,
                        measurement.batch > 1 ? fmt::format(", batch {}", measurement.batch) : "",
                        grouped(measurement.timing->steps)));
    }

    const ComparedNetwork& network_;
    AlignedTable table_ = AlignedTable({2, true, 2, {kNameColumns, 13, 18, 11}});
    std::string remarks_;
};

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
        if (network.streams > 1) item["streams"] = network.streams;
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
    std::string text =
        report_line("host", fmt::format("{}, {} threads, load {:.1f}{}", printable(host.cpu), host.threads, host.load,
                                        host.gpu.empty() ? "" : "; " + printable(host.gpu))) +
        report_line("inputs", printable(report.inputs)) +
        report_line(
            "float",
            fmt::format(
                "batch 1 but where a batch is named, single precision; medians of {} repeats; processor: its time, of "
                "all threads together",
                report.repeats));
    for (const ComparedNetwork& network : report.networks) {
        const std::string steps = network.mode.steps == OutputSteps::every  ? "every step"
                                  : network.mode.steps == OutputSteps::last ? "the last step"
                                                                            : "the final states";
        text +=
            "\n" +
            wrapped(fmt::format(
                "{}: {}; {} of {}{}", printable(network.name), network.layers, output_kind_name(network.mode.kind),
                steps,
                network.streams > 1 ? fmt::format("; {} streams, batch {}", network.streams, network.streams) : "")) +
            NetworkTable(network).text();
    }
    return text + "\n" +
           wrapped(fmt::format("published, not measured: BRU on a Z7020 at 200 MHz up to {} times as fast as a CPU and "
                               "{} times as a GPU (the source's maxima, on its own hardware)",
                               kPublishedOverCpu, kPublishedOverGpu));
}

} // namespace bru
