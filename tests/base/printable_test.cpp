// Is text of others shown in one line, readable, and harmless to a terminal?
#include <random>

#include "base/printable.hpp"
#include "support/catch.hpp"

using namespace bru;

TEST_CASE("plain text stays, also beyond ASCII", "[printable]") {
    CHECK(printable("node 'a' (LSTM)") == "node 'a' (LSTM)");
    CHECK(printable("Gr\u00f6\u00dfe \u65e5\u672c \U0001F600") == "Gr\u00f6\u00dfe \u65e5\u672c \U0001F600");
    CHECK(printable("").empty());
}

TEST_CASE("what a terminal obeys is escaped", "[printable]") {
    CHECK(printable("\x1b[31mred") == "\\x1b[31mred");
    CHECK(printable("a\nb\tc\r") == "a\\nb\\tc\\r");
    CHECK(printable(std::string("\0\x7f", 2)) == "\\x00\\x7f");
    CHECK(printable("\xc2\x9b"
                    "31m") == "\\xc2\\x9b31m");            // a control sequence in one character
    CHECK(printable("\u202eabc") == "\\xe2\\x80\\xaeabc"); // from right to left
    CHECK(printable("\u2028") == "\\xe2\\x80\\xa8");
}

TEST_CASE("bytes that are not UTF-8 are escaped", "[printable]") {
    CHECK(printable("bad\xff.onnx") == "bad\\xff.onnx");
    CHECK(printable("\xc3") == "\\xc3");
    CHECK(printable("\xe0\x80\x80") == "\\xe0\\x80\\x80"); // overlong
    CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80"); // a surrogate
    CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
    CHECK_FALSE(is_utf8("bad\xff"));
    CHECK(is_utf8("Gr\u00f6\u00dfe"));
}

TEST_CASE("long text is cut between characters", "[printable]") {
    CHECK(printable("\u00e4\u00f6\u00fc", 3) == "\u00e4\u00f6\u00fc");
    CHECK(printable("\u00e4\u00f6\u00fc", 2) == "\u00e4\u00f6...");
    CHECK(shown_name(std::string(1'000'000, 'a')).size() == kNameCharacters + 3);
}

TEST_CASE("whatever the bytes, what is shown is one line of UTF-8 without control characters", "[printable]") {
    std::mt19937_64 random(1);
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::size_t left = random() % 20; left > 0; --left) text += static_cast<char>(random());
        const std::string shown = printable(text);
        CAPTURE(round);
        CHECK(is_utf8(shown));
        for (const char c : shown) CHECK(static_cast<unsigned char>(c) >= 0x20);
        CHECK(printable(shown) == shown);
    }
}
