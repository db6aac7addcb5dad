#include "modules/cell_update.hpp"

#include "base/integers.hpp"
#include "machine/core_shape.hpp"
#include "machine/timing.hpp"

namespace bru {

CellUpdate::CellUpdate(const sc_core::sc_module_name& name, const CoreShape& shape)
    : sc_module(name), gate_socket("gate_socket"), tanh_socket("tanh_socket"), cell_socket("cell_socket"),
      hidden_socket("hidden_socket"), emit_socket("emit_socket"), shape_(shape) {
    gate_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        TanhLookup lookup;
        if (observers_) observers_.tell(&Observer::slices_enter, PipelineStage::cell_update, run);
        if (shape_.computes_values) update(run, lookup);
        run.latency_cycles += kCellCycles;
        lookup.latency_cycles = run.latency_cycles;
        tanh_socket.send(lookup);
        run.latency_cycles = lookup.latency_cycles;
        if (shape_.computes_values) finish(run);
        run.latency_cycles += kHiddenCycles;
        if (run.emit) emit_socket.send(run);
        hidden_socket.send(run);
    };
}

void CellUpdate::update(RowGroupRun& run, TanhLookup& lookup) {
    const RowLayout layout(*run.descriptor, shape_);
    const RowRange units = layout.units(shape_, run);
    const std::size_t count = units.end - units.begin;
    CellAccess cells{run.cell_read_address, run.descriptor->cell_base, nullptr, nullptr};
    cell_socket.send(cells);
    const auto gate = [&](LstmCell::Gate number) { return run.gates + number * layout.unit_stride + units.begin; };
    simd::kernels().next_cells(gate(LstmCell::kForget), cells.current + units.begin, gate(LstmCell::kInput),
                               gate(LstmCell::kCandidate), count, cells.next + units.begin);
    saturated_cells_ += count_at_limits(cells.next + units.begin, cells.next + units.end);
    if (observers_) observers_.tell(&Observer::cells_written, run, kCellCycles - 1, cells.next);
    lookup.cells = cells.next + units.begin;
    lookup.values = tanh_.resize(layout.unit_stride) + units.begin;
    lookup.count = narrow<int>(count);
}

void CellUpdate::finish(RowGroupRun& run) {
    const RowLayout layout(*run.descriptor, shape_);
    const RowRange units = layout.units(shape_, run);
    std::int16_t* hidden = hidden_.resize(layout.unit_stride);
    simd::kernels().next_hidden(run.gates + LstmCell::kOutput * layout.unit_stride + units.begin,
                                tanh_.data() + units.begin, units.end - units.begin, shape_.activation_bits,
                                hidden + units.begin);
    run.hidden = hidden;
}

} // namespace bru
