#include "platform/step_encoder.hpp"

#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "machine/activation_codec.hpp"
#include "machine/stream_format.hpp"

namespace bru {

StepEncoder::StepEncoder(const Shape& shape, const Network& network, const NetworkImage& image)
    : lane_width_(narrow<int>(shape.lane_width)), activation_bits_(narrow<int>(shape.activation_bits)),
      streams_(narrow<std::uint32_t>(shape.streams)), network_(network), image_(image),
      quantize_(network.input_exponent, activation_bits_) {}

void StepEncoder::append(const Step& step, bool end_of_run, std::vector<std::uint64_t>& beats) {
    std::uint64_t header =
        (step.first ? kHeaderFirst : 0) | (step.last ? kHeaderLast : 0) | (end_of_run ? kHeaderEnd : 0);
    if (step.stream >= streams_)
        throw InputError(fmt::format("a step is of stream {} (counted from 0), but the machine has {}; set "
                                     "--bru.streams={} or more",
                                     step.stream, streams_, step.stream + 1));
    header |= std::uint64_t{step.stream} << kHeaderStreamShift;
    if (image_.one_hot) {
        if (step.symbol >= narrow<std::uint32_t>(network_.input_size()))
            throw InputError(fmt::format("step input {} is no symbol of {}: it has {} (0 to {})", step.symbol,
                                         network_.name, network_.input_size(), network_.input_size() - 1));
        const std::uint32_t width = lane_width_;
        header |= std::uint64_t{step.symbol / width} << kHeaderChunkShift | std::uint64_t{step.symbol % width}
                                                                                << kHeaderColumnShift;
    }
    beats.push_back(header);
    if (image_.one_hot) return;
    if (image_.has_values)
        append_chunks(step, beats);
    else
        beats.resize(beats.size() + image_.beats_per_input_step - 1, 0);
}

std::int32_t StepEncoder::quantized_value(const Step& step, std::size_t column) {
    if (!std::isfinite(step.values[column]))
        throw InputError(fmt::format("input value {} of a step is not a finite number", column));
    const QuantizedActivation input = quantize_(step.values[column]);
    saturated_inputs_ += input.saturated ? 1 : 0;
    return input.integer;
}

void StepEncoder::append_chunks(const Step& step, std::vector<std::uint64_t>& beats) {
    if (step.values.size() != narrow<std::size_t>(network_.input_size()))
        throw InputError(
            fmt::format("a step has {} values, {} takes {}", step.values.size(), network_.name, network_.input_size()));
    const std::size_t chunk_beats = beats_per_chunk(lane_width_, activation_bits_);
    const std::size_t width = lane_width_;
    const std::size_t first = beats.size();
    beats.resize(first + image_.input_chunks * chunk_beats, 0);
    std::uint64_t* chunk = beats.data() + first;
    int element = 0;
    for (std::size_t column = 0; column < image_.input_chunks * width; ++column) {
        if (column < step.values.size())
            encode_activation(chunk, element, activation_bits_, quantized_value(step, column));
        else if (activation_bits_ == 1)
            encode_activation(chunk, element, 1, 1); // padding
        if (++element < lane_width_) continue;
        element = 0;
        chunk += chunk_beats;
    }
}

} // namespace bru
