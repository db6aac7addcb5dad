// The cycles of the latest events of a stream, by the event's number: what a FIFO's user asks when an entry
// of a capacity ago left.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/cycle.hpp"

namespace bru {

/// Remembers at least the last `capacity` events; indexing is a mask, not a division.
class CycleRing {
public:
    explicit CycleRing(std::uint64_t capacity) : capacity_(capacity) {
        std::uint64_t size = 1;
        while (size < capacity) size *= 2;
        cycles_.resize(size);
        mask_ = size - 1;
    }
    Cycle& operator[](std::uint64_t number) { return cycles_[number & mask_]; }
    Cycle operator[](std::uint64_t number) const { return cycles_[number & mask_]; }
    std::uint64_t capacity() const { return capacity_; }

private:
    std::uint64_t capacity_;
    std::uint64_t mask_ = 0;
    std::vector<Cycle> cycles_;
};

} // namespace bru
