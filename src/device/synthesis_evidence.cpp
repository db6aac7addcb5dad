#include "device/synthesis_evidence.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
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

} // namespace

std::optional<SynthesizedShape> synthesized(const Shape& shape, const Calibration& calibration) {
    const std::string path = std::filesystem::path(calibration.path).replace_extension(".synthesis.json").string();
    std::ifstream file(path);
    if (!file) return std::nullopt;
    const Json wanted = shape_json(with_least_depths(shape));
    try {
        const Json json = Json::parse(file);
        for (const Json& entry : json.at("shapes")) {
            if (entry.at("shape") != wanted) continue;
            SynthesizedShape found;
            found.tool = json.at("tool").get<std::string>();
            found.core = resources_of(entry.at("core"));
            for (const auto& [name, block] : entry.at("blocks").items()) found.blocks[name] = resources_of(block);
            return found;
        }
    } catch (const Json::exception& error) {
        throw InputError(fmt::format("{}: not what tools/calibrate writes: {}; run it again or remove the file", path,
                                     error.what()));
    }
    return std::nullopt;
}

} // namespace bru
