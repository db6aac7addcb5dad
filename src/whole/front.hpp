// The steps of the region, made of the user's data: the front of the graph runs on the host, call by call.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host_runtime/session.hpp"
#include "model/onnx/whole_model.hpp"
#include "trace/data_set.hpp"
#include "whole/call_data.hpp"
#include "whole/calls_file.hpp"
#include "whole/other_inputs.hpp"

namespace bru {

/// What the host has to know of a model to run it whole.
struct WholeUse {
    WholeModel model;
    std::string name;  ///< of the file, for messages
    InputFiles inputs; ///< the files of inputs beside the data
};

/// The input that the data fill: the one that enters and has no file of its own. Throws InputError where it is none or
/// more than one, and where a file is given for an input that takes no values.
const GraphInput& data_input(const WholeUse& use);

/// In a model that streams, all calls of a sequence of the data are one sequence; otherwise each call is one.
class FrontSteps : public DataSet {
public:
    /// `step_size`: inputs of the region's first layer. Throws InputError.
    FrontSteps(const WholeUse& use, std::unique_ptr<CallSource> data, std::uint64_t step_size);

    const Step* next() override;
    std::uint64_t sequence_count() override;
    std::uint64_t step_count() override;
    void seek(std::uint64_t sequence) override;
    std::string remark() const override { return data_->remark(); }

    /// The call that the last step came from.
    const GraphCall& call() const { return call_; }
    bool begins_call() const { return step_in_call_ == 1; } ///< the last step is the first of its call
    double front_us() const { return front_us_; }           ///< of all calls so far
    double largest_input() const { return largest_input_; } ///< magnitude, of all steps so far

private:
    bool read_call();
    std::vector<HostTensor> inputs_of(const DataCall& data) const;
    void take_entering(const HostTensor& tensor);
    void label_step(const DataCall& data);
    std::uint64_t steps_of_sequence() const { return call_.steps / batch(); }
    std::uint64_t batch() const { return static_cast<std::uint64_t>(use_.model.batch); }

    const WholeUse& use_;
    const GraphInput& input_;
    std::unique_ptr<CallSource> data_;
    std::uint64_t step_size_;
    std::optional<HostSession> session_;
    GraphCall call_;
    std::optional<DataCall> data_call_;
    std::vector<double> values_; ///< steps of the call, sequence by sequence
    std::uint64_t step_in_call_ = 0;
    bool starts_sequence_ = true;
    double front_us_ = 0;
    double largest_input_ = 0;
    Step step_;
};

} // namespace bru
