#include "modules/activation_lut.hpp"

#include "machine/bit_fields.hpp"
#include "machine/core_shape.hpp"
#include "machine/memory_layout.hpp"
#include <algorithm>

namespace bru {

ActivationLut::ActivationLut(const sc_core::sc_module_name& name, const CoreShape& shape)
    : sc_module(name), z_socket("z_socket"), cell_socket("cell_socket"), load_socket("load_socket"),
      gate_socket("gate_socket"), shape_(shape),
      sigmoid_(std::max(std::size_t{1} << shape.lut_address_bits, simd::kLeastTableEntries)), tanh_(sigmoid_.size()) {
    load_socket.on_b_transport = [this](MemoryAccess& access, sc_core::sc_time&) { load(access); };
    z_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        if (observers_) observers_.tell(&Observer::slices_enter, PipelineStage::activation_lut, run);
        if (shape_.computes_values) look_up_gates(run);
        run.latency_cycles += latency_cycles();
        gate_socket.send(run);
    };
    cell_socket.on_b_transport = [this](TanhLookup& lookup, sc_core::sc_time&) {
        if (lookup.count > 0) look_up_cells(lookup);
        lookup.latency_cycles += latency_cycles();
    };
}

void ActivationLut::load(const MemoryAccess& access) {
    if (std::size_t{access.address} + access.words > sigmoid_.size()) return; // a mistake of software
    for (std::uint32_t word = 0; word < access.words; ++word) {
        const auto entry = [&](std::int64_t bit) {
            return static_cast<std::int16_t>(word_bits(access.data + word, bit, kTableEntryBits));
        };
        sigmoid_[access.address + word] = entry(MemoryLayout::kSigmoidBit);
        tanh_[access.address + word] = entry(MemoryLayout::kTanhBit);
    }
}

void ActivationLut::look_up_gates(RowGroupRun& run) {
    const RowLayout layout(*run.descriptor, shape_);
    const RowRange units = layout.units(shape_, run);
    std::int16_t* gates = gates_.resize(layout.rows());
    for (int gate = 0; gate < kGates; ++gate) {
        const std::optional<TableFunction> function = function_of(run.descriptor->cell(), gate);
        if (!function) continue; // a sum that cell_update takes as it is
        const std::size_t offset = gate * layout.unit_stride + units.begin;
        const std::vector<std::int16_t>& table = function == TableFunction::tanh ? tanh_ : sigmoid_;
        simd::kernels().look_up(run.z + offset, table.data(), shape_.lut_address_bits, units.end - units.begin,
                                gates + offset);
    }
    run.gates = gates;
}

void ActivationLut::look_up_cells(TanhLookup& lookup) {
    const std::size_t count = lookup.count;
    const std::int16_t* z = lookup.arguments;
    if (lookup.cell == CellKind::lstm) {
        std::int16_t* const doubled = cells_as_z_.resize(count);
        simd::kernels().cells_as_z(lookup.arguments, count, doubled);
        z = doubled;
    }
    simd::kernels().look_up(z, tanh_.data(), shape_.lut_address_bits, count, lookup.values);
}

} // namespace bru
