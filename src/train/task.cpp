#include "train/task.hpp"

namespace bru::train {

std::uint64_t drawn(std::uint64_t seed, std::uint64_t counter, std::uint64_t limit) {
    // splitmix64, twice: seeds and counters that differ by one have nothing in common afterwards.
    std::uint64_t x = seed;
    for (int round = 0; round < 2; ++round) {
        x += 0x9e3779b97f4a7c15ULL;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
        x ^= x >> 31;
        if (round == 0) x ^= counter;
    }
    return x % limit;
}

} // namespace bru::train
