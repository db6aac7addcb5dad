// Do outputs reach CSV and NPY files in real numbers, whole or not at all?
#include "support/catch.hpp"
#include <cstring>

#include "base/error.hpp"
#include "files.hpp"
#include "trace/data_set.hpp"
#include "trace/output_writer.hpp"

using namespace bru;
using namespace bru::testing;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("outputs as CSV", "[outputs]") {
    const TemporaryFolder folder;
    OutputWriter hidden(folder / "h.csv", OutputKind::hidden, 2, {});
    hidden.write({0, 0, {64, -128}});
    hidden.write({1, 7, {1, 0}});
    CHECK(folder.read("h.csv").empty());
    hidden.finish();
    CHECK(folder.read("h.csv") == "sequence,step,v0,v1\n0,0,0.5,-1\n1,7,0.0078125,0\n");
    OutputWriter logits(folder / "l.csv", OutputKind::logits, 1, {});
    logits.write({0, 0, {-98304}});
    logits.finish();
    CHECK(folder.read("l.csv") == "sequence,step,v0\n0,0,-1.5\n");
    OutputWriter argmax(folder / "a.csv", OutputKind::argmax, 1, {});
    argmax.write({0, 3, {42}});
    argmax.finish();
    CHECK(folder.read("a.csv") == "sequence,step,v0\n0,3,42\n");
    OutputWriter binary(folder / "b.csv", OutputKind::hidden, 2, {1, 10, 16});
    binary.write({0, 0, {1, -1}});
    binary.finish();
    CHECK(folder.read("b.csv") == "sequence,step,v0,v1\n0,0,1,-1\n");
}

TEST_CASE("outputs as NPY, read back", "[outputs]") {
    const TemporaryFolder folder;
    OutputWriter writer(folder / "o.npy", OutputKind::logits, 3, {});
    for (int i = 0; i < 1000; ++i) writer.write({0, static_cast<std::uint64_t>(i), {i << 16, -(1 << 15), 1}});
    writer.finish();
    const std::string content = folder.read("o.npy");
    CHECK(content.size() == 128 + 1000 * 12);
    CHECK_THAT(content.substr(10, 118), ContainsSubstring("'shape': (1000, 3)") && Catch::Matchers::EndsWith("\n"));
    const Network network = input_network(InputEncoding::vector, 3);
    const auto array = open_npy(folder / "o.npy", network);
    std::uint64_t count = 0;
    for (const Step* step = array->next(); step; step = array->next(), ++count)
        REQUIRE(step->values == std::vector<double>{static_cast<double>(count), -0.5, 1.0 / 65536});
    CHECK(count == 1000);
}

TEST_CASE("outputs of several streams name their stream", "[outputs]") {
    const TemporaryFolder folder;
    OutputWriter writer(folder / "o.csv", OutputKind::argmax, 1, {}, true);
    writer.write({3, 7, {5}, 2});
    writer.finish();
    CHECK(folder.read("o.csv") == "stream,sequence,step,v0\n2,3,7,5\n");
}

TEST_CASE("outputs that are not finished leave nothing", "[outputs]") {
    const TemporaryFolder folder;
    OutputWriter(folder / "o.npy", OutputKind::logits, 3, {}).write({0, 0, {1, 2, 3}}); // dies at once
    CHECK(folder.file_count() == 0);
    CHECK_THROWS_WITH(OutputWriter(folder / "none/o.csv", OutputKind::hidden, 1, {}),
                      ContainsSubstring("none/o.csv: cannot be written"));
    CHECK_THROWS_WITH(OutputWriter(folder / ".", OutputKind::hidden, 1, {}), ContainsSubstring("is a folder"));
    OutputWriter null("/dev/null", OutputKind::hidden, 1, {}); // written directly, never replaced
    null.write({0, 0, {1}});
    null.finish();
    CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("a symbolic link stays one", "[outputs]") {
    const TemporaryFolder folder;
    folder.write("real.csv", "old");
    std::filesystem::create_symlink(folder / "real.csv", folder / "link.csv");
    OutputWriter writer(folder / "link.csv", OutputKind::argmax, 1, {});
    writer.finish();
    CHECK(std::filesystem::is_symlink(folder / "link.csv"));
    CHECK(folder.read("real.csv") == "sequence,step,v0\n");
}
