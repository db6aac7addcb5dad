// stream_input: the AXI4-Stream slave of the core. Routes loads to the memories; keeps input steps until the
// sequencer releases their slots. Timing: a beat per cycle; a header needs a free slot (released in an earlier
// cycle); what was transferred in cycle a can be used by a chunk issued in a + kInputCycles.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/registers.hpp"
#include "modules/core_ports.hpp"
#include "observe/observer.hpp"
#include "schedule/beat_queue.hpp"
#include "tlm/axi_stream.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

class StreamInput : public sc_core::sc_module, public InputSteps {
public:
    StreamInput(const sc_core::sc_module_name& name, const CoreShape& shape, const CoreRegisters& registers);

    StreamTargetSocket stream_socket;
    ActivationTargetSocket read_socket; ///< from dot_product_lanes: x
    MemoryInitiatorSocket weight_load_socket;
    MemoryInitiatorSocket scale_load_socket;
    MemoryInitiatorSocket bias_load_socket;
    MemoryInitiatorSocket table_load_socket;
    MemoryInitiatorSocket state_load_socket;
    MemoryInitiatorSocket cell_load_socket;
    sc_core::sc_port<SequencerControl> sequencer;
    sc_core::sc_port<CoreEvents> events;

    const InputStep* input_step(std::uint64_t number) const override;
    void release_below(std::uint64_t number, Cycle cycle) override;
    void discard_below(std::uint64_t number) override;
    /// LOAD_TARGET was written: the next beats begin a load (or input steps) anew.
    void begin_load();
    void reset();

    void observe(Observer& observer) { observers_.add(observer); }

private:
    void process();
    bool accept(const StreamBeat& beat);
    void report_transfer(std::uint64_t data, bool header, Cycle offered, Cycle transferred) const;
    void accept_load(const StreamBeat& beat);
    void accept_header(const StreamBeat& beat);
    void accept_data(const StreamBeat& beat);
    std::uint32_t one_hot_index(std::uint64_t header, Cycle cycle);
    InputStep& append_step();
    Cycle& release_cycle(std::uint64_t step) { return release_cycles_[step & (release_cycles_.size() - 1)]; }
    MemoryInitiatorSocket& load_socket(LoadTarget target);
    int load_word_beats(LoadTarget target) const;

    CoreShape shape_;
    const CoreRegisters& registers_;
    Observers observers_;
    BeatQueue<StreamBeat> offered_; ///< not yet transferred
    std::vector<Cycle> transfers_;  ///< to be answered
    Cycle next_cycle_ = 0;          ///< first in which another beat can transfer
    bool processing_ = false;
    bool again_ = false;

    std::vector<std::uint64_t> load_word_;
    std::uint32_t load_address_ = 0;

    std::vector<InputStep> ring_; ///< steps [discarded_, arrived_), a power of two
    std::uint64_t discarded_ = 0;
    std::uint64_t arrived_ = 0; ///< headers
    std::uint64_t released_ = 0;
    std::vector<Cycle> release_cycles_; ///< by step modulo as many slots as there can be, a power of two
    std::uint32_t data_beats_left_ = 0; ///< of the step under way
    bool ignored_ = false;              ///< the step under way is of a stream that the core does not have
    std::vector<std::uint64_t> chunk_word_;
};

} // namespace bru
