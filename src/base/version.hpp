// The program's version, as CMake's project() has it.
#pragma once

namespace bru {

const char* program_version();
const char* program_date(); ///< of that version, "2026-11-28"

} // namespace bru
