#include "trace/dealt_steps.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/integers.hpp"

namespace bru {

StepFile::StepFile(const Network& network)
    : one_hot_(network.input_encoding == InputEncoding::one_hot), values_(narrow<std::size_t>(network.input_size())) {
    record_.resize(sizeof(Step::label) + (one_hot_ ? sizeof(Step::symbol) : values_ * sizeof(double)));
}

void StepFile::add(const Step& step) {
    char* const input = record_.data() + sizeof step.label;
    std::memcpy(record_.data(), &step.label, sizeof step.label);
    if (one_hot_)
        std::memcpy(input, &step.symbol, sizeof step.symbol);
    else
        std::memcpy(input, step.values.data(), values_ * sizeof(double));
    file_.write(record_);
    ++steps_;
}

void StepFile::read(std::uint64_t number, Step& step) {
    ssize_t got = 0;
    do {
        got = ::pread(file_.descriptor(), record_.data(), record_.size(), narrow<off_t>(number * record_.size()));
    } while (got < 0 && errno == EINTR);
    if (got != narrow<ssize_t>(record_.size()))
        throw InputError("a temporary file cannot be read back; set TMPDIR to a folder on another disk");
    const char* const input = record_.data() + sizeof step.label;
    std::memcpy(&step.label, record_.data(), sizeof step.label);
    if (one_hot_) {
        std::memcpy(&step.symbol, input, sizeof step.symbol);
    } else {
        step.values.resize(values_);
        std::memcpy(step.values.data(), input, values_ * sizeof(double));
    }
}

namespace {

double phase_us(const Arrival& arrival, Phase phase, std::uint32_t stream, std::uint32_t streams,
                std::mt19937_64& random) {
    if (phase == Phase::random) return uniform(random) * arrival.interval_us;
    return arrival.interval_us * stream / streams;
}

} // namespace

DealtSteps::DealtSteps(StepSource& source, const Network& network, std::uint32_t streams, const Arrival& arrival,
                       Phase phase, std::uint64_t seed)
    : steps_(network), timed_(arrival.kind != Arrival::Kind::back_to_back) {
    while (const Step* const step = source.next()) {
        steps_.add(*step);
        if (step->last) ends_.push_back(steps_.size());
    }
    steps_.flush();
    std::mt19937_64 random(seed);
    for (std::uint32_t stream = 0; stream < streams; ++stream) {
        const double start_us = phase_us(arrival, phase, stream, streams, random);
        streams_.push_back({stream, 0, ArrivalClock(arrival, start_us, random())});
    }
    if (ends_.size() == 1) cut_single_sequence();
    if (ends_.size() < streams && !ends_.empty())
        throw InputError(fmt::format("the data have {} sequences, and each of {} streams needs at least one; give more "
                                     "data, or --streams {} at most",
                                     ends_.size(), streams, ends_.size()));
    for (std::uint32_t stream = 0; stream < streams && !ends_.empty(); ++stream) {
        streams_[stream].step = stream == 0 ? 0 : ends_[stream - 1];
        schedule(stream);
    }
}

void DealtSteps::cut_single_sequence() {
    const std::uint64_t parts = streams_.size();
    if (steps_.size() < parts)
        throw InputError(fmt::format("the data have one sequence of {} steps, which cannot be cut into {} parts, one "
                                     "per stream; give more data, or --streams {} at most",
                                     steps_.size(), parts, steps_.size()));
    ends_.clear();
    std::uint64_t end = 0;
    for (std::uint64_t part = 0; part < parts; ++part) {
        end += steps_.size() / parts + (part < steps_.size() % parts ? 1 : 0);
        ends_.push_back(end);
    }
}

/// The stream's next step becomes due. Back to back its time is its number within the stream: the streams take turns.
void DealtSteps::schedule(std::uint32_t stream) { due_.emplace(streams_[stream].clock.next(), stream); }

const Step* DealtSteps::next() {
    if (due_.empty()) return nullptr;
    const auto [time, number] = due_.top();
    due_.pop();
    Stream& stream = streams_[number];
    const std::uint64_t begin = stream.sequence == 0 ? 0 : ends_[stream.sequence - 1];
    steps_.read(stream.step, step_);
    step_.stream = number;
    step_.arrival_us = timed_ ? time : 0;
    step_.first = stream.step == begin;
    step_.last = ++stream.step == ends_[stream.sequence];
    if (step_.last) {
        stream.sequence += streams_.size();
        if (stream.sequence >= ends_.size()) return &step_;
        stream.step = ends_[stream.sequence - 1];
    }
    schedule(number);
    return &step_;
}

} // namespace bru
