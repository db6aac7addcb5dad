// What the network put out, in real numbers, as CSV (sequence,step,v0,...; of several streams:
// stream,sequence,step,...) or as a NumPy array.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "model/network.hpp"
#include "model/number_formats.hpp"
#include "reference/reference.hpp"

namespace bru {

/// The real numbers that an output stands for: activations, logits with 16 fraction bits, an index as it is.
double output_value(std::int32_t value, OutputKind kind, int activation_bits);

/// A name that ends in .npy gets a float32 array [outputs, values], any other a CSV. The file takes its place
/// on finish(). Constant memory.
class OutputWriter {
public:
    OutputWriter(const std::string& path, OutputKind kind, int values_per_output, const NumberFormats& formats,
                 bool names_streams = false);
    ~OutputWriter();

    void write(const OutputVector& output);
    void finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace bru
