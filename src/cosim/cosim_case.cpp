// The JSON of a case is written from and read into the same struct, field by field; ranges are wide enough for what
// the generator draws, and keep a file written by hand from taking a day.
#include "cosim/cosim_case.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/enumeration.hpp"
#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/json_text.hpp"
#include "base/nearest.hpp"
#include "base/output_file.hpp"
#include "base/piped_input.hpp"
#include "model/step.hpp"

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostLayers = 31;
constexpr int kMostSequences = 4096;
constexpr int kMostSequenceSteps = 4096;
constexpr int kMostCycles = 1'000'000;
constexpr int kMostRuns = 1000;

const std::vector<std::string> kDirections = {"forward", "reverse", "bidirectional"};
const std::vector<std::string> kCells = {"lstm", "gru"};
const std::vector<std::string> kMagnitudes = {"plain", "large", "extreme", "zero"};
const std::vector<std::string> kKinds = {"hidden", "logits", "argmax"};
const std::vector<std::string> kSteps = {"every", "last", "final"};

const std::vector<std::string> kFields = {"shape",
                                          "seed",
                                          "inputs",
                                          "one_hot",
                                          "input_exponent",
                                          "layers",
                                          "dense_outputs",
                                          "dense_planes",
                                          "output",
                                          "output_steps",
                                          "weights",
                                          "steps",
                                          "states",
                                          "sequences",
                                          "streams",
                                          "arrival_gap_cycles",
                                          "start_delay_cycles",
                                          "port",
                                          "parameters"};
const std::vector<std::string> kPortFields = {"runs",
                                              "networks",
                                              "resets",
                                              "mistakes",
                                              "wild",
                                              "inside",
                                              "channels_apart",
                                              "access_percent",
                                              "input_pause_percent",
                                              "output_stall_percent",
                                              "presets_counters"};
const std::vector<std::string> kLayerFields = {"hidden", "directions", "input_planes", "recurrent_planes", "cell"};

template <typename Enum>
std::string name_of(const std::vector<std::string>& names, Enum value) {
    return names[index_of(value)];
}

void check_fields(const Json& json, const std::vector<std::string>& known) {
    if (!json.is_object()) throw InputError("expected a JSON object { ... }");
    for (const auto& [key, value] : json.items())
        if (std::find(known.begin(), known.end(), key) == known.end())
            throw InputError(fmt::format("unknown field '{}'{}", key.substr(0, 80), did_you_mean(key, known)));
}

const Json& field(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end()) throw InputError(fmt::format("field '{}' is missing", key));
    return *found;
}

std::int64_t integer(const Json& value, const std::string& key, std::int64_t low, std::int64_t high) {
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) ||
        value.get<std::int64_t>() < low || value.get<std::int64_t>() > high)
        throw InputError(
            fmt::format("{} = {}: allowed is an integer, {} to {}", key, json_text(value).substr(0, 80), low, high));
    return value.get<std::int64_t>();
}

int small(const Json& json, const std::string& key, int low, int high) {
    return narrow<int>(integer(field(json, key.c_str()), key, low, high));
}

std::string text(const Json& json, const std::string& key) {
    const Json& value = field(json, key.c_str());
    if (!value.is_string())
        throw InputError(fmt::format("{} = {}: allowed is a string", key, json_text(value).substr(0, 80)));
    return value.get<std::string>();
}

bool truth(const Json& json, const char* key) {
    const Json& value = field(json, key);
    if (!value.is_boolean()) throw InputError(fmt::format("{}: allowed is true or false", key));
    return value.get<bool>();
}

template <typename Enum>
Enum choice(const Json& json, const std::string& key, const std::vector<std::string>& names) {
    const std::string name = text(json, key);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        throw InputError(fmt::format("{} = {}: allowed is {}", key, name.substr(0, 80), fmt::join(names, ", ")));
    return static_cast<Enum>(found - names.begin());
}

const Json& list(const Json& json, const char* key, std::size_t most) {
    const Json& value = field(json, key);
    if (!value.is_array() || value.empty() || value.size() > most)
        throw InputError(fmt::format("{}: allowed is a list of 1 to {} entries", key, most));
    return value;
}

CaseLayer layer_from_json(const Json& json) {
    check_fields(json, kLayerFields);
    CaseLayer layer;
    layer.hidden = small(json, "hidden", 1, kMostSize);
    layer.directions = choice<Directions>(json, "directions", kDirections);
    layer.input_planes = small(json, "input_planes", 1, 8);
    layer.recurrent_planes = small(json, "recurrent_planes", 1, 8);
    if (json.contains("cell")) layer.cell = choice<CellKind>(json, "cell", kCells);
    return layer;
}

PortTraffic port_from_json(const Json& json) {
    check_fields(json, kPortFields);
    PortTraffic port;
    port.runs = small(json, "runs", 1, kMostRuns);
    port.networks = small(json, "networks", 1, kMostNetworks);
    port.resets = small(json, "resets", 0, kMostRuns);
    port.mistakes = small(json, "mistakes", 0, kMostRuns);
    port.wild = truth(json, "wild");
    port.inside = truth(json, "inside");
    if (port.inside && port.resets + port.mistakes > 0)
        throw InputError("inside = true: allowed only with resets = 0 and mistakes = 0");
    port.channels_apart = truth(json, "channels_apart");
    port.access_percent = small(json, "access_percent", 0, 100);
    port.input_pause_percent = small(json, "input_pause_percent", 0, 99);
    port.output_stall_percent = small(json, "output_stall_percent", 0, 100);
    port.presets_counters = truth(json, "presets_counters");
    return port;
}

Json port_to_json(const PortTraffic& port) {
    return {{"runs", port.runs},
            {"networks", port.networks},
            {"resets", port.resets},
            {"mistakes", port.mistakes},
            {"wild", port.wild},
            {"inside", port.inside},
            {"channels_apart", port.channels_apart},
            {"access_percent", port.access_percent},
            {"input_pause_percent", port.input_pause_percent},
            {"output_stall_percent", port.output_stall_percent},
            {"presets_counters", port.presets_counters}};
}

std::vector<Override> parameters_from_json(const Json& json) {
    std::vector<Override> parameters;
    if (!json.is_object()) throw InputError("parameters: expected a JSON object { \"key\": \"value\" }");
    for (const auto& [key, value] : json.items()) {
        if (!is_case_parameter(key))
            throw InputError(
                fmt::format("parameters: '{}' is none that a case can set; allowed are those of ddr., dma. "
                            "and host., bru.input_words and bru.max_sequence_steps",
                            key.substr(0, 80)));
        if (!value.is_string())
            throw InputError(
                fmt::format("parameters: {} = {}: allowed is a string", key, json_text(value).substr(0, 80)));
        parameters.push_back({key, value.get<std::string>()});
    }
    return parameters;
}

} // namespace

bool CosimCase::needs_whole_sequence() const {
    return std::any_of(layers.begin(), layers.end(),
                       [](const CaseLayer& layer) { return layer.directions != Directions::forward; });
}

int CosimCase::longest_sequence() const { return *std::max_element(sequences.begin(), sequences.end()); }

int CosimCase::step_count() const { return std::accumulate(sequences.begin(), sequences.end(), 0); }

bool is_case_parameter(const std::string& key) {
    for (const char* const group : {"ddr.", "dma.", "host."})
        if (key.rfind(group, 0) == 0) return true;
    return key == "bru.input_words" || key == "bru.max_sequence_steps";
}

Json to_json(const CosimCase& c) {
    Json layers = Json::array();
    for (const CaseLayer& layer : c.layers)
        layers.push_back({{"hidden", layer.hidden},
                          {"directions", name_of(kDirections, layer.directions)},
                          {"input_planes", layer.input_planes},
                          {"recurrent_planes", layer.recurrent_planes},
                          {"cell", name_of(kCells, layer.cell)}});
    Json parameters = Json::object();
    for (const Override& parameter : c.parameters) parameters[parameter.key] = parameter.value;
    Json json = {{"shape", c.shape},
                 {"seed", c.seed},
                 {"inputs", c.inputs},
                 {"one_hot", c.one_hot},
                 {"input_exponent", c.input_exponent},
                 {"layers", layers},
                 {"dense_outputs", c.dense_outputs},
                 {"dense_planes", c.dense_planes},
                 {"output", name_of(kKinds, c.mode.kind)},
                 {"output_steps", name_of(kSteps, c.mode.steps)},
                 {"weights", name_of(kMagnitudes, c.weights)},
                 {"steps", name_of(kMagnitudes, c.steps)},
                 {"states", name_of(kMagnitudes, c.states)},
                 {"sequences", c.sequences},
                 {"arrival_gap_cycles", c.arrival_gap_cycles}};
    if (c.streams > 1) json["streams"] = c.streams;
    if (c.start_delay_cycles) json["start_delay_cycles"] = *c.start_delay_cycles;
    if (c.port) json["port"] = port_to_json(*c.port);
    json["parameters"] = parameters;
    return json;
}

CosimCase case_from_json(const Json& json) {
    check_fields(json, kFields);
    CosimCase c;
    c.shape = text(json, "shape");
    c.seed = narrow<std::uint64_t>(integer(field(json, "seed"), "seed", 0, INT64_MAX));
    c.inputs = small(json, "inputs", 1, kMostSize);
    c.one_hot = truth(json, "one_hot");
    c.input_exponent = small(json, "input_exponent", c.one_hot ? 0 : -8, c.one_hot ? 0 : 8);
    for (const Json& layer : list(json, "layers", kMostLayers)) c.layers.push_back(layer_from_json(layer));
    c.dense_outputs = small(json, "dense_outputs", 0, kMostSize);
    c.dense_planes = small(json, "dense_planes", 1, 8);
    c.mode.kind = choice<OutputKind>(json, "output", kKinds);
    c.mode.steps = choice<OutputSteps>(json, "output_steps", kSteps);
    c.weights = choice<Magnitude>(json, "weights", kMagnitudes);
    c.steps = choice<Magnitude>(json, "steps", kMagnitudes);
    c.states = choice<Magnitude>(json, "states", kMagnitudes);
    for (const Json& steps : list(json, "sequences", kMostSequences))
        c.sequences.push_back(narrow<int>(integer(steps, "sequences", 1, kMostSequenceSteps)));
    if (json.contains("streams")) c.streams = small(json, "streams", 1, kMostStreams);
    c.arrival_gap_cycles = small(json, "arrival_gap_cycles", 0, kMostCycles);
    if (json.contains("start_delay_cycles")) c.start_delay_cycles = small(json, "start_delay_cycles", 1, kMostCycles);
    if (json.contains("port")) c.port = port_from_json(json["port"]);
    c.parameters = parameters_from_json(field(json, "parameters"));
    return c;
}

CosimCase read_case(const std::string& path) {
    std::ifstream file(reopenable(path));
    if (!file) throw InputError({path}, "cannot be read");
    try {
        return in_place({path}, [&] { return case_from_json(json_from_stream(file)); });
    } catch (const Json::exception& error) {
        throw InputError({path}, fmt::format("is no JSON: {}", error.what()));
    }
}

void write_case(const std::string& path, const CosimCase& cosim_case) {
    OutputFile file(path);
    file.write(json_text(to_json(cosim_case), 2) + "\n");
    file.commit();
}

} // namespace bru
