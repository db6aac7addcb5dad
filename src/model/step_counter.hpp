// Which sequence a step belongs to, and where in it: the same count in every execution and in every file.
#pragma once

#include <cstdint>
#include <vector>

#include "model/step.hpp"

namespace bru {

struct StepPlace {
    std::uint64_t sequence = 0; ///< counted from 0
    std::uint64_t step = 0;     ///< within the sequence
    std::uint32_t stream = 0;
};

/// Sequences are numbered in the order in which they begin, over all streams. The steps of a stream belong to its
/// sequence that began last.
class StepCounter {
public:
    /// Of the next step. A stream whose last sequence has ended, or that had none, begins one without the flag, too.
    StepPlace count(const Step& step) {
        if (step.stream >= streams_.size()) streams_.resize(std::size_t{step.stream} + 1);
        Stream& stream = streams_[step.stream];
        if (step.first || !stream.in_sequence)
            stream.place = {sequences_++, 0, step.stream};
        else
            ++stream.place.step;
        stream.in_sequence = !step.last;
        return stream.place;
    }

    std::uint64_t sequences() const { return sequences_; } ///< that have begun

private:
    struct Stream {
        StepPlace place; ///< of its step before
        bool in_sequence = false;
    };
    std::vector<Stream> streams_;
    std::uint64_t sequences_ = 0;
};

} // namespace bru
