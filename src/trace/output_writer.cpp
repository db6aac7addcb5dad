#include "trace/output_writer.hpp"

#include <cstring>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "base/line_reader.hpp"
#include "base/numbers.hpp"
#include "base/output_file.hpp"

namespace bru {
namespace {

constexpr std::size_t kNpyHeaderBytes = 128; ///< fixed, so that it can be patched when the length is known

/// Version 1.0 of the NPY format: magic, header length, a Python dict padded with blanks and a line end.
std::string npy_header(std::uint64_t rows, int columns) {
    std::string header("\x93NUMPY\x01\x00", 8);
    constexpr std::size_t kDictBytes = kNpyHeaderBytes - 10;
    header += static_cast<char>(kDictBytes & 255);
    header += static_cast<char>(kDictBytes >> 8);
    header += fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
    header.resize(kNpyHeaderBytes - 1, ' ');
    return header + '\n';
}

void append_float32(std::string& bytes, float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>((bits >> shift) & 255);
}

} // namespace

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
    std::uint64_t rows = 0;
    std::string row;
};

OutputWriter::OutputWriter(const std::string& path, OutputKind kind, int values_per_output,
                           const NumberFormats& formats) {
    const bool npy = path.size() >= 4 && path.compare(path.size() - 4, 4, ".npy") == 0;
    state_ = std::make_unique<State>(path);
    state_->kind = kind;
    state_->columns = values_per_output;
    state_->activation_bits = formats.activation_bits;
    state_->npy = npy;
    if (npy) {
        state_->file.write(npy_header(0, values_per_output));
        return;
    }
    std::string header = "sequence,step";
    for (int i = 0; i < values_per_output; ++i) header += fmt::format(",v{}", i);
    state_->file.write(header + "\n");
}

OutputWriter::~OutputWriter() = default;

void OutputWriter::write(const OutputVector& output) {
    std::string& row = state_->row;
    row.clear();
    if (!state_->npy) row = fmt::format("{},{}", output.sequence, output.step);
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
    if (state_->npy) state_->file.patch(0, npy_header(state_->rows, state_->columns));
    state_->file.commit();
}

} // namespace bru
