// What all fuzzers share. The parsers read files, so an input becomes a file in memory that has a path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/error.hpp"

namespace bru::fuzz {

/// One file for all inputs. Its content is that of the last call.
inline const std::string& file_of(std::string_view content) {
    static const int descriptor = ::memfd_create("input", MFD_CLOEXEC);
    static const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
    const bool written = ::ftruncate(descriptor, 0) == 0 && ::pwrite(descriptor, content.data(), content.size(), 0) ==
                                                                static_cast<ssize_t>(content.size());
    if (!written) std::abort();
    return path;
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Reading may refuse the input, with an InputError that has a message. Whatever else it throws ends the fuzzer as a
/// finding. Returns what libFuzzer wants.
template <class Read>
int try_to_read(const Read& read) {
    try {
        read();
    } catch (const InputError& error) {
        if (error.message().empty()) std::abort();
    }
    return 0;
}

} // namespace bru::fuzz
