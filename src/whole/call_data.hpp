// The user's data as calls of a graph: an array, or rows of numbers, divided by the shape of the graph's input.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host_runtime/tensor.hpp"
#include "model/onnx/whole_model.hpp"
#include "trace/data_source.hpp"

namespace bru {

/// How an array of data divides into calls.
struct Division {
    std::uint64_t calls = 0;
    std::vector<std::int64_t> dims; ///< of the graph's input in each call
};

/// `shape` of the data, `wanted` by the graph's input (0: the length of the sequence). Leading axes of the data count
/// calls, and axes of size 1 may be left out. Nothing where the data do not fit.
std::optional<Division> divide(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& wanted);

/// What the graph's input gets in one call.
struct DataCall {
    std::vector<double> values;
    std::vector<std::int64_t> dims;
    bool ends_sequence = false;           ///< of the data; the next call has nothing to do with this one
    std::vector<std::int32_t> row_labels; ///< where the data has labels: one per row of the call
    std::vector<HostTensor> others;       ///< inputs of the graph that have a file of their own
};

/// Calls in their order. Throws InputError where the data do not fit the input.
class CallSource {
public:
    virtual ~CallSource() = default;
    /// Nothing at the end.
    virtual std::optional<DataCall> next() = 0;
    virtual void restart() = 0;
    virtual std::uint64_t count() = 0; ///< of all calls; may read the data once
    virtual std::string remark() const { return ""; }
};

/// `model` names the model in messages.
std::unique_ptr<CallSource> open_calls(TraceSource source, const std::string& path, const GraphInput& input,
                                       const std::string& model);

/// "float [1, steps, 8]"
std::string input_text(const GraphInput& input);

} // namespace bru
