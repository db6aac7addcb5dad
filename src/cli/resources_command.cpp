// bru resources: what a machine takes of a device, block by block; on every device; the largest that fits; and what the
// calibration asks for, the machine's structure.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/folder_names.hpp"
#include "base/printable.hpp"
#include "base/terminal.hpp"
#include "base/version.hpp"
#include "cli/shared_options.hpp"
#include "config/load_configuration.hpp"
#include "device/largest_shape.hpp"
#include "device/synthesis_evidence.hpp"
#include "report/largest_report.hpp"
#include "report/resource_report.hpp"
#include "report/run_report.hpp"
#include "report/text.hpp"
#include "run/run.hpp"

namespace bru::cli {

namespace {

constexpr const char* kSchema = "bru-resources-1";

/// What the command was asked about.
struct Machine {
    Configuration configuration; ///< every depth known
    std::string model = "none";
};

Machine machine_from(const Arguments& arguments) {
    Machine machine;
    machine.configuration = configuration_from(arguments);
    if (const auto path = arguments.text("model")) {
        NotingLibrary library;
        const Run run(library, specification_from(arguments, *path));
        machine.configuration = run.configuration();
        machine.model = fmt::format("{}: {}", *path, network_line(run.network()));
        return machine;
    }
    const Shape known = with_least_depths(machine.configuration.shape);
    if (known.weight_words != machine.configuration.shape.weight_words)
        note(fmt::format(
            "memories whose depth is auto count as {} words, what one block RAM holds; give --model to have "
            "them sized for a network",
            known.weight_words));
    machine.configuration.shape = known;
    return machine;
}

nlohmann::ordered_json manifest_json(const Machine& machine, const std::string& device) {
    nlohmann::ordered_json config;
    for (const Parameter& parameter : parameters()) config[parameter.key] = parameter.get(machine.configuration);
    return {{"program", "bru"},
            {"version", program_version()},
            {"model", machine.model},
            {"device", device},
            {"config", config}};
}

nlohmann::ordered_json estimate_json(const Machine& machine, const ResourceEstimate& estimate,
                                     const SynthesisEvidence& evidence) {
    nlohmann::ordered_json json;
    json["schema"] = kSchema;
    json["resources"] = resources_json(estimate);
    json["fits"] = estimate.fits;
    json["binding"] = estimate.binding;
    json["timing"] = timing_json(estimate);
    json["blocks"] = blocks_json(estimate);
    json["estimate_errors"] = errors_json(evidence.errors);
    json["outside_calibration"] = evidence.outside;
    if (!evidence.shapes.empty()) json["synthesis"] = synthesis_json(evidence.shapes);
    json["manifest"] = manifest_json(machine, estimate.device.name);
    return json;
}

std::string machine_lines(const Shape& shape, const std::string& model) {
    return report_line("machine", fmt::format("{} lanes x {}, E = {}, {}-bit activations", shape.lanes,
                                              shape.lane_width, shape.update_width, shape.activation_bits)) +
           report_line("model", printable(model)) + "\n";
}

/// The device files that come with the program and those beside the configuration, by name.
std::vector<std::string> all_device_files(const Configuration& configuration) {
    namespace fs = std::filesystem;
    std::vector<std::string> files;
    std::error_code ignored;
    const fs::path beside = fs::path(find_device_file(configuration.device, configuration.directory)).parent_path();
    std::vector<fs::path> folders;
    if (const auto shipped = shipped_folders(ShippedKind::device); !shipped.empty()) folders = {shipped.front()};
    if (folders.empty() || !fs::equivalent(beside, folders.front(), ignored)) folders.push_back(beside);
    for (const fs::path& folder : folders) {
        for (const std::string& name : names_in_folder(folder.string(), ".ini"))
            files.push_back((folder / name).string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

void write_devices_json(const std::string& path, const Machine& machine,
                        const std::vector<ResourceEstimate>& estimates) {
    nlohmann::ordered_json json;
    json["schema"] = "bru-resources-devices-1";
    json["devices"] = nlohmann::ordered_json::array();
    for (const ResourceEstimate& estimate : estimates)
        json["devices"].push_back({{"device", estimate.device.name},
                                   {"resources", resources_json(estimate)},
                                   {"fits", estimate.fits},
                                   {"binding", estimate.binding},
                                   {"timing", timing_json(estimate)}});
    json["manifest"] = manifest_json(machine, "all");
    write_json_file(path, json);
}

int show_all_devices(const Machine& machine, const std::optional<std::string>& json) {
    std::vector<ResourceEstimate> estimates;
    for (const std::string& file : all_device_files(machine.configuration))
        estimates.push_back(estimate_resources(machine.configuration, read_device(file)));
    std::stable_sort(estimates.begin(), estimates.end(), [](const ResourceEstimate& a, const ResourceEstimate& b) {
        return a.device.luts < b.device.luts;
    });
    if (json) write_devices_json(*json, machine, estimates);
    print_report({json}, machine_lines(machine.configuration.shape, machine.model) +
                             device_table(estimates, terminal_wants_colour()));
    return kGood;
}

/// A parameter that the command line gives stays as it is.
FixedParameters fixed_parameters(const Arguments& arguments) {
    const auto given = [&arguments](const char* key) {
        return std::any_of(arguments.overrides.begin(), arguments.overrides.end(),
                           [key](const Override& each) { return each.key == key; });
    };
    return {given("bru.lanes"), given("bru.lane_width"), given("bru.update_width")};
}

/// The report about the machine that a search found, or about why it found none.
void show_found(const Machine& machine, const Configuration* found, const ResourceEstimate* estimate,
                const Calibration& calibration, const std::string& lines, const nlohmann::ordered_json& search,
                const Arguments& arguments) {
    const std::optional<std::string> json = arguments.text("json");
    const bool colour = terminal_wants_colour();
    nlohmann::ordered_json report;
    std::string text = lines;
    if (found != nullptr) {
        const Machine largest{*found, machine.model};
        const SynthesisEvidence evidence = synthesis_evidence(found->shape, calibration);
        report = estimate_json(largest, *estimate, evidence);
        text = machine_lines(found->shape, machine.model) + lines + verdict_lines(*estimate, colour) + "\n" +
               block_table(*estimate) + error_lines(*estimate, evidence) + "\n" + resource_table(*estimate, colour);
        if (arguments.has("synthesis")) text += "\n" + synthesis_table(*estimate, evidence);
    } else {
        report["schema"] = kSchema;
        report["manifest"] = manifest_json(machine, machine.configuration.device);
    }
    report["largest"] = search;
    if (json) write_json_file(*json, report);
    print_report({json}, text);
}

/// The fastest machine for a network, or without one the largest that is balanced.
int show_largest(const Arguments& arguments) {
    Machine machine;
    machine.configuration = configuration_from(arguments);
    const FixedParameters fixed = fixed_parameters(arguments);
    const std::vector<Shape> shapes = searched_shapes(machine.configuration.shape, fixed);
    const std::string range = searched_range(machine.configuration.shape, fixed);
    if (shapes.empty())
        throw InputError(fmt::format("--largest: no machine has {}: the update width must divide a quarter of the "
                                     "lanes; leave --bru.lanes or --bru.update_width out",
                                     range));
    if (const auto path = arguments.text("model")) {
        NotingLibrary library;
        const Run run(library, specification_from(arguments, *path));
        machine.model = fmt::format("{}: {}", *path, network_line(run.network()));
        FastestShapeSearch search = find_fastest_shape(run, shapes);
        search.range = range;
        const bool found = search.best.has_value();
        show_found(machine, found ? &search.best->configuration : nullptr, found ? &search.best->estimate : nullptr,
                   run.calibration(), fastest_lines(search, machine.configuration, run.device()), fastest_json(search),
                   arguments);
        return kGood;
    }
    const Device device = read_device(find_device_file(machine.configuration.device, machine.configuration.directory));
    const Calibration calibration = read_calibration(device);
    LargestShapeSearch search = find_largest_shape(machine.configuration, shapes, device, calibration);
    search.range = range;
    const bool found = search.best.has_value();
    show_found(machine, found ? &search.best->configuration : nullptr, found ? &search.best->estimate : nullptr,
               calibration, largest_lines(search, machine.configuration, device), largest_json(search), arguments);
    return kGood;
}

/// "--device NAME" is --bru.device=NAME; what stays in --device is "all".
Arguments with_device(const Arguments& given) {
    Arguments arguments = given;
    const auto device = arguments.text("device");
    if (!device) return arguments;
    for (const Override& each : arguments.overrides)
        if (each.key == "bru.device")
            throw InputError(fmt::format("--device {} and --bru.device={}: give one of them", *device, each.value));
    if (*device == "all") return arguments;
    arguments.overrides.push_back({"bru.device", *device});
    arguments.remove("device");
    return arguments;
}

Option device_option() {
    Option option = value("device", "NAME", "the device, as --bru.device=NAME; all: the machine on every device file");
    option.completion.words = device_names();
    option.completion.words.push_back("all");
    return option;
}

int run_resources(const Arguments& given) {
    const Arguments arguments = with_device(given);
    if (arguments.has("device") && arguments.has("largest"))
        throw InputError("--device all and --largest: give one of them; the largest machine is that of one device "
                         "(--bru.device=NAME)");
    if (arguments.has("largest") && arguments.has("structure"))
        throw InputError("--largest and --structure: give one of them");
    for (const char* other : {"device", "structure"})
        if (arguments.has("synthesis") && arguments.has(other))
            throw InputError(fmt::format("--synthesis has no effect beside --{0}{1}; leave one of them out", other,
                                         other == std::string("device") ? " all" : ""));
    refuse_overwriting({arguments.text_or("json", ""), arguments.text_or("structure", "")},
                       {arguments.text_or("model", ""), arguments.text_or("config", "")});
    if (arguments.has("largest")) return show_largest(arguments);
    const Machine machine = machine_from(arguments);
    if (const auto path = arguments.text("structure")) {
        nlohmann::ordered_json json = structure_json(structure_of(machine.configuration.shape));
        json["manifest"] = manifest_json(machine, machine.configuration.device);
        write_json_file(*path, json);
        return kGood;
    }
    if (arguments.has("device")) return show_all_devices(machine, arguments.text("json"));
    const Device device = read_device(find_device_file(machine.configuration.device, machine.configuration.directory));
    const Calibration calibration = read_calibration(device);
    const ResourceEstimate estimate = estimate_resources(machine.configuration, device, calibration);
    const SynthesisEvidence evidence = synthesis_evidence(machine.configuration.shape, calibration);
    if (const auto path = arguments.text("json")) write_json_file(*path, estimate_json(machine, estimate, evidence));
    std::string text = machine_lines(machine.configuration.shape, machine.model) +
                       verdict_lines(estimate, terminal_wants_colour()) + "\n" + block_table(estimate) +
                       error_lines(estimate, evidence) + "\n" + resource_table(estimate, terminal_wants_colour());
    if (arguments.has("synthesis")) text += "\n" + synthesis_table(estimate, evidence);
    print_report({arguments.text("json")}, text);
    return kGood;
}

} // namespace

Command resources_command() {
    Command command;
    command.name = "resources";
    command.summary = "estimate LUT, FF, BRAM36, DSP and clock of a machine, and compare them with the device";
    command.usage = "[--config FILE] [--model FILE] [--json FILE] [--device NAME|all] [--largest] [parameters]";
    command.details =
        "BRAM36 and DSP are exact. LUT, FF and clock are estimates that are calibrated on synthesis "
        "(docs/resources.md). With a model,\n"
        "memories whose depth is `auto` are as deep as the model needs. --bru.device=NAME chooses the device.\n"
        "--largest chooses lanes, lane width and update width: with a model the machine of fewest cycles per step, "
        "found by simulation;\n"
        "without one the machine of most multiply-accumulates per cycle whose blocks behind the lanes follow. One of "
        "the three that is\n"
        "given on the command line stays as it is.";
    command.example = "bru resources --config configs/z7020.ini --model models/warpeace_h256.onnx --bru.lanes=128";
    command.options =
        join({config_options(),
              needing("model", model_options()),
              needing("model", output_options()),
              {device_option(),
               flag("largest", "with a model: find the fastest machine that fits; without: the largest balanced one"),
               synthesis_option(), file("json", "write the estimate as JSON"),
               file("structure", "write only the quantities behind the estimate, as JSON for tools/calibrate")}});
    command.parameters = parameter_options();
    command.run = run_resources;
    return command;
}

} // namespace bru::cli
