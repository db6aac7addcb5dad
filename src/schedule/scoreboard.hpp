// The scoreboard: from which cycle on each chunk of h of each stream's and descriptor's latest vector is final
// (docs/architecture.md, "Timing", condition 2).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/integers.hpp"
#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/cycle.hpp"
#include "machine/descriptor.hpp"

namespace bru {

class Scoreboard {
public:
    explicit Scoreboard(const CoreShape& shape)
        : shape_(shape), group_begins_(narrow<std::size_t>(shape.shape.streams) * kMaxDescriptors) {}

    /// From the cycle in which scale_bias begins with a group's last part to the first cycle in which a chunk that
    /// needs only the group's first slice can be issued.
    void set_hidden_latency(Cycle cycles) { hidden_latency_cycles_ = cycles; }
    Cycle hidden_latency() const { return hidden_latency_cycles_; }

    /// Forgets all vectors; the registers hold the descriptors of the ones to come.
    void restart(const CoreRegisters& registers);

    /// The first cycle in which the chunk can be issued.
    Cycle final_from(std::uint32_t stream, std::uint32_t descriptor, std::uint32_t chunk) const {
        const Source& source = sources_[descriptor][chunk];
        return group_begins(stream, descriptor)[source.group] + hidden_latency_cycles_ + source.slice;
    }
    /// Per row group of the latest vector of the stream and descriptor: scale_bias begins with its last part (in issue
    /// cycles).
    std::vector<Cycle>& group_begins(std::uint32_t stream, std::uint32_t descriptor) {
        return group_begins_[stream * kMaxDescriptors + descriptor];
    }
    const std::vector<Cycle>& group_begins(std::uint32_t stream, std::uint32_t descriptor) const {
        return group_begins_[stream * kMaxDescriptors + descriptor];
    }

private:
    /// Where the last unit of a chunk is computed.
    struct Source {
        std::uint32_t group = 0;
        std::uint32_t slice = 0;
    };

    CoreShape shape_;
    Cycle hidden_latency_cycles_ = 0;
    std::array<std::vector<Source>, kMaxDescriptors> sources_; ///< per chunk
    std::vector<std::vector<Cycle>> group_begins_;             ///< per stream and descriptor
};

} // namespace bru
