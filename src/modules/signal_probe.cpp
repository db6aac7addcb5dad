#include "modules/signal_probe.hpp"

#include <algorithm>

#include "modules/activation_codec.hpp"

namespace bru {

namespace {

constexpr int kCellSignalBits = 16;
constexpr int kLogitSignalBits = 32;

} // namespace

/// visit(cycle, slice of its group, first row or unit), in those slices that lie in the window.
template <typename Visit>
void SignalProbe::each_slice(const RowGroupRun& run, int cycles_later, int rows_per_group, int rows_per_slice,
                             Visit&& visit) {
    for (int g = 0; g < run.group_count; ++g) {
        const Cycle first = run.begin_cycles[g] + static_cast<Cycle>(run.latency_cycles + cycles_later);
        if (!trace_->wants(first, first + static_cast<Cycle>(shape_.slices_per_group))) continue;
        for (int slice = 0; slice < shape_.slices_per_group; ++slice)
            visit(first + static_cast<Cycle>(slice), slice,
                  (run.first_group + g) * rows_per_group + slice * rows_per_slice);
    }
}

void SignalProbe::slices_enter(const RowGroupRun& run) {
    each_slice(run, 0, 0, 0, [&](Cycle cycle, int slice, int) {
        record(Signal::slice_valid, cycle, 1);
        record(Signal::slice, cycle, static_cast<std::uint64_t>(slice));
    });
}

void SignalProbe::cells_written(const RowGroupRun& run, int cycles_later, const std::int16_t* next) {
    each_slice(run, cycles_later, shape_.units_per_group, shape_.update_width, [&](Cycle cycle, int, int first) {
        if (first >= static_cast<int>(run.descriptor->size)) return;
        packed_.clear();
        for (int unit = first; unit < first + shape_.update_width; ++unit)
            packed_.append(static_cast<std::uint64_t>(next[unit]), kCellSignalBits);
        record(Signal::cell_write, cycle, 1);
        record(Signal::cell_write_address, cycle,
               run.descriptor->cell_base + static_cast<std::uint32_t>(first / shape_.update_width));
        record_packed(Signal::cell_write_data, cycle);
    });
}

void SignalProbe::hidden_written(const RowGroupRun& run) {
    const int size = static_cast<int>(run.descriptor->size);
    each_slice(run, 0, shape_.units_per_group, shape_.update_width, [&](Cycle cycle, int, int first) {
        if (first >= size) return;
        packed_.clear();
        for (int unit = first; unit < first + shape_.update_width; ++unit)
            packed_.append(unit < size ? activation_field(run.hidden[unit], shape_.activation_bits) : 0,
                           shape_.activation_bits);
        record(Signal::slice_write, cycle, 1);
        record(Signal::slice_chunk, cycle, run.h_write_address + static_cast<std::uint32_t>(first / shape_.lane_width));
        record_packed(Signal::slice_hidden, cycle);
    });
}

void SignalProbe::logits_written(const RowGroupRun& run) {
    const int size = static_cast<int>(run.descriptor->size);
    const int rows_per_slice = kGates * shape_.update_width;
    each_slice(run, 0, shape_.lanes, rows_per_slice, [&](Cycle cycle, int, int first) {
        if (first >= size) return;
        packed_.clear();
        for (int row = first; row < first + rows_per_slice; ++row)
            packed_.append(row < size ? static_cast<std::uint64_t>(run.logits[row]) : 0, kLogitSignalBits);
        record(Signal::logits_write, cycle, 1);
        record_packed(Signal::logits, cycle);
    });
}

} // namespace bru
