// A firmware as its linker made it: what lies where in memory, and which function an instruction belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bru {

struct ElfSegment {
    std::uint32_t address = 0;
    std::string bytes; ///< as in the file; the rest of the memory is cleared
};

struct ElfFunction {
    std::uint32_t address = 0;
    std::string name;
};

struct ElfFile {
    std::uint32_t entry = 0;
    std::vector<ElfSegment> segments;
    std::vector<ElfFunction> functions; ///< by address; a function reaches to the next one
};

/// Throws InputError where the file is no executable for 32-bit ARM, little-endian.
ElfFile read_elf_file(const std::string& path);

} // namespace bru
