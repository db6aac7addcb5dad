#include "observe/signal_observer.hpp"

#include <algorithm>

#include "machine/activation_codec.hpp"
#include "machine/descriptor.hpp"
#include "model/number_formats.hpp"

namespace bru {

namespace {

/// Chunk of state memory that a part reads as its chunk number `chunk`.
std::uint32_t state_address(const VectorPlan& vector, std::uint32_t part, std::uint32_t chunk) {
    if (part > 0) return vector.h_read_address + chunk;
    const std::uint32_t first_source = vector.descriptor->source_chunks;
    return chunk < first_source ? vector.x_address + chunk : vector.x_second_address + chunk - first_source;
}

} // namespace

void SignalObserver::cycles_classified(CycleClass cycle_class, Cycle begin, Cycle end) {
    trace_.record(Signal::cycle_class, begin, end, static_cast<std::uint64_t>(cycle_class));
}

void SignalObserver::chunks_issued(const IssuedChunks& chunks) {
    trace_.record(Signal::issue, chunks.cycle, chunks.cycle + chunks.count, 1);
    const Descriptor& descriptor = *chunks.vector.descriptor;
    const bool one_hot = chunks.part == 0 && descriptor.one_hot();
    const bool from_state = chunks.part > 0 || !descriptor.x_from_input();
    if (chunks.group == 0 && chunks.part == 0 && chunks.first == 0) weight_address_ = descriptor.weight_base;
    const std::uint32_t total = chunks.part_chunks * chunks.part_planes;
    const std::uint32_t column = one_hot ? chunks.vector.one_hot_index / shape_.lane_width : 0;
    for (std::uint32_t k = 0; k < chunks.count; ++k) {
        const Cycle cycle = chunks.cycle + k;
        const std::uint32_t chunk = (chunks.first + k) % chunks.part_chunks;
        trace_.record(Signal::weight_address, cycle, cycle + 1, weight_address_ + column);
        weight_address_ += one_hot ? descriptor.x_words : 1;
        trace_.record(Signal::issue_part_last, cycle, cycle + 1, chunks.first + k + 1 == total ? 1 : 0);
        if (from_state)
            trace_.record(Signal::state_address, cycle, cycle + 1, state_address(chunks.vector, chunks.part, chunk));
    }
}

void SignalObserver::part_issued(const IssuedPart& part) {
    trace_.record(Signal::part_issued, part.begin + 1, part.begin + 2, 1);
}

void SignalObserver::core_ran(Cycle begin, Cycle end) { trace_.record(Signal::running, begin, end, 1); }

// ---------------------------------------------------------------- the pipeline

void SignalObserver::slices_enter(PipelineStage stage, const RowGroupRun& run) {
    switch (stage) {
    case PipelineStage::scale_bias: part_slices(run); return;
    case PipelineStage::state_registers: hidden_written(run); return;
    case PipelineStage::stream_output: logits_written(run); return;
    case PipelineStage::activation_lut:
    case PipelineStage::cell_update: return;
    }
}

/// visit(cycle, slice of its group, first row or unit), in those slices that lie in the window.
template <typename Visit>
void SignalObserver::each_slice(const RowGroupRun& run, int cycles_later, int rows_per_group, int rows_per_slice,
                                Visit&& visit) {
    for (int g = 0; g < run.group_count; ++g) {
        const Cycle first = run.begin_cycles[g] + run.latency_cycles + cycles_later;
        if (!trace_.wants(first, first + shape_.slices_per_group)) continue;
        for (int slice = 0; slice < shape_.slices_per_group; ++slice)
            visit(first + slice, slice, (run.first_group + g) * rows_per_group + slice * rows_per_slice);
    }
}

void SignalObserver::part_slices(const RowGroupRun& run) {
    each_slice(run, 0, 0, 0, [&](Cycle cycle, int slice, int) {
        record(Signal::slice_valid, cycle, 1);
        record(Signal::slice, cycle, slice);
    });
}

void SignalObserver::cells_written(const RowGroupRun& run, int cycles_later, const std::int16_t* next) {
    const int size = run.descriptor->size;
    each_slice(run, cycles_later, shape_.units_per_group, shape_.update_width, [&](Cycle cycle, int, int first) {
        if (first >= size) return;
        packed_.clear();
        for (int unit = first; unit < first + shape_.update_width; ++unit) packed_.append(next[unit], kCellBits);
        record(Signal::cell_write, cycle, 1);
        record(Signal::cell_write_address, cycle, run.cell_write_address + first / shape_.update_width);
        record_packed(Signal::cell_write_data, cycle);
    });
}

void SignalObserver::hidden_written(const RowGroupRun& run) {
    const int size = run.descriptor->size;
    each_slice(run, 0, shape_.units_per_group, shape_.update_width, [&](Cycle cycle, int, int first) {
        if (first >= size) return;
        packed_.clear();
        for (int unit = first; unit < first + shape_.update_width; ++unit)
            packed_.append(unit < size ? activation_field(run.hidden[unit], shape_.activation_bits) : 0,
                           shape_.activation_bits);
        record(Signal::slice_write, cycle, 1);
        record(Signal::slice_chunk, cycle, run.h_write_address + first / shape_.lane_width);
        record_packed(Signal::slice_hidden, cycle);
    });
}

void SignalObserver::logits_written(const RowGroupRun& run) {
    const int size = run.descriptor->size;
    const int rows_per_slice = kGates * shape_.update_width;
    each_slice(run, 0, shape_.lanes, rows_per_slice, [&](Cycle cycle, int, int first) {
        if (first >= size) return;
        packed_.clear();
        for (int row = first; row < first + rows_per_slice; ++row)
            packed_.append(row < size ? run.logits[row] : 0, kLogitBits);
        record(Signal::logits_write, cycle, 1);
        record_packed(Signal::logits, cycle);
    });
}

// ---------------------------------------------------------------- the ports

void SignalObserver::beat_accepted(const InputBeat& beat) {
    const Cycle end = beat.transferred + 1;
    trace_.record(Signal::s_axis_tvalid, beat.offered, end, 1);
    trace_.record(Signal::s_axis_tdata, beat.offered, end, beat.data);
    trace_.record(Signal::s_axis_tready, beat.offered, beat.transferred, 0);
    trace_.record(Signal::s_axis_tready, beat.transferred, end, 1);
}

void SignalObserver::beat_left(const OutputBeat& left) {
    const Cycle from = std::max(left.beat.valid_cycle, output_from_);
    const Cycle end = left.transferred + 1;
    trace_.record(Signal::m_axis_tvalid, from, end, 1);
    trace_.record(Signal::m_axis_tready, left.transferred, end, 1);
    trace_.record(Signal::m_axis_tlast, from, end, left.beat.last ? 1 : 0);
    trace_.record(Signal::m_axis_tdata, from, end, left.beat.data);
    output_from_ = end;
}

void SignalObserver::core_interrupt_was_high(Cycle begin, Cycle end) { trace_.record(Signal::irq, begin, end, 1); }

} // namespace bru
