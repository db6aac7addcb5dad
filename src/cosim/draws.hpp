// Random decisions, which follow from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "base/integers.hpp"

namespace bru {

class Draws {
public:
    explicit Draws(std::uint64_t seed) : engine_(seed) {}

    std::uint64_t any() { return engine_(); }
    int below(std::size_t count) { return narrow<int>(engine_() % count); }
    bool one_in(std::size_t count) { return below(count) == 0; }
    std::uint32_t between(int low, int high) {
        return narrow<std::uint32_t>(low + below(narrow<std::size_t>(high - low + 1)));
    }
    int pick(const std::vector<int>& values) { return values[narrow<std::size_t>(below(values.size()))]; }
    template <typename List>
    void shuffle(List& list) {
        for (std::size_t k = list.size(); k > 1; --k) std::swap(list[k - 1], list[narrow<std::size_t>(below(k))]);
    }

private:
    std::mt19937_64 engine_;
};

} // namespace bru
