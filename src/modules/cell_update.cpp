#include "modules/cell_update.hpp"

#include "base/integers.hpp"
#include "machine/core_shape.hpp"
#include "machine/timing.hpp"
#include "model/cell.hpp"

namespace bru {

namespace {

const std::int16_t* row_of(const std::int16_t* rows, int row, const RowLayout& layout, const RowRange& units) {
    return rows + row * layout.unit_stride + units.begin;
}

} // namespace

CellUpdate::CellUpdate(const sc_core::sc_module_name& name, const CoreShape& shape)
    : sc_module(name), gate_socket("gate_socket"), tanh_socket("tanh_socket"), cell_socket("cell_socket"),
      hidden_socket("hidden_socket"), emit_socket("emit_socket"), shape_(shape) {
    gate_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        CellAccess cells{run.cell_read_address, run.cell_write_address, nullptr, nullptr};
        TanhLookup lookup;
        if (observers_) observers_.tell(&Observer::slices_enter, PipelineStage::cell_update, run);
        if (shape_.computes_values) {
            cell_socket.send(cells);
            begin(run, cells, lookup);
        }
        run.latency_cycles += kCellCycles;
        lookup.latency_cycles = run.latency_cycles;
        tanh_socket.send(lookup);
        run.latency_cycles = lookup.latency_cycles;
        if (shape_.computes_values) finish(run, cells);
        run.latency_cycles += kHiddenCycles;
        if (run.emit) emit_socket.send(run);
        hidden_socket.send(run);
    };
}

/// c', or u of a GRU, whose tanh is looked up next.
void CellUpdate::begin(const RowGroupRun& run, const CellAccess& cells, TanhLookup& lookup) {
    const RowLayout layout(*run.descriptor, shape_);
    const RowRange units = layout.units(shape_, run);
    const std::size_t count = units.end - units.begin;
    lookup.cell = run.descriptor->cell();
    lookup.values = tanh_.resize(layout.unit_stride) + units.begin;
    lookup.count = narrow<int>(count);
    const auto gate = [&](int row) { return row_of(run.gates, row, layout, units); };
    const auto sum = [&](int row) { return row_of(run.z, row, layout, units); };
    if (lookup.cell == CellKind::gru) {
        std::int16_t* const u = candidate_sums_.resize(layout.unit_stride) + units.begin;
        simd::kernels().candidate_sums(sum(GruCell::kCandidateX), gate(GruCell::kReset), sum(GruCell::kCandidateH),
                                       count, u);
        lookup.arguments = u;
    } else {
        std::int16_t* const next = cells.next + units.begin;
        simd::kernels().next_cells(gate(LstmCell::kForget), cells.current + units.begin, gate(LstmCell::kInput),
                                   gate(LstmCell::kCandidate), count, next);
        lookup.arguments = next;
        if (observers_ && !shape_.has_gru())
            observers_.tell(&Observer::cells_written, run, kCellCycles - 1, cells.next);
    }
    saturated_cells_ += count_at_limits(lookup.arguments, lookup.arguments + count);
}

/// h', and s' of a GRU. A core that has both kinds of cells writes c' together with h', as it does s'.
void CellUpdate::finish(RowGroupRun& run, const CellAccess& cells) {
    const RowLayout layout(*run.descriptor, shape_);
    const RowRange units = layout.units(shape_, run);
    const std::size_t count = units.end - units.begin;
    std::int16_t* const hidden = hidden_.resize(layout.unit_stride);
    const std::int16_t* const tanh = tanh_.data() + units.begin;
    if (run.descriptor->cell() == CellKind::gru) {
        std::int16_t* const next = cells.next + units.begin;
        simd::kernels().next_states(tanh, row_of(run.gates, GruCell::kUpdate, layout, units),
                                    cells.current + units.begin, count, next);
        simd::kernels().states_as_hidden(next, count, shape_.activation_bits, hidden + units.begin);
    } else {
        simd::kernels().next_hidden(row_of(run.gates, LstmCell::kOutput, layout, units), tanh, count,
                                    shape_.activation_bits, hidden + units.begin);
    }
    if (observers_ && shape_.has_gru()) observers_.tell(&Observer::cells_written, run, kHiddenCycles, cells.next);
    run.hidden = hidden;
}

} // namespace bru
