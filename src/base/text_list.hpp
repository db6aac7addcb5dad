// Texts of files and options taken apart.
#pragma once

#include <string>
#include <vector>

namespace bru {

/// Without the blanks around it.
std::string trimmed(const std::string& text);

/// What stands between the commas, trimmed; empty items stay. Of "" one empty item.
std::vector<std::string> comma_list(const std::string& text);

} // namespace bru
