#include "trace/golden_outputs.hpp"

namespace bru {

GoldenOutputs write_golden_outputs(GoldenWriter& writer, const Network& network, const QuantizedNetwork& quantized,
                                   OutputMode mode, StepSource& steps) {
    Reference reference(quantized, mode);
    writer.begin_outputs({network.fingerprint, quantized.formats, mode}, network.output_size(mode.kind));
    const Reference::Sink sink = [&writer](const OutputVector& output) { writer.add(output); };
    while (const Step* const step = steps.next()) reference.step(*step, sink);
    return {writer.end_outputs(), reference.saturations()};
}

} // namespace bru
