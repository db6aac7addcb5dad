// BRU_VERSION comes from CMake.
#include "report/version.hpp"

namespace bru {

const char* program_version() { return BRU_VERSION; }

} // namespace bru
