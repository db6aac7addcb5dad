#include "run/library.hpp"

#include <limits>

#include <fmt/format.h>

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
    return loaded;
}

std::shared_ptr<const Network> Library::network(const ModelSpecification& model) {
    if (model.network) return model.network;
    const ImportOptions& bits = model.weight_bits;
    auto& loaded = networks_[fmt::format("{} {} {}", bits.lstm_weight_bits.value_or(0),
                                         bits.dense_weight_bits.value_or(0), model.path)];
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
    if (!loaded) loaded = std::make_shared<const Quantized>(Quantized{network, quantize(*network, formats)});
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
            timing.steps.push_back(std::move(kept));
        }
        timing.timed = reader.header().timed;
        loaded = std::make_shared<const TraceTiming>(std::move(timing));
    }
    return loaded;
}

std::uint64_t step_limit(const TraceSpecification& trace) {
    return trace.most_steps.value_or(std::numeric_limits<std::uint64_t>::max());
}

} // namespace bru
