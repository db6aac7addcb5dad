// A memory of the core that the host loads through the input stream.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/integers.hpp"
#include "machine/stream_format.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

/// Words of a fixed number of 64-bit beats. Writing changes the generation, so that readers know that what they
/// decoded is old.
class LoadedMemory {
public:
    LoadedMemory(std::int64_t words, std::int64_t word_bits)
        : words_(narrow<std::uint32_t>(words)), beats_per_word_(static_cast<std::size_t>(beats_of(word_bits))),
          beats_(words_ * beats_per_word_) {}

    /// Serves a write, or sets `data` and `generation` of a read. Out of range is a mistake of software: nothing is
    /// written, and zeros are read.
    void access(MemoryAccess& access) {
        if (std::uint64_t{access.address} + access.words > words_) {
            zeros_.assign(access.write ? 0 : access.words * beats_per_word_, 0);
            access.data = access.write ? access.data : zeros_.data();
            access.generation = generation_;
            return;
        }
        std::uint64_t* start = beats_.data() + access.address * beats_per_word_;
        if (access.write) {
            std::copy_n(access.data, access.words * beats_per_word_, start);
            ++generation_;
        } else {
            access.data = start;
        }
        access.generation = generation_;
    }
    const std::uint64_t* word(std::uint32_t address) const { return &beats_[std::size_t{address} * beats_per_word_]; }
    std::uint64_t generation() const { return generation_; }
    std::uint32_t words() const { return words_; }
    int beats_per_word() const { return narrow<int>(beats_per_word_); }

private:
    std::uint32_t words_;
    std::size_t beats_per_word_;
    std::vector<std::uint64_t> beats_;
    std::vector<std::uint64_t> zeros_;
    std::uint64_t generation_ = 1;
};

} // namespace bru
