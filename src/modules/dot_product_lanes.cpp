#include "modules/dot_product_lanes.hpp"

#include <algorithm>

#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"

namespace bru {

namespace {

/// Activations of more than eight bits are summed in two halves: x = high * 2^kLowBits + low, low without sign.
constexpr int kLowBits = 8;

} // namespace

DotProductLanes::DotProductLanes(const sc_core::sc_module_name& name, const CoreShape& shape)
    : sc_module(name), run_socket("run_socket"), weight_socket("weight_socket"), input_socket("input_socket"),
      state_socket("state_socket"), part_socket("part_socket"), shape_(shape) {
    run_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        if (shape_.computes_values) process(run);
        run.latency_cycles += latency_cycles();
        part_socket.send(run);
    };
}

void DotProductLanes::process(RowGroupRun& run) {
    const DescriptorImage& weights = image(run);
    const Descriptor& descriptor = *run.descriptor;
    const RowRanges ranges = weights.layout.tiles(shape_, run);
    std::int32_t* x_sums = sums_[0].resize(weights.layout.rows());
    if (descriptor.x_from_input()) {
        ActivationRead input{run.input_step, 0, descriptor.x_chunks, nullptr, 0};
        input_socket.send(input);
        if (descriptor.one_hot())
            one_hot_part(weights.parts[0], ranges, one_hot_column(descriptor, input), run, x_sums);
        else
            vector_part(weights.parts[0], 0, ranges, input.values, run, x_sums);
    } else {
        vector_part(weights.parts[0], 0, ranges, x_from_state(run), run, x_sums);
    }
    if (descriptor.dense()) return;
    std::int32_t* h_sums = sums_[1].resize(weights.layout.rows());
    ActivationRead hidden{0, run.h_read_address, descriptor.h_chunks, nullptr, 0};
    state_socket.send(hidden);
    vector_part(weights.parts[1], 1, ranges, hidden.values, run, h_sums);
}

/// The step may have come before the descriptor was written.
std::uint32_t DotProductLanes::one_hot_column(const Descriptor& descriptor, const ActivationRead& input) const {
    return input.one_hot_index < descriptor.x_words * shape_.lane_width ? input.one_hot_index : 0;
}

const std::int16_t* DotProductLanes::x_from_state(const RowGroupRun& run) {
    const Descriptor& descriptor = *run.descriptor;
    const std::uint32_t first_chunks = std::min(descriptor.source_chunks, descriptor.x_chunks);
    ActivationRead read{0, run.x_address, first_chunks, nullptr, 0};
    state_socket.send(read);
    if (first_chunks == descriptor.x_chunks || run.x_second_address == run.x_address + first_chunks) return read.values;
    const std::size_t width = shape_.lane_width;
    gathered_.assign(read.values, read.values + first_chunks * width);
    ActivationRead second{0, run.x_second_address, descriptor.x_chunks - first_chunks, nullptr, 0};
    state_socket.send(second);
    gathered_.insert(gathered_.end(), second.values, second.values + second.chunks * width);
    return gathered_.data();
}

void DotProductLanes::one_hot_part(const WeightImage& part, const RowRanges& ranges, std::uint32_t index,
                                   RowGroupRun& run, std::int32_t* sums) const {
    const int one_shift = shape_.activation_bits - 1; // a one-hot input is exactly 1.0
    for (const RowRange& range : ranges)
        simd::kernels().one_hot(part.one_hot_column(index), one_shift, range.begin, range.end, sums);
    run.parts[0] = sums;
    run.part_is_masked_sum[0] = part.planes() == 1;
    run.activation_sums[0] = 1 << one_shift;
}

void DotProductLanes::plane_sums(const WeightImage& part, int plane, const RowRanges& ranges, std::int32_t* sums) {
    const simd::Kernels& kernels = simd::kernels();
    const std::uint8_t* indices = part.indices(plane);
    for (const RowRange& range : ranges)
        kernels.masked_sums(indices, tables_.data(), part.columns(), range.begin, range.end, sums);
    if (shape_.activation_bits <= 8) return;
    std::int32_t* low = low_sums_.resize(part.rows());
    for (const RowRange& range : ranges) {
        kernels.masked_sums(indices, low_tables_.data(), part.columns(), range.begin, range.end, low);
        for (std::size_t row = range.begin; row < range.end; ++row) sums[row] = sums[row] * (1 << kLowBits) + low[row];
    }
}

void DotProductLanes::vector_part(const WeightImage& part, int part_index, const RowRanges& ranges,
                                  const std::int16_t* activations, RowGroupRun& run, std::int32_t* sums) {
    const simd::Kernels& kernels = simd::kernels();
    const simd::ColumnBlocks& columns = part.columns();
    const std::size_t count = columns.columns;
    const std::size_t table_bytes = simd::all_table_bytes(kernels, columns);
    if (shape_.activation_bits <= 8) {
        kernels.build_tables(activations, columns, tables_.resize(table_bytes));
    } else {
        high_.resize(count);
        low_.resize(count);
        for (std::size_t column = 0; column < count; ++column) {
            high_[column] = activations[column] >> kLowBits;
            low_[column] = activations[column] & ((1 << kLowBits) - 1);
        }
        kernels.build_tables(high_.data(), columns, tables_.resize(table_bytes));
        kernels.build_tables(low_.data(), columns, low_tables_.resize(table_bytes));
    }
    plane_sums(part, 0, ranges, sums);
    if (part.planes() > 1) {
        // Horner over the planes, top plane first and negative; modulo 2^32, in which the part fits.
        std::int32_t* masked = plane_sums_.resize(part.rows());
        for (const RowRange& range : ranges)
            for (std::size_t row = range.begin; row < range.end; ++row) sums[row] = -sums[row];
        for (int plane = 1; plane < part.planes(); ++plane) {
            plane_sums(part, plane, ranges, masked);
            for (const RowRange& range : ranges)
                for (std::size_t row = range.begin; row < range.end; ++row)
                    sums[row] = 2 * static_cast<std::uint32_t>(sums[row]) + static_cast<std::uint32_t>(masked[row]);
        }
    }
    run.parts[part_index] = sums;
    run.part_is_masked_sum[part_index] = part.planes() == 1;
    run.activation_sums[part_index] = kernels.sum(activations, count);
}

const DotProductLanes::DescriptorImage& DotProductLanes::image(const RowGroupRun& run) {
    const Descriptor& descriptor = *run.descriptor;
    DescriptorImage& cached = images_[run.descriptor_index];
    MemoryAccess read;
    read.address = descriptor.weight_base;
    read.words = descriptor.groups * descriptor.words_per_group();
    weight_socket.send(read);
    if (cached.generation == read.generation && cached.descriptor == descriptor) return cached;
    cached.generation = read.generation;
    cached.descriptor = descriptor;
    cached.layout = RowLayout(descriptor, shape_);
    for (int part = 0; part < descriptor.part_count(); ++part)
        cached.parts[part] = WeightImage(shape_, descriptor, cached.layout, part, read.data);
    return cached;
}

} // namespace bru
