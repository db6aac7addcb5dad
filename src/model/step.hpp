// One step of a sequence as it enters the machine, and where steps come from.
#pragma once

#include <cstdint>
#include <vector>

namespace bru {

inline constexpr std::int32_t kNoLabel = -1;
inline constexpr std::uint32_t kMostStreams = 256; ///< of independent sequences that run side by side

/// A step in real numbers, before quantization.
struct Step {
    double arrival_us = 0;         ///< since the start of the stream; 0 for back-to-back traces
    bool first = false;            ///< first of its sequence: states are the initial ones
    bool last = false;             ///< last of its sequence
    std::uint32_t symbol = 0;      ///< one-hot networks: the index of the 1
    std::vector<double> values;    ///< vector networks: input_size numbers
    std::int32_t label = kNoLabel; ///< class or next symbol, where the data has one
    std::uint32_t stream = 0;      ///< whose sequence it belongs to; each stream has states of its own
};

/// A stream of steps in constant memory.
class StepSource {
public:
    virtual ~StepSource() = default;
    /// The next step, or nullptr at the end; valid until the next call. Throws InputError on bad data.
    virtual const Step* next() = 0;
};

/// Steps that are held in memory; the list must outlive this.
class StepList : public StepSource {
public:
    explicit StepList(const std::vector<Step>& steps) : steps_(steps) {}
    const Step* next() override { return position_ < steps_.size() ? &steps_[position_++] : nullptr; }

private:
    const std::vector<Step>& steps_;
    std::size_t position_ = 0;
};

} // namespace bru
