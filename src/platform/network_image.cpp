#include "platform/network_image.hpp"

#include <algorithm>

#include "modules/activation_codec.hpp"
#include "platform/network_placement.hpp"

namespace bru {

namespace {

constexpr int kScaleFieldBits = 16;

/// ORs `width` bits into a cleared word.
void put_bits(std::uint64_t* word, std::int64_t position, int width, std::uint64_t value) {
    value &= width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
    const auto index = static_cast<std::size_t>(position / 64);
    const int offset = static_cast<int>(position % 64);
    word[index] |= value << offset;
    if (offset + width > 64) word[index + 1] |= value >> (64 - offset);
}

LoadRegion make_region(LoadTarget target, std::int64_t words, std::int64_t word_bits) {
    LoadRegion region;
    region.target = target;
    region.beats_per_word = CoreShape::beats(word_bits);
    region.beat_count = static_cast<std::size_t>(words * region.beats_per_word);
    return region;
}

std::uint64_t* word_of(LoadRegion& region, std::uint64_t word) {
    return region.beats.data() + word * static_cast<std::uint64_t>(region.beats_per_word);
}

/// Writes one descriptor's rows into the regions.
class RowsWriter {
public:
    RowsWriter(const CoreShape& shape, const Descriptor& descriptor, const QuantizedRows& rows, int source_size)
        : shape_(shape), descriptor_(descriptor), rows_(rows), source_size_(source_size) {}

    void write(LoadRegion& weights, LoadRegion& scales, LoadRegion& biases) const {
        for (std::uint32_t group = 0; group < descriptor_.groups; ++group)
            for (int lane = 0; lane < shape_.lanes; ++lane) {
                const int row = model_row(group, lane);
                if (row < 0) continue;
                for (std::size_t part = 0; part < rows_.parts.size(); ++part)
                    write_weights(weights, group, lane, row, part);
                write_parameters(scales, biases, group, lane, static_cast<std::size_t>(row));
            }
    }

private:
    /// Row of the model for a lane, -1 for a padding row.
    int model_row(std::uint32_t group, int lane) const {
        const int size = static_cast<int>(descriptor_.size);
        if (descriptor_.dense()) {
            const int row = static_cast<int>(group) * shape_.lanes + lane;
            return row < size ? row : -1;
        }
        const int unit = static_cast<int>(group) * shape_.units_per_group + lane / kGates;
        return unit < size ? lane % kGates * size + unit : -1;
    }

    /// Column in chunks of W, where a vector of two directions is padded after each.
    std::uint32_t machine_column(std::size_t part, int column) const {
        if (part == 1 || source_size_ == 0) return static_cast<std::uint32_t>(column);
        const auto direction = static_cast<std::uint32_t>(column / source_size_);
        return direction * descriptor_.source_chunks * static_cast<std::uint32_t>(shape_.lane_width) +
               static_cast<std::uint32_t>(column % source_size_);
    }

    void write_weights(LoadRegion& weights, std::uint32_t group, int lane, int row, std::size_t part) const {
        const WeightMatrix& matrix = *rows_.parts[part].weights;
        const std::uint32_t chunks = part == 0 ? descriptor_.x_words : descriptor_.h_chunks;
        const std::uint32_t first_word = descriptor_.weight_base + group * descriptor_.words_per_group() +
                                         (part == 0 ? 0 : descriptor_.x_words * descriptor_.x_planes);
        const auto width = static_cast<std::uint32_t>(shape_.lane_width);
        for (int column = 0; column < matrix.columns; ++column) {
            const std::int8_t value =
                matrix.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(matrix.columns) +
                              static_cast<std::size_t>(column)];
            const std::uint32_t place = machine_column(part, column);
            for (int plane = 0; plane < matrix.planes; ++plane) {
                const bool bit = matrix.planes == 1 ? value > 0 : (value >> (matrix.planes - 1 - plane) & 1) != 0;
                if (!bit) continue;
                const std::uint32_t word = first_word + static_cast<std::uint32_t>(plane) * chunks + place / width;
                put_bits(word_of(weights, word), std::int64_t{lane} * width + place % width, 1, 1);
            }
        }
    }

    void write_parameters(LoadRegion& scales, LoadRegion& biases, std::uint32_t group, int lane,
                          std::size_t row) const {
        const int rows_per_slice = kGates * shape_.update_width;
        const auto slices = static_cast<std::uint32_t>(shape_.slices_per_group);
        const auto slice = static_cast<std::uint32_t>(lane / rows_per_slice);
        const int field = lane % rows_per_slice;
        const auto parts = static_cast<std::uint32_t>(rows_.parts.size());
        std::int64_t bias = rows_.bias[row];
        for (std::uint32_t part = 0; part < parts; ++part) {
            const std::uint32_t mantissa = rows_.parts[part].mantissas[row];
            put_bits(word_of(scales, descriptor_.scale_base + (group * parts + part) * slices + slice),
                     std::int64_t{kScaleFieldBits} * field, kScaleFieldBits, mantissa);
            bias += std::int64_t{mantissa} * padding_activations(part);
        }
        const auto shift = static_cast<std::int32_t>(descriptor_.shift);
        if (shift > 0) bias += std::int64_t{1} << (shift - 1); // the machine only shifts
        put_bits(word_of(biases, descriptor_.bias_base + group * slices + slice), std::int64_t{kBiasBits} * field,
                 kBiasBits, static_cast<std::uint64_t>(bias));
    }

    /// A = 1 has no zero: paddings are +1 and make S of a one-plane part too large.
    int padding_activations(std::size_t part) const {
        const QuantizedPart& source = rows_.parts[part];
        if (shape_.activation_bits != 1 || source.one_hot || source.planes() != 1) return 0;
        const std::uint32_t chunks = part == 0 ? descriptor_.x_chunks : descriptor_.h_chunks;
        return static_cast<int>(chunks) * shape_.lane_width - source.size();
    }

    const CoreShape& shape_;
    const Descriptor& descriptor_;
    const QuantizedRows& rows_;
    int source_size_; ///< H of each direction of the source, 0: x is one vector
};

void write_initial_states(const CoreShape& shape, const Descriptor& descriptor, const QuantizedDirection& direction,
                          LoadRegion& state, LoadRegion& cells) {
    const int width = shape.lane_width;
    const int bits = shape.activation_bits;
    for (int unit = 0; unit < static_cast<int>(descriptor.size); ++unit) {
        std::uint64_t* chunk = word_of(state, descriptor.h_initial + static_cast<std::uint32_t>(unit / width));
        const std::int32_t value = direction.initial_h[static_cast<std::size_t>(unit)];
        // With A = 1 the region is filled with ones, the paddings; a real -1 clears its bit.
        if (bits == 1 && value < 0)
            chunk[unit % width / 64] &= ~(std::uint64_t{1} << unit % width % 64);
        else
            encode_activation(chunk, unit % width, bits, value);
        const auto slice = static_cast<std::uint32_t>(unit / shape.update_width);
        for (const std::uint32_t base : {descriptor.cell_initial})
            put_bits(word_of(cells, base + slice), std::int64_t{kCellBits} * (unit % shape.update_width), kCellBits,
                     static_cast<std::uint64_t>(direction.initial_c[static_cast<std::size_t>(unit)]));
    }
}

void write_tables(const QuantizedNetwork& network, LoadRegion& tables) {
    for (std::size_t address = 0; address < network.sigmoid_table.size(); ++address)
        tables.beats[address] = static_cast<std::uint16_t>(network.sigmoid_table[address]) |
                                std::uint64_t{static_cast<std::uint16_t>(network.tanh_table[address])} << 16;
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
    image.beats_per_input_step = 1 + (image.one_hot ? 0
                                                    : static_cast<int>(image.input_chunks) *
                                                          beats_per_chunk(shape.lane_width, shape.activation_bits));
    if (image.mode.kind == OutputKind::hidden) {
        const int slices = (last.hidden_size + shape.update_width - 1) / shape.update_width;
        const int bytes = slices * shape.update_width * hidden_element_bytes(shape.activation_bits);
        image.values_per_output_vector = last.hidden_size;
        image.beats_per_output_vector = (bytes + 7) / 8;
        image.vectors_per_output = static_cast<int>(last.directions.size());
        image.reverse_output = last.directions[0].reverse;
        return;
    }
    const int rows = network.dense->row_count();
    image.values_per_output_vector = image.mode.kind == OutputKind::logits ? rows : 1;
    image.beats_per_output_vector = image.mode.kind == OutputKind::logits ? (rows + 1) / 2 : 1;
}

} // namespace

NetworkImage make_network_image(const Shape& resolved, const QuantizedNetwork& network, OutputMode mode,
                                bool with_values) {
    const CoreShape shape(resolved);
    const NetworkPlacement placement = place_network(resolved, network);
    NetworkImage image;
    image.mode = mode;
    image.descriptors = placement.descriptors;
    image.sequence_mode = network.network->needs_whole_sequence();
    image.one_hot = network.network->input_encoding == InputEncoding::one_hot;
    image.input_chunks = static_cast<std::uint32_t>(placement.input_chunks);
    image.input_slots = static_cast<std::uint32_t>(resolved.input_words / placement.input_chunks);
    image.has_values = with_values;
    image.regions = {make_region(LoadTarget::weights, placement.weight_words, shape.weight_word_bits()),
                     make_region(LoadTarget::scales, placement.scale_words, shape.scale_word_bits()),
                     make_region(LoadTarget::biases, placement.bias_words, shape.bias_word_bits()),
                     make_region(LoadTarget::tables, static_cast<std::int64_t>(network.sigmoid_table.size()), 32),
                     make_region(LoadTarget::state, placement.state_words, shape.state_word_bits()),
                     make_region(LoadTarget::cell, placement.cell_words, shape.cell_word_bits())};
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
