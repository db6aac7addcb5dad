// What stands between data and a trace: choice and labels of samples, a limit, arrival times, and text that a
// character model writes itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "model/quantized_network.hpp"
#include "model/step.hpp"
#include "reference/reference.hpp"
#include "trace/data_set.hpp"

namespace bru {

/// When steps arrive: all at once, one each `interval_us`, or at random with that mean distance.
struct Arrival {
    enum class Kind { back_to_back, periodic, poisson };
    Kind kind = Kind::back_to_back;
    double interval_us = 0;
};

/// "back-to-back", "periodic:US" or "poisson:US". Throws InputError.
Arrival parse_arrival(const std::string& text);

/// Uniform in (0, 1]: 53 bits, the same on every platform (std::uniform_real_distribution is not).
double uniform(std::mt19937_64& random);

/// The arrival times of one stream, in whole nanoseconds. Back to back, which has no times: the number of the step.
class ArrivalClock {
public:
    /// `start_us`: when the first of periodic steps arrives. `seed`: of Poisson arrivals.
    ArrivalClock(const Arrival& arrival, double start_us, std::uint64_t seed)
        : arrival_(arrival), start_us_(start_us), random_(seed) {}
    double next();

private:
    Arrival arrival_;
    double start_us_;
    std::mt19937_64 random_;
    std::uint64_t count_ = 0;
    double time_us_ = 0;
};

/// Some sequences of a data set, in the given order, with labels of one's own: one per sequence of the data set (on its
/// last step) or one per step of the data set.
class PickedSteps : public StepSource {
public:
    /// Empty paths: all sequences, the data's own labels. Throws InputError where the files do not fit the data.
    PickedSteps(DataSet& data, const std::string& indices_path, const std::string& labels_path);
    const Step* next() override;

private:
    void load_labels(const std::string& path);
    bool start_sequence();

    DataSet* data_;
    std::vector<std::uint32_t> indices_;
    bool all_ = true;
    std::vector<std::uint32_t> labels_;
    bool label_steps_ = false;          ///< labels_ has one per step
    std::vector<std::uint64_t> starts_; ///< label_steps_ with indices: first step of each sequence
    std::uint64_t picked_ = 0;          ///< sequences started
    std::uint64_t sequence_ = 0;        ///< of the data set
    std::uint64_t data_step_ = 0;       ///< of the data set, where labels are one per step
    bool in_sequence_ = false;
    Step step_;
};

/// The first `limit` steps; the last of them ends its sequence.
class LimitedSteps : public StepSource {
public:
    LimitedSteps(StepSource& source, std::uint64_t limit) : source_(&source), left_(limit) {}
    const Step* next() override;
    /// True where the source had more steps than were let through; known after the end.
    bool was_cut() const { return was_cut_; }

private:
    StepSource* source_;
    std::uint64_t left_;
    Step step_;
    bool was_cut_ = false;
};

/// Shows each step to a function, which may be empty, before it hands the step out.
class ObservedSteps : public StepSource {
public:
    ObservedSteps(StepSource& source, std::function<void(const Step&)> seen)
        : source_(&source), seen_(std::move(seen)) {}
    const Step* next() override;

private:
    StepSource* source_;
    std::function<void(const Step&)> seen_;
};

/// Gives the steps of one stream their arrival times.
class TimedSteps : public StepSource {
public:
    TimedSteps(StepSource& source, const Arrival& arrival, std::uint64_t seed)
        : source_(&source), timed_(arrival.kind != Arrival::Kind::back_to_back), clock_(arrival, 0, seed) {}
    const Step* next() override;

private:
    StepSource* source_;
    bool timed_;
    ArrivalClock clock_;
    Step step_;
};

/// A character model's own text: each symbol drawn from the softmax (temperature 1.0) of the fixed-point logits after
/// the one before; one sequence. The first symbol is a line end, or symbol 0 where the vocabulary has none.
class SampledSteps : public StepSource {
public:
    /// Throws InputError where the network cannot be sampled: vectors in, other classes than inputs, reverse layers.
    SampledSteps(const QuantizedNetwork& network, std::uint64_t steps, std::uint64_t seed);
    const Step* next() override;

private:
    std::uint32_t draw(const std::vector<std::int32_t>& logits);

    Reference reference_;
    std::uint64_t left_;
    std::mt19937_64 random_;
    std::uint32_t next_symbol_ = 0;
    Step step_;     ///< as the reference gets it
    Step reported_; ///< as it is handed out
};

} // namespace bru
