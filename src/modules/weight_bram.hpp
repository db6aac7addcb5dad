// weight_bram: L*W weight bits a word, written by the load stream, read in the sequencer's order, a word a
// cycle. Timing: kMemoryReadCycles from address to word (block RAM with output register).
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "modules/core_registers.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

/// A memory that is loaded through the stream: words of a fixed number of 64-bit beats.
class LoadedMemory {
public:
    LoadedMemory(std::int64_t words, std::int64_t word_bits);

    /// Serves a write, or sets `data` and `generation` of a read. Out of range is a driver's mistake: asserted.
    void access(MemoryAccess& access);
    const std::uint64_t* word(std::uint32_t address) const { return &beats_[std::size_t{address} * beats_per_word_]; }
    std::uint64_t generation() const { return generation_; }
    std::uint32_t words() const { return words_; }
    int beats_per_word() const { return static_cast<int>(beats_per_word_); }

private:
    std::uint32_t words_;
    std::size_t beats_per_word_;
    std::vector<std::uint64_t> beats_;
    std::uint64_t generation_ = 1;
};

/// `width` bits (1 to 48) at bit `position` of a word, unsigned.
std::uint64_t word_bits(const std::uint64_t* word, std::int64_t position, int width);

class WeightBram : public sc_core::sc_module {
public:
    WeightBram(const sc_core::sc_module_name& name, const CoreShape& shape);

    MemoryTargetSocket load_socket;
    MemoryTargetSocket read_socket; ///< from dot_product_lanes

private:
    LoadedMemory memory_;
};

} // namespace bru
