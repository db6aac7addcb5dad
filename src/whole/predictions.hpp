// Predictions of a whole graph: its first output, held against the labels of the trace.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "reference/float_execution.hpp"
#include "reference/predictions.hpp"
#include "whole/back.hpp"

namespace bru {

/// Takes the steps of the trace and the outputs of calls, each in their order; outputs may lag behind. A call puts out
/// numbers per class, for each of its steps or for the last one of each sequence.
class WholeScorer {
public:
    /// The use must outlive this.
    explicit WholeScorer(const WholeUse& use) : use_(use) {}

    void expect(const Step& step);
    /// The first output of the next call, which has so many steps in the trace. Throws InputError where its numbers are
    /// not those of classes.
    void score(const HostTensor& output, std::uint64_t steps);
    PredictionScore result() const { return scorer_.result(); }

private:
    struct Place {
        std::uint64_t sequence = 0;
        std::uint64_t step = 0; ///< within the sequence
    };
    void score_row(std::vector<double> row, Place place);

    const WholeUse& use_;
    PredictionScorer scorer_{{OutputKind::logits, OutputSteps::every}};
    std::deque<Place> places_; ///< of the steps whose call is still to come
    std::optional<Place> last_;
};

/// The same of the float network over the first steps of the trace: the region in float, then the back.
PredictionScore whole_float_predictions(const WholeUse& use, const Network& network, const std::string& trace,
                                        std::uint64_t most_steps, const std::string& fingerprint, FloatWeights weights);

} // namespace bru
