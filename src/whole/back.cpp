#include "whole/back.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/printable.hpp"

namespace bru {

OutputMode whole_mode(const WholeModel& model, OutputMode graph_output) {
    if (model.streams && model.host_has_work) graph_output.steps = OutputSteps::every;
    return graph_output;
}

WholeOutputs::WholeOutputs(const WholeUse& use, OutputMode mode, const std::string& trace_path,
                           const std::string& fingerprint)
    : use_(use), mode_(mode), calls_(trace_path, fingerprint) {
    if (use.model.back) session_.emplace(use.model.back->model, "the back of " + use.name);
    call_ = calls_.next();
}

/// Rows that the machine gives for the call.
std::uint64_t WholeOutputs::rows_of(const GraphCall& call) const {
    return mode_.steps == OutputSteps::every ? call.steps : narrow<std::uint64_t>(use_.model.batch);
}

/// From one sequence after the other to what the graph holds.
std::vector<double> WholeOutputs::in_graph_order(const std::vector<double>& rows) const {
    const auto batch = narrow<std::size_t>(use_.model.batch);
    const std::size_t size = rows.size() / batch; // of one sequence
    const auto run = use_.model.leaving_run > 0 ? narrow<std::size_t>(use_.model.leaving_run) : size;
    std::vector<double> ordered;
    ordered.reserve(rows.size());
    for (std::size_t start = 0; start < size; start += run)
        for (std::size_t sequence = 0; sequence < batch; ++sequence)
            for (std::size_t place = start; place < std::min(start + run, size); ++place)
                ordered.push_back(rows[sequence * size + place]);
    return ordered;
}

/// The tensor that leaves the region in this call.
HostTensor WholeOutputs::leaving() const {
    std::vector<std::int64_t> dims = use_.model.leaving_dims;
    std::int64_t known = 1;
    for (const std::int64_t size : dims) known *= std::max<std::int64_t>(size, 1);
    std::vector<double> values = in_graph_order(row_values_);
    const std::size_t width = values.size() / rows_;
    const bool is_open = std::find(dims.begin(), dims.end(), 0) != dims.end();
    // In a stream, the machine gives every step, and a call of the graph may put out its last step alone.
    if (!is_open && signed_size(values) != known && signed_size(values) == known * narrow<std::int64_t>(rows_))
        values.erase(values.begin(), values.end() - narrow<std::ptrdiff_t>(width));
    if (is_open) std::replace(dims.begin(), dims.end(), std::int64_t{0}, signed_size(values) / known);
    HostTensor tensor = tensor_of(use_.model.leaves, ElementType::float32, dims, values);
    if (tensor.size() != signed_size(values))
        throw InputError(fmt::format("{}: a call of {} steps gives {} numbers for tensor '{}', which has {}; the graph "
                                     "is exported for another number of steps",
                                     use_.name, call_->steps, values.size(), printable(tensor.name),
                                     tensor_text(tensor.type, dims)));
    return tensor;
}

void WholeOutputs::add(const std::vector<double>& values, const Sink& sink) {
    if (!call_) { // bru trace --steps cut the last call, which has no outputs
        ++rows_;
        return;
    }
    row_values_.insert(row_values_.end(), values.begin(), values.end());
    if (++rows_ < rows_of(*call_)) return;
    std::vector<HostTensor> tensors = call_->around;
    tensors.push_back(leaving());
    if (session_) {
        const HostPart& back = *use_.model.back;
        std::vector<HostTensor> inputs;
        for (const std::string& name : back.inputs)
            for (const HostTensor& tensor : tensors)
                if (tensor.name == name) inputs.push_back(tensor);
        const auto start = std::chrono::steady_clock::now();
        std::vector<HostTensor> made = session_->run(inputs, back.outputs);
        back_us_ += std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
        tensors.insert(tensors.end(), std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
    }
    std::vector<HostTensor> outputs;
    for (const std::string& name : use_.model.outputs)
        for (const HostTensor& tensor : tensors)
            if (tensor.name == name) outputs.push_back(tensor);
    sink(outputs, call_->steps);
    row_values_.clear();
    rows_ = 0;
    call_ = calls_.next();
}

bool WholeOutputs::finish() {
    const bool complete = !call_ && rows_ == 0;
    while (call_) call_ = calls_.next();
    return complete;
}

} // namespace bru
