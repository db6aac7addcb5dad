// Input steps as beats of the input stream: quantized, packed into chunks, with their header
// (docs/interfaces.md, "Input stream").
#pragma once

#include <cstdint>
#include <vector>

#include "config/configuration.hpp"
#include "model/network.hpp"
#include "model/number_formats.hpp"
#include "model/step.hpp"
#include "platform/network_image.hpp"

namespace bru {

class StepEncoder {
public:
    StepEncoder(const Shape& shape, const Network& network, const NetworkImage& image);

    /// Appends the step's beats. Throws InputError where the step does not fit the network. For an image without
    /// values the step's are not looked at.
    void append(const Step& step, bool end_of_run, std::vector<std::uint64_t>& beats);
    std::uint64_t saturated_inputs() const { return saturated_inputs_; }

private:
    void append_chunks(const Step& step, std::vector<std::uint64_t>& beats);
    std::int32_t quantized_value(const Step& step, std::size_t column);

    int lane_width_;
    int activation_bits_;
    std::uint32_t streams_;
    const Network& network_;
    const NetworkImage& image_;
    ActivationQuantizer quantize_;
    std::uint64_t saturated_inputs_ = 0;
};

} // namespace bru
