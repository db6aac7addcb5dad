// The outputs of the whole graph, made of what leaves the region: the back of the graph runs on the host, call by call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host_runtime/session.hpp"
#include "model/network.hpp"
#include "whole/calls_file.hpp"
#include "whole/front.hpp"

namespace bru {

class WholeOutputs {
public:
    /// What the graph puts out in a call: its outputs in their order, and the steps of the trace that the call has.
    using Sink = std::function<void(const std::vector<HostTensor>& outputs, std::uint64_t steps)>;

    /// `mode`: of what leaves the machine. The use must outlive this.
    WholeOutputs(const WholeUse& use, OutputMode mode, const std::string& trace_path, const std::string& fingerprint);

    /// Takes the machine's outputs as real numbers, in their order.
    void add(const std::vector<double>& values, const Sink& sink);

    std::uint64_t calls() const { return calls_.calls(); }
    double back_us() const { return back_us_; } ///< of all calls
    double front_us() const { return calls_.front_us(); }
    /// Reads the rest of the calls. True where each of them had all of its steps.
    bool finish();

private:
    std::uint64_t rows_of(const GraphCall& call) const;
    HostTensor leaving() const;
    std::vector<double> in_graph_order(const std::vector<double>& rows) const;

    const WholeUse& use_;
    OutputMode mode_;
    CallsReader calls_;
    std::optional<HostSession> session_;
    std::optional<GraphCall> call_;
    std::vector<double> row_values_; ///< of the call so far
    std::uint64_t rows_ = 0;
    double back_us_ = 0;
};

/// What leaves the machine of a whole model: in a stream, every step, whatever each call of the graph puts out.
OutputMode whole_mode(const WholeModel& model, OutputMode graph_output);

} // namespace bru
