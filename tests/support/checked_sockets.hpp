// Which transactions the protocol checkers of this test program have seen (checked_sockets.cpp).
#pragma once

#include <cstdint>

namespace bru::test {

/// Of all systems that have been destroyed.
std::uint64_t checked_transactions();

} // namespace bru::test
