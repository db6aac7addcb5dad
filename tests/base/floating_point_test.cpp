// Do floating-point results follow from the source alone, not from the instructions of a processor?
#include "support/catch.hpp"

TEST_CASE("a product is rounded before it is added, also where one instruction could do both") {
    // (1 + 2^-27) (1 - 2^-27) = 1 - 2^-54, which rounds to 1. With one rounding the difference would be -2^-54.
    const volatile double above = 1 + 0x1p-27;
    const volatile double below = 1 - 0x1p-27;
    const volatile double one = 1;
    const double a = above;
    const double b = below;
    const double c = one;
    CHECK(a * b - c == 0);
}
