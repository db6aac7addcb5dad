#include "modules/scale_bias.hpp"

#include <algorithm>
#include <cstdlib>

#include "machine/bit_fields.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/memory_layout.hpp"
#include "model/number_formats.hpp"

namespace bru {

ScaleBias::ScaleBias(const sc_core::sc_module_name& name, const CoreShape& shape)
    : sc_module(name), part_socket("part_socket"), scale_load_socket("scale_load_socket"),
      bias_load_socket("bias_load_socket"), z_socket("z_socket"), logit_socket("logit_socket"), shape_(shape),
      scales_(shape.kept_words(shape.shape.scale_words), shape.scale_word_bits()),
      biases_(shape.kept_words(shape.shape.bias_words), shape.bias_word_bits()) {
    scale_load_socket.on_b_transport = [this](MemoryAccess& access, sc_core::sc_time&) { scales_.access(access); };
    bias_load_socket.on_b_transport = [this](MemoryAccess& access, sc_core::sc_time&) { biases_.access(access); };
    part_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        if (observers_) observers_.tell(&Observer::slices_enter, PipelineStage::scale_bias, run);
        if (shape_.computes_values) process(run);
        run.latency_cycles += latency_cycles();
        (run.descriptor->dense() ? logit_socket : z_socket).send(run);
    };
}

void ScaleBias::process(RowGroupRun& run) {
    const DescriptorImage& parameters = image(run);
    const Descriptor& descriptor = *run.descriptor;
    simd::ScaleBiasArguments arguments;
    arguments.part_count = descriptor.part_count();
    for (int part = 0; part < arguments.part_count; ++part) {
        arguments.parts[part] = run.parts[part];
        arguments.mantissas[part] = parameters.mantissas[part].data();
        arguments.masked_sum[part] = run.part_is_masked_sum[part];
        arguments.activation_sums[part] = run.activation_sums[part];
    }
    arguments.shift = descriptor.shift;
    const std::size_t rows = parameters.layout.rows();
    const RowRanges ranges = parameters.layout.tiles(shape_, run);
    if (descriptor.dense()) {
        arguments.bias = parameters.bias.data();
        std::int32_t* logits = logits_.resize(rows);
        for (const RowRange& range : ranges)
            simd::kernels().scale_bias_logits(arguments, range.begin, range.end, logits);
        run.logits = logits;
        const RowRange logit_rows = parameters.layout.units(shape_, run);
        saturated_logits_ += count_at_limits(logits + logit_rows.begin, logits + logit_rows.end);
    } else {
        arguments.even_bias = parameters.bias.data();
        arguments.odd_bias = arguments.even_bias + rows / 2;
        arguments.narrow = parameters.narrow;
        std::int16_t* z = z_.resize(rows);
        for (const RowRange& range : ranges) simd::kernels().scale_bias_z(arguments, range.begin, range.end, z);
        run.z = z;
        const RowRange units = parameters.layout.units(shape_, run);
        for (int gate = 0; gate < parameters.layout.gates; ++gate) {
            const std::int16_t* const of_gate = z + gate * parameters.layout.unit_stride;
            saturated_sums_ += count_at_limits(of_gate + units.begin, of_gate + units.end);
        }
    }
}

const ScaleBias::DescriptorImage& ScaleBias::image(const RowGroupRun& run) {
    DescriptorImage& cached = images_[run.descriptor_index];
    if (cached.scale_generation == scales_.generation() && cached.bias_generation == biases_.generation() &&
        cached.descriptor == *run.descriptor)
        return cached;
    cached.scale_generation = scales_.generation();
    cached.bias_generation = biases_.generation();
    cached.descriptor = *run.descriptor;
    decode(*run.descriptor, cached);
    return cached;
}

void ScaleBias::decode(const Descriptor& descriptor, DescriptorImage& result) const {
    result.layout = RowLayout(descriptor, shape_);
    result.bias.assign(result.layout.rows(), 0);
    const MemoryLayout memory(shape_);
    const int parts = descriptor.part_count();
    for (int part = 0; part < parts; ++part) result.mantissas[part].assign(result.layout.rows(), 0);
    for (std::uint32_t group = 0; group < descriptor.groups; ++group)
        for (int lane = 0; lane < shape_.lanes; ++lane) {
            const std::size_t row = result.layout.row(shape_, group, lane);
            const FieldPlace bias = memory.bias(group, lane);
            const std::uint64_t field = word_bits(biases_.word(descriptor.bias_base + bias.word), bias.bit, kBiasBits);
            const std::size_t place = descriptor.dense() ? row : row / 2 + row % 2 * (result.bias.size() / 2);
            result.bias[place] = sign_extended(field, kBiasBits);
            for (int part = 0; part < parts; ++part) {
                const FieldPlace scale = memory.scale(descriptor, group, part, lane);
                result.mantissas[part][row] = static_cast<std::int32_t>(
                    word_bits(scales_.word(descriptor.scale_base + scale.word), scale.bit, kScaleFieldBits));
            }
        }
    result.narrow = sums_are_narrow(descriptor, result);
}

/// Whether no activations can make a row's sum longer than 32 bits behind the shift.
bool ScaleBias::sums_are_narrow(const Descriptor& descriptor, const DescriptorImage& decoded) const {
    const std::int32_t shift = descriptor.shift;
    if (descriptor.dense() || shift <= 0 || shift > 32) return false;
    const auto largest_operand = [&](std::uint32_t chunks, std::uint32_t planes) { // 2m - S is below twice m
        return std::int64_t{chunks} * shape_.lane_width << (shape_.activation_bits - 1 + planes);
    };
    const std::int64_t operands[2] = {largest_operand(descriptor.x_chunks, descriptor.x_planes),
                                      largest_operand(descriptor.h_chunks, descriptor.h_planes)};
    std::int64_t largest = 0;
    for (const std::int64_t bias : decoded.bias) largest = std::max(largest, std::abs(bias));
    for (int part = 0; part < 2; ++part)
        largest += operands[part] * *std::max_element(decoded.mantissas[part].begin(), decoded.mantissas[part].end());
    return largest >> shift < std::int64_t{1} << 31;
}

} // namespace bru
