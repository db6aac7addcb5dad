// Integers of different types: conversions that say what they rely on, and division towards the next whole number.
#pragma once

#include <cassert>
#include <cstdint>
#include <type_traits>

namespace bru {

template <class Integer>
constexpr bool is_negative(Integer value) {
    if constexpr (std::is_signed_v<Integer>)
        return value < 0;
    else
        return false;
}

/// `value` in a narrower type. The caller knows that the value fits. Where bits may be lost, write static_cast.
template <class To, class From>
constexpr To narrow(From value) {
    static_assert(std::is_integral_v<To> && std::is_integral_v<From>);
    const To result = static_cast<To>(value);
    assert(static_cast<From>(result) == value && is_negative(result) == is_negative(value));
    return result;
}

/// Elements of a container, for arithmetic with numbers that can be negative.
template <class Container>
constexpr std::int64_t signed_size(const Container& container) {
    return static_cast<std::int64_t>(container.size());
}

/// Elements of a container of a few: the layers of a network, the beats of a word.
template <class Container>
constexpr int count_of(const Container& container) {
    return narrow<int>(container.size());
}

/// A count as a real number, which is exact up to 2^53.
template <class Integer>
constexpr double real(Integer count) {
    static_assert(std::is_integral_v<Integer>);
    return static_cast<double>(count);
}

/// One count over another.
template <class Part, class Whole>
constexpr double ratio(Part part, Whole whole) {
    return real(part) / real(whole);
}

/// The smallest integer of at least value / divisor; both are positive, or the value is 0.
template <class Value, class Divisor>
constexpr std::common_type_t<Value, Divisor> divide_up(Value value, Divisor divisor) {
    using Common = std::common_type_t<Value, Divisor>;
    return (static_cast<Common>(value) + static_cast<Common>(divisor) - 1) / static_cast<Common>(divisor);
}

/// Bits that number `count` things, from 1 to 2^62.
constexpr std::int64_t ceil_log2(std::int64_t count) {
    std::int64_t bits = 0;
    while ((std::int64_t{1} << bits) < count) ++bits;
    return bits;
}

/// The smallest multiple of `unit` of at least `value`.
template <class Value, class Unit>
constexpr std::common_type_t<Value, Unit> round_up(Value value, Unit unit) {
    return divide_up(value, unit) * static_cast<std::common_type_t<Value, Unit>>(unit);
}

} // namespace bru
