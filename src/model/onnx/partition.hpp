// Cuts a graph into what stands before a region, the region, and what stands behind it: three ONNX models that compute
// together what the whole does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/onnx/given_inputs.hpp"

namespace bru {

/// A tensor that flows into or out of a part.
struct PartTensor {
    std::string name;
    std::string type;         ///< "float", "int64"
    std::string shape;        ///< "[steps, 1, 64]"
    std::int64_t columns = 0; ///< its last dimension; 0 where that is open or the tensor is a scalar
};

struct Part {
    std::string file; ///< "front.onnx"
    std::string bytes;
    std::size_t nodes = 0;
    std::vector<PartTensor> inputs;  ///< of the region: first the one that enters the machine
    std::vector<PartTensor> outputs; ///< of the region: first the one that leaves the machine
};

struct Partition {
    std::optional<Part> front; ///< absent where the region takes an input of the graph as it is
    Part region;
    std::optional<Part> back; ///< absent where the region gives the outputs of the graph
    std::string layers;       ///< of the region
};

/// `region` counts from 1, as list_regions() lists them. Throws InputError where the file is no model, where it has no
/// region, and where the region cannot be cut out.
Partition partition_onnx(const std::string& path, std::optional<int> region, const GivenInputs& inputs = {});

} // namespace bru
