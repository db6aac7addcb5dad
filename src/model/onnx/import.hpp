// From an ONNX file to a Network: the only door of the importer (docs/models.md says what it accepts).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/network.hpp"
#include "model/onnx/given_inputs.hpp"

namespace bru {

inline constexpr int kMostRegions = 1'000'000; ///< largest number that --region takes

struct ImportOptions {
    std::optional<int> lstm_weight_bits;    ///< quantize LSTM weights that are no bit planes yet, 1 to 8
    std::optional<int> dense_weight_bits;   ///< the same for the dense layer
    std::optional<int> input_exponent = {}; ///< in place of the file's, -kMaxInputExponent to kMaxInputExponent
    std::optional<int> region = {};         ///< of list_regions(), counted from 1; the preferred one where absent
    GivenInputs inputs = {};                ///< inputs of the graph that count as constants
};

struct ImportedModel {
    Network network;
    std::vector<std::string> messages; ///< what was seen through, left out or assumed
};

/// A part of a graph that the machine can run: LSTM layers, one feeding the next, and the dense layer behind them.
struct ModelRegion {
    std::string layers; ///< "16 -> LSTM 64 -> dense 10"
    double share = 0;   ///< of the multiply-accumulates of the graph, 0 to 1
    std::string input;  ///< the tensor that enters
    bool host_makes_input = false;
    std::string output; ///< the tensor that leaves; "" where no single tensor of the graph is what leaves
};

/// Nodes that stay outside of every region for the same reason.
struct OutsideNodes {
    std::string first; ///< names the first of them
    std::size_t count = 0;
    std::string reason;
};

struct ModelRegions {
    std::vector<ModelRegion> regions; ///< in the order of the graph; may be none
    std::size_t preferred = 0;        ///< index into regions
    bool whole_graph = false;         ///< the preferred region is the whole graph; the host has nothing to do
    std::vector<OutsideNodes> outside;
};

/// A model that is read and understood once, for all that a command wants to know of it.
class OpenModel {
public:
    /// Throws InputError where the file is no model.
    explicit OpenModel(const std::string& path, const GivenInputs& inputs = {});

    /// What of the graph can run.
    ModelRegions regions() const;
    /// Throws InputError naming the file, the node and the attribute, and what to do. `options.inputs` have no effect.
    ImportedModel network(const ImportOptions& options = {}) const;

private:
    struct Content;
    std::shared_ptr<const Content> content_;
};

/// The network of a model that nothing else is wanted of.
ImportedModel import_onnx(const std::string& path, const ImportOptions& options = {});

/// The regions of a model that nothing else is wanted of.
ModelRegions list_regions(const std::string& path, const GivenInputs& inputs = {});

} // namespace bru
