// Loading in the order in which messages help most: configuration, device, model, then what they make together.
#include "cli/session.hpp"

#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/output_file.hpp"
#include "model/onnx/import.hpp"
#include "model/output_mode.hpp"
#include "trace/golden_file.hpp"

namespace bru::cli {

namespace {

/// Runs `make` and puts the file that the user has to look into before a message that does not name it.
template <typename Make>
auto with_place(const std::string& file, const Make& make) {
    try {
        return make();
    } catch (const InputError& error) {
        const std::string message = error.what();
        if (file.empty() || message.find(file) != std::string::npos) throw;
        throw InputError(file + ": " + message);
    }
}

} // namespace

std::vector<Option> config_options() {
    return {input("config", ShippedKind::configuration,
                  "the configuration, an INI file (default: the built-in one, which equals z7020.ini)")};
}

std::vector<Option> model_options() {
    return {input("model", ShippedKind::model, "the network, an ONNX file"),
            value("lstm-weight-bits", "N", "quantize LSTM weights that are not binary to N bits (1 to 8)"),
            value("dense-weight-bits", "N", "quantize dense weights that are not binary to N bits (1 to 8)")};
}

std::vector<Option> output_options() {
    return {
        choice("output", {"hidden", "logits", "argmax"}, "what leaves the machine (default: the output of the graph)"),
        choice("output-steps", {"every", "last", "final"},
               "whose output leaves: every step, the last step of a sequence, or the final states of each direction "
               "(default: those of the graph)")};
}

std::vector<Option> core_options() {
    return {
        choice("core", {"systemc", "rtl"},
               "what simulates the core: the SystemC model (default), or the Verilated RTL, which is equal in every "
               "cycle and far slower")};
}

Configuration configuration_from(const Arguments& arguments) {
    return resolve_configuration(arguments.text_or("config", ""), arguments.overrides);
}

Device device_for(const Configuration& configuration) {
    const std::string path =
        with_place(configuration.file, [&] { return find_device_file(configuration.device, configuration.directory); });
    Device device = read_device(path);
    if (configuration.clock_mhz > device.clock_mhz)
        note(fmt::format("bru.clock_mhz = {} is above the {} MHz that {} is expected to reach ({})",
                         configuration.clock_mhz, device.clock_mhz, device.name, device.path));
    return device;
}

Network network_from(const std::string& path, const Arguments& arguments) {
    ImportOptions options;
    if (const auto bits = arguments.integer("lstm-weight-bits", 1, 8))
        options.lstm_weight_bits = static_cast<int>(*bits);
    if (const auto bits = arguments.integer("dense-weight-bits", 1, 8))
        options.dense_weight_bits = static_cast<int>(*bits);
    ImportedModel result = import_onnx(path, options);
    for (const std::string& message : result.messages) note(message);
    return std::move(result.network);
}

OutputMode output_mode_from(const Arguments& arguments, const Network& network) {
    return choose_output(network, arguments.text("output"), arguments.text("output-steps"));
}

CoreKind core_from(const Arguments& arguments) {
    return arguments.text_or("core", "systemc") == "rtl" ? CoreKind::rtl : CoreKind::systemc;
}

Session::Session(const Arguments& arguments, const std::string& model_path)
    : configuration(configuration_from(arguments)), device(device_for(configuration)),
      network(network_from(model_path, arguments)), quantized(quantize(network, configuration.shape.formats())),
      mode(output_mode_from(arguments, network)) {
    configuration.shape = with_place(configuration.file, [&] { return resolve_shape(configuration, quantized, mode); });
}

Session::Session(Configuration base, Network loaded, OutputMode output)
    : configuration(std::move(base)), device(device_for(configuration)), network(std::move(loaded)),
      quantized(quantize(network, configuration.shape.formats())), mode(output) {
    configuration.shape = with_place(configuration.file, [&] { return resolve_shape(configuration, quantized, mode); });
}

std::string cycles_manifest(const Session& session, bool timed_arrivals) {
    std::string text;
    for (const Parameter& parameter : parameters()) {
        if (parameter.key == "bru.device") continue; // a budget, which no cycle depends on
        text += fmt::format("{} = {}\n", parameter.key, parameter.get(session.configuration));
    }
    return text + fmt::format("model = {}\noutput = {} {}\narrivals = {}\n", session.network.fingerprint,
                              output_kind_name(session.mode.kind), output_steps_name(session.mode.steps),
                              timed_arrivals ? "timed" : "back-to-back");
}

namespace {

bool same_file(const std::string& a, const std::string& b) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (fs::equivalent(a, b, ignored)) return true;
    return fs::absolute(a, ignored).lexically_normal() == fs::absolute(b, ignored).lexically_normal();
}

} // namespace

void refuse_overwriting(const std::vector<std::string>& written, const std::vector<std::string>& read) {
    for (std::size_t k = 0; k < written.size(); ++k) {
        if (written[k].empty() || written[k].rfind("/dev/", 0) == 0) continue;
        for (const std::string& input : read)
            if (!input.empty() && same_file(written[k], input))
                throw InputError(fmt::format("{}: would be overwritten, but it is an input of this command ({}); give "
                                             "another name for the output",
                                             written[k], input));
        for (std::size_t other = k + 1; other < written.size(); ++other)
            if (!written[other].empty() && same_file(written[k], written[other]))
                throw InputError(fmt::format("{}: is named for two outputs; give each its own name", written[k]));
    }
}

void note(const std::string& message) { fmt::print(stderr, "bru: {}\n", message); }

void write_text_file(const std::string& path, const std::string& text) {
    OutputFile output(path);
    output.write(text);
    output.commit();
}

} // namespace bru::cli
