#include "random_network.hpp"

#include <algorithm>
#include <cmath>

#include "model/number_formats.hpp"

namespace rtl_test {

namespace {

int activation(Random& random, int bits) {
    if (bits == 1) return uniform(random, 0, 1) != 0 ? 1 : -1;
    return uniform(random, -(1 << (bits - 1)), (1 << (bits - 1)) - 1);
}

Part random_part(Random& random, int rows, int size, bool one_hot, int mantissa_limit) {
    Part part;
    part.size = size;
    part.one_hot = one_hot;
    part.planes = uniform(random, 0, 1) != 0 ? 1 : uniform(random, 1, 4);
    if (uniform(random, 0, 15) == 0) part.planes = uniform(random, 5, 8);
    for (int i = 0; i < rows * size; ++i)
        part.weights.push_back(part.planes == 1
                                   ? (uniform(random, 0, 1) != 0 ? 1 : -1)
                                   : uniform(random, -(1 << (part.planes - 1)), (1 << (part.planes - 1)) - 1));
    for (int i = 0; i < rows; ++i) part.mantissas.push_back(static_cast<std::uint32_t>(uniform(random, 0, mantissa_limit)));
    return part;
}

/// Bias and shift such that most sums fall into the range of z (or of a logit), some beyond.
void finish_rows(Random& random, Rows& rows, int activation_bits, int mantissa_limit) {
    double spread = 1;
    for (const Part& part : rows.parts)
        spread += mantissa_limit * std::pow(2.0, activation_bits - 1 + part.planes - 1) *
                  (part.one_hot ? 1.0 : std::sqrt(static_cast<double>(part.size)) / 2);
    const int bits = static_cast<int>(std::ceil(std::log2(spread)));
    rows.shift = std::clamp(bits - (rows.dense ? 30 : 14) + uniform(random, -2, 2), -16, 47);
    for (int row = 0; row < rows.row_count(); ++row)
        rows.bias.push_back(uniform(random, -1000, 1000) * (std::int64_t{1} << std::max(bits - 11, 0)));
}

} // namespace

Network random_network(Random& random, const Shape& shape) {
    Network network;
    const int bits = shape.activation_bits;
    network.one_hot = uniform(random, 0, 2) == 0;
    const int size_limit = uniform(random, 0, 2) == 0 ? 3 : 2 * std::max(shape.lane_width, shape.units()) + 5;
    network.input_size = uniform(random, 1, size_limit);
    int size = network.input_size;
    bool one_hot = network.one_hot;
    const int layers = uniform(random, 1, 3);
    const bool allow_reverse = uniform(random, 0, 1) != 0;
    for (int layer = 0; layer < layers; ++layer) {
        const int kind = allow_reverse ? uniform(random, 0, 2) : 0; // forward, reverse, both
        const int units = uniform(random, 1, size_limit);
        std::vector<Rows> directions;
        for (int direction = 0; direction < (kind == 2 ? 2 : 1); ++direction) {
            Rows rows;
            rows.size = units;
            rows.layer = layer;
            rows.direction = direction;
            rows.reverse = kind == 1 || direction == 1;
            network.sequence_mode |= rows.reverse;
            const int mantissa_limit = uniform(random, 0, 3) == 0 ? 3 : 65535;
            rows.parts.push_back(random_part(random, 4 * units, size, one_hot, mantissa_limit));
            rows.parts.push_back(random_part(random, 4 * units, units, false, mantissa_limit));
            finish_rows(random, rows, bits, mantissa_limit);
            for (int unit = 0; unit < units; ++unit) {
                rows.initial_h.push_back(activation(random, bits));
                rows.initial_c.push_back(uniform(random, -32768, 32767));
            }
            directions.push_back(rows);
        }
        network.layers.push_back(directions);
        size = units * static_cast<int>(directions.size());
        one_hot = false;
    }
    if (uniform(random, 0, 1) != 0) {
        Rows rows;
        rows.dense = true;
        rows.size = uniform(random, 1, uniform(random, 0, 1) != 0 ? 3 : 2 * shape.lanes + 3);
        const int mantissa_limit = uniform(random, 0, 3) == 0 ? 3 : 65535;
        rows.parts.push_back(random_part(random, rows.size, size, false, mantissa_limit));
        finish_rows(random, rows, bits, mantissa_limit);
        network.dense.push_back(rows);
        network.output_kind = uniform(random, 1, 2);
    }
    network.output_steps = uniform(random, 0, 2);
    for (int i = 0; i < 1 << shape.lut_address_bits; ++i) {
        network.sigmoid.push_back(static_cast<std::int16_t>(random()));
        network.tanh.push_back(static_cast<std::int16_t>(random()));
    }
    if (uniform(random, 0, 3) != 0) { // mostly the true tables
        network.sigmoid = bru::make_table(bru::TableFunction::sigmoid, shape.lut_address_bits);
        network.tanh = bru::make_table(bru::TableFunction::tanh, shape.lut_address_bits);
    }
    return network;
}

std::vector<Step> random_steps(Random& random, const Shape& shape, const Network& network, int sequences, int longest) {
    std::vector<Step> steps;
    for (int sequence = 0; sequence < sequences; ++sequence) {
        const int length = uniform(random, 1, uniform(random, 0, 1) != 0 ? longest : std::min(longest, 2));
        for (int t = 0; t < length; ++t) {
            Step step;
            step.first = t == 0;
            step.last = t == length - 1;
            step.end = step.last && sequence == sequences - 1;
            step.symbol = uniform(random, 0, network.input_size - 1);
            for (int i = 0; i < network.input_size; ++i) step.values.push_back(activation(random, shape.activation_bits));
            steps.push_back(step);
        }
    }
    return steps;
}

std::int64_t row_sum(const Rows& rows, int row, const std::vector<const std::vector<int>*>& sources, int symbol,
                     int activation_bits) {
    std::int64_t sum = rows.bias[static_cast<std::size_t>(row)];
    for (std::size_t p = 0; p < rows.parts.size(); ++p) {
        const Part& part = rows.parts[p];
        const int* weights = part.weights.data() + static_cast<std::ptrdiff_t>(row) * part.size;
        std::int64_t value = 0;
        if (part.one_hot) value = std::int64_t{weights[symbol]} << (activation_bits - 1);
        else
            for (int i = 0; i < part.size; ++i) value += weights[i] * (*sources[p])[static_cast<std::size_t>(i)];
        sum += value * part.mantissas[static_cast<std::size_t>(row)];
    }
    return bru::saturate(bru::round_shift(sum, rows.shift), rows.dense ? 32 : 16);
}

namespace {

/// Words of a memory, built bit by bit.
class Words {
public:
    explicit Words(int word_bits) : bits_(word_bits), beats_(static_cast<std::size_t>(divide_up(word_bits, 64))) {}
    int count() const { return static_cast<int>(data_.size() / beats_); }
    void add_word(bool ones = false) { data_.resize(data_.size() + beats_, ones ? ~std::uint64_t{0} : 0); }
    void set(int bit, int width, std::uint64_t value) { // in the last word
        std::uint64_t* word = data_.data() + data_.size() - beats_;
        for (int i = 0; i < width; ++i) {
            const int at = bit + i;
            const std::uint64_t mask = std::uint64_t{1} << (at % 64);
            if ((value >> i & 1) != 0) word[at / 64] |= mask;
            else word[at / 64] &= ~mask;
        }
    }
    const std::vector<std::uint64_t>& data() const { return data_; }

private:
    int bits_;
    std::size_t beats_;
    std::vector<std::uint64_t> data_;
};

class Placer {
public:
    Placer(const Network& network, const Shape& shape, int longest, Image& image)
        : network_(network), shape_(shape), slots_(network.sequence_mode ? longest : 2), image_(image),
          weights_(shape.lanes * shape.lane_width), scales_(64 * shape.update_width), biases_(192 * shape.update_width),
          state_(shape.lane_width * shape.activation_bits), cells_(16 * shape.update_width) {}

    bool run() {
        int x_base = 0, source = 0;
        for (const auto& layer : network_.layers) {
            const int chunks = divide_up(layer[0].size, shape_.lane_width);
            const int own_base = state_.count();
            for (int i = 0; i < slots_ * chunks * static_cast<int>(layer.size()); ++i) state_.add_word(shape_.activation_bits == 1);
            const int first = static_cast<int>(image_.descriptors.size());
            for (const Rows& rows : layer) add_direction(rows, x_base, source, own_base, static_cast<int>(layer.size()));
            x_base = own_base;
            source = first;
        }
        if (!network_.dense.empty()) add(network_.dense[0], x_base, source, 0, 0, 0);
        load(1, weights_);
        load(2, scales_);
        load(3, biases_);
        load(5, state_);
        load(6, cells_);
        Image::Load tables{4, 0, {}};
        for (std::size_t i = 0; i < network_.sigmoid.size(); ++i)
            tables.beats.push_back(static_cast<std::uint16_t>(network_.sigmoid[i]) |
                                   static_cast<std::uint64_t>(static_cast<std::uint16_t>(network_.tanh[i])) << 16);
        image_.loads.push_back(tables);
        return weights_.count() <= shape_.weight_words && scales_.count() <= shape_.scale_words &&
               biases_.count() <= shape_.bias_words && state_.count() <= shape_.state_words &&
               cells_.count() <= shape_.cell_words;
    }

private:
    void load(int target, const Words& words) { image_.loads.push_back({target, 0, words.data()}); }

    void add_direction(const Rows& rows, int x_base, int source, int own_base, int directions) {
        const int chunks = divide_up(rows.size, shape_.lane_width);
        const int initial = state_.count();
        add_activations(rows.initial_h);
        const int cell_base = cells_.count();
        const int slices = divide_up(rows.size, shape_.update_width);
        for (int i = 0; i < slices; ++i) cells_.add_word();
        for (int i = 0; i < slices; ++i) {
            cells_.add_word();
            for (int e = 0; e < shape_.update_width && i * shape_.update_width + e < rows.size; ++e)
                cells_.set(16 * e, 16, static_cast<std::uint64_t>(rows.initial_c[static_cast<std::size_t>(i * shape_.update_width + e)]));
        }
        add(rows, x_base, source, own_base + rows.direction * chunks, directions * chunks, initial);
        image_.descriptors.back()[16] = static_cast<std::uint32_t>(cell_base);
        image_.descriptors.back()[17] = static_cast<std::uint32_t>(cell_base + slices);
    }

    void add_activations(const std::vector<int>& values) {
        const int bits = shape_.activation_bits;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const int column = static_cast<int>(i) % shape_.lane_width;
            if (column == 0) state_.add_word(bits == 1);
            state_.set(column * bits, bits, bits == 1 ? values[i] > 0 : static_cast<std::uint64_t>(values[i]));
        }
    }

    /// Where column c of a row stands: sources of several directions are padded each.
    std::vector<int> places(const Rows& rows, std::size_t part, int& words) const {
        const int width = shape_.lane_width;
        const int size = rows.parts[part].size;
        int piece = size;
        if (part == 0 && (rows.dense || rows.layer > 0)) piece = network_.layers[rows.dense ? network_.layers.size() - 1 : static_cast<std::size_t>(rows.layer - 1)][0].size;
        std::vector<int> result;
        for (int c = 0; c < size; ++c) result.push_back(c / piece * divide_up(piece, width) * width + c % piece);
        words = size / piece * divide_up(piece, width);
        return result;
    }

    void add(const Rows& rows, int x_base, int source, int h_base, int h_stride, int h_initial) {
        const int lanes = shape_.lanes, width = shape_.lane_width, ew = shape_.update_width;
        const int per_group = rows.dense ? lanes : shape_.units();
        const int groups = divide_up(rows.size, per_group);
        std::vector<std::uint32_t> f(22, 0);
        const bool x_input = !rows.dense && rows.layer == 0;
        const bool last_layer = !rows.dense && rows.layer + 1 == static_cast<int>(network_.layers.size());
        f[0] = (rows.dense ? 1U : 0U) | (rows.reverse ? 2U : 0U) | (x_input ? 4U : 0U) | (rows.parts[0].one_hot ? 8U : 0U) |
               (last_layer && network_.output_kind == 0 ? 16U : 0U);
        f[1] = static_cast<std::uint32_t>(groups);
        f[2] = static_cast<std::uint32_t>(rows.size);
        f[8] = static_cast<std::uint32_t>(weights_.count());
        f[9] = static_cast<std::uint32_t>(scales_.count());
        f[10] = static_cast<std::uint32_t>(biases_.count());
        std::vector<std::vector<int>> where;
        std::vector<int> words;
        for (std::size_t p = 0; p < rows.parts.size(); ++p) {
            int count = 0;
            where.push_back(places(rows, p, count));
            words.push_back(count);
        }
        f[3] = static_cast<std::uint32_t>(rows.parts[0].one_hot ? 1 : words[0]);
        f[4] = static_cast<std::uint32_t>(rows.parts[0].planes);
        f[5] = static_cast<std::uint32_t>(words[0]);
        if (!rows.dense) {
            f[6] = static_cast<std::uint32_t>(words[1]);
            f[7] = static_cast<std::uint32_t>(rows.parts[1].planes);
        }
        const auto row_of = [&](int group, int lane) { // -1: padding
            if (rows.dense) return group * lanes + lane < rows.size ? group * lanes + lane : -1;
            const int unit = group * per_group + lane / 4;
            return unit < rows.size ? lane % 4 * rows.size + unit : -1;
        };
        for (int group = 0; group < groups; ++group) {
            for (std::size_t p = 0; p < rows.parts.size(); ++p) {
                const Part& part = rows.parts[p];
                for (int plane = part.planes - 1; plane >= 0; --plane)
                    for (int word = 0; word < words[p]; ++word) {
                        weights_.add_word();
                        for (int lane = 0; lane < lanes; ++lane) {
                            const int row = row_of(group, lane);
                            if (row < 0) continue;
                            for (int c = 0; c < part.size; ++c) {
                                if (where[p][static_cast<std::size_t>(c)] / width != word) continue;
                                const int value = part.weights[static_cast<std::size_t>(row * part.size + c)];
                                const bool bit = part.planes == 1 ? value > 0 : (value >> plane & 1) != 0;
                                if (bit) weights_.set(lane * width + where[p][static_cast<std::size_t>(c)] % width, 1, 1);
                            }
                        }
                    }
                for (int slice = 0; slice < shape_.slices(); ++slice) {
                    scales_.add_word();
                    for (int r = 0; r < 4 * ew; ++r)
                        if (const int row = row_of(group, 4 * ew * slice + r); row >= 0)
                            scales_.set(16 * r, 16, part.mantissas[static_cast<std::size_t>(row)]);
                }
            }
            for (int slice = 0; slice < shape_.slices(); ++slice) {
                biases_.add_word();
                for (int r = 0; r < 4 * ew; ++r)
                    if (const int row = row_of(group, 4 * ew * slice + r); row >= 0) {
                        std::int64_t bias = rows.bias[static_cast<std::size_t>(row)];
                        if (rows.shift > 0) bias += std::int64_t{1} << (rows.shift - 1);
                        for (std::size_t p = 0; p < rows.parts.size(); ++p) // A = 1: paddings are +1
                            if (shape_.activation_bits == 1 && rows.parts[p].planes == 1 && !rows.parts[p].one_hot)
                                bias += std::int64_t{rows.parts[p].mantissas[static_cast<std::size_t>(row)]} * (words[p] * width - rows.parts[p].size);
                        biases_.set(48 * r, 48, static_cast<std::uint64_t>(bias));
                    }
            }
        }
        f[11] = static_cast<std::uint32_t>(x_base);
        f[12] = static_cast<std::uint32_t>(words[0]);
        f[13] = static_cast<std::uint32_t>(h_base);
        f[14] = static_cast<std::uint32_t>(h_stride);
        f[15] = static_cast<std::uint32_t>(h_initial);
        f[18] = static_cast<std::uint32_t>(rows.shift);
        if (!x_input) {
            const auto& layer = network_.layers[rows.dense ? network_.layers.size() - 1 : static_cast<std::size_t>(rows.layer - 1)];
            f[19] = static_cast<std::uint32_t>(source);
            f[20] = static_cast<std::uint32_t>(divide_up(layer[0].size, width));
            f[21] = static_cast<std::uint32_t>(layer[0].size);
        }
        image_.descriptors.push_back(f);
        image_.rows.push_back(&rows);
    }

    const Network& network_;
    const Shape& shape_;
    int slots_;
    Image& image_;
    Words weights_, scales_, biases_, state_, cells_;
};

} // namespace

bool place(const Network& network, const Shape& shape, int longest, Image& image) {
    return Placer(network, shape, longest, image).run();
}

} // namespace rtl_test
