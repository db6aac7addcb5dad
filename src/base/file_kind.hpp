// What a wrong input file is, and why a file cannot be read: remarks that end the message of whoever expected another.
#pragma once

#include <string>

#include "base/error.hpp"

namespace bru {

/// "; it is a trace, as bru trace writes it", from the first bytes of the file. "" where they say nothing, and where
/// they say what was expected ("a trace"): the file is damaged then, and the remark would contradict the message.
std::string file_kind_remark(const std::string& path, const std::string& expected);

/// Of a name that no file has: what the shell, a Windows program or an editor would have made of it, "; folders are
/// separated by '/', not by '\\'". "" where it has nothing of the kind.
std::string name_remark(const std::string& name);

/// Of a file that open() refused with the error number: what to do about it, and the nearest name in its folder.
SystemError unreadable(const std::string& path, int error_number);

} // namespace bru
