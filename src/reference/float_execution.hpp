// The float execution: the network with its real weights and exact sigmoid and tanh, as PyTorch computes it.
// Same sequence rules and outputs as Reference, so that both can walk over one trace side by side.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"

namespace bru {

/// One output step in real numbers: hidden, logits, or argmax (one index; ties to the lowest).
/// In the modes `last` and `final_state`, `step` is the last step of the sequence.
struct FloatOutputVector {
    std::uint64_t sequence = 0; ///< counted from 0 in the order in which sequences begin, over all streams
    std::uint64_t step = 0;     ///< within the sequence
    std::vector<double> values;
};

/// Of networks that bru quantized: the weights of the user's file, or the quantized ones as real numbers.
enum class FloatWeights { original, quantized };

/// True: bru quantized at least one of its matrices, so that both kinds of weights differ.
bool was_quantized(const Network& network);

/// Single precision. Inputs are taken as they are: nothing is rounded or saturated.
/// Memory is constant for forward-only networks, one sequence for others.
class FloatExecution {
public:
    using Sink = std::function<void(const FloatOutputVector&)>;

    /// The network need not outlive this. Throws InputError where the mode asks for a dense layer that is not there.
    FloatExecution(const Network& network, OutputMode mode, FloatWeights weights = FloatWeights::original);
    ~FloatExecution();
    FloatExecution(const FloatExecution&) = delete;
    FloatExecution& operator=(const FloatExecution&) = delete;

    /// Feeds one step; `sink` gets the outputs that become known with it.
    /// Throws InputError where the step does not have the network's input size.
    void step(const Step& step, const Sink& sink);

    /// Feeds every step of the source.
    void run(StepSource& steps, const Sink& sink);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace bru
