#include "observe/signal_trace.hpp"

#include <algorithm>

#include "base/enumeration.hpp"
#include "model/number_formats.hpp"

namespace bru {

namespace {

constexpr int kWordBits = 64;
constexpr int kAddressBits = 24; ///< of any memory, so that a deeper RTL memory has the same header
constexpr int kClassBits = 3;
constexpr int kSliceBits = 8;

} // namespace

std::array<SignalInfo, kSignals> signal_table(const CoreShape& shape) {
    const int units = shape.update_width;
    return {{{"", "s_axis_tvalid", 1, true},
             {"", "s_axis_tready", 1, false},
             {"", "s_axis_tdata", kWordBits, false},
             {"", "m_axis_tvalid", 1, true},
             {"", "m_axis_tready", 1, true},
             {"", "m_axis_tlast", 1, false},
             {"", "m_axis_tdata", kWordBits, false},
             {"", "irq", 1, true},
             {"sequencer", "running", 1, true},
             {"sequencer", "cycle_class", kClassBits, true},
             {"sequencer", "issue", 1, true},
             {"sequencer", "issue_part_last", 1, false},
             {"sequencer", "weight_address", kAddressBits, false},
             {"sequencer", "state_address", kAddressBits, false},
             {"scale_bias", "part_issued", 1, true},
             {"scale_bias", "slice_valid", 1, true},
             {"scale_bias", "slice", kSliceBits, false},
             {"state_registers", "cell_write", 1, true},
             {"state_registers", "cell_write_address", kAddressBits, false},
             {"state_registers", "cell_write_data", units * kCellBits, false},
             {"state_registers", "slice_write", 1, true},
             {"state_registers", "slice_chunk", kAddressBits, false},
             {"state_registers", "slice_hidden", units * shape.activation_bits, false},
             {"stream_output", "logits_write", 1, true},
             {"stream_output", "logits", kGates * units * kLogitBits, false}}};
}

void SignalTrace::record(Signal signal, Cycle from, Cycle to, const std::uint64_t* value, std::size_t words) {
    if (!wants(from, to)) return;
    from = std::max(from, begin_);
    to = std::min(to, end_);
    auto& ranges = ranges_[index_of(signal)];
    if (!ranges.empty() && ranges.back().to == from &&
        std::equal(value, value + words, words_.begin() + ranges.back().value)) {
        ranges.back().to = to;
        return;
    }
    ranges.push_back({from, to, words_.size()});
    words_.insert(words_.end(), value, value + words);
}

std::vector<SignalTrace::Range> SignalTrace::ranges(Signal signal) const {
    auto sorted = ranges_[index_of(signal)];
    std::stable_sort(sorted.begin(), sorted.end(), [](const Range& a, const Range& b) { return a.from < b.from; });
    for (std::size_t k = 0; k < sorted.size(); ++k) {
        if (k + 1 < sorted.size()) sorted[k].to = std::min(sorted[k].to, sorted[k + 1].from);
        sorted[k].to = std::min(sorted[k].to, end_);
    }
    sorted.erase(
        std::remove_if(sorted.begin(), sorted.end(), [](const Range& range) { return range.from >= range.to; }),
        sorted.end());
    return sorted;
}

void PackedNumbers::append(std::uint64_t value, int bits) {
    if (bits < kWordBits) value &= (std::uint64_t{1} << bits) - 1;
    const int offset = used_bits_ % kWordBits;
    if (offset == 0) words_.push_back(0);
    words_.back() |= value << offset;
    if (offset + bits > kWordBits) words_.push_back(value >> (kWordBits - offset));
    used_bits_ += bits;
}

} // namespace bru
