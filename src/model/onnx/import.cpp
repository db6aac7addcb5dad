// Puts the importer's parts together: understands the graph, builds the network of the region that is asked for.
#include "model/onnx/import.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/printable.hpp"
#include "model/fingerprint.hpp"
#include "model/onnx/cells.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/metadata.hpp"
#include "model/onnx/protobuf.hpp"
#include "model/onnx/understanding.hpp"
#include "model/onnx/weights.hpp"

namespace bru {
namespace onnx_import {
namespace {

/// Chunk counts and one-hot indices travel in 16 bits.
constexpr std::int64_t kMaxSize = 65535;

/// For each row of a unit in the machine's order the block of rows in the file; kNoBlock: the row has no weights here.
using RowOrder = std::array<int, kGates>;
constexpr int kNoBlock = -1;
struct CellOrder {
    RowOrder input;
    RowOrder recurrent;
    RowOrder bias;
};

/// ONNX orders an LSTM i, o, f, c; the machine i, f, g, o. ONNX orders a GRU z, r, h; the machine r, h of x, h of h, z.
constexpr CellOrder order_of(CellKind cell) {
    if (cell == CellKind::gru) return {{1, 2, kNoBlock, 0}, {1, kNoBlock, 2, 0}, {1, 2, 3, 0}};
    return {{0, 2, 3, 1}, {0, 2, 3, 1}, {0, 2, 3, 1}};
}

/// Blocks of `size` elements in the machine's order, and `filler` where the file has none.
template <typename T>
std::vector<T> in_machine_order(const std::vector<T>& blocks, const RowOrder& order, std::ptrdiff_t size, T filler) {
    std::vector<T> ordered(kGates * static_cast<std::size_t>(size), filler);
    for (std::ptrdiff_t row = 0; row < kGates; ++row)
        if (order.at(row) != kNoBlock)
            std::copy_n(blocks.begin() + order.at(row) * size, size, ordered.begin() + row * size);
    return ordered;
}

WeightMatrix in_machine_order(const WeightMatrix& matrix, const RowOrder& order, int units) {
    const std::ptrdiff_t block = std::ptrdiff_t{units} * matrix.columns;
    WeightMatrix ordered = matrix;
    ordered.rows = kGates * units;
    ordered.values =
        in_machine_order(matrix.values, order, block, static_cast<std::int8_t>(matrix.planes == 1 ? 1 : 0));
    ordered.scales = in_machine_order(matrix.scales, order, units, 0.0);
    if (!matrix.original.empty()) ordered.original = in_machine_order(matrix.original, order, block, 0.0F);
    return ordered;
}

/// Layers and dense layer from the records that the plan names.
class Builder {
public:
    Builder(const Recording& recording, const ImportOptions& options) : recording_(recording), options_(options) {}

    ImportedModel build(const Plan& plan) {
        ImportedModel model;
        for (const std::size_t record : plan.lstms) model.network.layers.push_back(layer(recording_.lstms[record]));
        if (plan.dense) model.network.dense = dense(recording_.denses[*plan.dense]);
        model.network.graph_output = plan.output;
        model.network.input_name = recording_.sources[recording_.lstms[plan.lstms.front()].from].tensor;
        if (!plan.output_tensor.empty()) model.network.output_name = plan.output_tensor;
        note_no_effect("lstm", options_.lstm_weight_bits, !model.network.layers.empty());
        note_no_effect("dense", options_.dense_weight_bits, model.network.dense.has_value());
        model.messages = std::move(messages_);
        return model;
    }

private:
    /// Quantization that was asked for, and that no matrix needs, is told.
    void note_no_effect(const std::string& which, std::optional<int> bits, bool has_layers) {
        const std::string option = fmt::format("--{}-weight-bits", which);
        if (!bits || quantized_.count(option) != 0) return;
        messages_.push_back(
            fmt::format("{} {} has no effect: {}", option, *bits,
                        has_layers ? fmt::format("all {} weights have at most {} bit{} in the file",
                                                 which == "lstm" ? "LSTM" : which, *bits, *bits == 1 ? "" : "s")
                                   : "the model has no dense layer"));
    }

    WeightMatrix weights(const RawMatrix& raw, std::optional<int> bits, const char* option) {
        RecognizedWeights recognized = recognize_weights(raw, bits, option);
        if (!recognized.matrix.original.empty()) quantized_.insert(option);
        if (!recognized.message.empty()) messages_.push_back(std::move(recognized.message));
        return std::move(recognized.matrix);
    }

    LstmLayer layer(const RawLstm& raw) {
        if (raw.input_size > kMaxSize || raw.hidden_size > kMaxSize)
            throw InputError({"", 0, raw.label}, fmt::format("{} inputs and {} units; at most {} of each are allowed",
                                                             raw.input_size, raw.hidden_size, kMaxSize));
        LstmLayer made;
        made.input_size = narrow<int>(raw.input_size);
        made.hidden_size = narrow<int>(raw.hidden_size);
        made.cell = raw.cell;
        const CellOrder order = order_of(raw.cell);
        const auto ordered = [&](const RawMatrix& matrix, const RowOrder& rows) {
            return in_machine_order(weights(matrix, options_.lstm_weight_bits, "--lstm-weight-bits"), rows,
                                    made.hidden_size);
        };
        for (const RawDirection& direction : raw.directions) {
            LstmDirection one;
            one.reverse = direction.reverse;
            one.input = ordered(direction.input, order.input);
            one.recurrent = ordered(direction.recurrent, order.recurrent);
            one.bias = in_machine_order(direction.bias, order.bias, made.hidden_size, 0.0);
            one.initial_h = direction.initial_h;
            one.initial_c = direction.initial_c;
            made.directions.push_back(std::move(one));
        }
        return made;
    }

    DenseLayer dense(const RawDense& raw) {
        if (raw.weights.rows > kMaxSize)
            throw InputError({"", 0, raw.label},
                             fmt::format("{} outputs; at most {} are allowed", raw.weights.rows, kMaxSize));
        return {weights(raw.weights, options_.dense_weight_bits, "--dense-weight-bits"), raw.bias};
    }

    const Recording& recording_;
    const ImportOptions& options_;
    std::vector<std::string> messages_;
    std::set<std::string> quantized_; ///< options that had an effect
};

/// Which region runs, and what is left to the host.
void add_region_messages(const Understanding& understood, const FoundRegion& region,
                         std::vector<std::string>& messages) {
    const FoundRegions& found = understood.found;
    const auto number = &region - found.regions.data() + 1;
    messages.push_back(fmt::format("region {} of {} runs: {}, {:.1f} % of the graph's multiply-accumulates; the host "
                                   "computes the rest (bru inspect lists why)",
                                   number, found.regions.size(), region.layers, 100 * found.share(region)));
    if (region.host_makes_input)
        messages.push_back(fmt::format("a trace holds what enters the region: tensor '{}', which the host makes of the "
                                       "graph's inputs",
                                       shown_name(region.input_tensor)));
    messages.push_back(region.output_tensor.empty()
                           ? "what leaves the region is the output of its last layer, of every step"
                           : fmt::format("what leaves the region is tensor '{}'", shown_name(region.output_tensor)));
}

/// The properties of the file speak of the graph's input and output. A region that the host feeds has another input.
Network with_properties(Network network, const onnx::ModelProto& model, const FoundRegion& region) {
    if (!region.host_makes_input) return with_metadata(std::move(network), model);
    return network;
}

ImportedModel network_of(const onnx::ModelProto& model, const Understanding& understood, const ImportOptions& options) {
    const FoundRegions& found = understood.found;
    const FoundRegion& region = chosen_region(understood, options.region);
    const Recording& recording = understood.walk.recording;
    ImportedModel imported = Builder(recording, options).build(region.plan);
    std::vector<std::string>& messages = imported.messages;
    messages.insert(messages.begin(), region.plan.messages.begin(), region.plan.messages.end());
    messages.insert(messages.begin(), recording.messages.begin(), recording.messages.end());
    if (!found.is_whole_graph(region)) add_region_messages(understood, region, messages);
    const std::int64_t steps = recording.lstms[region.plan.lstms.front()].steps;
    if (understood.fixed_steps)
        messages.push_back(
            steps > 1
                ? fmt::format("the graph is exported for {} steps; sequences of any length are run", steps)
                : "the graph is exported for a single step and cannot be read for more, so whether it puts out every "
                  "step or "
                  "the last one is unknown; every step is taken (export with a dynamic steps axis)");
    imported.network = with_properties(std::move(imported.network), model, region);
    if (options.input_exponent)
        imported.network = with_input_exponent(std::move(imported.network), *options.input_exponent);
    return imported;
}

std::vector<OutsideNodes> grouped_by_reason(const std::vector<OutsideNode>& outside) {
    std::vector<OutsideNodes> groups;
    std::unordered_map<std::string, std::size_t> group_of;
    for (const OutsideNode& node : outside) {
        const auto [place, is_new] = group_of.emplace(node.reason, groups.size());
        if (is_new) groups.push_back({node.label, 0, node.reason});
        ++groups[place->second].count;
    }
    return groups;
}

ModelRegions regions_of(const Understanding& understood) {
    const FoundRegions& found = understood.found;
    ModelRegions listed;
    listed.preferred = found.preferred;
    listed.whole_graph = found.whole_graph;
    for (const FoundRegion& region : found.regions)
        listed.regions.push_back({region.layers, found.share(region), shown_name(region.input_tensor),
                                  region.host_makes_input, shown_name(region.output_tensor)});
    listed.outside = grouped_by_reason(understood.walk.outside);
    return listed;
}

} // namespace
} // namespace onnx_import

struct OpenModel::Content {
    std::string path;
    onnx::ModelProto model;
    std::vector<std::string> messages; ///< of what was done before the graph was understood
    onnx_import::Understanding understood;
};

OpenModel::OpenModel(const std::string& path, const GivenInputs& inputs) {
    onnx::ModelProto model = onnx_import::read_model(path, inputs);
    content_ = in_place({path}, [&] {
        onnx_import::WithLayers with_layers = onnx_import::with_layers_for_cells(std::move(model));
        onnx_import::WalkedModel walked(with_layers.model);
        onnx_import::Understanding understood = understand_graph(walked, with_layers.outside);
        return std::make_shared<const Content>(
            Content{path, std::move(with_layers.model), std::move(with_layers.messages), std::move(understood)});
    });
}

ModelRegions OpenModel::regions() const { return onnx_import::regions_of(content_->understood); }

ImportedModel OpenModel::network(const ImportOptions& options) const {
    return in_place({content_->path}, [&] {
        ImportedModel imported = onnx_import::network_of(content_->model, content_->understood, options);
        imported.messages.insert(imported.messages.begin(), content_->messages.begin(), content_->messages.end());
        imported.network.name = std::filesystem::path(content_->path).filename().string();
        imported.network.fingerprint = network_fingerprint(imported.network);
        return imported;
    });
}

ImportedModel import_onnx(const std::string& path, const ImportOptions& options) {
    return OpenModel(path, options.inputs).network(options);
}

ModelRegions list_regions(const std::string& path, const GivenInputs& inputs) {
    return OpenModel(path, inputs).regions();
}

} // namespace bru
