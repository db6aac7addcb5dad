#include "base/standard_streams.hpp"

#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

namespace bru {

void hold_standard_streams() {
    // The lowest free number is taken: the loop ends when all three are in use. /dev/null is opened for reading only.
    int descriptor = 0;
    while (descriptor >= 0 && descriptor <= STDERR_FILENO) descriptor = ::open("/dev/null", O_RDONLY);
    if (descriptor > STDERR_FILENO) ::close(descriptor);
}

bool flush_standard_output() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

} // namespace bru
