// The program's version, as CMake's project() has it.
#pragma once

namespace bru {

const char* program_version();

} // namespace bru
