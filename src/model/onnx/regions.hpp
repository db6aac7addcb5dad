// The parts of a graph that the machine can run: chains of LSTM layers, with the dense layer where there is one.
// docs/models.md calls them regions. What stands before, between and behind them is the host's work.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/onnx/graph.hpp"
#include "model/onnx/output.hpp"

namespace bru::onnx_import {

struct FoundRegion {
    Plan plan;
    std::string layers; ///< "8 -> LSTM 64 -> dense 10"
    std::string input_tensor;
    Dims input_dims; ///< as walked
    bool host_makes_input = false;
    std::string output_tensor;  ///< "" where no single tensor of the graph has it
    std::string leaving_tensor; ///< the same, or what a Softmax or Sigmoid makes it of, which the machine leaves out
    double multiply_accumulates = 0;
};

struct FoundRegions {
    std::vector<FoundRegion> regions; ///< in the order of the graph
    std::size_t preferred = 0;        ///< the one that makes the graph's output alone, else the one with most work
    bool whole_graph = false;         ///< the preferred region needs no work of the host
    double multiply_accumulates = 0;  ///< of the graph

    bool is_whole_graph(const FoundRegion& region) const { return whole_graph && &region == &regions[preferred]; }
    double share(const FoundRegion& region) const;
    /// The same layers with the same output, whatever the walks' lengths were.
    bool same_layers(const FoundRegions& other) const;
};

/// Throws nothing for what is in the model; a graph without LSTM layers that can run has no regions.
FoundRegions find_regions(Walk& walk);

} // namespace bru::onnx_import
