#include "device/synthesis_evidence.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/folder_names.hpp"
#include "base/json_text.hpp"
#include "base/numbers.hpp"

namespace bru {

namespace {

using Json = nlohmann::json;

/// The keys that fix the RTL's parameters.
const std::vector<std::string> kShapeKeys = {
    "bru.lanes",      "bru.lane_width",   "bru.update_width",     "bru.activation_bits", "bru.lut_address_bits",
    "bru.scale_bits", "bru.weight_words", "bru.scale_words",      "bru.bias_words",      "bru.state_words",
    "bru.cell_words", "bru.input_words",  "bru.output_fifo_beats"};

Json shape_json(const Shape& shape) {
    Configuration configuration;
    configuration.shape = shape;
    Json json;
    for (const Parameter& parameter : parameters()) {
        if (std::find(kShapeKeys.begin(), kShapeKeys.end(), parameter.key) != kShapeKeys.end())
            json[parameter.key] = parse_integer(parameter.get(configuration)).value();
    }
    // Evidence without these keys has LSTM cells only, and one stream.
    if (shape.cell_kinds > 1) json["bru.cell_kinds"] = shape.cell_kinds;
    if (shape.streams > 1) json["bru.streams"] = shape.streams;
    return json;
}

Resources resources_of(const Json& json) {
    Resources used;
    used.lut = json.at("lut").get<std::int64_t>();
    used.memory_lut = json.at("lutram").get<std::int64_t>();
    used.ff = json.at("ff").get<std::int64_t>();
    used.ramb18 = json.at("ramb18").get<std::int64_t>();
    used.ramb36 = json.at("ramb36").get<std::int64_t>();
    used.dsp = json.at("dsp48e1").get<std::int64_t>();
    return used;
}

SynthesizedShape shape_of(const Json& entry, const std::string& tool) {
    SynthesizedShape found;
    found.tool = tool;
    found.core = resources_of(entry.at("core"));
    for (const auto& [name, block] : entry.at("blocks").items()) found.blocks[name] = resources_of(block);
    return found;
}

/// The keys that the estimate of LUTs and flip-flops depends on most, where the shape lies outside of all of `shapes`.
std::vector<std::string> outside_of(const Json& shapes, const Json& wanted) {
    std::vector<std::string> outside;
    for (const char* key :
         {"bru.lanes", "bru.lane_width", "bru.update_width", "bru.activation_bits", "bru.lut_address_bits"}) {
        std::int64_t low = std::numeric_limits<std::int64_t>::max();
        std::int64_t high = 0;
        for (const Json& entry : shapes) {
            const auto value = entry.at("shape").at(key).get<std::int64_t>();
            low = std::min(low, value);
            high = std::max(high, value);
        }
        const auto value = wanted.at(key).get<std::int64_t>();
        if (value < low || value > high) outside.push_back(fmt::format("{} = {} ({} to {})", key, value, low, high));
    }
    return outside;
}

/// The file of the fit, then those of other versions by name.
std::vector<std::string> evidence_files(const std::string& calibration_path) {
    namespace fs = std::filesystem;
    const fs::path path = calibration_path;
    const std::string own = path.stem().string() + ".synthesis.json";
    const std::string others = path.stem().string() + ".synthesis-";
    std::vector<std::string> files;
    std::error_code ignored;
    const std::string folder = path.parent_path().empty() ? "." : path.parent_path().string();
    for (const std::string& name : names_in_folder(folder, ".json"))
        if (name.compare(0, others.size(), others) == 0) files.push_back((fs::path(folder) / name).string());
    if (fs::exists(path.parent_path() / own, ignored)) files.insert(files.begin(), (path.parent_path() / own).string());
    return files;
}

} // namespace

std::string short_tool_name(const std::string& tool) { return tool.substr(0, tool.find(" (")); }

SynthesisEvidence synthesis_evidence(const Shape& shape, const Calibration& calibration) {
    SynthesisEvidence evidence;
    const Json wanted = shape_json(with_least_depths(shape));
    for (const std::string& path : evidence_files(calibration.path)) {
        std::ifstream file(path);
        try {
            const Json json = json_from_stream(file);
            const std::string tool = json.at("tool").get<std::string>();
            const Json& error = json.at("error");
            if (evidence.errors.empty()) evidence.outside = outside_of(json.at("shapes"), wanted);
            evidence.errors.push_back(
                {short_tool_name(tool), {error.at("lut_percent").get<double>(), error.at("ff_percent").get<double>()}});
            for (const Json& entry : json.at("shapes")) {
                if (entry.at("shape") == wanted) evidence.shapes.push_back(shape_of(entry, tool));
            }
        } catch (const Json::exception& error) {
            throw InputError({path}, fmt::format("not what tools/calibrate writes: {}; run it again or remove the file",
                                                 error.what()));
        }
    }
    return evidence;
}

} // namespace bru
