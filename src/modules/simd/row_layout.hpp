// How the rows of a vector lie in the simulator's arrays: gate-major, so that blocks work on long vectors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/integers.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/memory_layout.hpp"
#include "modules/simd/kernels.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

/// A half-open range of rows.
struct RowRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// How many of the values are the smallest or the largest of their type: those that were clamped.
template <typename T>
std::uint64_t count_at_limits(const T* begin, const T* end) {
    std::uint64_t count = 0;
    for (const T* value = begin; value != end; ++value)
        count += *value == std::numeric_limits<T>::min() || *value == std::numeric_limits<T>::max() ? 1 : 0;
    return count;
}

/// A few ranges, at most one per gate.
class RowRanges {
public:
    void add(RowRange range) { ranges_[count_++] = range; }
    const RowRange* begin() const { return ranges_; }
    const RowRange* end() const { return ranges_ + count_; }

private:
    RowRange ranges_[kGates];
    std::size_t count_ = 0;
};

struct RowLayout {
    std::size_t unit_stride = 0; ///< rows from one gate to the next; dense: all rows
    int gates = 1;

    RowLayout() = default;
    RowLayout(const Descriptor& descriptor, const CoreShape& shape) {
        gates = descriptor.dense() ? 1 : kGates;
        const std::size_t per_group = shape.lanes / gates;
        unit_stride = round_up(descriptor.groups * per_group, simd::kRowTile);
    }

    std::size_t rows() const { return unit_stride * gates; }

    /// Array row of a lane of a row group.
    std::size_t row(const CoreShape& shape, std::uint32_t group, int lane) const {
        const MemoryLayout layout(shape);
        if (gates == 1) return layout.dense_row_of(group, lane);
        return MemoryLayout::gate_of(lane) * unit_stride + layout.unit_of(group, lane);
    }

    /// Units (dense: rows) of a run.
    RowRange units(const CoreShape& shape, const RowGroupRun& run) const {
        const std::size_t per_group = shape.lanes / gates;
        const std::size_t first = run.first_group;
        return {first * per_group, (first + run.group_count) * per_group};
    }

    /// The rows of a run as few ranges, widened to whole tiles.
    RowRanges tiles(const CoreShape& shape, const RowGroupRun& run) const {
        const RowRange range = units(shape, run);
        const std::size_t begin = range.begin / simd::kRowTile * simd::kRowTile;
        const std::size_t end = round_up(range.end, simd::kRowTile);
        RowRanges result;
        if (begin == 0 && end == unit_stride) {
            result.add({0, rows()});
            return result;
        }
        for (int gate = 0; gate < gates; ++gate) {
            const std::size_t offset = gate * unit_stride;
            result.add({offset + begin, offset + end});
        }
        return result;
    }
};

/// A buffer aligned for the SIMD kernels.
template <typename T>
class AlignedBuffer {
public:
    /// At least `count` elements, zero where new; pointers into it are lost when it grows.
    T* resize(std::size_t count) {
        if (storage_.size() < count + simd::kAlignment) storage_.assign(count + simd::kAlignment, T{});
        return data();
    }
    T* data() {
        const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
        const std::uintptr_t aligned = round_up(address, simd::kAlignment);
        return storage_.data() + (aligned - address) / sizeof(T);
    }
    const T* data() const { return const_cast<AlignedBuffer*>(this)->data(); }

private:
    std::vector<T> storage_;
};

} // namespace bru
