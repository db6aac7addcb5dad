// Rules between parameters; the range of a single one is in parameters.cpp.
#include "config/configuration.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"

namespace bru {

namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;

/// Integers, so that a time of whole cycles does not become one cycle more.
std::int64_t hz(double clock_mhz) { return narrow<std::int64_t>(clock_hz(clock_mhz)); }

} // namespace

std::uint64_t clock_hz(double clock_mhz) { return narrow<std::uint64_t>(std::llround(clock_mhz * 1e6)); }

std::int64_t back_to_back_packet_vectors(const HostTiming& host) {
    constexpr std::int64_t kPacketVectors = 256;
    return host.output_packet_vectors != kAuto ? host.output_packet_vectors : kPacketVectors;
}

Cycle cycles_in(std::int64_t ns, double clock_mhz) { return divide_up(ns * hz(clock_mhz), kNsPerS); }

RefreshCycles refresh_cycles(const DdrTiming& timing, double clock_mhz) {
    if (timing.refresh_interval_ns == 0) return {};
    const std::int64_t interval = (timing.refresh_interval_ns * hz(clock_mhz) + kNsPerS / 2) / kNsPerS;
    return {static_cast<Cycle>(std::max<std::int64_t>(interval, 1)), cycles_in(timing.refresh_ns, clock_mhz)};
}

double Configuration::refresh_interval_cycles() const {
    return real(refresh_cycles(ddr, dma_clock_mhz).interval) * clock_mhz / dma_clock_mhz;
}

double Configuration::beat_cycles() const {
    constexpr double kBytes = 8;
    return std::max({1.0, clock_mhz / dma_clock_mhz, kBytes * clock_mhz / real(ddr.bandwidth_mb_per_s)});
}

void check_shape(const Configuration& configuration) {
    // A configuration that a program put together has not been through the setters: hold it to the same ranges.
    Configuration copy = configuration;
    for (const Parameter& parameter : parameters()) parameter.set(copy, parameter.get(configuration));

    const Shape& shape = configuration.shape;
    if (shape.units_per_group() % shape.update_width != 0)
        throw InputError(fmt::format("bru.update_width = {}: must divide the units of a row group, bru.lanes / 4 = {}; "
                                     "choose a smaller update_width or lanes that are a multiple of {}",
                                     shape.update_width, shape.units_per_group(), 4 * shape.update_width));
    const DmaTiming& dma = configuration.dma;
    if (dma.fifo_beats < dma.burst_beats)
        throw InputError(fmt::format(
            "dma.fifo_beats = {0}: must hold a burst, dma.burst_beats = {1}; set dma.fifo_beats = {1} or more, or a "
            "shorter burst",
            dma.fifo_beats, dma.burst_beats));
    const DdrTiming& ddr = configuration.ddr;
    if (ddr.refresh_interval_ns == 0) return;
    const RefreshCycles cycles = refresh_cycles(ddr, configuration.dma_clock_mhz);
    if (cycles.refresh >= cycles.interval)
        throw InputError(fmt::format(
            "ddr.refresh_ns = {}: must be less than ddr.refresh_interval_ns = {}, else no data ever moves; "
            "at dma.clock_mhz = {} a refresh takes {} of {} cycles",
            ddr.refresh_ns, ddr.refresh_interval_ns, configuration.dma_clock_mhz, cycles.refresh, cycles.interval));
}

} // namespace bru
