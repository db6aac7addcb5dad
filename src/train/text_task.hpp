// A text, a character per step: what comes next? Split in order, first part training, then validation, then test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "train/task.hpp"

namespace bru::train {

struct Text {
    std::vector<std::int32_t> symbols;
    std::vector<std::string> vocabulary; ///< UTF-8, in the order of code points
    std::string name;                    ///< for messages
};

/// Throws InputError, with line and column, where a file is empty, no UTF-8, or has fewer than two kinds of characters.
Text read_text(const std::string& path);

/// The same for a text in memory; `name` stands in messages.
Text text_from(const std::string& bytes, const std::string& name);

/// The C headers of the Linux kernel that Debian's linux-libc-dev installs, in the order of their names, as one text.
std::string kernel_headers(const std::string& folder = "/usr/include/linux");

struct TextSplit {
    double training = 0.8;
    double validation = 0.1; ///< the rest is for the test
};

struct TextBatches {
    std::int64_t batch = 64;   ///< places in the text that are read side by side
    std::int64_t window = 100; ///< steps of a batch; gradients reach back to its start
    std::uint64_t seed = 1;
};

class TextTask : public Task {
public:
    /// Fewer places or a shorter window are taken where the text is short. Throws InputError where it is too short at
    /// all.
    TextTask(Text text, const TextSplit& split, const TextBatches& batches);

    NetworkShape shape() const override;
    Batch batch(std::int64_t step) override;
    Score score(const NetworkShape& shape, const Weights& weights, Split split) override;
    bool better(const Score& one, const Score& other) const override { return one.nats < other.nats; }
    std::string description() const override;
    std::string remark() const override { return remark_; }

    std::int64_t training_items() const override { return training_end_; }
    std::int64_t steps_per_epoch() const override { return windows_; }
    std::vector<std::string> vocabulary() const override { return text_.vocabulary; }
    TraceOptions test_trace(const std::string& folder, const std::string& stem) const override;

    /// Symbols [begin, end) of a part, as indices into the text.
    std::int64_t begin(Split split) const { return split == Split::validation ? training_end_ : validation_end_; }
    std::int64_t end(Split split) const { return split == Split::validation ? validation_end_ : size(); }
    std::int64_t size() const { return text_.symbols.size(); }
    /// Characters [from, to) as UTF-8.
    std::string characters(std::int64_t from, std::int64_t to) const;
    const TextBatches& batches() const { return batches_; }

private:
    Text text_;
    TextBatches batches_;
    std::string remark_;
    std::int64_t training_end_ = 0;
    std::int64_t validation_end_ = 0;
    std::int64_t windows_ = 0; ///< batches of an epoch
};

} // namespace bru::train
