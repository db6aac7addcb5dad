// What observers of the machine hear: the blocks report each event once, with its cycles, and every view of the machine
// over time - waveform, timeline - derives from these reports. Without an observer nothing is reported.
// Contract: reports of one kind come in the order of their cycles; reports of different kinds come in any order, since
// the blocks work ahead of each other.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/cycle.hpp"
#include "machine/cycle_class.hpp"
#include "machine/registers.hpp"
#include "machine/row_group_run.hpp"
#include "machine/stream_beat.hpp"

namespace bru {

/// Chunks of one part that are issued, one per cycle.
struct IssuedChunks {
    const VectorPlan& vector;
    std::uint32_t group = 0;
    std::uint32_t part = 0;        ///< 0: x, 1: h
    std::uint32_t part_chunks = 0; ///< of one plane
    std::uint32_t part_planes = 0;
    std::uint32_t first = 0; ///< number of the first of them within all planes of the part
    std::uint32_t count = 0;
    Cycle cycle = 0; ///< issue of the first one
};

/// A part whose last chunk is issued.
struct IssuedPart {
    const VectorPlan& vector;
    std::uint32_t group = 0;
    std::uint32_t part = 0;
    Cycle begin = 0; ///< scale_bias begins with it, in issue cycles
};

/// A vector whose last chunk is issued. Its cycles begin where those of the vector before it end, so they hold what it
/// waited for.
struct IssuedVector {
    const VectorPlan& vector;
    Cycle begin = 0;
    Cycle first_chunk = 0; ///< issue
    Cycle end = 0;         ///< the cycle after the issue of its last chunk
    std::array<std::uint64_t, kCycleClasses> classes{};
    std::uint64_t source_wait_cycles = 0; ///< of state_wait: for values of the vector's source
    std::uint32_t source_descriptor = 0;  ///< that computes them last
};

/// The stages behind the lanes.
enum class PipelineStage { scale_bias, activation_lut, cell_update, state_registers, stream_output };

/// A beat that stream_input took.
struct InputBeat {
    std::uint64_t data = 0;
    Cycle offered = 0; ///< TVALID from this cycle on
    Cycle transferred = 0;
    LoadTarget target = LoadTarget::run;
    bool header = false;      ///< the first beat of a step
    std::uint64_t number = 0; ///< of the step; in a load, the address of the word under way
};

/// A beat that left stream_output.
struct OutputBeat {
    StreamBeat beat;
    Cycle transferred = 0;
    bool ends_vector = false;
};

enum class DmaDirection { mm2s, s2mm };

struct RequestedBurst {
    DmaDirection direction = DmaDirection::mm2s;
    std::uint32_t slot = 0; ///< which of the bursts that can be outstanding
    Cycle request = 0;
    Cycle first_beat = 0;
    Cycle last_beat = 0; ///< of a write: its response
    std::uint64_t address = 0;
    std::uint32_t bytes = 0;
};

enum class RegisterBlock { core, dma };

struct RegisterAccess {
    RegisterBlock block = RegisterBlock::core;
    bool write = false;
    std::uint32_t offset = 0;
    std::uint32_t value = 0;
    Cycle begin = 0;
    Cycle end = 0;
};

class Observer {
public:
    virtual ~Observer() = default;

    // sequencer
    virtual void cycles_classified(CycleClass, Cycle /*begin*/, Cycle /*end*/) {}
    virtual void chunks_issued(const IssuedChunks&) {}
    virtual void part_issued(const IssuedPart&) {}
    virtual void core_ran(Cycle /*begin*/, Cycle /*end*/) {}

    // The pipeline. `run.latency_cycles` says where a group's first slice is, counted from its begin cycle.
    /// The stage takes the slices of the run's groups, one per cycle.
    virtual void slices_enter(PipelineStage, const RowGroupRun&) {}
    /// c' of the run's slices is written `cycles_later`; `next` by unit of the vector.
    virtual void cells_written(const RowGroupRun&, int /*cycles_later*/, const std::int16_t* /*next*/) {}

    // stream_input, stream_output, control_registers
    virtual void load_target_written() {}
    virtual void beat_accepted(const InputBeat&) {}
    virtual void beat_left(const OutputBeat&) {}
    virtual void core_interrupt_was_high(Cycle /*begin*/, Cycle /*end*/) {}

    // axi_dma
    virtual void burst_requested(const RequestedBurst&) {}

    // The host's software
    virtual void register_accessed(const RegisterAccess&) {}
    /// From an interrupt to the first instruction of the software that serves it.
    virtual void interrupt_served(Cycle /*begin*/, Cycle /*end*/) {}
};

/// Hears of whole vectors alone, so that the blocks still repeat what they recognize
/// (schedule/recurring_schedules.hpp).
class VectorObserver {
public:
    virtual ~VectorObserver() = default;
    virtual void vector_issued(const IssuedVector&) = 0;
};

/// The observers of a block. Contract: they outlive the block.
class Observers {
public:
    void add(Observer& observer) { observers_.push_back(&observer); }
    explicit operator bool() const { return !observers_.empty(); }
    /// observers.tell(&Observer::chunks_issued, chunks)
    template <typename... Parameters, typename... Arguments>
    void tell(void (Observer::*event)(Parameters...), const Arguments&... arguments) const {
        for (Observer* observer : observers_) (observer->*event)(arguments...);
    }

private:
    std::vector<Observer*> observers_;
};

} // namespace bru
