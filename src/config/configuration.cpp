// Rules between parameters; the range of a single one is in parameters.cpp.
#include "config/configuration.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace bru {

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
        throw InputError(fmt::format("dma.fifo_beats = {}: must hold a burst, dma.burst_beats = {}", dma.fifo_beats,
                                     dma.burst_beats));
    const DdrTiming& ddr = configuration.ddr;
    if (ddr.refresh_interval_cycles != 0 && ddr.refresh_cycles >= ddr.refresh_interval_cycles)
        throw InputError(
            fmt::format("ddr.refresh_cycles = {}: must be less than ddr.refresh_interval_cycles = {}, else no "
                        "data ever moves",
                        ddr.refresh_cycles, ddr.refresh_interval_cycles));
}

} // namespace bru
