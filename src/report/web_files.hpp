// The files of src/report/web/, which the build puts into the program.
#pragma once

#include <string_view>

namespace bru {

/// Text of the file with this name; empty where there is none.
std::string_view web_file(std::string_view name);

} // namespace bru
