// Puts the vectors that leave the machine together to the network's outputs: which sequence and step they
// belong to, both directions joined, in sequence and step order; and how long each took.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "machine/cycle.hpp"
#include "model/step_counter.hpp"
#include "platform/latency_record.hpp"
#include "platform/network_image.hpp"
#include "platform/simulation.hpp"

namespace bru {

class OutputAssembler {
public:
    OutputAssembler(const NetworkImage& image, int activation_bits, std::optional<Cycle> deadline_cycles,
                    const OutputSink& sink);

    /// A step has been handed to the DMA; its outputs will come.
    void expect(const Step& step);
    /// Observed on the streams: the step's arrival (or acceptance), the last beat of an output vector.
    void step_arrived(Cycle cycle) { arrivals_.push_back(cycle); }
    void vector_left(Cycle cycle) { vector_cycles_.push_back(cycle); }
    /// The beats of the next output vector. Throws std::runtime_error if no step waits for one.
    void take_vector(const std::uint64_t* beats);

    /// Also leaves the times of each output there.
    void record_times(VectorTimes& times) { times_ = &times; }

    /// Also keeps the latencies of each of so many streams.
    void record_streams(std::size_t streams) { of_streams_.resize(streams); }

    struct StreamRecord {
        std::uint64_t steps = 0;
        LatencyRecord latencies;
    };

    std::uint64_t expected_vectors() const { return expected_vectors_; }
    std::uint64_t taken_vectors() const { return taken_vectors_; }
    std::uint64_t outputs() const { return outputs_; }
    std::uint64_t sequences() const { return counter_.sequences(); }
    const LatencyHistogram& latencies() const { return latencies_.histogram(); }
    std::uint64_t missed_deadlines() const { return latencies_.missed_deadlines(); }
    const LatencyRecord& latency_record() const { return latencies_; }
    const std::vector<StreamRecord>& streams() const { return of_streams_; } ///< empty: not asked for

private:
    struct ExpectedStep {
        StepPlace place;
        bool last;
    };
    void decode(const std::uint64_t* beats, std::int32_t* values) const;
    void take_in_order(const std::uint64_t* beats, Cycle cycle);
    void take_directions(const std::uint64_t* beats, Cycle cycle);
    void finish_sequence(Cycle last_cycle);
    const StepPlace& next_place();
    void skip_step();
    void put_place(const StepPlace& place);
    void record(std::uint32_t stream, Cycle arrival, Cycle cycle);

    const NetworkImage& image_;
    int activation_bits_;
    std::optional<Cycle> deadline_cycles_;
    const OutputSink& sink_;
    std::deque<ExpectedStep> steps_;
    std::deque<Cycle> arrivals_;
    std::deque<Cycle> vector_cycles_;
    OutputVector output_;
    std::vector<std::vector<std::int32_t>> held_; ///< vectors of the sequence under way, as they came
    std::vector<Cycle> held_cycles_;
    StepCounter counter_;
    std::uint64_t expected_vectors_ = 0;
    std::uint64_t taken_vectors_ = 0;
    std::uint64_t outputs_ = 0;
    LatencyRecord latencies_;
    std::vector<StreamRecord> of_streams_;
    VectorTimes* times_ = nullptr;
};

} // namespace bru
