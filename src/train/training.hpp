// One training, step by step: of the full-precision network or of the binarized one. Nothing here reads a clock for
// results or draws a number that a checkpoint does not hold, so a training that was stopped and resumed is the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "train/checkpoint.hpp"
#include "train/settings.hpp"
#include "train/task.hpp"

namespace bru::train {

struct CurveRow {
    std::int64_t step = 0;
    double rate = 0;
    double training_nats = 0; ///< mean over the steps since the row before
    Score validation;
    double seconds = 0; ///< of training until then, over all its sessions
};

class Training {
public:
    /// The settings must be resolved. `task` must outlive this.
    Training(const Settings& settings, bool binary, Task& task);

    /// Steps or time are used up, and the last weights are validated.
    bool finished() const { return progress() >= 1 && !curve_.empty() && curve_.back().step == steps_; }
    /// Share of steps or of the time, 0..1.
    double progress() const;

    /// One step, and a validation where one is due; where steps or time are used up, only that. `seconds`: what this
    /// session has trained so far. Throws InputError where the loss is no number any more.
    void step(double seconds);

    std::int64_t steps_done() const { return steps_; }
    double seconds_done() const { return seconds_; }
    double seconds_left() const;
    double training_nats() const { return recent_nats_; }
    bool binary() const { return binary_; }
    const std::vector<CurveRow>& curve() const { return curve_; }
    const Score& best_score() const { return best_score_; }
    const TrainedNetwork& network() const { return network_; }

    /// The weights that acted at the best validation so far.
    const Weights& best_weights() const { return best_; }

    Checkpoint checkpoint() const;
    /// Throws InputError where the checkpoint does not fit the settings.
    void restore(const Checkpoint& checkpoint);

private:
    void validate();
    bool validation_is_due() const;

    Settings settings_;
    bool binary_;
    Task& task_;
    TrainedNetwork network_;
    Adam adam_;
    std::vector<LstmState> states_;
    std::int64_t steps_ = 0;
    double seconds_before_ = 0; ///< of earlier sessions
    double seconds_ = 0;
    double nats_sum_ = 0;
    std::int64_t nats_count_ = 0;
    double recent_nats_ = 0;
    double validation_seconds_ = 0; ///< what the last validation took
    std::vector<CurveRow> curve_;
    Weights best_;
    Score best_score_;
};

} // namespace bru::train
