// The `reference` execution: number formats and network semantics in plain C++, one step after the other,
// written from docs/architecture.md and from nothing else. Golden files come from here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "model/quantized_network.hpp"
#include "model/step.hpp"

namespace bru {

/// One output step: hidden (activations), logits (16 fraction bits) or argmax (one index).
/// Hidden of a bidirectional layer: forward values, then reverse values. In the modes `last` and
/// `final_state`, `step` is the last step of the sequence.
struct OutputVector {
    std::uint64_t sequence = 0; ///< counted from 0 in the order in which sequences begin, over all streams
    std::uint64_t step = 0;     ///< within the sequence
    std::vector<std::int32_t> values;
    std::uint32_t stream = 0;
};

/// How many values there were, and how many of them were clamped to the limits of their format: sums, cells and logits
/// that are at a limit count.
struct Saturation {
    std::uint64_t values = 0;
    std::uint64_t saturated = 0;
};

/// Every quantity whose clamp can change it by more than one unit in the last place. (A gate, a table entry and h are
/// below 1 in magnitude, and their formats end one unit below 1.)
struct Saturations {
    Saturation inputs; ///< values, not steps; one-hot inputs are none
    Saturation sums;   ///< z: outside -8 to 8
    Saturation cells;  ///< c: at the limit, -16 or 16
    Saturation logits; ///< outside -32,768 to 32,768
};

/// Runs the quantized network over steps and hands out every output in the order of the steps. Each stream has a state
/// of its own; a network that needs whole sequences takes steps of stream 0 alone.
/// Memory is constant for forward-only networks, one sequence for others.
class Reference {
public:
    using Sink = std::function<void(const OutputVector&)>;

    /// The network must outlive this. Throws InputError where the mode asks for a dense layer that is not there.
    Reference(const QuantizedNetwork& network, OutputMode mode);
    ~Reference();
    Reference(const Reference&) = delete;
    Reference& operator=(const Reference&) = delete;

    /// Feeds one step; `sink` gets the outputs that become known with it.
    /// Throws InputError where the step does not have the network's input size.
    void step(const Step& step, const Sink& sink);

    /// Feeds every step of the source.
    void run(StepSource& steps, const Sink& sink);

    Saturations saturations() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace bru
