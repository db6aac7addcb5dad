// What is wrong with a sweep's database, in words that say what to do.
#pragma once

#include <string>

struct sqlite3;

namespace bru {

/// Of the last call on the connection that failed; `path` is that of the database.
std::string database_problem(sqlite3* connection, const std::string& path);

} // namespace bru
