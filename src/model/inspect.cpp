// The text and JSON of a network's description, both from the same rows.
#include "model/inspect.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bru {
namespace {

/// A matrix of the network with its name.
struct NamedMatrix {
    std::string layer;  ///< "layer 0 forward", "dense"
    std::string source; ///< "x" or "h"
    const WeightMatrix* matrix = nullptr;
};

std::vector<NamedMatrix> matrices_of(const Network& network) {
    std::vector<NamedMatrix> matrices;
    for (std::size_t l = 0; l < network.layers.size(); ++l)
        for (const LstmDirection& direction : network.layers[l].directions) {
            const std::string layer = fmt::format("layer {} {}", l, direction.reverse ? "reverse" : "forward");
            matrices.push_back({layer, "x", &direction.input});
            matrices.push_back({layer, "h", &direction.recurrent});
        }
    if (network.dense) matrices.push_back({"dense", "x", &network.dense->weights});
    return matrices;
}

struct Range {
    double low = 0;
    double high = 0;
};

Range range_of(const std::vector<double>& values) {
    if (values.empty()) return {};
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return {*low, *high};
}

bool has_initial_states(const Network& network) {
    const auto any = [](const std::vector<double>& values) { return std::any_of(values.begin(), values.end(), [](double v) { return v != 0; }); };
    for (const LstmLayer& layer : network.layers)
        for (const LstmDirection& direction : layer.directions)
            if (any(direction.initial_h) || any(direction.initial_c)) return true;
    return false;
}

const char* kind_name(OutputKind kind) {
    switch (kind) {
    case OutputKind::hidden: return "hidden";
    case OutputKind::logits: return "logits";
    case OutputKind::argmax: break;
    }
    return "argmax";
}

const char* steps_name(OutputSteps steps) {
    switch (steps) {
    case OutputSteps::every: return "every";
    case OutputSteps::last: return "last";
    case OutputSteps::final_state: break;
    }
    return "final";
}

std::string input_text(const Network& network) {
    if (network.input_encoding == InputEncoding::one_hot) return fmt::format("one-hot, {} symbols", network.input_size());
    return fmt::format("vectors of {} values{}", network.input_size(),
                       network.input_exponent == 0 ? "" : fmt::format(", input exponent {}", network.input_exponent));
}

/// The first names of the vocabulary, control characters escaped, as JSON writes them.
std::string vocabulary_text(const std::vector<std::string>& names) {
    constexpr std::size_t kShown = 12;
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i)
        shown.push_back(nlohmann::json(names[i]).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return fmt::format("{} names: {}{}", names.size(), fmt::join(shown, " "), names.size() > kShown ? " ..." : "");
}

} // namespace

std::int64_t weight_bits(const WeightMatrix& matrix) { return std::int64_t{matrix.rows} * matrix.columns * matrix.planes; }

std::int64_t weight_bits(const Network& network) {
    std::int64_t bits = 0;
    for (const NamedMatrix& named : matrices_of(network)) bits += weight_bits(*named.matrix);
    return bits;
}

std::string output_mode_name(const OutputMode& mode) {
    const char* const kind = mode.kind == OutputKind::hidden ? "hidden values" : mode.kind == OutputKind::logits ? "logits" : "argmax";
    switch (mode.steps) {
    case OutputSteps::every: return fmt::format("{} of every step", kind);
    case OutputSteps::last: return fmt::format("{} of the last step", kind);
    case OutputSteps::final_state: break;
    }
    return fmt::format("{} of each direction's final state", kind);
}

std::string describe(const Network& network) {
    std::string text = fmt::format("model        {}\nfingerprint  {}\ninput        {}\n", network.name, network.fingerprint, input_text(network));
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
        const LstmLayer& layer = network.layers[l];
        const char* const directions = layer.direction_count() == 2 ? "bidirectional" : layer.has_reverse() ? "reverse" : "forward";
        text += fmt::format("layer {:<6} LSTM {} -> {}, {}\n", l, layer.input_size, layer.output_size(), directions);
    }
    if (network.dense) text += fmt::format("dense        {} -> {}\n", network.dense->weights.columns, network.dense->weights.rows);
    text += fmt::format("graph output {}\n", output_mode_name(network.graph_output));
    text += fmt::format("initial      {}\n", has_initial_states(network) ? "states from the model" : "states zero");
    if (!network.vocabulary.empty()) text += fmt::format("vocabulary   {}\n", vocabulary_text(network.vocabulary));
    text += fmt::format("\n{:<18} {:<6} {:>13} {:>6} {:>23} {:>12}\n", "weights", "source", "shape", "planes", "scales", "bits");
    for (const NamedMatrix& named : matrices_of(network)) {
        const Range scales = range_of(named.matrix->scales);
        text += fmt::format("{:<18} {:<6} {:>13} {:>6} {:>23} {:>12}\n", named.layer, named.source,
                            fmt::format("{} x {}", named.matrix->rows, named.matrix->columns), named.matrix->planes,
                            fmt::format("{:.4g} to {:.4g}", scales.low, scales.high), weight_bits(*named.matrix));
    }
    text += fmt::format("{:<18} {:<6} {:>13} {:>6} {:>23} {:>12}\n", "total", "", "", "", "", weight_bits(network));
    return text;
}

nlohmann::json describe_json(const Network& network) {
    nlohmann::json json = {
        {"model", network.name},
        {"fingerprint", network.fingerprint},
        {"input", {{"encoding", network.input_encoding == InputEncoding::one_hot ? "onehot" : "vector"}, {"size", network.input_size()}, {"exponent", network.input_exponent}}},
        {"graph_output", {{"kind", kind_name(network.graph_output.kind)}, {"steps", steps_name(network.graph_output.steps)}}},
        {"initial_states", has_initial_states(network)},
        {"vocabulary", network.vocabulary},
        {"layers", nlohmann::json::array()},
        {"weights", nlohmann::json::array()},
        {"weight_bits", weight_bits(network)}};
    for (const LstmLayer& layer : network.layers) {
        nlohmann::json directions = nlohmann::json::array();
        for (const LstmDirection& direction : layer.directions) directions.push_back(direction.reverse ? "reverse" : "forward");
        json["layers"].push_back({{"input_size", layer.input_size}, {"hidden_size", layer.hidden_size}, {"directions", directions}});
    }
    if (network.dense) json["dense"] = {{"inputs", network.dense->weights.columns}, {"outputs", network.dense->weights.rows}};
    for (const NamedMatrix& named : matrices_of(network)) {
        const Range scales = range_of(named.matrix->scales);
        json["weights"].push_back({{"layer", named.layer}, {"source", named.source}, {"rows", named.matrix->rows}, {"columns", named.matrix->columns},
                                   {"planes", named.matrix->planes}, {"scale_min", scales.low}, {"scale_max", scales.high}, {"bits", weight_bits(*named.matrix)}});
    }
    return json;
}

} // namespace bru
