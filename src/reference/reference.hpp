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
    std::uint64_t sequence = 0; ///< counted from 0
    std::uint64_t step = 0;     ///< within the sequence
    std::vector<std::int32_t> values;
};

/// Runs the quantized network over steps and hands out every output in sequence and step order.
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

    /// Input values (not steps) that lay outside the activation format.
    std::uint64_t saturated_inputs() const;

    /// Values of c after a step, and how many of them stood at the limit of their format.
    std::uint64_t cell_values() const;
    std::uint64_t saturated_cells() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace bru
