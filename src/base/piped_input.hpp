// Inputs that can be read only once: a pipe, a FIFO, /dev/stdin. What needs an input twice, or goes back in it, opens
// the file that stands in for it.
#pragma once

#include <string>

namespace bru {

/// Where the content of `path` can be opened as often as wanted: `path` itself, or for a pipe a temporary file without
/// a name that has what came through it. A pipe is read the first time; later calls get the same file. Messages keep
/// naming `path`. Throws InputError for devices and terminals, and where a pipe gives more than a temporary file takes.
/// A file that is not there or not readable is left to the one who opens it.
std::string reopenable(const std::string& path);

/// Whether `path` names something that can be read only once.
bool is_pipe(const std::string& path);

} // namespace bru
