#include "cosim/field_limits.hpp"

#include <algorithm>

#include "machine/register_check.hpp"

namespace bru {

std::vector<std::uint32_t> field_limits(const CoreShape& shape) {
    const Shape& s = shape.shape;
    const std::int64_t limits[] = {
        0, 1, 8, 32, 64, 48, 1 << 16, s.weight_words, s.scale_words, s.bias_words, -16, s.state_words, s.cell_words};
    std::vector<std::uint32_t> values;
    for (const std::int64_t limit : limits)
        for (const std::int64_t beside : {-1, 0, 1}) values.push_back(static_cast<std::uint32_t>(limit + beside));
    return values;
}

/// Of a limit, the first value that is out of range: its neighbour is in range.
std::vector<std::uint32_t> values_beyond(std::uint32_t field, const CoreShape& shape) {
    std::vector<std::uint32_t> values;
    for (const std::uint32_t value : field_limits(shape))
        if (out_of_range(field, value, shape) &&
            (!out_of_range(field, value - 1, shape) || !out_of_range(field, value + 1, shape)))
            values.push_back(value);
    return values;
}

} // namespace bru
