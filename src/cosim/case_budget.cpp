#include "cosim/case_budget.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "cosim/prepared_case.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/stream_format.hpp"
#include "platform/network_placement.hpp"

namespace bru {

namespace {

constexpr double kCycleBudget = 120'000; ///< of a case on the smallest shapes
constexpr double kWideShape =
    300; ///< weight bits per cycle that halve the budget: the RTL then takes twice as long per cycle
constexpr std::int64_t kVectorLatencyCycles = 40; ///< of a vector's way through the pipeline

/// Cycles of the case, roughly.
struct Estimate {
    double load_cycles = 0;
    double run_cycles = 0; ///< steps, and outputs that wait for the host
};

/// Pauses stretch the loads, of which there may be several. Every run has a sequence.
Estimate at_the_pins(Estimate cycles, const PortTraffic& port) {
    const int loads = 1 + (port.resets + 2) / 3 + (port.networks > 1 ? port.runs / 2 : 0);
    cycles.load_cycles *= loads * 100.0 / (100 - port.input_pause_percent);
    cycles.run_cycles *= port.output_stall_percent > 60 ? 2 : 1;
    return cycles;
}

Estimate estimate(const CosimCase& c, const PreparedCase& prepared) {
    const Configuration& configuration = prepared.run.configuration();
    const HostTiming& host = configuration.host;
    const CoreShape shape(configuration.shape);
    const NetworkPlacement placement = place_network(configuration.shape, prepared.run.quantized());
    const auto beats = [](std::int64_t words, std::int64_t bits) { return words * beats_of(bits); };
    const std::int64_t load_beats =
        beats(placement.weight_words, shape.weight_word_bits()) +
        beats(placement.scale_words, shape.scale_word_bits()) + beats(placement.bias_words, shape.bias_word_bits()) +
        beats(placement.state_words, shape.state_word_bits()) + beats(placement.cell_words, shape.cell_word_bits()) +
        (std::int64_t{1} << shape.lut_address_bits);
    const double beat_cycles = configuration.beat_cycles();
    std::int64_t step_cycles = c.arrival_gap_cycles;
    for (const Descriptor& descriptor : placement.descriptors)
        step_cycles += kVectorLatencyCycles +
                       std::int64_t{descriptor.groups} *
                           (descriptor.x_chunks * descriptor.x_planes + descriptor.h_chunks * descriptor.h_planes);
    const std::int64_t access_cycles = configuration.cycles(host.register_access_ns);
    const std::int64_t interrupt_cycles = configuration.cycles(host.interrupt_latency_ns);
    step_cycles += (interrupt_cycles + 3 * access_cycles) / std::max<std::int64_t>(host.output_packet_vectors, 1);
    const std::int64_t descriptors = placement.descriptors.size();
    Estimate cycles;
    cycles.load_cycles = real(load_beats) * beat_cycles + real(descriptors * kDescriptorFields * access_cycles);
    cycles.run_cycles = real(c.step_count() * step_cycles);
    if (c.port) return at_the_pins(cycles, *c.port);
    return cycles;
}

double budget_cycles(const Shape& shape) {
    return kCycleBudget / (1 + real(shape.lanes * shape.lane_width) / kWideShape);
}

} // namespace

CaseFit fit_of(const CosimCase& c, const std::vector<RtlShape>& shapes, double load_share) {
    try {
        const PreparedCase prepared = prepare(c, shapes);
        const double budget = budget_cycles(prepared.run.configuration().shape);
        const Estimate cycles = estimate(c, prepared);
        if (cycles.load_cycles > load_share * budget) return CaseFit::loads_long;
        return cycles.run_cycles > (1 - load_share) * budget ? CaseFit::runs_long : CaseFit::fits;
    } catch (const InputError&) {
        return CaseFit::too_large;
    }
}

} // namespace bru
