#include "predictor.hpp"

#include <algorithm>

#include "model/number_formats.hpp"

namespace rtl_test {

namespace {
constexpr int kUpdateInterval = 3;
enum Class { weight_load, compute, input_wait, state_wait, update_wait, output_wait, idle };
} // namespace

Predictor::Predictor(const Network& network, const Shape& shape, const Image& image, const Settings& settings)
    : network_(network), shape_(shape), image_(image), settings_(settings),
      beats_per_chunk_(divide_up(shape.lane_width * shape.activation_bits, 64)), written_(image.descriptors.size()),
      writing_(image.descriptors.size()), hidden_(image.descriptors.size()), cells_(image.descriptors.size()) {
    int levels = 0;
    while ((1 << levels) < shape.lane_width) ++levels;
    tree_stages_ = std::max(1, (levels + 1) / 2);
    if (network.sequence_mode && (d(0)[0] & 2) != 0) next_step_ = ~std::size_t{0}; // begins with the sequence's last step
    slice_fifo_ = 32;
    while (slice_fifo_ < static_cast<std::size_t>(2 * shape.slices())) slice_fifo_ *= 2;
}

const Predictor::Beat* Predictor::output() const {
    return !beats_.empty() && beats_.front().pushed + 2 <= now_ ? &beats_.front() : nullptr;
}

void Predictor::cycle(const Events& events) {
    // Input.
    if (events.input_transferred && events.input_is_run) {
        if (events.header != nullptr) {
            steps_.push_back({events.header, now_, {}});
            ++slots_used_;
            data_beats_left_ = network_.one_hot ? 0 : divide_up(network_.input_size, shape_.lane_width) * beats_per_chunk_;
            beat_of_chunk_ = 0;
        } else {
            --data_beats_left_;
            if (++beat_of_chunk_ == beats_per_chunk_) {
                steps_.back().chunks.push_back(now_);
                beat_of_chunk_ = 0;
            }
        }
    }
    const int cycle_class = work();
    last_class_ = static_cast<std::uint64_t>(cycle_class);
    if (events.start) {
        running_ = true;
        ever_started_ = true;
        done_ = false;
        start_ready_ = now_ + 2;
        next_descriptor_ = 0;
    }
    // Output. Transfers of this cycle count from the next on.
    serialize();
    const bool was_last = events.output_transferred && beats_.front().last_of_run;
    if (events.output_transferred) {
        beats_.pop_front();
        --fifo_level_;
        ++outputs_;
    }
    if (was_last) interrupt_ = done_ = true;
    // Counters.
    if (counting_) {
        ++counters_[static_cast<std::size_t>(cycle_class)];
        const auto number = static_cast<std::uint64_t>(now_ - count_start_);
        if (events.header != nullptr && events.input_transferred) {
            if (counters_[7]++ == 0) counters_[8] = number;
        }
        if (events.output_transferred) counters_[9] = number;
    }
    if (events.count) {
        counting_ = true;
        counters_.fill(0);
        count_start_ = now_;
    }
    if (events.freeze) counting_ = false;
    ++now_;
}

// ---- Which vector.

bool Predictor::open_vector() {
    if (vector_open_) return true;
    const int descriptor = next_descriptor_;
    const int count = static_cast<int>(image_.descriptors.size());
    const std::vector<std::uint32_t>& f = d(descriptor);
    const bool dense = (f[0] & 1) != 0, reverse = (f[0] & 2) != 0, from_input = (f[0] & 4) != 0;
    if (!network_.sequence_mode) {
        if (descriptor == 0 && !header_known(next_step_)) return false;
        const Step& step = *steps_[next_step_].step;
        const bool ends_step = descriptor + 1 == count || ((d(count - 1)[0] & 1) != 0 && descriptor + 2 == count &&
                                                           network_.output_steps != 0 && !step.last);
        describe_vector(descriptor, next_step_, true, ends_step && step.end);
        vector_.first = step.first;
        return vector_open_ = true;
    }
    // Sequence mode: know as much of the sequence as has arrived.
    std::size_t step = next_step_;
    if (from_input) {
        if (descriptor == 0 && reverse && step == ~std::size_t{0}) {
            std::size_t last = sequence_first_;
            while (header_known(last) && !steps_[last].step->last) ++last;
            if (!header_known(last)) return false;
            sequence_known_ = true;
            sequence_last_ = step = last;
        }
        if (!header_known(step)) return false;
        if (steps_[step].step->last) {
            sequence_known_ = true;
            sequence_last_ = step;
        }
    }
    const bool done = dense ? network_.output_steps != 0 || step == sequence_last_
                            : reverse ? step == sequence_first_ : sequence_known_ && step == sequence_last_;
    const bool end = sequence_known_ && steps_[sequence_last_].step->end;
    next_step_ = step;
    describe_vector(descriptor, step, done, end && done && descriptor + 1 == count);
    vector_.first = step == (reverse ? sequence_last_ : sequence_first_);
    if (reverse && !sequence_known_) vector_.first = false;
    vector_.releases = done && from_input && (descriptor + 1 == count || (d(descriptor + 1)[0] & 4) == 0);
    vector_.release_steps = sequence_known_ ? static_cast<int>(sequence_last_ - sequence_first_) + 1 : 0;
    return vector_open_ = true;
}

void Predictor::describe_vector(int descriptor, std::size_t step, bool descriptor_done, bool ends_run) {
    const std::uint32_t flags = d(descriptor)[0];
    const Step& s = *steps_[step].step;
    vector_ = Vector{};
    vector_.descriptor = descriptor;
    vector_.step = step;
    vector_.ends_run = ends_run;
    const bool dense = (flags & 1) != 0;
    const bool emit = (flags & 16) != 0;
    const int mode = network_.output_steps;
    vector_.leaves = dense || (emit && (mode == 0 || (mode == 1 || !network_.sequence_mode ? s.last : descriptor_done)));
    const bool last_descriptor = descriptor + 1 == static_cast<int>(image_.descriptors.size());
    const bool run_end = network_.sequence_mode ? sequence_known_ && steps_[sequence_last_].step->end : s.end;
    vector_.last_of_run = vector_.leaves && run_end && last_descriptor && (mode != 0 || descriptor_done);
    vector_.releases = descriptor == 0;
    auto& mine = writing_[static_cast<std::size_t>(descriptor)];
    mine.assign(static_cast<std::size_t>(static_cast<int>(d(descriptor)[1]) * shape_.slices()), 0);
    if (!dense) {
        auto& hidden = hidden_[static_cast<std::size_t>(descriptor)];
        if (hidden.size() <= step) hidden.resize(step + 1);
        hidden[step].assign(d(descriptor)[2], 0);
    }
}

void Predictor::next_vector() {
    const int descriptor = vector_.descriptor;
    const int count = static_cast<int>(image_.descriptors.size());
    const std::uint32_t flags = d(descriptor)[0];
    const bool dense = (flags & 1) != 0, reverse = (flags & 2) != 0;
    if (!dense) written_[static_cast<std::size_t>(descriptor)] = writing_[static_cast<std::size_t>(descriptor)];
    vector_open_ = false;
    if (!network_.sequence_mode) {
        const bool skips = (d(count - 1)[0] & 1) != 0 && descriptor + 2 == count && network_.output_steps != 0 &&
                           !steps_[vector_.step].step->last;
        next_descriptor_ = descriptor + 1 == count || skips ? 0 : descriptor + 1;
        if (next_descriptor_ == 0) ++next_step_;
        return;
    }
    const bool done = dense ? network_.output_steps != 0 || vector_.step == sequence_last_
                            : reverse ? vector_.step == sequence_first_ : sequence_known_ && vector_.step == sequence_last_;
    if (!done) {
        next_step_ = reverse ? vector_.step - 1 : vector_.step + 1;
        return;
    }
    next_descriptor_ = (descriptor + 1) % count;
    if (next_descriptor_ == 0) {
        sequence_first_ = sequence_last_ + 1;
        sequence_known_ = false;
    }
    const std::uint32_t next = d(next_descriptor_)[0];
    const bool from_last = (next & 2) != 0 || ((next & 1) != 0 && network_.output_steps != 0);
    next_step_ = !from_last ? sequence_first_ : next_descriptor_ == 0 ? ~std::size_t{0} : sequence_last_;
}

// ---- Which cycle.

bool Predictor::slices_written(int descriptor, int chunk, int size) const {
    const int unit = std::min((chunk + 1) * shape_.lane_width, size) - 1;
    return written_[static_cast<std::size_t>(descriptor)][static_cast<std::size_t>(unit / shape_.update_width)] < now_;
}

bool Predictor::input_ok() const {
    if (now_ < start_ready_) return false;
    const std::uint32_t flags = d(vector_.descriptor)[0];
    if (vector_.part != 0 || (flags & 4) == 0 || (flags & 8) != 0) return true;
    const std::vector<Cycle>& chunks = steps_[vector_.step].chunks;
    return static_cast<std::size_t>(vector_.chunk) < chunks.size() && chunks[static_cast<std::size_t>(vector_.chunk)] + 3 <= now_;
}

bool Predictor::state_ok() const {
    const std::vector<std::uint32_t>& f = d(vector_.descriptor);
    if (vector_.part == 1) return vector_.first || slices_written(vector_.descriptor, vector_.chunk, static_cast<int>(f[2]));
    if ((f[0] & 4) != 0) return true;
    const int first_chunks = static_cast<int>(f[20]);
    const bool second = vector_.chunk >= first_chunks;
    return slices_written(static_cast<int>(f[19]) + (second ? 1 : 0), vector_.chunk - (second ? first_chunks : 0), static_cast<int>(f[21]));
}

int Predictor::leaving_slices() const {
    const std::vector<std::uint32_t>& f = d(vector_.descriptor);
    const bool dense = (f[0] & 1) != 0;
    const int per_group = dense ? shape_.lanes : shape_.units();
    const int per_slice = dense ? 4 * shape_.update_width : shape_.update_width;
    return divide_up(std::min(per_group, static_cast<int>(f[2]) - vector_.group * per_group), per_slice);
}

int Predictor::work() {
    if (!running_) return ever_started_ ? idle : weight_load;
    if (now_ < start_ready_ || !open_vector() || !input_ok()) return input_wait;
    if (!state_ok()) return state_wait;
    const bool part_last = vector_.chunk + 1 == part_chunks() && vector_.plane + 1 == part_planes();
    if (part_last && now_ - last_part_ < std::max(shape_.slices(), kUpdateInterval)) return update_wait;
    const bool group_last = part_last && (vector_.part == 1 || (d(vector_.descriptor)[0] & 1) != 0);
    if (group_last && vector_.leaves && reserved_ + static_cast<std::size_t>(leaving_slices()) > slice_fifo_) return output_wait;
    if (part_last) last_part_ = now_;
    const bool vector_last_group = vector_.group + 1 == static_cast<int>(d(vector_.descriptor)[1]);
    if (part_last && vector_.part == 0 && vector_last_group && (d(vector_.descriptor)[0] & 4) != 0 && vector_.releases)
        slots_used_ -= vector_.release_steps;
    if (group_last) compute_group();
    advance();
    return compute;
}

void Predictor::advance() {
    if (++vector_.chunk < part_chunks()) return;
    vector_.chunk = 0;
    if (++vector_.plane < part_planes()) return;
    vector_.plane = 0;
    const bool dense = (d(vector_.descriptor)[0] & 1) != 0;
    if (!dense && vector_.part == 0) {
        vector_.part = 1;
        return;
    }
    vector_.part = 0;
    if (++vector_.group < static_cast<int>(d(vector_.descriptor)[1])) return;
    const bool ends_run = vector_.ends_run;
    next_vector();
    if (ends_run) running_ = false;
}

// ---- What comes out.

void Predictor::compute_group() {
    const int index = vector_.descriptor;
    const std::vector<std::uint32_t>& f = d(index);
    const Rows& rows = *image_.rows[static_cast<std::size_t>(index)];
    const auto hidden_of = [&](int descriptor, std::size_t step) -> const std::vector<int>& {
        return hidden_[static_cast<std::size_t>(descriptor)][step];
    };
    std::vector<int> x;
    if ((f[0] & 4) != 0) x = steps_[vector_.step].step->values;
    else {
        const auto source = static_cast<int>(f[19]);
        const bool final_mode = rows.dense && network_.sequence_mode && network_.output_steps == 2;
        const bool two = static_cast<int>(f[3]) > static_cast<int>(f[20]);
        // mode final of a lone reverse layer reads slot T-1 too, as the document says
        x = hidden_of(source, vector_.step);
        if (two) {
            const std::vector<int>& second = hidden_of(source + 1, final_mode ? sequence_first_ : vector_.step);
            x.insert(x.end(), second.begin(), second.end());
        }
    }
    const int ew = shape_.update_width;
    const Cycle entry = now_ + 4 + tree_stages_;
    if (rows.dense) {
        for (int s = 0; s < leaving_slices(); ++s) {
            Slice slice;
            slice.written = entry + s + 5;
            for (int r = 0; r < 4 * ew; ++r) {
                const int row = vector_.group * shape_.lanes + 4 * ew * s + r;
                if (row >= rows.size) break;
                slice.values.push_back(row_sum(rows, row, {&x}, 0, shape_.activation_bits));
                slice.ends_vector |= row + 1 == rows.size;
            }
            slice.last_of_run = slice.ends_vector && vector_.last_of_run;
            slices_.push_back(slice);
        }
        reserved_ += static_cast<std::size_t>(leaving_slices());
        return;
    }
    std::vector<int>& cells = cells_[static_cast<std::size_t>(index)];
    if (vector_.first && vector_.group == 0) cells = rows.initial_c;
    const std::vector<int>& h = vector_.first ? rows.initial_h
                                              : hidden_of(index, rows.reverse ? vector_.step + 1 : vector_.step - 1);
    std::vector<int>& result = hidden_[static_cast<std::size_t>(index)][vector_.step];
    const int symbol = steps_[vector_.step].step->symbol;
    const int bits = shape_.activation_bits;
    const auto lookup = [&](const std::vector<std::int16_t>& table, std::int64_t z) {
        const int address = bru::table_address(static_cast<std::int32_t>(z), shape_.lut_address_bits);
        return table[static_cast<std::size_t>(address) & (table.size() - 1)];
    };
    for (int s = 0; s < shape_.slices(); ++s) {
        const int slice_index = vector_.group * shape_.slices() + s;
        writing_[static_cast<std::size_t>(index)][static_cast<std::size_t>(slice_index)] = entry + s + 18;
        Slice slice;
        slice.written = entry + s + 18;
        for (int e = 0; e < ew; ++e) {
            const int unit = slice_index * ew + e;
            if (unit >= rows.size) break;
            std::int64_t z[4];
            for (int g = 0; g < 4; ++g) z[g] = row_sum(rows, g * rows.size + unit, {&x, &h}, symbol, bits);
            int& c = cells[static_cast<std::size_t>(unit)];
            c = bru::next_cell(lookup(network_.sigmoid, z[1]), c, lookup(network_.sigmoid, z[0]), lookup(network_.tanh, z[2]));
            const int value = bru::next_hidden(lookup(network_.sigmoid, z[3]), lookup(network_.tanh, bru::cell_as_z(c)), bits);
            result[static_cast<std::size_t>(unit)] = value;
            slice.values.push_back(value);
            slice.ends_vector |= unit + 1 == rows.size;
        }
        slice.last_of_run = slice.ends_vector && vector_.last_of_run;
        if (vector_.leaves && !slice.values.empty()) {
            slices_.push_back(slice);
            ++reserved_;
        }
    }
}

void Predictor::serialize() {
    if (slices_.empty() || slices_.front().written >= now_) return;
    const Slice& slice = slices_.front();
    const int kind = network_.output_kind;
    const int element = shape_.activation_bits <= 8 ? 1 : 2;
    bool push = false, last_turn = false;
    Beat beat;
    std::vector<std::uint8_t> bytes = packed_;
    if (kind == 0) {
        for (int e = 0; e < shape_.update_width; ++e)
            for (int b = 0; b < element; ++b)
                bytes.push_back(static_cast<std::size_t>(e) < slice.values.size()
                                    ? static_cast<std::uint8_t>(static_cast<std::uint64_t>(slice.values[static_cast<std::size_t>(e)]) >> 8 * b) : 0);
        const bool two = shape_.update_width * element == 16;
        last_turn = !two || turn_ == 1;
        if (two) bytes.erase(bytes.begin(), bytes.begin() + 8 * turn_);
        push = bytes.size() >= 8 || slice.ends_vector;
        for (std::size_t i = 0; i < 8 && i < bytes.size(); ++i) beat.data |= static_cast<std::uint64_t>(bytes[i]) << 8 * i;
    } else {
        const int pairs = divide_up(static_cast<int>(slice.values.size()), 2);
        last_turn = turn_ + 1 == pairs + (kind == 2 && slice.ends_vector ? 1 : 0);
        push = kind == 1 || (last_turn && slice.ends_vector);
        const auto value = [&](int i) { return static_cast<std::size_t>(i) < slice.values.size() ? slice.values[static_cast<std::size_t>(i)] : 0; };
        beat.data = static_cast<std::uint32_t>(value(2 * turn_)) | static_cast<std::uint64_t>(static_cast<std::uint32_t>(value(2 * turn_ + 1))) << 32;
    }
    if (push && fifo_level_ >= static_cast<std::size_t>(shape_.output_fifo_beats)) return;
    if (kind == 0) {
        if (push) bytes.clear();
        if (shape_.update_width * element < 8) packed_ = bytes;
    }
    if (kind == 2) {
        for (int i = 2 * turn_; i < 2 * turn_ + 2 && i < static_cast<int>(slice.values.size()); ++i, ++row_)
            if (row_ == 0 || slice.values[static_cast<std::size_t>(i)] > best_) {
                best_ = slice.values[static_cast<std::size_t>(i)];
                best_index_ = row_;
            }
        beat.data = best_index_;
    }
    if (push) {
        if (last_turn && slice.ends_vector) {
            beat.last_of_run = slice.last_of_run;
            beat.tlast = slice.last_of_run || ++packet_ == settings_.packet_vectors;
            if (beat.tlast) packet_ = 0;
        }
        beat.pushed = now_;
        beats_.push_back(beat);
        ++fifo_level_;
    }
    ++turn_;
    if (!last_turn) return;
    turn_ = 0;
    if (slice.ends_vector) row_ = 0;
    slices_.pop_front();
    --reserved_;
}

} // namespace rtl_test
