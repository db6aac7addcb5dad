// Random numbers for tests, from a seed.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace bru::test {

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
