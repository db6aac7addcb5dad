// Text taken from a stream or apart without loss. The operators of standard streams, and std::getline, keep it to
// themselves when memory is short or a disk fails: the text then only seems to end early.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace bru {

/// All that follows in the stream of the file `path`. Throws SystemError where it cannot be read to its end, and
/// std::bad_alloc.
std::string rest_of(std::istream& stream, const std::string& path);

/// The lines without their ends; none for "".
std::vector<std::string> lines_of(const std::string& text);

} // namespace bru
