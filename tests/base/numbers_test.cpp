// Is a text taken as a number exactly where the whole of it is one, within the range?
#include "support/catch.hpp"

#include <cstdint>

#include "base/lookalikes.hpp"
#include "base/numbers.hpp"
#include "base/units.hpp"

using namespace bru;

TEST_CASE("an integer is the whole text, in decimal") {
    CHECK(parse_integer("0") == 0);
    CHECK(parse_integer("-12") == -12);
    CHECK(parse_integer("9223372036854775807") == INT64_MAX);
    for (const char* text : {"", " 1", "1 ", "+1", "1.0", "1e3", "0x10", "12a", "-", "9223372036854775808"}) {
        INFO(text);
        CHECK_FALSE(parse_integer(text));
    }
}

TEST_CASE("an integer lies within the range of its type and of the caller") {
    CHECK(parse_integer<std::uint64_t>("18446744073709551615") == UINT64_MAX);
    CHECK_FALSE(parse_integer<std::uint64_t>("-1"));
    CHECK_FALSE(parse_integer<std::int32_t>("2147483648"));
    CHECK(parse_integer("4", std::int64_t{4}, std::int64_t{8}) == 4);
    CHECK(parse_integer("8", std::int64_t{4}, std::int64_t{8}) == 8);
    CHECK_FALSE(parse_integer("3", std::int64_t{4}, std::int64_t{8}));
    CHECK_FALSE(parse_integer("9", std::int64_t{4}, std::int64_t{8}));
}

TEST_CASE("a real number is finite and within the range of the caller") {
    CHECK(parse_real("2.5") == 2.5);
    CHECK(parse_real("-1e-3") == -1e-3);
    CHECK(parse_real("1", 1, 2) == 1);
    CHECK(parse_real("2", 1, 2) == 2);
    for (const char* text : {"", "nan", "inf", "-inf", "1e999", "1,5", " 1", "1 ", "+1", "0.9x"}) {
        INFO(text);
        CHECK_FALSE(parse_real(text));
    }
    CHECK_FALSE(parse_real("0.999", 1, 2));
    CHECK_FALSE(parse_real("2.001", 1, 2));
    CHECK(is_number("nan"));
    CHECK_FALSE(is_number("none"));
}

TEST_CASE("hexadecimal digits are read without a prefix") {
    CHECK(parse_hexadecimal("00ff") == 255u);
    CHECK(parse_hexadecimal("ffffffffffffffff") == UINT64_MAX);
    CHECK_FALSE(parse_hexadecimal("0xff"));
    CHECK_FALSE(parse_hexadecimal("fg"));
    CHECK_FALSE(parse_hexadecimal("1ffffffffffffffff"));
}

TEST_CASE("a number that is written is read back as the same") {
    std::string text;
    append_real(text, 0.1);
    CHECK(text == "0.1");
    text.clear();
    append_integer(text, INT64_MIN);
    CHECK(parse_integer(text) == INT64_MIN);
}

TEST_CASE("what stands in place of a number is told") {
    using Catch::Matchers::ContainsSubstring;
    CHECK_THAT(number_remark("1,024"), ContainsSubstring("without commas"));
    CHECK_THAT(number_remark("1'024"), ContainsSubstring("without anything between"));
    CHECK_THAT(number_remark("\xe2\x88\x92"
                             "5"),
               ContainsSubstring("U+2212"));
    for (const char* text : {"", "many", "64", "-,5", "0x40"}) CHECK(number_remark(text).empty());
    CHECK(number_before_unit("1.5 GHz") == "1.5");
    CHECK(number_before_unit("15").empty());
}

TEST_CASE("a whole number that is written in another way is shown in decimal digits") {
    CHECK(whole_number_remark("0x40") == "; write it in decimal, 64");
    CHECK(whole_number_remark("1e3") == "; write 1000");
    CHECK(whole_number_remark("64.0") == "; write 64");
    CHECK(whole_number_remark("1,024") == number_remark("1,024"));
    for (const char* text : {"", "64", "0x", "0xg", "1.5", "1e99", "nan", "many"}) {
        CAPTURE(text);
        CHECK(whole_number_remark(text).empty());
    }
}

TEST_CASE("a number with a unit is converted to the unit that is wanted") {
    CHECK(unit_remark("0.5us", "ns") == "; give the number alone, 500: its unit is ns");
    CHECK(unit_remark("0.2 GHz", "MHz") == "; give the number alone, 200: its unit is MHz");
    CHECK(unit_remark("1.2GB/s", "MB/s") == "; give the number alone, 1200: its unit is MB/s");
    CHECK(unit_remark("150 ns", "ns") == "; give the number alone, 150: its unit is ns");
    CHECK(unit_remark("8bit", "bits") == "; give the number alone, 8: its unit is bits");
    CHECK(unit_remark("50%", "") == "; give the number alone");
    CHECK(unit_remark("5 cycles", "ns") == "; give the number alone, in ns"); // nothing to convert by
    CHECK(unit_remark("64k", "lanes") == "; give all digits of the number, and no letter behind them");
    for (const char* text : {"", "64", "many", "0x40", "-"}) CHECK(unit_remark(text, "ns").empty());
}

TEST_CASE("characters that only look like ASCII are replaced, others stay") {
    CHECK(without_lookalikes("\xe2\x80\x94model \xe2\x80\x9cm\xe2\x80\x9d") == "--model \"m\"");
    CHECK(without_lookalikes("\xef\xbb\xbfKr\xc3\xa4he") == "Kr\xc3\xa4he");
    CHECK(lookalike_remark("Kr\xc3\xa4he -5").empty());
    CHECK(lookalike_remark("a\xe2\x80\x8b") == "; it has an invisible U+200B: remove it");
}
