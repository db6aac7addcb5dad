// A network in LibTorch, as a CPU or GPU user would run it: float weights, inference mode, a whole sequence per call,
// or a batch of equal sequences.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"

namespace bru {

enum class TorchDevice { cpu, cuda };

/// Threads of LibTorch and of its BLAS, from now on. One where nothing is said.
void set_torch_threads(int threads);

/// A CUDA device is there and this LibTorch can use it.
bool torch_has_cuda();

class TorchLstm {
public:
    /// The steps become tensors here, a sequence each, so that only inference is measured. The dense layer is run for
    /// logits and argmax: over every step, or over the last one of a sequence. `batch`: how many copies of each
    /// sequence a call runs side by side.
    TorchLstm(const Network& network, OutputMode mode, const std::vector<Step>& steps,
              TorchDevice device = TorchDevice::cpu, int batch = 1);
    ~TorchLstm();
    TorchLstm(const TorchLstm&) = delete;
    TorchLstm& operator=(const TorchLstm&) = delete;

    /// Runs all layers over the sequences; a GPU is done when it returns.
    void run();
    /// What the network put out in run(), step after step; of a step, that of each sequence of the batch.
    std::vector<float> outputs() const;

    static std::string version(); ///< of LibTorch, and whether its BLAS is OpenBLAS

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Throws std::runtime_error where its outputs over the steps are not those of the float execution.
void check_torch_lstm(const Network& network, OutputMode mode, const std::vector<Step>& steps,
                      TorchDevice device = TorchDevice::cpu, int batch = 1);

} // namespace bru
