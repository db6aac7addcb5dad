#include "schedule/scoreboard.hpp"

#include <algorithm>

#include "machine/descriptor.hpp"

namespace bru {

void Scoreboard::restart(const CoreRegisters& registers) {
    const std::uint32_t width = shape_.lane_width;
    const std::uint32_t units = shape_.units_per_group;
    const std::uint32_t slice_units = shape_.update_width;
    for (std::uint32_t index = 0; index < registers.descriptor_count; ++index) {
        const Descriptor& descriptor = registers.descriptors[index];
        for (std::uint32_t stream = 0; stream < shape_.shape.streams; ++stream)
            group_begins(stream, index).assign(descriptor.groups, 0);
        sources_[index].clear();
        for (std::uint32_t chunk = 0; chunk < descriptor.h_chunks; ++chunk) {
            const std::uint32_t unit = std::min((chunk + 1) * width, descriptor.size) - 1;
            sources_[index].push_back({unit / units, unit % units / slice_units});
        }
    }
}

} // namespace bru
