// BRU_VERSION and BRU_DATE come from CMake.
#include "base/version.hpp"

namespace bru {

const char* program_version() { return BRU_VERSION; }

const char* program_date() { return BRU_DATE; }

} // namespace bru
