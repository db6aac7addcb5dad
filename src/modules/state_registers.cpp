#include "modules/state_registers.hpp"

#include <algorithm>
#include <cassert>

#include "base/integers.hpp"
#include "machine/activation_codec.hpp"
#include "machine/bit_fields.hpp"
#include "machine/core_shape.hpp"
#include "machine/memory_layout.hpp"
#include "machine/stream_format.hpp"
#include "model/number_formats.hpp"

namespace bru {

StateRegisters::StateRegisters(const sc_core::sc_module_name& name, const CoreShape& shape)
    : sc_module(name), read_socket("read_socket"), hidden_socket("hidden_socket"), cell_socket("cell_socket"),
      state_load_socket("state_load_socket"), cell_load_socket("cell_load_socket"), shape_(shape),
      activations_(shape.kept_words(shape.shape.state_words) * shape.lane_width),
      cells_(shape.kept_words(shape.shape.cell_words) * shape.update_width) {
    read_socket.on_b_transport = [this](ActivationRead& read, sc_core::sc_time&) {
        const std::size_t width = shape_.lane_width;
        const bool inside = (std::size_t{read.address} + read.chunks) * width <= activations_.size();
        if (!inside) zeros_.assign(read.chunks * width, 0); // a sequence of more steps than the memory has slots
        read.values = inside ? activations_.data() + read.address * width : zeros_.data();
    };
    hidden_socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) {
        if (observers_) observers_.tell(&Observer::slices_enter, PipelineStage::state_registers, run);
        if (shape_.computes_values) write_hidden(run);
        run.latency_cycles += latency_cycles();
    };
    cell_socket.on_b_transport = [this](CellAccess& access, sc_core::sc_time&) {
        const std::size_t width = shape_.update_width;
        access.current = cells_.data() + access.read_address * width;
        access.next = cells_.data() + access.write_address * width;
    };
    state_load_socket.on_b_transport = [this](MemoryAccess& access, sc_core::sc_time&) { load_state(access); };
    cell_load_socket.on_b_transport = [this](MemoryAccess& access, sc_core::sc_time&) { load_cells(access); };
}

void StateRegisters::write_hidden(const RowGroupRun& run) {
    const auto units_per_group = narrow<std::size_t>(shape_.units_per_group);
    const std::size_t first = run.first_group * units_per_group;
    const std::size_t groups_end = (run.first_group + run.group_count) * units_per_group;
    const std::size_t end = std::min<std::size_t>(groups_end, run.descriptor->size);
    const std::size_t vector = std::size_t{run.h_write_address} * shape_.lane_width;
    if (vector + end > activations_.size()) return; // as above
    std::copy(run.hidden + first, run.hidden + end, activations_.begin() + vector + first);
}

void StateRegisters::load_state(const MemoryAccess& access) {
    const std::size_t beats = beats_of(shape_.state_word_bits());
    const std::size_t width = shape_.lane_width;
    if ((std::size_t{access.address} + access.words) * width > activations_.size()) return; // a mistake of software
    for (std::size_t chunk = 0; chunk < access.words; ++chunk)
        for (std::size_t element = 0; element < width; ++element)
            activations_[(access.address + chunk) * width + element] =
                decode_activation(access.data + chunk * beats, narrow<int>(element), shape_.activation_bits);
}

void StateRegisters::load_cells(const MemoryAccess& access) {
    const MemoryLayout memory(shape_);
    const std::size_t beats = beats_of(shape_.cell_word_bits());
    const std::size_t width = shape_.update_width;
    if ((std::size_t{access.address} + access.words) * width > cells_.size()) return; // a mistake of software
    for (std::size_t slice = 0; slice < access.words; ++slice)
        for (std::size_t element = 0; element < width; ++element)
            cells_[(access.address + slice) * width + element] = static_cast<std::int16_t>(
                word_bits(access.data + slice * beats, memory.cell(narrow<int>(element)).bit, kCellBits));
}

} // namespace bru
