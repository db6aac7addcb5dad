// What the network says, held against the labels of a trace: cross-entropy of the next symbol and accuracy.
// The same scorer takes outputs in fixed point and in floating point, so that their figures compare.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"
#include "model/step_counter.hpp"
#include "reference/float_execution.hpp"
#include "reference/reference.hpp"

namespace bru {

struct PredictionScore {
    std::uint64_t scored = 0;               ///< outputs of steps with a label
    std::uint64_t correct = 0;              ///< of these, the largest logit was the label's (ties: lowest index); of a
                                            ///< network with one output: the logit was >= 0 and the label 1, or neither
    bool labels_every_step = false;         ///< labels inside of sequences (a text), not only on last steps
    std::optional<double> nats;             ///< mean cross-entropy of the label; absent for argmax or nothing scored
    std::optional<double> bits() const;     ///< bits per character of a text
    std::optional<double> accuracy() const; ///< share of correct, 0..1
};

/// Steps go in in their order (expect), outputs in theirs (score); outputs may lag behind. Memory: one entry for
/// each labelled step whose output is still to come.
class PredictionScorer {
public:
    /// Throws InputError for hidden outputs, which predict nothing by themselves.
    explicit PredictionScorer(OutputMode mode);

    void expect(const Step& step);
    void score(const OutputVector& output); ///< logits with 16 fraction bits, or an index
    void score(const FloatOutputVector& output);

    PredictionScore result() const;

private:
    struct Expected {
        std::uint64_t sequence;
        std::uint64_t step;
        std::int32_t label;
    };
    std::optional<std::int32_t> take_label(std::uint64_t sequence, std::uint64_t step);
    void score_logits(std::int32_t label, const std::vector<double>& logits);
    void score_binary(std::int32_t label, double logit);
    void score_index(std::int32_t label, double index);

    OutputMode mode_;
    std::deque<Expected> expected_;
    StepCounter counter_;
    PredictionScore score_;
    double nats_sum_ = 0;
    std::vector<double> logits_;
};

/// A source that shows every step to a scorer as it passes.
class LabelTap : public StepSource {
public:
    LabelTap(StepSource& source, PredictionScorer& scorer) : source_(&source), scorer_(&scorer) {}
    const Step* next() override {
        const Step* step = source_->next();
        if (step) scorer_->expect(*step);
        return step;
    }

private:
    StepSource* source_;
    PredictionScorer* scorer_;
};

} // namespace bru
