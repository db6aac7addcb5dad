// The trace file: a text of one line per step that says what enters the machine and when (docs/traces.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/line_reader.hpp"
#include "base/output_file.hpp"
#include "model/network.hpp"
#include "model/step.hpp"

namespace bru {

/// What the first lines of a trace say.
struct TraceHeader {
    std::string fingerprint; ///< input_fingerprint() of the model that it was made for
    std::string model_name;
    InputEncoding encoding = InputEncoding::vector;
    int input_size = 0;
    bool timed = false;        ///< steps have arrival times
    int divisor = 1;           ///< values of the file are divided by this: pixels stay whole numbers, exact and short
    std::uint32_t streams = 1; ///< above 1: every step names its stream
};

TraceHeader trace_header_for(const Network& network, bool timed, std::uint32_t streams = 1);

/// Reads the header only. Throws InputError where the file is no trace.
TraceHeader read_trace_header(const std::string& path);

/// Streams the steps of a trace in constant memory. Throws InputError, with file and line, on anything
/// that is not as docs/traces.md says, and where the trace was made for another model.
class TraceReader : public StepSource {
public:
    explicit TraceReader(const std::string& path);
    TraceReader(const std::string& path, const Network& network);

    const TraceHeader& header() const { return header_; }
    const Step* next() override;
    std::uint64_t steps_read() const { return steps_; }

private:
    void parse_step(std::string_view line);
    void parse_arrival(std::string_view word);
    void parse_stream(std::string_view word);
    void parse_flags(std::string_view word);
    void check_flags() const;
    void parse_label(std::string_view word);
    void parse_values(std::string_view text);
    void finish(std::string_view line);

    LineReader lines_;
    TraceHeader header_;
    Step step_;
    std::uint64_t steps_ = 0;
    std::vector<bool> in_sequence_; ///< per stream: its step before was not the last of its sequence
    bool finished_ = false;
};

/// Writes a trace; it takes its place on commit(). The steps' flags must make whole sequences. With a divisor, every
/// value must be a whole number divided by it.
class TraceWriter {
public:
    /// `comment` says where the data came from; it may have several lines.
    TraceWriter(const std::string& path, const TraceHeader& header, const std::string& comment);

    void write(const Step& step);

    /// Afterwards the file is complete but not yet in its place; its path until then is written_path().
    void finish();
    void commit() { file_.commit(); }
    const std::string& written_path() const { return file_.written_path(); }
    std::uint64_t steps() const { return steps_; }
    std::uint64_t sequences() const { return sequences_; }

private:
    OutputFile file_;
    TraceHeader header_;
    std::string line_;
    std::uint64_t steps_ = 0;
    std::uint64_t sequences_ = 0;
};

} // namespace bru
