#include "explore/database_problem.hpp"

#include <cstring>
#include <filesystem>

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace bru {

namespace {

namespace fs = std::filesystem;

constexpr const char* kGoesOn = "the results so far are kept, and the same command goes on from there";

std::string system_text(sqlite3* connection) {
    const int code = sqlite3_system_errno(connection);
    return code == 0 ? std::string(sqlite3_errmsg(connection)) : std::string(std::strerror(code));
}

std::string cannot_open(sqlite3* connection, const std::string& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return "is a folder; name the file of a database";
    const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
    if (!fs::is_directory(folder, ignored))
        return fmt::format("cannot be opened: there is no folder {}; make it, or name another place", folder.string());
    if (!fs::exists(path, ignored) && ::access(folder.c_str(), W_OK) != 0)
        return fmt::format("cannot be made: you may not write into the folder {}; give the permission, or name another "
                           "place with --db",
                           folder.string());
    return fmt::format("cannot be opened: {}; choose a place with room that you may read and write",
                       system_text(connection));
}

std::string read_only(const std::string& path) {
    const bool is_file = ::access(path.c_str(), W_OK) != 0;
    return fmt::format(
        "cannot be written: you may not write {}; give the permission, or copy it to a place of your own",
        is_file ? "the file" : "its folder, where SQLite keeps a journal");
}

} // namespace

std::string database_problem(sqlite3* connection, const std::string& path) {
    switch (sqlite3_errcode(connection)) {
    case SQLITE_CANTOPEN: return cannot_open(connection, path);
    case SQLITE_READONLY: return read_only(path);
    case SQLITE_NOTADB: return "is a file but no sweep database; name one that bru sweep wrote, or for --db a new file";
    case SQLITE_CORRUPT: return "is damaged or cut short; copy it again, or delete it and run the sweep once more";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "is in use by another sweep; wait for it, or give another name with --db";
    case SQLITE_FULL: return fmt::format("cannot be written: the disk is full; make room: {}", kGoesOn);
    case SQLITE_IOERR: return fmt::format("cannot be read or written: {}; {}", system_text(connection), kGoesOn);
    default: return fmt::format("cannot be used: {} (SQLite); {}", sqlite3_errmsg(connection), kGoesOn);
    }
}

} // namespace bru
