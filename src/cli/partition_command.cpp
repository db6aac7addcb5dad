// bru partition: what stands before a region, the region, and what stands behind it, as three models.
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/printable.hpp"
#include "base/text_layout.hpp"
#include "cli/shared_options.hpp"
#include "model/onnx/partition.hpp"

namespace bru::cli {

namespace {

std::string tensor_text(const PartTensor& tensor) {
    return fmt::format("'{}' {} {}", shown_name(tensor.name), tensor.type, tensor.shape);
}

std::string part_text(const std::filesystem::path& folder, const Part& part) {
    std::string text = fmt::format("{}  ({} node{})\n", printable((folder / part.file).string()), part.nodes,
                                   part.nodes == 1 ? "" : "s");
    for (const PartTensor& tensor : part.inputs) text += "  takes " + tensor_text(tensor) + "\n";
    for (const PartTensor& tensor : part.outputs) text += "  gives " + tensor_text(tensor) + "\n";
    return text;
}

/// A tensor's name as a Python string.
std::string quoted(const std::string& name) {
    std::string text = "\"";
    for (const char character : printable(name)) {
        if (character == '"') text += '\\';
        text += character;
    }
    return text + "\"";
}

/// `part = onnxruntime...`, then the call, with every tensor under its own name in the dictionary `tensors`.
std::string python_of(const std::filesystem::path& folder, const Part& part, const std::string& name) {
    std::vector<std::string> outputs;
    for (const PartTensor& tensor : part.outputs) outputs.push_back(quoted(tensor.name));
    std::vector<std::string> inputs;
    for (const PartTensor& tensor : part.inputs)
        inputs.push_back(fmt::format("{0}: tensors[{0}]", quoted(tensor.name)));
    return fmt::format("{0} = onnxruntime.InferenceSession({1})\n"
                       "outputs = [{2}]\n"
                       "tensors.update(zip(outputs, {0}.run(outputs, {{{3}}})))\n",
                       name, quoted((folder / part.file).string()), fmt::join(outputs, ", "), fmt::join(inputs, ", "));
}

std::string python_text(const std::filesystem::path& folder, const Partition& partition) {
    std::string text = "import numpy, onnxruntime\ntensors = {}  # fill in the inputs of the graph, by name\n";
    if (partition.front) text += python_of(folder, *partition.front, "front");
    const PartTensor& enters = partition.region.inputs.front();
    text += fmt::format("numpy.save(\"region_input.npy\", tensors[{}]{})\n", quoted(enters.name),
                        enters.columns > 0 ? fmt::format(".reshape(-1, {})", enters.columns) : "");
    text += fmt::format("# bru trace --model {0} --npy region_input.npy --out region.trace\n"
                        "# bru run --model {0} --trace region.trace --outputs region_output.npy\n",
                        printable((folder / partition.region.file).string()));
    if (!partition.back) return text;
    const PartTensor& leaves = partition.region.outputs.front();
    text += fmt::format("tensors[{0}] = numpy.load(\"region_output.npy\")  # in the shape {1}\n", quoted(leaves.name),
                        leaves.shape);
    return text + python_of(folder, *partition.back, "back");
}

void write_part(const std::filesystem::path& folder, const Part& part) {
    write_text_file((folder / part.file).string(), part.bytes);
}

int run_partition(const Arguments& arguments) {
    const std::string path = model_path_from(arguments, "bru partition");
    const std::filesystem::path folder = arguments.required("out");
    std::optional<int> region;
    if (const auto number = arguments.integer("region", 1, kMostRegions)) region = narrow<int>(*number);
    const Partition partition = partition_onnx(path, region, read_given_inputs(arguments.all("input")));
    std::error_code error;
    if (std::filesystem::exists(folder, error) && !std::filesystem::is_directory(folder, error))
        throw InputError({folder.string()}, "is a file; --out takes the folder for the parts");
    std::filesystem::create_directories(folder, error);
    if (error)
        throw SystemError(
            {folder.string()},
            fmt::format("the folder cannot be made: {}; name a place where you may write", error.message()),
            error.value());
    for (const char* name : {"front.onnx", "region.onnx", "back.onnx"})
        refuse_overwriting({(folder / name).string()}, {path});
    if (partition.front) write_part(folder, *partition.front);
    write_part(folder, partition.region);
    if (partition.back) write_part(folder, *partition.back);

    std::string text = fmt::format("region: {}\n\n", partition.layers);
    if (partition.front) text += part_text(folder, *partition.front);
    text += part_text(folder, partition.region);
    if (partition.back) text += part_text(folder, *partition.back);
    if (partition.region.outputs.size() > 1)
        text +=
            "\n" + wrapped(fmt::format("The machine gives the first output of {0}. The others are states or tensors "
                                       "inside of the region; where the back takes them, let ONNX Runtime run {0}, "
                                       "too.",
                                       partition.region.file));
    if (partition.front || partition.back) text += "\n" + python_text(folder, partition);
    print_report({}, text);
    return kGood;
}

} // namespace

Command partition_command() {
    Command command;
    command.name = "partition";
    command.summary = "cut a model into the region that the machine runs, and what the host computes";
    command.usage = "MODEL --out FOLDER [--region N] [--input NAME=NUMBER]";
    command.details = "Writes front.onnx, region.onnx and back.onnx into the folder; together they compute what the "
                      "model does. A part that has nothing to do is not written. Prints what flows between the parts, "
                      "and the Python lines that run the front and the back with ONNX Runtime.";
    command.example = "bru partition models/warpeace_h256.onnx --out /tmp/parts";
    command.positional = {"MODEL", {Completion::Files::any, {}, false, ShippedKind::model}};
    command.options = {
        input("model", ShippedKind::model, "the model, in place of MODEL"), folder("out", "the folder for the parts"),
        value("region", "N", "the region, as bru inspect lists them (default: the largest)"), given_input_option()};
    command.run = run_partition;
    return command;
}

} // namespace bru::cli
