// Deals the steps of a trace to the cores of a chip, and puts their outputs back into the order of the trace. Stream s
// belongs to core s mod N, where it has the number s / N; or, where the trace has one stream, its sequences go to the
// cores in turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "model/step_counter.hpp"
#include "platform/simulation.hpp"

namespace bru {

class StepDealer {
public:
    StepDealer(StepSource& steps, std::size_t cores, const SimulationOptions& options, const OutputSink& sink);
    StepDealer(const StepDealer&) = delete;
    StepDealer& operator=(const StepDealer&) = delete;

    /// The steps of a core, with its own numbers of streams. Steps of other cores that come first are kept.
    StepSource& steps_of(std::size_t core) { return hands_[core]; }
    /// True: the trace has a step for the core.
    bool has_steps(std::size_t core) { return fill(core); }
    /// The next output of a core, with its own numbers.
    void take_output(std::size_t core, OutputVector output);
    /// No further output comes: those that still wait for one of another core leave, too.
    void finish();

private:
    /// What lies before a core.
    class Hand : public StepSource {
    public:
        Hand(StepDealer& dealer, std::size_t core) : dealer_(dealer), core_(core) {}
        const Step* next() override;

        std::deque<Step> steps;
        std::vector<std::uint64_t> sequences; ///< number in the trace, by number of the core
        std::deque<OutputVector> outputs;     ///< that wait for earlier ones of other cores

    private:
        StepDealer& dealer_;
        std::size_t core_;
        Step step_;
    };

    bool fill(std::size_t core);
    void deal(const Step& step);
    void emit(Hand& hand);

    StepSource& steps_;
    const SimulationOptions& options_;
    const OutputSink& sink_;
    std::deque<Hand> hands_;
    StepCounter counter_;
    std::deque<std::size_t> order_; ///< the core of each output to come
};

} // namespace bru
