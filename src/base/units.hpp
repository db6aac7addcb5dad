// Numbers that a user writes with a unit, where the unit belongs to the name ("latency_ns", "--deadline-us").
#pragma once

#include <string>
#include <string_view>

namespace bru {

/// Of a number with letters behind it, where a number in `unit` alone is taken: "; give the number alone, 500: its unit
/// is ns" of "0.5us". "" where the text is something else. `unit` is "" where the number has none.
std::string unit_remark(std::string_view text, std::string_view unit);

} // namespace bru
