#include "whole/front.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/printable.hpp"

namespace bru {
namespace {

/// The tensors of these names.
std::vector<HostTensor> chosen(const std::vector<HostTensor>& tensors, const std::vector<std::string>& names) {
    std::vector<HostTensor> found;
    for (const std::string& name : names)
        for (const HostTensor& tensor : tensors)
            if (tensor.name == name) found.push_back(tensor);
    return found;
}

/// From any order of the axes to [sequence, step, feature].
std::vector<double> in_trace_order(const std::vector<double>& values, onnx_import::FeedAxes axes, std::size_t batch,
                                   std::size_t features) {
    using onnx_import::FeedAxes;
    const std::size_t steps = values.size() / batch / features;
    const auto place = [&](std::size_t sequence, std::size_t step, std::size_t feature) {
        switch (axes) {
        case FeedAxes::sequence_step_feature: return (sequence * steps + step) * features + feature;
        case FeedAxes::step_sequence_feature: return (step * batch + sequence) * features + feature;
        case FeedAxes::step_feature_sequence: return (step * features + feature) * batch + sequence;
        case FeedAxes::sequence_feature_step: return (sequence * features + feature) * steps + step;
        case FeedAxes::feature_sequence_step: return (feature * batch + sequence) * steps + step;
        case FeedAxes::feature_step_sequence: break;
        }
        return (feature * steps + step) * batch + sequence;
    };
    std::vector<double> ordered;
    ordered.reserve(values.size());
    for (std::size_t sequence = 0; sequence < batch; ++sequence)
        for (std::size_t step = 0; step < steps; ++step)
            for (std::size_t feature = 0; feature < features; ++feature)
                ordered.push_back(values[place(sequence, step, feature)]);
    return ordered;
}

std::string input_list(const std::vector<const GraphInput*>& inputs) {
    std::vector<std::string> texts;
    for (const GraphInput* input : inputs)
        texts.push_back(fmt::format("'{}' ({})", printable(input->name), input_text(*input)));
    return fmt::format("{}", fmt::join(texts, ", "));
}

} // namespace

const GraphInput& data_input(const WholeUse& use) {
    std::vector<const GraphInput*> open;
    std::set<std::string> with_file;
    for (const GraphInput& input : use.model.inputs) {
        const bool goes_around =
            std::find(use.model.around.begin(), use.model.around.end(), input.name) != use.model.around.end();
        if ((!input.enters && !goes_around) || input.is_state) continue;
        if (use.inputs.count(input.name) != 0)
            with_file.insert(input.name);
        else
            open.push_back(&input);
    }
    for (const auto& [name, path] : use.inputs)
        if (with_file.count(name) == 0)
            throw InputError(fmt::format("--input-npy {}: {} takes no values by this name; the inputs that it takes "
                                         "are {}",
                                         printable(name), use.name, input_list(open)));
    const auto enters = [](const GraphInput* input) { return input->enters; };
    if (open.size() == 1 && enters(open.front())) return *open.front();
    if (open.empty() || std::none_of(open.begin(), open.end(), enters))
        throw InputError(fmt::format("{}: no input of the graph is left that the data could fill; leave out an "
                                     "--input or --input-npy",
                                     use.name));
    throw InputError(fmt::format("{} has {} inputs that need values: {}; the data fill one of them, so give the others "
                                 "with --input-npy NAME=FILE, or with --input NAME=VALUE where they never change",
                                 use.name, open.size(), input_list(open)));
}

FrontSteps::FrontSteps(const WholeUse& use, std::unique_ptr<CallSource> data, std::uint64_t step_size)
    : use_(use), input_(data_input(use)), data_(std::move(data)), step_size_(step_size) {
    if (use.model.streams && use.model.batch > 1)
        throw InputError(
            fmt::format("{} has states as inputs and a batch of {}; the machine runs one stream at a time: "
                        "export with batch 1",
                        use.name, use.model.batch));
    if (use.model.front) session_.emplace(use.model.front->model, "the front of " + use.name);
}

std::vector<HostTensor> FrontSteps::inputs_of(const DataCall& data) const {
    std::vector<HostTensor> tensors = data.others;
    tensors.push_back(tensor_of(input_.name, static_cast<ElementType>(input_.element_type), data.dims, data.values));
    return tensors;
}

void FrontSteps::take_entering(const HostTensor& tensor) {
    values_ = tensor.numbers();
    if (values_.empty() || values_.size() % (step_size_ * batch()) != 0)
        throw InputError(fmt::format("tensor '{}' is {}, and the region takes steps of {} numbers",
                                     printable(tensor.name), tensor_text(tensor.type, tensor.dims), step_size_));
    values_ = in_trace_order(values_, use_.model.entering_axes, batch(), step_size_);
    for (const double value : values_) {
        if (!std::isfinite(value))
            throw InputError(fmt::format("the front makes {} of the data, in tensor '{}'; inputs must be finite", value,
                                         printable(tensor.name)));
        largest_input_ = std::max(largest_input_, std::fabs(value));
    }
    call_.steps = values_.size() / step_size_;
}

bool FrontSteps::read_call() {
    data_call_ = data_->next();
    if (!data_call_) return false;
    std::vector<HostTensor> tensors = inputs_of(*data_call_);
    if (session_) {
        const HostPart& front = *use_.model.front;
        const auto start = std::chrono::steady_clock::now();
        std::vector<HostTensor> made = session_->run(chosen(tensors, front.inputs), front.outputs);
        front_us_ += std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
        tensors.insert(tensors.end(), std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
    }
    std::vector<HostTensor> entering = chosen(tensors, {use_.model.enters});
    if (entering.empty())
        throw InputError(fmt::format("{}: the region takes input '{}', and the data fill '{}'", use_.name,
                                     printable(use_.model.enters), printable(input_.name)));
    call_.around = chosen(tensors, use_.model.around);
    take_entering(entering.front());
    step_in_call_ = 0;
    return true;
}

/// One label per row of the data where the region has a step per row; else the last label goes to the last step.
void FrontSteps::label_step(const DataCall& data) {
    step_.label = kNoLabel;
    if (data.row_labels.size() == call_.steps)
        step_.label = data.row_labels[step_in_call_];
    else if (!data.row_labels.empty() && step_in_call_ + 1 == call_.steps)
        step_.label = data.row_labels.back();
}

const Step* FrontSteps::next() {
    if ((!data_call_ || step_in_call_ == call_.steps) && !read_call()) return nullptr;
    const auto start = values_.begin() + narrow<std::ptrdiff_t>(step_in_call_ * step_size_);
    step_.values.assign(start, start + narrow<std::ptrdiff_t>(step_size_));
    label_step(*data_call_);
    step_.first = starts_sequence_;
    const bool ends_in_call = (step_in_call_ + 1) % steps_of_sequence() == 0;
    step_.last = ends_in_call && (!use_.model.streams || data_call_->ends_sequence);
    starts_sequence_ = step_.last;
    ++step_in_call_;
    return &step_;
}

std::uint64_t FrontSteps::sequence_count() {
    if (!use_.model.streams) return data_->count() * batch();
    data_->restart();
    std::uint64_t sequences = 0;
    while (const auto call = data_->next()) sequences += call->ends_sequence ? 1 : 0;
    seek(0);
    return sequences;
}

std::uint64_t FrontSteps::step_count() {
    seek(0);
    std::uint64_t steps = 0;
    while (read_call()) steps += call_.steps;
    seek(0);
    front_us_ = 0;
    return steps;
}

void FrontSteps::seek(std::uint64_t sequence) {
    data_->restart();
    data_call_.reset();
    starts_sequence_ = true;
    if (!use_.model.streams) sequence /= batch(); // sequences of one call stay together
    while (sequence > 0) {
        const auto skipped = data_->next();
        if (!skipped) return;
        if (!use_.model.streams || skipped->ends_sequence) --sequence;
    }
}

} // namespace bru
