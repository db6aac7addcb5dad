// What a network is trained on: batches in an order that a seed decides, and the score on held-out data.
#pragma once

#include <cstdint>
#include <string>

#include <ATen/ATen.h>

#include "trace/trace_command.hpp"
#include "train/network.hpp"

namespace bru::train {

enum class Split { validation, test };

/// What one training step sees.
struct Batch {
    at::Tensor inputs;      ///< [steps, batch] 32-bit symbols, or [steps, batch, inputs] floats
    at::Tensor labels;      ///< 32-bit, one per row of logits
    bool continues = false; ///< the states of the batch before go on
};

struct Score {
    double nats = 0;     ///< mean cross-entropy of the label
    double accuracy = 0; ///< share of labels with the largest logit, 0..1
    std::int64_t count = 0;
};

class Task {
public:
    virtual ~Task() = default;
    virtual NetworkShape shape() const = 0; ///< inputs, outputs, one_hot and every_step are set
    /// The batch of training step 0, 1, ...: the same for the same number, whatever came before.
    virtual Batch batch(std::int64_t step) = 0;
    virtual Score score(const NetworkShape& shape, const Weights& weights, Split split) = 0;
    /// True where one score beats another: texts by nats, labels by accuracy, then nats.
    virtual bool better(const Score& one, const Score& other) const = 0;
    /// A line about the data, for logs and model cards; the same data gives the same line.
    virtual std::string description() const = 0;
    /// What the user asked for and does not get; "" where all is as it was asked for.
    virtual std::string remark() const { return ""; }
    virtual std::int64_t training_items() const = 0; ///< characters or sequences to learn from
    virtual std::int64_t steps_per_epoch() const = 0;

    /// Metadata of the model: names of one-hot inputs or of classes (may be empty); the inputs' power of two.
    virtual std::vector<std::string> vocabulary() const = 0;
    virtual int input_exponent() const { return 0; }
    /// Where a trace of the test data comes from; files that this takes are written into `folder`, their names starting
    /// with `stem`.
    virtual TraceOptions test_trace(const std::string& folder, const std::string& stem) const = 0;
};

/// A number from 0 to below `limit` that depends on the seed and the counters alone.
std::uint64_t drawn(std::uint64_t seed, std::uint64_t counter, std::uint64_t limit);

} // namespace bru::train
