// The network's LSTM layers in LibTorch, as a CPU user would run them: float weights, inference mode, one
// thread, batch 1, a whole sequence a call.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"

namespace bru::bench {

class TorchLstm {
public:
    /// The steps of one sequence, made into a tensor here, so that only inference is measured.
    TorchLstm(const Network& network, const std::vector<Step>& steps);
    ~TorchLstm();
    TorchLstm(const TorchLstm&) = delete;
    TorchLstm& operator=(const TorchLstm&) = delete;

    /// Runs all layers over the sequence.
    void run();
    /// The last layer's outputs of run(), step after step.
    std::vector<float> outputs() const;

    static std::string version(); ///< of LibTorch, and whether its BLAS is OpenBLAS

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace bru::bench
