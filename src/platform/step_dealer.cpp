#include "platform/step_dealer.hpp"

#include <utility>

#include "base/integers.hpp"

namespace bru {

StepDealer::StepDealer(StepSource& steps, std::size_t cores, const SimulationOptions& options, const OutputSink& sink)
    : steps_(steps), options_(options), sink_(sink) {
    for (std::size_t core = 0; core < cores; ++core) hands_.emplace_back(*this, core);
}

const Step* StepDealer::Hand::next() {
    if (!dealer_.fill(core_)) return nullptr;
    step_ = std::move(steps.front());
    steps.pop_front();
    return &step_;
}

/// False: no step for the core is left.
bool StepDealer::fill(std::size_t core) {
    while (hands_[core].steps.empty()) {
        const Step* const step = steps_.next();
        if (step == nullptr) return false;
        deal(*step);
    }
    return true;
}

void StepDealer::deal(const Step& step) {
    const std::size_t cores = hands_.size();
    const StepPlace place = counter_.count(step);
    std::size_t core = step.stream % cores;
    if (options_.deals_sequences) core = place.sequence % cores;
    Hand& hand = hands_[core];
    hand.steps.push_back(step);
    if (!options_.deals_sequences) hand.steps.back().stream = narrow<std::uint32_t>(step.stream / cores);
    if (place.step == 0) hand.sequences.push_back(place.sequence);
    if (sink_ && (options_.mode.steps == OutputSteps::every || step.last)) order_.push_back(core);
}

void StepDealer::take_output(std::size_t core, OutputVector output) {
    Hand& hand = hands_[core];
    output.sequence = hand.sequences[output.sequence];
    if (!options_.deals_sequences) output.stream = narrow<std::uint32_t>(output.stream * hands_.size() + core);
    hand.outputs.push_back(std::move(output));
    while (!order_.empty() && !hands_[order_.front()].outputs.empty()) {
        emit(hands_[order_.front()]);
        order_.pop_front();
    }
}

void StepDealer::finish() {
    for (Hand& hand : hands_)
        while (!hand.outputs.empty()) emit(hand);
}

void StepDealer::emit(Hand& hand) {
    sink_(hand.outputs.front());
    hand.outputs.pop_front();
}

} // namespace bru
