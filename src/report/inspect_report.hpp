// What is in a model: layers, shapes, planes, ranges of scales, weight bits, and how many block RAMs its weights take.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "config/configuration.hpp"
#include "device/device.hpp"
#include "model/network.hpp"
#include "model/onnx/import.hpp"

namespace bru {

/// One matrix of a network as inspection shows it.
struct MatrixFacts {
    std::string name; ///< "layer 0 forward, input"
    int rows = 0;
    int columns = 0;
    int planes = 0;
    double smallest_scale = 0; ///< of the rows that are not zero
    double largest_scale = 0;
    int zero_rows = 0;

    std::int64_t weight_bits() const { return std::int64_t{rows} * columns * planes; }
};

struct ModelFacts {
    const Network* network = nullptr;
    std::string path;
    std::vector<MatrixFacts> matrices;
    std::int64_t weight_bits = 0;  ///< of all matrices, without padding
    std::int64_t weight_words = 0; ///< of the machine: with padding to lanes and chunks
    double bram36 = 0;             ///< of these words
};

/// `machine` has its depths resolved for the network.
ModelFacts inspect_model(const Network& network, const std::string& path, const Configuration& machine);

std::string inspect_table(const ModelFacts& facts, const Configuration& machine, const Device& device);
nlohmann::ordered_json inspect_json(const ModelFacts& facts, const ModelRegions& regions, const Configuration& machine,
                                    const Device& device);

} // namespace bru
