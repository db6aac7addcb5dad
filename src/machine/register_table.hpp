// Every register that software sees, as data: docs/interfaces.md and driver/bru_registers.h are made from this table,
// and a test fails where they differ.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bru {

/// A number that software names: a bit, a shift, a value.
struct RegisterConstant {
    std::string_view name;
    std::uint32_t value = 0;
};

struct RegisterEntry {
    std::uint32_t offset = 0;
    std::string_view shown_offset; ///< in the document
    std::string_view name;         ///< of the constant; "" where the document alone has the row
    std::string_view access;       ///< R, W, RW, ...
    std::string meaning;           ///< Markdown
    std::vector<RegisterConstant> constants = {};
};

std::vector<RegisterEntry> core_register_table();
std::vector<RegisterEntry> dma_register_table();

/// A table of Markdown, the heading included.
std::string registers_markdown(const std::vector<RegisterEntry>& registers);

/// driver/bru_registers.h.
std::string registers_c_header();

} // namespace bru
