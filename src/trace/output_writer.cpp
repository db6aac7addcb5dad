#include "trace/output_writer.hpp"

#include <fmt/format.h>

#include "base/integers.hpp"
#include "base/line_reader.hpp"
#include "base/numbers.hpp"
#include "base/output_file.hpp"
#include "trace/npy_file.hpp"

namespace bru {
double output_value(std::int32_t value, OutputKind kind, int activation_bits) {
    switch (kind) {
    case OutputKind::hidden: return activation_value(value, 0, activation_bits);
    case OutputKind::logits: return real(value) / (1 << kLogitFractionBits);
    case OutputKind::argmax: break;
    }
    return value;
}

struct OutputWriter::State {
    explicit State(const std::string& path) : file(path) {}

    OutputFile file;
    OutputKind kind = OutputKind::hidden;
    int columns = 0;
    int activation_bits = 0;
    bool npy = false;
    bool names_streams = false;
    std::uint64_t rows = 0;
    std::string row;
};

OutputWriter::OutputWriter(const std::string& path, OutputKind kind, int values_per_output,
                           const NumberFormats& formats, bool names_streams) {
    const bool npy = path.size() >= 4 && path.compare(path.size() - 4, 4, ".npy") == 0;
    state_ = std::make_unique<State>(path);
    state_->kind = kind;
    state_->columns = values_per_output;
    state_->activation_bits = formats.activation_bits;
    state_->npy = npy;
    state_->names_streams = names_streams;
    if (npy) {
        state_->file.write(npy_header(0, {values_per_output}));
        return;
    }
    std::string header = names_streams ? "stream,sequence,step" : "sequence,step";
    for (int i = 0; i < values_per_output; ++i) header += fmt::format(",v{}", i);
    state_->file.write(header + "\n");
}

OutputWriter::~OutputWriter() = default;

void OutputWriter::write(const OutputVector& output) {
    std::string& row = state_->row;
    row.clear();
    if (state_->names_streams && !state_->npy) row = fmt::format("{},", output.stream);
    if (!state_->npy) row += fmt::format("{},{}", output.sequence, output.step);
    for (const std::int32_t value : output.values) {
        const double real = output_value(value, state_->kind, state_->activation_bits);
        if (state_->npy) {
            append_float32(row, static_cast<float>(real));
        } else {
            row += ',';
            append_real(row, real);
        }
    }
    if (!state_->npy) row += '\n';
    state_->file.write(row);
    ++state_->rows;
}

void OutputWriter::finish() {
    if (state_->npy) state_->file.patch(0, npy_header(state_->rows, {state_->columns}));
    state_->file.commit();
}

} // namespace bru
