// Random numbers for tests, from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace bru::test {

/// One of the values, with one number of `random`: the same on every library, unlike a distribution.
template <typename Value>
Value pick_of(std::mt19937_64& random, std::initializer_list<Value> values) {
    return *(values.begin() + static_cast<std::ptrdiff_t>(random() % values.size()));
}

class Draw {
public:
    explicit Draw(std::uint64_t seed) : engine_(seed) {}
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
    }
    bool one_in(int n) { return between(1, n) == 1; }
    template <typename Value>
    Value pick(const std::vector<Value>& values) {
        return values[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(values.size()) - 1))];
    }

private:
    std::mt19937_64 engine_;
};

} // namespace bru::test
