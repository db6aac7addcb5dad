// Division of integers towards the next whole number.
#pragma once

#include <type_traits>

namespace bru {

/// The smallest integer of at least value / divisor; both are positive, or the value is 0.
template <class Value, class Divisor>
constexpr std::common_type_t<Value, Divisor> divide_up(Value value, Divisor divisor) {
    using Common = std::common_type_t<Value, Divisor>;
    return (static_cast<Common>(value) + static_cast<Common>(divisor) - 1) / static_cast<Common>(divisor);
}

/// The smallest multiple of `unit` of at least `value`.
template <class Value, class Unit>
constexpr std::common_type_t<Value, Unit> round_up(Value value, Unit unit) {
    return divide_up(value, unit) * static_cast<std::common_type_t<Value, Unit>>(unit);
}

} // namespace bru
