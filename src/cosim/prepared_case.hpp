// A case with everything it stands for: configuration, network, quantized network and steps, made from its seed.
#pragma once

#include <memory>
#include <vector>

#include "config/configuration.hpp"
#include "cosim/cosim_case.hpp"
#include "model/quantized_network.hpp"
#include "model/step.hpp"
#include "rtl_core/rtl_core.hpp"

namespace bru {

struct PreparedCase {
    Configuration configuration;      ///< every depth resolved
    std::unique_ptr<Network> network; ///< stays where it is: `quantized` refers to it
    QuantizedNetwork quantized;
    std::vector<Step> steps;
};

/// Throws InputError where the shape is not among those given, its memories are too small for the network, or a
/// parameter has a value that is not allowed.
PreparedCase prepare(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes);

} // namespace bru
