// stream_output: slice FIFO, serializer and beat FIFO, the AXI4-Stream master of the core. Timing: a slice
// written at the end of cycle q is serialized from q + 1 on (hidden: a cycle per slice, or one per beat where a
// slice has 16 bytes; logits: two per beat and cycle; argmax: two per cycle and one more per vector); a beat pushed in
// t has TVALID from t + kOutputFifoCycles. The beat FIFO holds output_fifo_beats. schedule/serializer.hpp keeps the
// cycles; this module packs the values, offers the beats and hears of their transfers.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include <systemc>

#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "modules/core_ports.hpp"
#include "observe/observer.hpp"
#include "schedule/serializer.hpp"
#include "tlm/axi_stream.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

class StreamOutput : public sc_core::sc_module, public SliceFifo {
public:
    StreamOutput(const sc_core::sc_module_name& name, const CoreShape& shape, const CoreRegisters& registers);

    RunTargetSocket logit_socket;  ///< from scale_bias
    RunTargetSocket hidden_socket; ///< from cell_update
    StreamInitiatorSocket stream_socket;
    sc_core::sc_port<SequencerControl> sequencer;
    sc_core::sc_port<CoreEvents> events;

    Cycle reservable_from(std::uint64_t number) const override { return serializer_.reservable_from(number); }
    bool foresee_group(Cycle written) override { return serializer_.foresee_group(written); }
    bool describe_reservations(const Descriptor& descriptor, std::uint64_t reserved, StateKey& key) const override;

    void reset();
    void observe(Observer& observer);

private:
    void serialize(const RowGroupRun& run);
    void serialize_whole_vector(const RowGroupRun& run);
    void serialize_slices(const RowGroupRun& run);
    void serialize_hidden(const RowGroupRun& run);
    void pack(const RowGroupRun& run, int first_unit, int end_unit);
    /// Calls act(first_row, end_row, cycle in which the slice is written) for each slice of logits of the run.
    template <typename Act>
    void for_each_row_slice(const RowGroupRun& run, const Act& act);
    void serialize_logits(const RowGroupRun& run);
    void find_maximum(const RowGroupRun& run);
    void look_at_logits(const RowGroupRun& run, int first_row, int end_row);
    Serializer::VectorEnd end_vector(const RowGroupRun& run);
    Serializer::Work end_work(const RowGroupRun& run);
    std::uint64_t most_beats(const Descriptor& descriptor) const;
    void flush();
    void on_transfers(const StreamTransfer& transfer);
    void report_transfers(std::uint64_t first, const StreamTransfer& transfer);

    CoreShape shape_;
    const CoreRegisters& registers_;
    Observers observers_;
    Serializer serializer_;
    PackedBytes packed_;               ///< hidden elements of the run, from the beat under way on
    std::vector<StreamBeat> offering_; ///< being offered
    bool offering_now_ = false;
    std::uint32_t packet_vectors_ = 0; ///< of the packet under way

    std::int32_t best_logit_ = 0;
    std::uint32_t best_index_ = 0;
    bool any_logit_ = false;

    std::array<RecurringSchedules<Serializer::Schedule>, kMaxDescriptors> schedules_;
    StateKey begin_key_; ///< of the vector under way

    std::deque<StreamBeat> observed_beats_; ///< offered and not yet transferred; kept for observers only
};

} // namespace bru
