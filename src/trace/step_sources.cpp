#include "trace/step_sources.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/line_reader.hpp"
#include "base/numbers.hpp"

namespace bru {
namespace {

constexpr double kMostIntervalUs = 1e9;
constexpr double kNanosecondsPerUs = 1000;

/// "0,1" and "0-9" are numbers, where a file of them is taken.
void check_is_file(const std::string& path) {
    std::error_code ignored;
    if (path.find_first_not_of("0123456789,.-: ") == std::string::npos && !std::filesystem::exists(path, ignored))
        throw InputError(fmt::format("--indices {}: there is no such file; the option takes a file with one number on "
                                     "each line: write the numbers into one",
                                     path));
}

} // namespace

double uniform(std::mt19937_64& random) { return (real(random() >> 11) + 1) * 0x1p-53; }

Arrival parse_arrival(const std::string& text) {
    if (text == "back-to-back") return {};
    const std::size_t colon = text.find(':');
    const std::string kind = text.substr(0, colon);
    const double interval_us =
        colon == std::string::npos ? 0 : parse_real(std::string_view(text).substr(colon + 1)).value_or(0);
    if ((kind != "periodic" && kind != "poisson") || !(interval_us > 0) || interval_us > kMostIntervalUs)
        throw InputError(
            fmt::format("--arrival {}: allowed is back-to-back, periodic:US or poisson:US with US a number of "
                        "microseconds above 0, for example periodic:20",
                        bru::quoted(text)));
    return {kind == "periodic" ? Arrival::Kind::periodic : Arrival::Kind::poisson, interval_us};
}

namespace {

std::string sequences_text(std::uint64_t count) { return fmt::format("{} sequence{}", count, count == 1 ? "" : "s"); }

} // namespace

PickedSteps::PickedSteps(DataSet& data, const std::string& indices_path, const std::string& labels_path)
    : data_(&data) {
    if (!indices_path.empty()) {
        all_ = false;
        check_is_file(indices_path);
        indices_ = read_integers(indices_path, "index");
        for (std::size_t i = 0; i < indices_.size(); ++i)
            if (indices_[i] >= data.sequence_count())
                throw InputError(
                    {indices_path},
                    fmt::format("index {} (number {} of the file) is outside the data's {}, which count from 0 "
                                "to {}; remove it",
                                indices_[i], i + 1, sequences_text(data.sequence_count()), data.sequence_count() - 1));
    }
    if (!labels_path.empty()) load_labels(labels_path);
}

void PickedSteps::load_labels(const std::string& path) {
    labels_ = read_integers(path, "label");
    const std::uint64_t sequences = data_->sequence_count();
    const std::uint64_t steps = data_->step_count();
    if (labels_.size() != sequences && labels_.size() != steps)
        throw InputError({path}, fmt::format("has {} {}; the data has {} and {} steps: give {} or {} labels",
                                             labels_.size(), labels_.size() == 1 ? "label" : "labels",
                                             sequences_text(sequences), steps, sequences, steps));
    label_steps_ = labels_.size() != sequences;
    data_->seek(0);
    if (!label_steps_ || all_) return;
    std::uint64_t count = 0;
    for (const Step* step = data_->next(); step; step = data_->next(), ++count)
        if (step->first) starts_.push_back(count);
    data_->seek(0);
}

/// Moves to the next sequence that was picked; false after the last.
bool PickedSteps::start_sequence() {
    if (all_) {
        sequence_ = picked_++;
        return true; // the data set's end is the end
    }
    if (picked_ == indices_.size()) return false;
    sequence_ = indices_[picked_++];
    data_->seek(sequence_);
    if (!starts_.empty()) data_step_ = starts_[sequence_];
    return true;
}

const Step* PickedSteps::next() {
    if (!in_sequence_ && !start_sequence()) return nullptr;
    const Step* step = data_->next();
    if (!step) return nullptr;
    in_sequence_ = !step->last;
    if (labels_.empty()) return step;
    step_ = *step;
    step_.label = kNoLabel;
    if (label_steps_)
        step_.label = labels_[data_step_++];
    else if (step->last)
        step_.label = labels_[sequence_];
    return &step_;
}

const Step* LimitedSteps::next() {
    if (left_ == 0) {
        was_cut_ = was_cut_ || source_->next() != nullptr;
        return nullptr;
    }
    const Step* const step = source_->next();
    if (!step || --left_ > 0) return step;
    step_ = *step;
    if (!step_.last) was_cut_ = true;
    step_.last = true;
    return &step_;
}

const Step* ObservedSteps::next() {
    const Step* const step = source_->next();
    if (step != nullptr && seen_) seen_(*step);
    return step;
}

double ArrivalClock::next() {
    const double count = real(count_++);
    if (arrival_.kind == Arrival::Kind::back_to_back) return count;
    if (arrival_.kind == Arrival::Kind::periodic)
        time_us_ = start_us_ + count * arrival_.interval_us;
    else
        time_us_ -= std::log(uniform(random_)) * arrival_.interval_us;
    return std::round(time_us_ * kNanosecondsPerUs) / kNanosecondsPerUs;
}

const Step* TimedSteps::next() {
    const Step* step = source_->next();
    if (!step || !timed_) return step;
    step_ = *step;
    step_.arrival_us = clock_.next();
    return &step_;
}

SampledSteps::SampledSteps(const QuantizedNetwork& network, std::uint64_t steps, std::uint64_t seed)
    : reference_(network, {network.dense ? OutputKind::logits : OutputKind::hidden, OutputSteps::every}), left_(steps),
      random_(seed) {
    const Network& model = *network.network;
    const auto fail = [&](const char* why) {
        throw InputError(fmt::format(
            "{}: {}; --sample needs a model that predicts its own next input: one-hot inputs, a dense layer with one "
            "output an input, forward layers only",
            model.name, why));
    };
    if (model.input_encoding != InputEncoding::one_hot) fail("its inputs are vectors");
    if (!model.dense) fail("it has no dense layer");
    if (model.dense->weights.rows != model.input_size()) fail("it has not as many outputs as inputs");
    if (model.needs_whole_sequence()) fail("it has reverse layers");
    const auto line_end = std::find(model.vocabulary.begin(), model.vocabulary.end(), "\n");
    const auto place = line_end == model.vocabulary.end() ? 0 : line_end - model.vocabulary.begin();
    next_symbol_ = place < model.input_size() ? narrow<std::uint32_t>(place) : 0;
    step_.first = true;
}

const Step* SampledSteps::next() {
    if (left_ == 0) return nullptr;
    step_.symbol = next_symbol_;
    reference_.step(step_, [&](const OutputVector& output) { next_symbol_ = draw(output.values); });
    step_.label = next_symbol_;
    reported_ = step_;
    step_.first = false;
    reported_.last = --left_ == 0;
    return &reported_;
}

/// Inverse of the cumulative distribution in integers: weights of 40 fraction bits, so that the last bit of
/// exp, in which C libraries differ, hardly ever decides.
std::uint32_t SampledSteps::draw(const std::vector<std::int32_t>& logits) {
    const std::int32_t largest = *std::max_element(logits.begin(), logits.end());
    std::vector<std::uint64_t> sums;
    std::uint64_t sum = 0;
    for (const std::int32_t logit : logits) {
        const double difference = real(std::int64_t{logit} - largest) / (1 << kLogitFractionBits);
        sum += static_cast<std::uint64_t>(std::ldexp(std::exp(difference), 40));
        sums.push_back(sum);
    }
    const auto product = static_cast<std::uint64_t>((uniform(random_) - 0x1p-53) * static_cast<double>(sum));
    const std::uint64_t target = std::min(product, sum - 1); // the product can round up to the sum
    return narrow<std::uint32_t>(std::upper_bound(sums.begin(), sums.end(), target) - sums.begin());
}

} // namespace bru
