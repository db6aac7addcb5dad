#include "train/sequence_task.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/output_file.hpp"
#include "model/network.hpp"

namespace bru::train {
namespace {

constexpr std::uint64_t kSplitSeed = 2018;
constexpr std::size_t kLeastSequences = 10;
constexpr std::size_t kScoreBatch = 500;

using Indices = std::vector<std::int64_t>;

void shuffle(Indices& values, std::uint64_t seed, std::uint64_t counter) {
    for (std::size_t k = values.size(); k > 1; --k)
        std::swap(values[k - 1], values[drawn(seed, counter * 0x100000000ULL + k, k)]);
}

/// Sequences of one length stand in one list.
std::map<std::int64_t, Indices> by_length(const Indices& members, const std::vector<at::Tensor>& sequences) {
    std::map<std::int64_t, Indices> groups;
    for (const std::int64_t member : members) groups[sequences[member].size(0)].push_back(member);
    return groups;
}

std::vector<Indices> cut(const std::map<std::int64_t, Indices>& groups, std::size_t size) {
    std::vector<Indices> batches;
    for (const auto& [length, members] : groups) {
        for (std::size_t at = 0; at < members.size(); at += size)
            batches.emplace_back(members.begin() + at, members.begin() + std::min(members.size(), at + size));
    }
    return batches;
}

void write_lines(const std::string& path, const std::string& text) {
    OutputFile file(path);
    file.write(text);
    file.commit();
}

} // namespace

SequenceTask::SequenceTask(LabelledSequences data, const SequenceOptions& options)
    : data_(std::move(data)), options_(options) {
    const std::size_t count = data_.sequences.size();
    if (count < kLeastSequences)
        throw InputError(
            fmt::format("{}: has {} sequences; at least {} are needed: give more", data_.name, count, kLeastSequences));
    if (data_.classes < 2)
        throw InputError(
            fmt::format("{}: has one class only; there is nothing to tell apart: at least two are needed", data_.name));
    Indices order(count);
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, kSplitSeed, 0);
    const std::ptrdiff_t training = count * 8 / 10;
    const std::ptrdiff_t validation = count * 9 / 10;
    training_.assign(order.begin(), order.begin() + training);
    validation_.assign(order.begin() + training, order.begin() + validation);
    test_.assign(order.begin() + validation, order.end());
    std::sort(test_.begin(), test_.end());
    if (std::abs(input_exponent()) > kMaxInputExponent)
        throw InputError(
            fmt::format("{}: the largest value to train on is about 2^{}; scale the values so that it lies "
                        "between 2^-{} and 2^{}",
                        data_.name, input_exponent(), kMaxInputExponent, kMaxInputExponent));
    steps_per_epoch_ = cut(by_length(training_, data_.sequences), options_.batch).size();
}

NetworkShape SequenceTask::shape() const {
    NetworkShape shape;
    shape.inputs = narrow<int>(data_.sequences.front().size(1));
    shape.outputs = data_.classes;
    return shape;
}

void SequenceTask::order_epoch(std::int64_t epoch) {
    if (epoch == epoch_) return;
    epoch_ = epoch;
    std::map<std::int64_t, Indices> groups = by_length(training_, data_.sequences);
    for (auto& [length, members] : groups) shuffle(members, options_.seed, epoch);
    batches_ = cut(groups, options_.batch);
    for (std::size_t k = batches_.size(); k > 1; --k)
        std::swap(batches_[k - 1], batches_[drawn(options_.seed ^ 0x5eedULL, epoch * 0x100000000ULL + k, k)]);
}

at::Tensor SequenceTask::stacked(const Indices& members) const {
    std::vector<at::Tensor> sequences;
    for (const std::int64_t member : members) sequences.push_back(data_.sequences[member]);
    return at::stack(sequences, 1).contiguous();
}

void SequenceTask::move(at::Tensor& inputs, std::int64_t step) const {
    const std::uint64_t span = 2 * options_.shift + 1;
    const std::int64_t steps = inputs.size(0);
    const std::int64_t features = inputs.size(2);
    const at::Tensor source = inputs.clone();
    inputs.zero_();
    for (std::int64_t k = 0; k < inputs.size(1); ++k) {
        const std::uint64_t chance = drawn(options_.seed ^ 0x5417ULL, step * 65536 + k, span * span);
        const std::int64_t down = static_cast<std::int64_t>(chance % span) - options_.shift;
        const std::int64_t right = static_cast<std::int64_t>(chance / span) - options_.shift;
        const std::int64_t rows = steps - std::abs(down);
        const std::int64_t columns = features - std::abs(right);
        if (rows <= 0 || columns <= 0) continue;
        inputs.select(1, k)
            .narrow(0, std::max<std::int64_t>(0, down), rows)
            .narrow(1, std::max<std::int64_t>(0, right), columns)
            .copy_(source.select(1, k)
                       .narrow(0, std::max<std::int64_t>(0, -down), rows)
                       .narrow(1, std::max<std::int64_t>(0, -right), columns));
    }
}

Batch SequenceTask::batch(std::int64_t step) {
    order_epoch(step / steps_per_epoch_);
    const Indices& members = batches_[step % steps_per_epoch_];
    Batch batch;
    batch.inputs = stacked(members);
    if (options_.shift > 0) move(batch.inputs, step);
    batch.labels = at::empty({signed_size(members)}, at::kInt);
    for (std::size_t k = 0; k < members.size(); ++k)
        batch.labels.data_ptr<std::int32_t>()[k] = data_.labels[members[k]];
    return batch;
}

Score SequenceTask::score(const NetworkShape& shape, const Weights& weights, Split split) {
    const c10::NoGradGuard no_gradients;
    Score score;
    for (const Indices& members :
         cut(by_length(split == Split::validation ? validation_ : test_, data_.sequences), kScoreBatch)) {
        at::Tensor labels = at::empty({signed_size(members)}, at::kInt);
        for (std::size_t k = 0; k < members.size(); ++k) labels.data_ptr<std::int32_t>()[k] = data_.labels[members[k]];
        const at::Tensor logits = run_network(shape, weights, stacked(members), {}, {}).logits;
        score.nats += cross_entropy(logits, labels).item<double>() * real(members.size());
        score.accuracy += real(logits.argmax(1).eq(labels).sum().item<std::int64_t>());
        score.count += members.size();
    }
    score.nats /= real(score.count);
    score.accuracy /= real(score.count);
    return score;
}

bool SequenceTask::better(const Score& one, const Score& other) const {
    return one.accuracy != other.accuracy ? one.accuracy > other.accuracy : one.nats < other.nats;
}

std::string SequenceTask::description() const {
    double sum = 0;
    for (std::size_t k = 0; k < data_.sequences.size(); ++k)
        sum += data_.sequences[k].sum().item<double>() * real(1 + k % 97) + data_.labels[k];
    return fmt::format("{} sequences of {} features, {} classes (sum {:.6g}): {} to train, {} to validate, {} to test",
                       data_.sequences.size(), data_.sequences.front().size(1), data_.classes, sum, training_.size(),
                       validation_.size(), test_.size());
}

std::vector<std::string> SequenceTask::vocabulary() const {
    std::vector<std::string> names;
    for (int k = 0; k < data_.classes; ++k) names.push_back(std::to_string(k));
    return names;
}

int SequenceTask::input_exponent() const {
    double most = 0;
    for (const std::int64_t member : training_)
        most = std::max(most, data_.sequences[member].abs().max().item<double>());
    return most > 0 ? static_cast<int>(std::ceil(std::log2(most) - 1e-9)) : 0;
}

TraceOptions SequenceTask::test_trace(const std::string& folder, const std::string& stem) const {
    TraceOptions options;
    options.source = TraceSource::csv;
    options.path = folder + "/" + stem + ".test.csv";
    options.labels_path = folder + "/" + stem + ".test_labels.txt";
    std::string rows;
    std::string labels;
    std::string numbers;
    for (const std::int64_t member : test_) {
        const at::Tensor& sequence = data_.sequences[member];
        const float* value = sequence.data_ptr<float>();
        if (!rows.empty()) rows += '\n';
        for (std::int64_t t = 0; t < sequence.size(0); ++t)
            for (std::int64_t k = 0; k < sequence.size(1); ++k)
                rows += fmt::format("{}{}", *value++, k + 1 < sequence.size(1) ? ',' : '\n');
        labels += fmt::format("{}\n", data_.labels[member]);
        numbers += fmt::format("{}\n", member);
    }
    write_lines(options.path, rows);
    write_lines(options.labels_path, labels);
    write_lines(folder + "/" + stem + ".test_sequences.txt", numbers);
    return options;
}

} // namespace bru::train
