#include "run/library.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "config/load_configuration.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

namespace bru {

void Library::note(const std::string& message) {
    if (note_ && noted_.insert(message).second) note_(message);
}

std::shared_ptr<const LoadedDevice> Library::device(const Configuration& configuration) {
    auto& loaded = devices_[configuration.directory + '\n' + configuration.device];
    if (!loaded) {
        Device device = read_device(find_device_file(configuration.device, configuration.directory));
        Calibration calibration = read_calibration(device);
        loaded = std::make_shared<LoadedDevice>(LoadedDevice{std::move(device), std::move(calibration)});
    }
    const Device& device = loaded->device;
    if (configuration.clock_mhz > device.clock_mhz)
        note(fmt::format("bru.clock_mhz = {} is above the {} MHz that {} is expected to reach ({})",
                         configuration.clock_mhz, device.clock_mhz, device.name, device.path));
    if (configuration.dma_clock_mhz > device.dma_clock_mhz)
        note(fmt::format("dma.clock_mhz = {} is above the {} MHz up to which AXI DMA is characterized on {} ({})",
                         configuration.dma_clock_mhz, device.dma_clock_mhz, device.name, device.path));
    return loaded;
}

std::shared_ptr<const Network> Library::network(const ModelSpecification& model) {
    if (model.network) return model.network;
    const ImportOptions& bits = model.quantization;
    constexpr int kOfFile = kMaxInputExponent + 1;
    auto& loaded = networks_[fmt::format("{} {} {} {} {} {}", bits.lstm_weight_bits.value_or(0),
                                         bits.dense_weight_bits.value_or(0), bits.input_exponent.value_or(kOfFile),
                                         bits.region.value_or(0), fmt::join(texts_of(bits.inputs), " "), model.path)];
    if (!loaded) {
        ImportedModel imported = import_onnx(model.path, bits);
        for (const std::string& message : imported.messages) note(message);
        loaded = std::make_shared<const Network>(std::move(imported.network));
    }
    return loaded;
}

std::shared_ptr<const QuantizedNetwork> Library::quantized(const std::shared_ptr<const Network>& network,
                                                           const NumberFormats& formats) {
    auto& loaded = quantized_[{network.get(), formats.activation_bits, formats.lut_address_bits, formats.scale_bits}];
    if (!loaded) {
        loaded = std::make_shared<const Quantized>(Quantized{network, quantize(*network, formats)});
        for (const std::string& message : loaded->quantized.messages) note(message);
    }
    return {loaded, &loaded->quantized};
}

std::shared_ptr<const TraceTiming> Library::timing(const TraceSpecification& trace, const Network& network) {
    auto& loaded = timings_[fmt::format("{} {} {}", step_limit(trace), network.fingerprint, trace.path)];
    if (!loaded) {
        TraceTiming timing;
        TraceReader reader(trace.path, network);
        LimitedSteps limited(reader, step_limit(trace));
        while (const Step* const step = limited.next()) {
            Step kept;
            kept.arrival_us = step->arrival_us;
            kept.first = step->first;
            kept.last = step->last;
            kept.stream = step->stream;
            timing.steps.push_back(std::move(kept));
        }
        timing.timed = reader.header().timed;
        timing.streams = reader.header().streams;
        loaded = std::make_shared<const TraceTiming>(std::move(timing));
    }
    return loaded;
}

/// In a stream of steps, a sequence of more steps than kEndlessSteps counts as endless: its first and its last step,
/// which differ from the others, weigh little.
SequencePattern Library::pattern(const TraceSpecification& trace, const Network& network) {
    constexpr std::uint64_t kPatternSteps = 1024;
    constexpr std::uint64_t kEndlessSteps = 512;
    const std::string key = fmt::format("{} {}", network.fingerprint, trace.path);
    if (const auto known = patterns_.find(key); known != patterns_.end()) return known->second;
    SequencePattern pattern;
    TraceReader reader(trace.path, network);
    pattern.streams = reader.header().streams;
    std::uint64_t steps = 0;
    std::vector<std::uint64_t> steps_of_stream(pattern.streams); // in its sequence under way
    while (const Step* const step = reader.next()) {
        ++steps;
        std::uint64_t& sequence_steps = steps_of_stream[step->stream];
        ++sequence_steps;
        if (sequence_steps > kEndlessSteps && !network.needs_whole_sequence()) {
            pattern.lengths.clear();
            break;
        }
        if (steps > kPatternSteps * pattern.streams && !pattern.lengths.empty()) break;
        if (!step->last) continue;
        pattern.lengths.push_back(sequence_steps);
        sequence_steps = 0;
    }
    const std::vector<std::uint64_t>& lengths = pattern.lengths;
    if (std::adjacent_find(lengths.begin(), lengths.end(), std::not_equal_to<>()) == lengths.end())
        pattern.lengths.resize(std::min<std::size_t>(lengths.size(), 1));
    return patterns_[key] = pattern;
}

std::uint64_t SequencePattern::steps() const {
    return streams * (lengths.empty() ? 1 : std::accumulate(lengths.begin(), lengths.end(), std::uint64_t{0}));
}

std::uint64_t SequencePattern::sequences() const { return streams * lengths.size(); }

std::uint64_t SequencePattern::longest() const {
    return lengths.empty() ? 1 : *std::max_element(lengths.begin(), lengths.end());
}

std::uint64_t step_limit(const TraceSpecification& trace) {
    return trace.most_steps.value_or(std::numeric_limits<std::uint64_t>::max());
}

} // namespace bru
