#include "virtual_board/board.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/error.hpp"
#include "firmware/board.h"
#include "reference/reference.hpp"
#include "virtual_board/job.hpp"
#include "virtual_board/machine.hpp"

namespace bru {

namespace {

std::string number_text(const std::vector<std::int32_t>& values) { return fmt::format("{}\n", fmt::join(values, " ")); }

/// The vectors of a sequence as a reverse or bidirectional last layer sends them: those of the forward direction in the
/// order of steps, then those of the reverse direction from the last step on (docs/architecture.md, "Order of work").
class VectorsAsSent {
public:
    VectorsAsSent(const QuantizedLayer& layer, std::string& text)
        : hidden_size_(layer.hidden_size), has_forward_(!layer.directions[0].reverse), text_(text) {}

    void add(const OutputVector& output) {
        if (output.sequence != sequence_) finish();
        sequence_ = output.sequence;
        const auto middle = output.values.end() - hidden_size_;
        if (has_forward_) text_ += number_text({output.values.begin(), middle});
        reverse_text_ = number_text({middle, output.values.end()}) + reverse_text_;
    }
    /// The last sequence is complete.
    void finish() {
        text_ += reverse_text_;
        reverse_text_.clear();
    }

private:
    int hidden_size_;
    bool has_forward_;
    std::string& text_;
    std::uint64_t sequence_ = 0;
    std::string reverse_text_;
};

bool sends_directions(const Run& run) {
    const QuantizedLayer& last = run.quantized().layers.back();
    return run.mode().kind == OutputKind::hidden && (last.directions.size() > 1 || last.directions[0].reverse);
}

/// The text that the firmware must print.
std::string expected_text(const Run& run, const std::vector<Step>& steps) {
    const std::vector<std::string>& vocabulary = run.network().vocabulary;
    const bool symbols = run.mode().kind == OutputKind::argmax && !vocabulary.empty();
    std::string text;
    StepList source(steps);
    VectorsAsSent as_sent(run.quantized().layers.back(), text);
    Reference(run.quantized(), run.mode()).run(source, [&](const OutputVector& output) {
        if (sends_directions(run))
            as_sent.add(output);
        else if (symbols)
            text += vocabulary.at(output.values.at(0));
        else
            text += number_text(output.values);
    });
    as_sent.finish();
    return text;
}

} // namespace

std::uint64_t BoardPhase::total_instructions() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : instructions) sum += count;
    return sum;
}

BoardResult run_board(const Run& run, const std::vector<Step>& steps, const BoardOptions& options) {
    const ElfFile firmware = read_elf_file(options.firmware);
    std::vector<unsigned char> ram(BOARD_RAM_BYTES, 0);
    for (const ElfSegment& segment : firmware.segments) {
        if (segment.address + segment.bytes.size() > BOARD_JOB)
            throw InputError("the firmware reaches into the memory of the job; link it below 16 MiB");
        std::copy(segment.bytes.begin(), segment.bytes.end(), ram.begin() + segment.address);
    }
    write_job(ram, run, steps, options);

    Configuration configuration = run.configuration();
    configuration.host.interrupt_latency_ns = 0; // the processor has its own
    BoardResult result;
    result.steps = steps.size();
    result.expected = expected_text(run, steps);
    run_machine(configuration, run.specification().core, firmware, ram, options, result);
    board_job job = {};
    std::memcpy(&job, ram.data() + BOARD_JOB, sizeof job);
    result.result = static_cast<bru_result>(job.result);
    std::copy(std::begin(job.counters), std::end(job.counters), result.counters.begin());
    return result;
}

} // namespace bru
