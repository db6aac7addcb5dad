// The file beside a trace of a whole model: for each call of the graph, how many steps of the trace are its own, and
// the tensors that the back takes beside what leaves the region. docs/traces.md has the format.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/output_file.hpp"
#include "host_runtime/tensor.hpp"

namespace bru {

/// FILE.calls of the trace FILE.
std::string calls_path(const std::string& trace_path);

struct GraphCall {
    std::uint64_t steps = 0;
    std::vector<HostTensor> around;
};

/// Whether the trace has a file of calls. One that was left from another trace of that name is none.
bool has_calls(const std::string& trace_path);

/// Writes in constant memory; the file takes its place on commit().
class CallsWriter {
public:
    CallsWriter(const std::string& trace_path, const std::string& fingerprint);
    void write(const GraphCall& call);
    /// The trace is in its place. `front_us`: the time of the host for all calls.
    void commit(double front_us);

private:
    void write_record(const std::string& bytes);
    std::string trace_path_;
    OutputFile file_;
    std::uint64_t calls_ = 0;
};

/// Throws InputError where the file is missing, damaged, or was written for another network or another trace.
class CallsReader {
public:
    CallsReader(const std::string& trace_path, const std::string& fingerprint);
    std::optional<GraphCall> next();
    std::uint64_t calls() const { return calls_; }
    double front_us() const { return front_us_; } ///< of all calls

private:
    std::string path_;
    std::ifstream file_;
    std::uint64_t calls_ = 0;
    double front_us_ = 0;
    bool ended_ = false;
};

} // namespace bru
