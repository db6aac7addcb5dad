#include "cli/shared_options.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/json_text.hpp"
#include "base/output_file.hpp"
#include "base/printable.hpp"
#include "base/terminal.hpp"

namespace bru::cli {

std::vector<Option> config_options() {
    return {input("config", ShippedKind::configuration,
                  "the configuration, an INI file (default: the built-in one, which equals z7020.ini)")};
}

std::vector<Option> model_options() {
    return {
        input("model", ShippedKind::model, "the network, an ONNX file"),
        value("lstm-weight-bits", "N", "quantize LSTM weights that are not binary to N bits (1 to 8)"),
        value("dense-weight-bits", "N", "quantize dense weights that are not binary to N bits (1 to 8)"),
        value("input-exponent", "N",
              "quantize vector inputs for numbers up to 2^N, -32 to 32 (default: what the model says, or 0)"),
        value("region", "N",
              "run region N of the model, as bru inspect lists them (default: the one that makes the graph's output "
              "alone, or else the largest)"),
        given_input_option()};
}

Option given_input_option() {
    Option option = value("input", "NAME=NUMBER",
                          "an input of the model that is a constant of use, such as a sampling rate; NAME=N,N,... for "
                          "several numbers; may be repeated");
    option.repeats = true;
    return option;
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

Option synthesis_option() {
    return flag("synthesis", "show the result of synthesis of this shape, if there is one, beside the estimate");
}

std::string model_path_from(const Arguments& arguments, const std::string& command) {
    const std::string option = arguments.text_or("model", "");
    if (!arguments.positional.empty() && !option.empty())
        throw InputError(fmt::format("{0}: {1} and --model {2}: the model is given twice; give it once; see {0} --help",
                                     command, arguments.positional, option));
    if (arguments.positional.empty() && option.empty())
        throw InputError(fmt::format("{0}: give the model, an ONNX file; see {0} --help", command));
    return option.empty() ? arguments.positional : option;
}

void note_ending(const std::optional<std::string>& written, const std::string& format,
                 const std::vector<std::string>& endings) {
    static const std::vector<std::string> known = {
        ".bin", ".csv",    ".db",   ".fst", ".gz",      ".h5",   ".html", ".ini",  ".json", ".keras", ".mat",
        ".npy", ".npz",    ".onnx", ".pb",  ".parquet", ".pdf",  ".pkl",  ".png",  ".pt",   ".pth",   ".safetensors",
        ".svg", ".tflite", ".tsv",  ".vcd", ".xls",     ".xlsx", ".xml",  ".yaml", ".yml",  ".zip"};
    if (!written) return;
    const std::string ending = std::filesystem::path(*written).extension().string();
    const auto has = [&ending](const std::vector<std::string>& list) {
        return std::find(list.begin(), list.end(), ending) != list.end();
    };
    if (has(known) && !has(endings))
        note(fmt::format("{}: is written as {}, whatever its name says; names of such files end in {}", *written,
                         format, fmt::join(endings, " or ")));
}

Configuration configuration_from(const Arguments& arguments) {
    return resolve_configuration(arguments.text_or("config", ""), arguments.overrides);
}

ModelSpecification model_from(const Arguments& arguments, const std::string& path) {
    ModelSpecification model;
    model.path = path;
    if (const auto bits = arguments.integer("lstm-weight-bits", 1, 8))
        model.quantization.lstm_weight_bits = narrow<int>(*bits);
    if (const auto bits = arguments.integer("dense-weight-bits", 1, 8))
        model.quantization.dense_weight_bits = narrow<int>(*bits);
    if (const auto exponent = arguments.integer("input-exponent", -kMaxInputExponent, kMaxInputExponent))
        model.quantization.input_exponent = narrow<int>(*exponent);
    if (const auto region = arguments.integer("region", 1, kMostRegions))
        model.quantization.region = narrow<int>(*region);
    model.quantization.inputs = read_given_inputs(arguments.all("input"));
    return model;
}

OutputSpecification output_from(const Arguments& arguments) {
    return {arguments.text("output"), arguments.text("output-steps")};
}

CoreKind core_from(const Arguments& arguments) {
    return arguments.text_or("core", "systemc") == "rtl" ? CoreKind::rtl : CoreKind::systemc;
}

RunSpecification specification_from(const Arguments& arguments, const std::string& model_path) {
    RunSpecification specification;
    specification.configuration = configuration_from(arguments);
    specification.model = model_from(arguments, model_path);
    specification.output = output_from(arguments);
    specification.core = core_from(arguments);
    return specification;
}

NotingLibrary::NotingLibrary() : Library(cli::note) {}

namespace {

constexpr const char* kStandardOutput = "-";

bool same_file(const std::string& a, const std::string& b) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (fs::equivalent(a, b, ignored)) return true;
    return fs::absolute(a, ignored).lexically_normal() == fs::absolute(b, ignored).lexically_normal();
}

void check_place(const std::string& written) {
    namespace fs = std::filesystem;
    const fs::path folder = fs::path(written).parent_path();
    std::error_code ignored;
    if (fs::is_directory(written, ignored)) throw InputError({written}, "is a folder; name a file to write");
    if (!folder.empty() && !fs::is_directory(folder, ignored))
        throw InputError({written}, fmt::format("cannot be written: there is no folder {}; make it, or name another "
                                                "place",
                                                folder.string()));
}

} // namespace

void refuse_overwriting(const std::vector<std::string>& written, const std::vector<std::string>& read) {
    for (std::size_t k = 0; k < written.size(); ++k) {
        if (written[k].empty() || written[k].rfind("/dev/", 0) == 0) continue;
        check_place(written[k]);
        for (const std::string& input : read)
            if (!input.empty() && same_file(written[k], input))
                throw InputError({written[k]},
                                 fmt::format("would be overwritten, but it is an input of this command ({}); give "
                                             "another name for the output",
                                             input));
        for (std::size_t other = k + 1; other < written.size(); ++other)
            if (!written[other].empty() && same_file(written[k], written[other]))
                throw InputError({written[k]}, "is named for two outputs; give each its own name");
    }
}

void print_report(const std::vector<std::optional<std::string>>& outputs, const std::string& text) {
    const auto is_standard = [](const std::optional<std::string>& output) { return output == kStandardOutput; };
    if (std::none_of(outputs.begin(), outputs.end(), is_standard)) fmt::print("{}", text);
}

void note(const std::string& message) { print_message("bru: " + printable(message)); }

void write_text_file(const std::string& path, const std::string& text) {
    if (path == kStandardOutput) {
        std::fwrite(text.data(), 1, text.size(), stdout); // run_program tells what does not arrive
        return;
    }
    OutputFile output(path);
    output.write(text);
    output.commit();
}

void write_json_file(const std::string& path, const nlohmann::ordered_json& value, int indent) {
    write_text_file(path, json_text(value, indent) + "\n");
}

} // namespace bru::cli
