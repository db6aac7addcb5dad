// CorePins of one Verilated model of the RTL, whose inside can be seen; included by the generated sources only.
#pragma once

#include <array>
#include <cstdint>

#include "rtl_core/verilated_ports.hpp"

/// A net inside the core, as Verilator names it.
#define BRU_NET(name) bru_top__DOT__bru_core__DOT__##name

namespace bru {

/// A net of any width as 64-bit words, the lowest first.
template <typename Net>
std::array<std::uint64_t, 1> net_words(const Net& net) {
    return {std::uint64_t{net}};
}
template <std::size_t Words>
std::array<std::uint64_t, (Words + 1) / 2> net_words(const VlWide<Words>& net) {
    std::array<std::uint64_t, (Words + 1) / 2> words{};
    for (std::size_t k = 0; k < Words; ++k) words[k / 2] |= std::uint64_t{net[k]} << (k % 2 * 32);
    return words;
}

/// The lowest `fields` fields of a net's words; those above are not the network's and become 0.
template <std::size_t Words>
std::array<std::uint64_t, Words> first_fields(std::array<std::uint64_t, Words> words, int fields, int field_bits) {
    for (int bit = fields * field_bits; bit < static_cast<int>(Words) * 64; ++bit)
        words[bit / 64] &= ~(std::uint64_t{1} << (bit % 64));
    return words;
}

template <typename Model>
class VerilatedPins : public VerilatedPorts<Model> {
public:
    bool opaque() const override { return false; }

    /// Registers and LUT RAMs of rtl/control_registers.sv: pieces of 16 bits of every class counter.
    void preset_counters(const CounterPreset& preset) override {
        auto& net = *model_.rootp;
        net.BRU_NET(control_registers__DOT__g_piece__BRA__0__KET____DOT__written) = 0xFF;
        net.BRU_NET(control_registers__DOT__g_piece__BRA__1__KET____DOT__written) = 0xFF;
        net.BRU_NET(control_registers__DOT__g_piece__BRA__2__KET____DOT__written) = 0xFF;
        for (std::size_t k = 0; k < preset.classes.size(); ++k) {
            const auto piece = [&](int place) { return static_cast<SData>(preset.classes[k] >> (16 * place)); };
            net.BRU_NET(control_registers__DOT__g_piece__BRA__0__KET____DOT__counters__DOT__memory)[k] = piece(0);
            net.BRU_NET(control_registers__DOT__g_piece__BRA__1__KET____DOT__counters__DOT__memory)[k] = piece(1);
            net.BRU_NET(control_registers__DOT__g_piece__BRA__2__KET____DOT__counters__DOT__memory)[k] = piece(2);
        }
        net.BRU_NET(control_registers__DOT__headers) = preset.steps;
        net.BRU_NET(control_registers__DOT__cycle_number) = preset.cycle;
        auto& written = net.BRU_NET(sequencer__DOT__written);
        auto& tally = net.BRU_NET(sequencer__DOT__vectors__DOT__tally);
        written = (preset.slices - (tally - written)) & 0xFF'FFFF; // the latest run's last slices may be under way
        tally = preset.slices;
    }

    /// Nets of rtl/waveform.vlt.
    void sample(SignalTrace& trace, Cycle now, int activation_bits) override {
        const auto& net = *model_.rootp;
        const auto record = [&](Signal signal, const auto& value) {
            const auto words = net_words(value);
            trace.record(signal, now, now + 1, words.data(), words.size());
        };
        if (net.BRU_NET(sequencer__DOT__running)) record(Signal::running, CData{1});
        record(Signal::cycle_class, net.BRU_NET(sequencer__DOT__cycle_class));
        if (net.BRU_NET(sequencer__DOT__issue)) {
            record(Signal::issue, CData{1});
            record(Signal::issue_part_last, net.BRU_NET(sequencer__DOT__issue_part_last));
            record(Signal::weight_address, net.BRU_NET(sequencer__DOT__weight_address));
            if (!net.BRU_NET(sequencer__DOT__issue_from_input) && !net.BRU_NET(sequencer__DOT__issue_one_hot))
                record(Signal::state_address, net.BRU_NET(sequencer__DOT__state_address));
        }
        if (net.BRU_NET(scale_bias__DOT__part_issued)) record(Signal::part_issued, CData{1});
        if (net.BRU_NET(scale_bias__DOT__slice_valid)) {
            record(Signal::slice_valid, CData{1});
            record(Signal::slice, net.BRU_NET(scale_bias__DOT__slice));
        }
        if (net.BRU_NET(state_registers__DOT__cell_write)) {
            record(Signal::cell_write, CData{1});
            record(Signal::cell_write_address, net.BRU_NET(state_registers__DOT__cell_write_address));
            record(Signal::cell_write_data, net.BRU_NET(state_registers__DOT__cell_write_data));
        }
        if (net.BRU_NET(state_registers__DOT__slice_write)) {
            int units = 0; // the network's come first
            for (unsigned left = net.BRU_NET(state_registers__DOT__slice_units); left != 0; left >>= 1) ++units;
            record(Signal::slice_write, CData{1});
            record(Signal::slice_chunk, net.BRU_NET(state_registers__DOT__slice_chunk));
            const auto words =
                first_fields(net_words(net.BRU_NET(state_registers__DOT__slice_hidden)), units, activation_bits);
            trace.record(Signal::slice_hidden, now, now + 1, words.data(), words.size());
        }
        if (net.BRU_NET(stream_output__DOT__logits_write)) {
            constexpr int kLogitSignalBits = 32;
            record(Signal::logits_write, CData{1});
            const auto words = first_fields(net_words(net.BRU_NET(stream_output__DOT__logits)),
                                            net.BRU_NET(stream_output__DOT__logits_count), kLogitSignalBits);
            trace.record(Signal::logits, now, now + 1, words.data(), words.size());
        }
    }

private:
    using VerilatedPorts<Model>::model_;
};

} // namespace bru
