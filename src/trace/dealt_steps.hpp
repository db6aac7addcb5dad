// Data dealt to several streams whose steps interleave: what many microphones, sensors or sessions send at once.
#pragma once

#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

#include "base/temporary_file.hpp"
#include "model/network.hpp"
#include "model/step.hpp"
#include "trace/step_sources.hpp"

namespace bru {

/// When the first step of a stream arrives, of streams whose steps arrive periodically.
enum class Phase {
    staggered, ///< stream s of K at s / K of a period: the load is even
    random     ///< anywhere in a period, from the seed
};

/// Steps written once and read in any order. In a temporary file, so that memory does not grow with the data.
class StepFile {
public:
    explicit StepFile(const Network& network);

    void add(const Step& step);
    /// Input and label of the step with this number, counted from 0. flush() must come before the first call.
    void read(std::uint64_t number, Step& step);
    void flush() { file_.flush(); }
    std::uint64_t size() const { return steps_; }

private:
    bool one_hot_;
    std::size_t values_;
    TemporaryFile file_;
    std::string record_;
    std::uint64_t steps_ = 0;
};

/// Sequence k of the data goes to stream k mod K. A single sequence is cut into K contiguous parts of equal length (the
/// first ones have one step more where it does not divide), a sequence each. Back to back, the streams take turns step
/// by step; otherwise each stream has arrivals of its own, and steps come in the order of their arrival.
class DealtSteps : public StepSource {
public:
    /// Reads the whole source. Throws InputError where it has too few sequences, or too few steps to cut.
    DealtSteps(StepSource& source, const Network& network, std::uint32_t streams, const Arrival& arrival, Phase phase,
               std::uint64_t seed);
    const Step* next() override;

private:
    struct Stream {
        std::size_t sequence = 0; ///< under way, or the next one
        std::uint64_t step = 0;   ///< the next one, counted over all data
        ArrivalClock clock;
    };
    void cut_single_sequence();
    void schedule(std::uint32_t stream);

    StepFile steps_;
    std::vector<std::uint64_t> ends_; ///< of each sequence: the number of the step behind it
    std::vector<Stream> streams_;
    bool timed_;
    using Due = std::pair<double, std::uint32_t>; ///< time and stream
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    Step step_;
};

} // namespace bru
