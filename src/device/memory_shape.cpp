// A RAMB36 of any shape is two RAMB18 of half the depth or half the width, so RAMB18 are the unit.
#include "device/memory_shape.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <vector>

namespace bru {

namespace {

struct Primitive {
    std::int64_t depth;
    std::int64_t width_bits;
};

/// RAMB18, widest first (UG473). The first shape exists in simple dual port only.
constexpr std::array<Primitive, 6> kRamb18 = {{{512, 36}, {1024, 18}, {2048, 9}, {4096, 4}, {8192, 2}, {16384, 1}}};

constexpr std::int64_t divide_up(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }

/// A block RAM count for one set of shapes.
class Counter {
public:
    explicit Counter(std::size_t first_shape) : first_shape_(first_shape) {}

    std::int64_t count(std::int64_t width_bits, std::int64_t depth) const {
        if (width_bits <= 0 || depth <= 0) return 0;
        std::int64_t best = columns(width_bits, depth);
        for (std::size_t i = first_shape_; i < kRamb18.size(); ++i) {
            const std::int64_t rest = depth % kRamb18[i].depth;
            if (rest == 0 || rest == depth) continue;
            best = std::min(best, columns(width_bits, depth - rest) + count(width_bits, rest));
        }
        return best;
    }

private:
    /// The width as columns of stacked primitives: as many of the cheapest bits as go in, the rest by the
    /// best choice for what is left (the widths 36, 18, 9, 4, 2, 1 leave less than 72 to be searched).
    std::int64_t columns(std::int64_t width_bits, std::int64_t depth) const {
        const std::int64_t widest = kRamb18[first_shape_].width_bits;
        std::int64_t best = std::numeric_limits<std::int64_t>::max();
        for (std::size_t i = first_shape_; i < kRamb18.size(); ++i) {
            const std::int64_t whole = std::max<std::int64_t>(0, width_bits / kRamb18[i].width_bits - 2 * widest);
            const std::int64_t rest = width_bits - whole * kRamb18[i].width_bits;
            best = std::min(best, whole * divide_up(depth, kRamb18[i].depth) + narrow_columns(rest, depth));
        }
        return best;
    }

    /// Exact for any width: cheapest[w] = min over shapes of a column and what it leaves.
    std::int64_t narrow_columns(std::int64_t width_bits, std::int64_t depth) const {
        std::vector<std::int64_t> cheapest(static_cast<std::size_t>(width_bits) + 1, 0);
        for (std::int64_t width = 1; width <= width_bits; ++width) {
            std::int64_t best = std::numeric_limits<std::int64_t>::max();
            for (std::size_t i = first_shape_; i < kRamb18.size(); ++i) {
                const std::int64_t left = std::max<std::int64_t>(0, width - kRamb18[i].width_bits);
                best = std::min(best, divide_up(depth, kRamb18[i].depth) + cheapest[static_cast<std::size_t>(left)]);
            }
            cheapest[static_cast<std::size_t>(width)] = best;
        }
        return cheapest.back();
    }

    std::size_t first_shape_;
};

/// Bits of one RAMxM (four LUTs with one write address and a read address each).
constexpr std::int64_t bits_per_lut(std::int64_t depth) { return depth <= 32 ? 2 : 1; }

} // namespace

std::int64_t simple_dual_port_ramb18(std::int64_t width_bits, std::int64_t depth) {
    return Counter(0).count(width_bits, depth);
}

std::int64_t true_dual_port_ramb18(std::int64_t width_bits, std::int64_t depth) {
    return Counter(1).count(width_bits, depth);
}

std::int64_t simple_dual_port_luts(std::int64_t width_bits, std::int64_t depth) {
    if (width_bits <= 0 || depth <= 0) return 0;
    return 4 * divide_up(width_bits, 3 * bits_per_lut(depth));
}

MemoryCost simple_dual_port(std::int64_t width_bits, std::int64_t depth) {
    if (depth <= kDistributedRamWords) return {0, simple_dual_port_luts(width_bits, depth)};
    return {simple_dual_port_ramb18(width_bits, depth), 0};
}

MemoryCost multi_read_table(std::int64_t width_bits, std::int64_t depth, std::int64_t read_ports) {
    if (depth <= kDistributedRamWords) {
        const std::int64_t primitives = divide_up(width_bits, bits_per_lut(depth)) * divide_up(read_ports, 3);
        return {0, 4 * primitives};
    }
    return {true_dual_port_ramb18(width_bits, depth) * divide_up(read_ports, 2), 0};
}

} // namespace bru
