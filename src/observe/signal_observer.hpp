// The waveform's observer: what the blocks of the SystemC core report, as signals named as in the RTL. A run of row
// groups becomes the slices that pass a block of the RTL one after the other.
#pragma once

#include <cstdint>

#include "machine/core_shape.hpp"
#include "observe/observer.hpp"
#include "observe/signal_trace.hpp"

namespace bru {

class SignalObserver : public Observer {
public:
    /// The trace outlives the observer.
    SignalObserver(const CoreShape& shape, SignalTrace& trace) : shape_(shape), trace_(trace) {}

    void cycles_classified(CycleClass cycle_class, Cycle begin, Cycle end) override;
    void chunks_issued(const IssuedChunks& chunks) override;
    void part_issued(const IssuedPart& part) override;
    void core_ran(Cycle begin, Cycle end) override;
    void slices_enter(PipelineStage stage, const RowGroupRun& run) override;
    void cells_written(const RowGroupRun& run, int cycles_later, const std::int16_t* next) override;
    void beat_accepted(const InputBeat& beat) override;
    void beat_left(const OutputBeat& beat) override;
    void core_interrupt_was_high(Cycle begin, Cycle end) override;

private:
    void part_slices(const RowGroupRun& run);
    void hidden_written(const RowGroupRun& run);
    void logits_written(const RowGroupRun& run);
    template <typename Visit>
    void each_slice(const RowGroupRun& run, int cycles_later, int rows_per_group, int rows_per_slice, Visit&& visit);
    void record(Signal signal, Cycle cycle, std::uint64_t value) { trace_.record(signal, cycle, cycle + 1, value); }
    void record_packed(Signal signal, Cycle cycle) {
        trace_.record(signal, cycle, cycle + 1, packed_.words(), packed_.size());
    }

    CoreShape shape_;
    SignalTrace& trace_;
    std::uint32_t weight_address_ = 0; ///< of the next chunk
    Cycle output_from_ = 0;            ///< first cycle in which the next output beat can stand at the port
    PackedNumbers packed_;
};

} // namespace bru
