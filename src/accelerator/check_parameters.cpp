#include "accelerator/check_parameters.hpp"

#include <stdexcept>
#include <string>

#include "machine/parameter_ranges.hpp"

namespace bru {

namespace {

void refuse(const char* name, std::int64_t value, const std::string& allowed) {
    throw std::invalid_argument(std::string("bru::AcceleratorParameters: ") + name + " is " + std::to_string(value) +
                                "; " + allowed);
}

void check_range(const char* name, std::int64_t value, const ParameterRange& allowed) {
    if (value < allowed.low || value > allowed.high)
        refuse(name, value,
               "choose a value from " + std::to_string(allowed.low) + " to " + std::to_string(allowed.high));
}

void check_shape(const Shape& shape) {
    using namespace parameter_range;
    check_range("shape.lanes", shape.lanes, kLanes);
    if (shape.lanes % 4 != 0) refuse("shape.lanes", shape.lanes, "choose a multiple of 4");
    check_range("shape.lane_width", shape.lane_width, kLaneWidth);
    check_range("shape.update_width", shape.update_width, kUpdateWidth);
    if (shape.units_per_group() % shape.update_width != 0 || (shape.update_width & (shape.update_width - 1)) != 0)
        refuse("shape.update_width", shape.update_width, "choose 1, 2, 4 or 8, a divisor of lanes / 4");
    check_range("shape.activation_bits", shape.activation_bits, kActivationBits);
    check_range("shape.lut_address_bits", shape.lut_address_bits, kLutAddressBits);
    check_range("shape.scale_bits", shape.scale_bits, kScaleBits);
    check_range("shape.weight_words", shape.weight_words, kWeightWords);
    check_range("shape.scale_words", shape.scale_words, kMemoryWords);
    check_range("shape.bias_words", shape.bias_words, kMemoryWords);
    check_range("shape.state_words", shape.state_words, kMemoryWords);
    check_range("shape.cell_words", shape.cell_words, kMemoryWords);
    check_range("shape.input_words", shape.input_words, kMemoryWords);
    check_range("shape.streams", shape.streams, kStreams);
    check_range("shape.output_fifo_beats", shape.output_fifo_beats, kOutputFifoBeats);
}

void check_dma(const DmaTiming& dma) {
    using namespace parameter_range;
    check_range("dma.burst_beats", dma.burst_beats, kBurstBeats);
    check_range("dma.outstanding_bursts", dma.outstanding_bursts, kOutstandingBursts);
    check_range("dma.fifo_beats", dma.fifo_beats, {dma.burst_beats, kDmaFifoBeats.high});
    check_range("dma.mm2s_latency_cycles", dma.mm2s_latency_cycles, kDmaLatencyCycles);
    check_range("dma.s2mm_latency_cycles", dma.s2mm_latency_cycles, kDmaLatencyCycles);
    check_range("dma.length_bits", dma.length_bits, kLengthBits);
}

void check_period(const char* name, const sc_core::sc_time& period) {
    if (period.value() < 2)
        throw std::invalid_argument(std::string("bru::AcceleratorParameters: ") + name + " is " + period.to_string() +
                                    "; choose two steps of the kernel's time resolution or more");
}

} // namespace

void check_parameters(const AcceleratorParameters& parameters) {
    check_shape(parameters.shape);
    check_dma(parameters.dma);
    check_range("crossing.stages", parameters.crossing.stages, parameter_range::kCrossingStages);
    check_range("crossing.beats", parameters.crossing.beats, parameter_range::kCrossingBeats);
    check_period("clock_period", parameters.clock_period);
    if (parameters.dma_clock_period != sc_core::SC_ZERO_TIME)
        check_period("dma_clock_period", parameters.dma_clock_period);
    if (!parameters.core) throw std::invalid_argument("bru::AcceleratorParameters: core makes no core");
}

} // namespace bru
