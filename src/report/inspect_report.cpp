// A walk over the network's matrices in the machine's order.
#include "report/inspect_report.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/integers.hpp"
#include "base/json_text.hpp"
#include "base/printable.hpp"
#include "base/text_layout.hpp"
#include "device/resource_estimate.hpp"
#include "report/aligned_table.hpp"
#include "report/regions_report.hpp"
#include "report/run_report.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

constexpr std::size_t kShownSymbols = 128;
constexpr std::size_t kTextColumn = 14;

MatrixFacts facts_of(const std::string& name, const WeightMatrix& weights) {
    MatrixFacts facts;
    facts.name = name;
    facts.rows = weights.rows;
    facts.columns = weights.columns;
    facts.planes = weights.planes;
    for (const double scale : weights.scales) {
        if (scale == 0) {
            ++facts.zero_rows;
            continue;
        }
        facts.smallest_scale = facts.largest_scale == 0 ? scale : std::min(facts.smallest_scale, scale);
        facts.largest_scale = std::max(facts.largest_scale, scale);
    }
    return facts;
}

const char* direction_name(const LstmLayer& layer, std::size_t direction) {
    return layer.directions[direction].reverse ? "reverse" : "forward";
}

/// Names as JSON strings, so that a line end or a blank can be seen.
std::vector<std::string> vocabulary_words(const std::vector<std::string>& vocabulary) {
    if (vocabulary.empty()) return {"none"};
    std::vector<std::string> words = {fmt::format("{} names:", vocabulary.size())};
    for (std::size_t i = 0; i < std::min(vocabulary.size(), kShownSymbols); ++i)
        words.push_back(printable(json_text(vocabulary[i]), kNameCharacters));
    if (vocabulary.size() > kShownSymbols) words.emplace_back("...");
    return words;
}

std::string input_text(const Network& network) {
    if (network.input_encoding == InputEncoding::one_hot) return fmt::format("one-hot of {}", network.input_size());
    return fmt::format("vector of {}, -{} to {}", network.input_size(), std::exp2(network.input_exponent),
                       std::exp2(network.input_exponent));
}

std::string matrix_lines(const ModelFacts& facts) {
    const bool zeros = std::any_of(facts.matrices.begin(), facts.matrices.end(),
                                   [](const MatrixFacts& matrix) { return matrix.zero_rows > 0; });
    AlignedTable table({0, true, 1, {26, 13, 8, 13}});
    std::vector<std::string> heads = {"matrix", "rows x cols", "planes", "weight bits", "scales"};
    if (zeros) heads.emplace_back("rows of zeros");
    table.add(heads);
    for (const MatrixFacts& matrix : facts.matrices) {
        std::vector<std::string> row = {
            matrix.name, fmt::format("{} x {}", matrix.rows, matrix.columns), fmt::format("{}", matrix.planes),
            grouped(matrix.weight_bits()),
            fmt::format("{} to {}", short_number(matrix.smallest_scale), short_number(matrix.largest_scale))};
        if (zeros) row.push_back(grouped(matrix.zero_rows));
        table.add(std::move(row));
    }
    return table.text();
}

/// A line of the table: a name, and text that goes on below itself.
template <typename Text>
std::string line(const std::string& name, const Text& text) {
    return hanging(name, text, kTextColumn);
}

} // namespace

ModelFacts inspect_model(const Network& network, const std::string& path, const Configuration& machine) {
    ModelFacts facts{&network, path, {}, 0, 0, 0};
    for (std::size_t index = 0; index < network.layers.size(); ++index) {
        const LstmLayer& layer = network.layers[index];
        for (std::size_t direction = 0; direction < layer.directions.size(); ++direction) {
            const std::string name =
                fmt::format("{} {} {}", cell_name(layer.cell), index, direction_name(layer, direction));
            facts.matrices.push_back(facts_of(name + ", input", layer.directions[direction].input));
            facts.matrices.push_back(facts_of(name + ", recurrent", layer.directions[direction].recurrent));
        }
    }
    if (network.dense) facts.matrices.push_back(facts_of("dense", network.dense->weights));
    for (const MatrixFacts& matrix : facts.matrices) facts.weight_bits += matrix.weight_bits();
    const Shape& shape = machine.shape;
    facts.weight_words = shape.weight_words;
    facts.bram36 = weight_memory_bram36(shape);
    return facts;
}

std::string inspect_table(const ModelFacts& facts, const Configuration& machine, const Device& device) {
    const Network& network = *facts.network;
    const Shape& shape = machine.shape;
    const std::string steps = network.graph_output.steps == OutputSteps::every  ? "every step"
                              : network.graph_output.steps == OutputSteps::last ? "the last step"
                                                                                : "the final states";
    const bool fits = facts.bram36 <= real(device.bram36);
    return line("model", printable(facts.path)) + line("network", network_line(network)) +
           line("fingerprint", network.fingerprint) + line("input", input_text(network)) +
           line("output", fmt::format("{} of {}", output_kind_name(network.graph_output.kind), steps)) +
           line("vocabulary", vocabulary_words(network.vocabulary)) + "\n" + matrix_lines(facts) + "\n" +
           line("weight bits",
                fmt::format("{} ({} without padding)", grouped(shape.lanes * shape.lane_width * facts.weight_words),
                            grouped(facts.weight_bits))) +
           line("weight BRAM", fmt::format("{} words of {} x {} bits: {} BRAM36 of {} in {}: {}",
                                           grouped(facts.weight_words), shape.lanes, shape.lane_width, facts.bram36,
                                           device.bram36, device.name, fits ? "fits" : "does not fit"));
}

nlohmann::ordered_json inspect_json(const ModelFacts& facts, const ModelRegions& regions, const Configuration& machine,
                                    const Device& device) {
    const Network& network = *facts.network;
    nlohmann::ordered_json matrices = nlohmann::ordered_json::array();
    for (const MatrixFacts& matrix : facts.matrices) {
        matrices.push_back({{"name", matrix.name},
                            {"rows", matrix.rows},
                            {"columns", matrix.columns},
                            {"planes", matrix.planes},
                            {"weight_bits", matrix.weight_bits()},
                            {"smallest_scale", matrix.smallest_scale},
                            {"largest_scale", matrix.largest_scale},
                            {"zero_rows", matrix.zero_rows}});
    }
    return {{"schema", "bru-inspect-1"},
            {"model", facts.path},
            {"fingerprint", network.fingerprint},
            {"input",
             {{"encoding", network.input_encoding == InputEncoding::one_hot ? "onehot" : "vector"},
              {"size", network.input_size()},
              {"exponent", network.input_exponent}}},
            {"output",
             {{"kind", output_kind_name(network.graph_output.kind)},
              {"steps", output_steps_name(network.graph_output.steps)}}},
            {"vocabulary", network.vocabulary},
            {"regions", regions_json(regions)},
            {"matrices", matrices},
            {"weight_bits", facts.weight_bits},
            {"weight_memory",
             {{"words", facts.weight_words},
              {"word_bits", machine.shape.lanes * machine.shape.lane_width},
              {"bram36", facts.bram36},
              {"available", device.bram36},
              {"fits", facts.bram36 <= real(device.bram36)}}}};
}

} // namespace bru
