// Is a text that cannot be read to its end an error, and never a shorter text?
#include "support/catch.hpp"

#include <istream>
#include <new>
#include <streambuf>

#include "base/error.hpp"
#include "base/read_text.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

/// Gives one block, and then fails as `Failure` says.
template <class Failure>
class FailingBuffer : public std::streambuf {
    int_type underflow() override {
        if (given_) throw Failure{};
        given_ = true;
        setg(block_, block_, block_ + sizeof block_);
        return traits_type::to_int_type(*block_);
    }
    char block_[5] = {'[', 'b', 'r', 'u', ']'};
    bool given_ = false;
};

struct DiskError : std::ios_base::failure {
    DiskError() : failure("of the disk") {}
};

} // namespace

TEST_CASE("short memory and a failing disk do not shorten a text") {
    FailingBuffer<std::bad_alloc> short_of_memory;
    std::istream first(&short_of_memory);
    CHECK_THROWS_AS(rest_of(first, "a.txt"), std::bad_alloc);
    FailingBuffer<DiskError> failing;
    std::istream second(&failing);
    CHECK_THROWS_AS(rest_of(second, "a.txt"), SystemError);
    FailingBuffer<DiskError> again;
    std::istream third(&again);
    CHECK_THROWS_WITH(rest_of(third, "a.txt"), ContainsSubstring("a.txt: cannot be read to its end"));
}

TEST_CASE("a text has its lines, with or without an end of the last one") {
    using Lines = std::vector<std::string>;
    CHECK(lines_of("").empty());
    CHECK(lines_of("a") == Lines{"a"});
    CHECK(lines_of("a\n\nb\r\n") == Lines{"a", "", "b\r"});
    CHECK(lines_of("\n") == Lines{""});
}
