// Signals of the core over time, for waveforms: both cores, SystemC and RTL, record under the same names, in
// any order of cycles, what a signal was during a range of cycles. Outside the recorded ranges a flag is 0
// and a bus has no value, so a bus is recorded only where its valid flag says that it means something.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/core_shape.hpp"
#include "machine/cycle.hpp"

namespace bru {

struct CoreShape;

/// Named as in the RTL: the instance below bru_core ("" the ports of bru_core itself) and the net.
enum class Signal {
    s_axis_tvalid,
    s_axis_tready,
    s_axis_tdata,
    m_axis_tvalid,
    m_axis_tready,
    m_axis_tlast,
    m_axis_tdata,
    irq,
    running,
    cycle_class,
    issue,
    issue_part_last,
    weight_address,
    state_address,
    part_issued,
    slice_valid,
    slice,
    cell_write,
    cell_write_address,
    cell_write_data,
    slice_write,
    slice_chunk,
    slice_hidden,
    logits_write,
    logits
};
inline constexpr std::size_t kSignals = 25;

struct SignalInfo {
    const char* block;
    const char* name;
    int bits;
    bool flag; ///< 0 outside its ranges; else a bus, without a value there
};

/// What each signal is in a core of this shape, in the order of Signal.
std::array<SignalInfo, kSignals> signal_table(const CoreShape& shape);

class SignalTrace {
public:
    /// A value that the signal had in the cycles [from, to).
    struct Range {
        Cycle from = 0;
        Cycle to = 0;
        std::size_t value = 0; ///< index of its lowest word in words()
    };

    /// Only cycles in [begin, end) are kept.
    SignalTrace(Cycle begin, Cycle end) : begin_(begin), end_(end) {}

    Cycle begin() const { return begin_; }
    /// The window's end, or the simulation's where that came before.
    Cycle end() const { return end_; }
    void ends_at(Cycle cycle) {
        if (cycle < end_) end_ = cycle < begin_ ? begin_ : cycle;
    }
    bool wants(Cycle from, Cycle to) const { return from < end_ && to > begin_ && from < to; }

    void record(Signal signal, Cycle from, Cycle to, std::uint64_t value) { record(signal, from, to, &value, 1); }
    /// `words` of 64 bits, lowest first.
    void record(Signal signal, Cycle from, Cycle to, const std::uint64_t* value, std::size_t words);

    /// The ranges of a signal by time; a record that begins later wins.
    std::vector<Range> ranges(Signal signal) const;
    const std::uint64_t* words(const Range& range) const { return words_.data() + range.value; }

private:
    Cycle begin_;
    Cycle end_;
    std::array<std::vector<Range>, kSignals> ranges_;
    std::vector<std::uint64_t> words_;
};

/// Numbers of `bits` bits side by side in 64-bit words, the first one lowest, as buses hold several of them.
class PackedNumbers {
public:
    void clear() {
        words_.clear();
        used_bits_ = 0;
    }
    void append(std::uint64_t value, int bits);
    const std::uint64_t* words() const { return words_.data(); }
    std::size_t size() const { return words_.size(); }

private:
    std::vector<std::uint64_t> words_;
    int used_bits_ = 0;
};

} // namespace bru
