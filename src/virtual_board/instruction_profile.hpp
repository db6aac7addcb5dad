// How many instructions each function of the firmware executed, and what kind of work that was.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "virtual_board/elf_file.hpp"

namespace bru {

/// What software does for the accelerator.
enum class Work { encoding, outputs, text, copies, caches, interrupts, driver, checks, arithmetic, other };
inline constexpr int kWorks = 10;
const char* work_name(Work work);

class InstructionProfile {
public:
    explicit InstructionProfile(std::vector<ElfFunction> functions);

    void count(std::uint32_t address) {
        const std::size_t word = address / 4;
        if (word >= counts_.size()) counts_.resize(word + 1, 0);
        ++counts_[word];
        ++total_;
    }
    std::uint64_t total() const { return total_; }

    /// Of each kind of work so far.
    std::vector<std::uint64_t> by_work() const;

private:
    std::vector<ElfFunction> functions_;
    std::vector<std::uint64_t> counts_; ///< by word of the code
    std::uint64_t total_ = 0;
};

} // namespace bru
