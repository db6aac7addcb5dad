// Runs an ONNX model on this computer, in ONNX Runtime. The library is loaded when the first session is made, so that a
// program without such work neither waits for it nor needs it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host_runtime/tensor.hpp"

namespace bru {

/// Why no session can be made here, and what to do; "" where one can.
std::string why_no_host_runtime();

/// "ONNX Runtime 1.21.0"; "" where there is none.
std::string host_runtime_name();

class HostSession {
public:
    /// `model`: the bytes of an ONNX file. `label` names it in messages: "the front of model.onnx". `threads` 0: as
    /// many as the computer has. Throws InputError where ONNX Runtime is missing or refuses the model.
    HostSession(const std::string& model, std::string label, int threads = 1);
    ~HostSession();
    HostSession(HostSession&&) noexcept;
    HostSession& operator=(HostSession&&) noexcept;

    /// The outputs in the order of their names. Throws InputError where ONNX Runtime fails.
    std::vector<HostTensor> run(const std::vector<HostTensor>& inputs, const std::vector<std::string>& outputs);

    /// Computes all outputs and drops them, to be measured.
    void run_all(const std::vector<HostTensor>& inputs);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace bru
