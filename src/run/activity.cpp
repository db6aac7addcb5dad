#include "run/activity.hpp"

#include "base/integers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

constexpr std::int64_t kPartsOfLstm = 2; // x and h

/// Per step: every row group of the first layer reads the input once per plane.
std::int64_t input_chunks_read(const Network& network, const Shape& shape) {
    const bool one_hot = network.input_encoding == InputEncoding::one_hot;
    const std::int64_t chunks = one_hot ? 1 : divide_up(std::int64_t{network.input_size()}, shape.lane_width);
    const LstmLayer& layer = network.layers.front();
    std::int64_t read = 0;
    for (const LstmDirection& direction : layer.directions)
        read += divide_up(std::int64_t{layer.hidden_size}, shape.units_per_group()) * chunks * direction.input.planes;
    return read;
}

} // namespace

Activity steady_activity(const Network& network, const Configuration& configuration, OutputMode mode,
                         const SteadyState& steady) {
    const Shape& shape = configuration.shape;
    Activity activity;
    activity.seconds = configuration.us(real(steady.cycles())) / 1e6;
    activity.steps = real(steady.steps);
    activity.chunk_cycles = real(steady.classes()[index_of(CycleClass::compute)]);
    std::int64_t groups = 0;
    for (const LstmLayer& layer : network.layers)
        groups += layer.direction_count() * divide_up(layer.hidden_size, shape.units_per_group());
    const double unit_slices = activity.steps * real(groups * shape.slices_per_group());
    activity.unit_slice_cycles = unit_slices;
    activity.part_slice_cycles = kPartsOfLstm * unit_slices;
    const double vectors = real(steady.outputs);
    if (network.dense && mode.kind != OutputKind::hidden)
        activity.part_slice_cycles +=
            vectors * real(divide_up(network.dense->weights.rows, shape.lanes) * shape.slices_per_group());
    const std::int64_t input_bits = shape.lane_width * shape.activation_bits;
    const std::int64_t input_beats =
        network.input_encoding == InputEncoding::one_hot
            ? 0
            : divide_up(network.input_size(), shape.lane_width) * divide_up(input_bits, kBeatBits);
    constexpr std::int64_t kLargestValueBits = 32;
    const std::int64_t output_beats = divide_up(network.output_size(mode.kind) * kLargestValueBits, kBeatBits);
    activity.input_beat_cycles = activity.steps * real(1 + input_beats);
    activity.output_beat_cycles = vectors * real(output_beats);
    activity.input_chunk_cycles = activity.steps * real(input_chunks_read(network, shape));
    return activity;
}

Activity loading_activity(const Configuration& configuration, const SimulationResult& result) {
    const auto loading = result.class_cycles[index_of(CycleClass::weight_load)];
    Activity activity;
    activity.seconds = configuration.us(real(loading)) / 1e6;
    activity.input_beat_cycles = real(result.load_beats);
    return activity;
}

} // namespace bru
