// What most subcommands start with: configuration, device, model, output mode, and the options that decide them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "device/resource_estimate.hpp"
#include "model/network.hpp"
#include "model/quantized_network.hpp"
#include "platform/simulation.hpp"

namespace bru::cli {

std::vector<Option> config_options();
std::vector<Option> model_options(); ///< --model and the quantization asked for
std::vector<Option> output_options();
std::vector<Option> core_options();

/// --config and the overrides. Warns on standard error where the clock is above the device's.
Configuration configuration_from(const Arguments& arguments);
Device device_for(const Configuration& configuration);

/// Imports the model with the weight bits that were asked for; messages of the import go to standard error.
Network network_from(const std::string& path, const Arguments& arguments);

/// --output and --output-steps over what the graph puts out. Throws InputError where the network has no logits.
OutputMode output_mode_from(const Arguments& arguments, const Network& network);
CoreKind core_from(const Arguments& arguments);

/// A network in the machine's numbers with the machine that it runs on. Not movable: the quantized network points
/// into the network.
class Session {
public:
    /// Throws InputError where anything is wrong. Whether the machine fits its device is not asked here.
    Session(const Arguments& arguments, const std::string& model_path);
    Session(Configuration base, Network loaded, OutputMode output);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Configuration configuration; ///< every depth resolved
    Device device;
    Network network;
    QuantizedNetwork quantized;
    OutputMode mode;
};

/// The text over which golden cycles are keyed: everything that decides them, in lines.
std::string cycles_manifest(const Session& session, bool timed_arrivals);

/// Throws InputError where a file that will be written is one that is read, or two are the same. Names that are
/// empty are left out.
void refuse_overwriting(const std::vector<std::string>& written, const std::vector<std::string>& read);

/// Warnings and notes on standard error.
void note(const std::string& message);

/// Writes a text file, whole or not at all.
void write_text_file(const std::string& path, const std::string& text);

} // namespace bru::cli
