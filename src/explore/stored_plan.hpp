// The plan of a sweep as its database keeps it. Anybody can write a database, so what is read is held against what
// plan_json() (export.hpp) writes before anything relies on it.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace bru {

/// The plan as a value with all members that plan_json() writes, of the types that it writes. Throws InputError with
/// the path of the database where the text is something else.
nlohmann::ordered_json checked_plan(const std::string& text, const std::string& path);

} // namespace bru
