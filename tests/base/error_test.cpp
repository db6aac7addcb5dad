// Does an error say once where it lies, whoever knew it?
#include "support/catch.hpp"

#include "base/error.hpp"

using namespace bru;

namespace {

/// The error that leaves `work`.
template <typename Work>
InputError error_of(const Work& work) {
    try {
        work();
    } catch (const InputError& error) {
        return error;
    }
    return InputError("nothing was thrown");
}

std::string text_of(const InputError& error) { return error.what(); }

} // namespace

TEST_CASE("the place stands in front of the message") {
    CHECK(text_of(InputError("no such device")) == "no such device");
    CHECK(text_of(InputError({"a.ini"}, "no such device")) == "a.ini: no such device");
    CHECK(text_of(InputError({"a.ini", 7}, "no such device")) == "a.ini:7: no such device");
    CHECK(text_of(InputError({"a.onnx", 0, "node 'x'"}, "no such device")) == "a.onnx: node 'x': no such device");
    CHECK(text_of(InputError({"", 0, "node 'x'"}, "no such device")) == "node 'x': no such device");
    CHECK(InputError({"a.ini", 7}, "no such device").message() == "no such device");
}

TEST_CASE("the first place that an error passes is the one that it names") {
    const auto thrown = [](const InputError& error) {
        const auto inner = [&] { in_place({"inner.ini", 3}, [&]() -> int { throw error; }); };
        return error_of([&] { in_place({"outer.ini"}, inner); });
    };
    CHECK(text_of(thrown(InputError("bad"))) == "inner.ini:3: bad");
    CHECK(text_of(thrown(InputError({"own.csv", 9}, "bad"))) == "own.csv:9: bad");
    CHECK(text_of(thrown(InputError({"", 0, "node 'x'"}, "bad"))) == "inner.ini:3: node 'x': bad");
    CHECK(thrown(InputError("bad")).place().source == "inner.ini");
}

TEST_CASE("a message that names the file by chance gets its place all the same") {
    const InputError error =
        error_of([] { in_place({"a.ini"}, []() -> int { throw InputError("device = a.ini.ini: no such file"); }); });
    CHECK(text_of(error) == "a.ini: device = a.ini.ini: no such file");
}

TEST_CASE("what is done in a place gives its result back, and an unknown place changes nothing") {
    CHECK(in_place({"a.ini"}, [] { return 4; }) == 4);
    const InputError error = error_of([] { in_place({""}, []() -> int { throw InputError("bad"); }); });
    CHECK(text_of(error) == "bad");
}
