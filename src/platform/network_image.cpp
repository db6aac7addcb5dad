#include "platform/network_image.hpp"

#include <algorithm>

#include "base/integers.hpp"
#include "machine/activation_codec.hpp"
#include "machine/bit_fields.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/memory_layout.hpp"
#include "machine/registers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

LoadRegion make_region(const MemoryLayout& memory, LoadTarget target, std::int64_t words) {
    LoadRegion region;
    region.target = target;
    region.beats_per_word = beats_of(memory.word_bits_of(target));
    region.beat_count = words * region.beats_per_word;
    return region;
}

std::uint64_t* word_of(LoadRegion& region, std::uint64_t word) {
    return region.beats.data() + word * region.beats_per_word;
}

/// Writes one descriptor's rows into the regions.
class RowsWriter {
public:
    RowsWriter(const CoreShape& shape, const Descriptor& descriptor, const QuantizedRows& rows, int source_size)
        : shape_(shape), memory_(shape), descriptor_(descriptor), rows_(rows), source_size_(source_size) {}

    void write(LoadRegion& weights, LoadRegion& scales, LoadRegion& biases) const {
        for (std::uint32_t group = 0; group < descriptor_.groups; ++group)
            for (int lane = 0; lane < shape_.lanes; ++lane) {
                const int row = model_row(group, lane);
                if (row < 0) continue;
                for (int part = 0; part < part_count(); ++part) write_weights(weights, group, lane, row, part);
                write_parameters(scales, biases, group, lane, row);
            }
    }

private:
    /// Row of the model for a lane, -1 for a padding row.
    int model_row(std::uint32_t group, int lane) const {
        const int size = descriptor_.size;
        if (descriptor_.dense()) {
            const int row = memory_.dense_row_of(group, lane);
            return row < size ? row : -1;
        }
        const int unit = memory_.unit_of(group, lane);
        return unit < size ? MemoryLayout::gate_of(lane) * size + unit : -1;
    }

    /// The machine's column of a column of the model.
    std::uint32_t machine_column(int part, int column) const {
        if (part == 1 || source_size_ == 0) return memory_.column_of(descriptor_, 0, column);
        return memory_.column_of(descriptor_, column / source_size_, column % source_size_);
    }

    void write_weights(LoadRegion& weights, std::uint32_t group, int lane, int row, int part) const {
        const WeightMatrix& matrix = *rows_.parts[part].weights;
        const std::int8_t* const values = matrix.values.data() + static_cast<std::size_t>(row) * matrix.columns;
        const std::uint32_t width = shape_.lane_width;
        for (int column = 0; column < matrix.columns; ++column) {
            const std::int8_t value = values[column];
            const std::uint32_t place = machine_column(part, column);
            for (int plane = 0; plane < matrix.planes; ++plane) {
                const bool bit = matrix.planes == 1 ? value > 0 : (value >> (matrix.planes - 1 - plane) & 1) != 0;
                if (!bit) continue;
                const std::uint32_t word = MemoryLayout::weight_word(descriptor_, group, part, plane, place / width);
                put_word_bits(word_of(weights, descriptor_.weight_base + word), memory_.weight_bit(lane, place % width),
                              1, 1);
            }
        }
    }

    void write_parameters(LoadRegion& scales, LoadRegion& biases, std::uint32_t group, int lane,
                          std::size_t row) const {
        std::int64_t bias = rows_.bias[row];
        for (int part = 0; part < part_count(); ++part) {
            const std::uint32_t mantissa = rows_.parts[part].mantissas[row];
            const FieldPlace place = memory_.scale(descriptor_, group, part, lane);
            put_word_bits(word_of(scales, descriptor_.scale_base + place.word), place.bit, kScaleFieldBits, mantissa);
            bias += std::int64_t{mantissa} * padding_activations(part);
        }
        const std::int32_t shift = descriptor_.shift;
        if (shift > 0) bias += std::int64_t{1} << (shift - 1); // the machine only shifts
        const FieldPlace place = memory_.bias(group, lane);
        put_word_bits(word_of(biases, descriptor_.bias_base + place.word), place.bit, kBiasBits, bias);
    }

    /// A = 1 has no zero: paddings are +1 and make S of a one-plane part too large.
    int padding_activations(int part) const {
        const QuantizedPart& source = rows_.parts[part];
        if (shape_.activation_bits != 1 || source.one_hot || source.planes() != 1) return 0;
        const std::uint32_t chunks = part == 0 ? descriptor_.x_chunks : descriptor_.h_chunks;
        return chunks * shape_.lane_width - source.size();
    }

    int part_count() const { return count_of(rows_.parts); }

    const CoreShape& shape_;
    MemoryLayout memory_;
    const Descriptor& descriptor_;
    const QuantizedRows& rows_;
    int source_size_; ///< H of each direction of the source, 0: x is one vector
};

void write_initial_states(const CoreShape& shape, const Descriptor& descriptor, const QuantizedDirection& direction,
                          LoadRegion& state, LoadRegion& cells) {
    const MemoryLayout memory(shape);
    const int bits = shape.activation_bits;
    for (int unit = 0; unit < narrow<int>(descriptor.size); ++unit) {
        const FieldPlace h = memory.activation(unit);
        std::uint64_t* chunk = word_of(state, descriptor.h_initial + h.word);
        const std::int32_t value = direction.initial_h[unit];
        // With A = 1 the region is filled with ones, the paddings; a real -1 clears its bit.
        if (bits == 1 && value < 0)
            chunk[h.bit / kBeatBits] &= ~(std::uint64_t{1} << h.bit % kBeatBits);
        else
            put_word_bits(chunk, h.bit, bits, activation_field(value, bits));
        const FieldPlace c = memory.cell(unit);
        put_word_bits(word_of(cells, descriptor.cell_initial + c.word), c.bit, kCellBits, direction.initial_c[unit]);
    }
}

void write_tables(const QuantizedNetwork& network, LoadRegion& tables) {
    for (std::size_t address = 0; address < network.sigmoid_table.size(); ++address) {
        const auto put = [&](std::int64_t bit, std::int16_t entry) {
            put_word_bits(&tables.beats[address], bit, kTableEntryBits, entry);
        };
        put(MemoryLayout::kSigmoidBit, network.sigmoid_table[address]);
        put(MemoryLayout::kTanhBit, network.tanh_table[address]);
    }
}

/// Every value that the network has, in the order of make_network_image's regions.
void fill_regions(const CoreShape& shape, const QuantizedNetwork& network, NetworkImage& image) {
    for (LoadRegion& region : image.regions) {
        const bool ones = region.target == LoadTarget::state && shape.activation_bits == 1; // paddings are +1
        region.beats.assign(region.beat_count, ones ? ~std::uint64_t{0} : 0);
    }
    auto& [weights, scales, biases, tables, state, cells] = image.regions;
    std::size_t index = 0;
    for (std::size_t layer = 0; layer < network.layers.size(); ++layer) {
        const int source_size = layer == 0 ? 0 : network.layers[layer - 1].hidden_size;
        for (const QuantizedDirection& direction : network.layers[layer].directions) {
            const Descriptor& descriptor = image.descriptors[index++];
            RowsWriter(shape, descriptor, direction.rows, source_size).write(weights, scales, biases);
            write_initial_states(shape, descriptor, direction, state, cells);
        }
    }
    if (network.dense)
        RowsWriter(shape, image.descriptors[index], *network.dense, network.layers.back().hidden_size)
            .write(weights, scales, biases);
    write_tables(network, tables);
}

void describe_streams(const CoreShape& shape, const QuantizedNetwork& network, NetworkImage& image) {
    const QuantizedLayer& last = network.layers.back();
    image.beats_per_input_step =
        1 + (image.one_hot ? 0 : image.input_chunks * beats_per_chunk(shape.lane_width, shape.activation_bits));
    if (image.mode.kind == OutputKind::hidden) {
        const int bytes = round_up(last.hidden_size, shape.update_width) * hidden_element_bytes(shape.activation_bits);
        image.values_per_output_vector = last.hidden_size;
        image.beats_per_output_vector = divide_up(bytes, kBeatBytes);
        image.vectors_per_output = count_of(last.directions);
        image.reverse_output = last.directions[0].reverse;
        return;
    }
    const int rows = network.dense->row_count();
    image.values_per_output_vector = image.mode.kind == OutputKind::logits ? rows : 1;
    image.beats_per_output_vector = image.mode.kind == OutputKind::logits ? divide_up(rows, kLogitsPerBeat) : 1;
}

} // namespace

NetworkImage make_network_image(const NetworkPlacement& placement, const QuantizedNetwork& network, OutputMode mode,
                                bool with_values) {
    const CoreShape shape(placement.shape);
    NetworkImage image;
    image.mode = mode;
    image.descriptors = placement.descriptors;
    image.sequence_mode = network.network->needs_whole_sequence();
    image.one_hot = network.network->input_encoding == InputEncoding::one_hot;
    image.input_chunks = narrow<std::uint32_t>(placement.input_chunks);
    image.input_slots = narrow<std::uint32_t>(placement.shape.input_words / placement.input_chunks);
    image.has_values = with_values;
    const MemoryLayout memory(shape);
    image.regions = {make_region(memory, LoadTarget::weights, placement.weight_words),
                     make_region(memory, LoadTarget::scales, placement.scale_words),
                     make_region(memory, LoadTarget::biases, placement.bias_words),
                     make_region(memory, LoadTarget::tables, network.sigmoid_table.size()),
                     make_region(memory, LoadTarget::state, placement.state_words),
                     make_region(memory, LoadTarget::cell, placement.cell_words)};
    if (with_values) fill_regions(shape, network, image);
    if (mode.kind == OutputKind::hidden) {
        if (network.dense) image.descriptors.pop_back(); // loaded, but not run
        for (std::size_t d = 0; d < network.layers.back().directions.size(); ++d)
            image.descriptors[image.descriptors.size() - 1 - d].flags |= Descriptor::kEmit;
    }
    describe_streams(shape, network, image);
    return image;
}

} // namespace bru
