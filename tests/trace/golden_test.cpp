// Does a golden file keep its sections, name the first wrong value, and notice damage?
#include "support/catch.hpp"

#include "base/error.hpp"
#include "files.hpp"
#include "trace/golden_file.hpp"
#include "trace/golden_writer.hpp"

using namespace bru;
using namespace bru::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

const GoldenKey kLogits{"0123456789abcdef", {}, {OutputKind::logits, OutputSteps::every}};
const GoldenKey kHidden{"0123456789abcdef", {}, {OutputKind::hidden, OutputSteps::last}};

std::vector<OutputVector> some_outputs(std::uint64_t count, int size = 3) {
    std::vector<OutputVector> outputs;
    for (std::uint64_t t = 0; t < count; ++t) {
        outputs.push_back({t / 10, t % 10, {}});
        for (int unit = 0; unit < size; ++unit)
            outputs.back().values.push_back(static_cast<std::int32_t>(t * 7919 + 1) * (unit % 2 ? -1 : 1) + unit);
    }
    return outputs;
}

GoldenChange write_section(GoldenWriter& writer, const GoldenKey& key, const std::vector<OutputVector>& outputs) {
    writer.begin_outputs(key, static_cast<int>(outputs.front().values.size()));
    for (const OutputVector& output : outputs) writer.add(output);
    return writer.end_outputs();
}

void write_golden(const std::string& path, const GoldenKey& key, const std::vector<OutputVector>& outputs) {
    GoldenWriter writer(path, true);
    write_section(writer, key, outputs);
    writer.commit();
}

GoldenComparison compare(const std::string& path, const GoldenKey& key, const std::vector<OutputVector>& outputs) {
    const auto checker = GoldenChecker::open(path, key);
    REQUIRE(checker);
    for (const OutputVector& output : outputs) checker->check(output);
    return checker->finish();
}

} // namespace

TEST_CASE("equal outputs have no mismatch, in full and as digests", "[golden]") {
    const TemporaryFolder folder;
    const std::uint64_t count = GENERATE(1, 1365, 1366, 5000); // 1365 * 3 values is the most in full
    const auto outputs = some_outputs(count);
    write_golden(folder / "g", kLogits, outputs);
    const GoldenComparison comparison = compare(folder / "g", kLogits, outputs);
    CHECK(comparison.checked == count * 3);
    CHECK(comparison.mismatches == 0);
    CHECK_FALSE(comparison.first.has_value());
    CHECK(comparison.digests == (count > 1365));
}

TEST_CASE("4,096 values are the most that a section has in full", "[golden]") {
    const TemporaryFolder folder;
    write_golden(folder / "g", kLogits, some_outputs(1024, 4));
    write_golden(folder / "g", kHidden, some_outputs(1025, 4));
    CHECK_FALSE(compare(folder / "g", kLogits, some_outputs(1024, 4)).digests);
    CHECK(compare(folder / "g", kHidden, some_outputs(1025, 4)).digests);
}

TEST_CASE("a wrong value is named", "[golden]") {
    const TemporaryFolder folder;
    auto outputs = some_outputs(100);
    write_golden(folder / "g", kLogits, outputs);
    outputs[57].values[2] += 5;
    outputs[60].values[0] = 0;
    outputs[60].values[1] = 0;
    const GoldenComparison comparison = compare(folder / "g", kLogits, outputs);
    CHECK(comparison.mismatches == 3);
    REQUIRE(comparison.first);
    CHECK(comparison.first->sequence == 5);
    CHECK(comparison.first->step == 7);
    CHECK(comparison.first->unit == 2);
    CHECK(*comparison.first->got == *comparison.first->expected + 5);
    CHECK_THAT(comparison.first->reason, ContainsSubstring("sequence 5, step 7, unit 2: expected"));
}

TEST_CASE("a wrong digest counts as one step, with the output kept", "[golden]") {
    const TemporaryFolder folder;
    auto outputs = some_outputs(3000);
    write_golden(folder / "g", kLogits, outputs);
    outputs[2000].values[1] ^= 1 << 31; // one bit
    outputs[2001].values = {outputs[2001].values[1], outputs[2001].values[0], outputs[2001].values[2]};
    const GoldenComparison comparison = compare(folder / "g", kLogits, outputs);
    CHECK(comparison.mismatches == 2);
    CHECK(comparison.first->sequence == 200);
    CHECK_FALSE(comparison.first->unit.has_value());
    CHECK(comparison.first_got.values == outputs[2000].values);
}

TEST_CASE("missing, surplus and misplaced outputs are mismatches", "[golden]") {
    const TemporaryFolder folder;
    auto outputs = some_outputs(20);
    write_golden(folder / "g", kLogits, outputs);
    SECTION("missing") {
        outputs.resize(18);
        const GoldenComparison comparison = compare(folder / "g", kLogits, outputs);
        CHECK(comparison.mismatches == 2);
        CHECK_THAT(comparison.first->reason, ContainsSubstring("sequence 1, step 8: this output is missing"));
    }
    SECTION("surplus") {
        outputs.push_back({2, 0, {1, 2, 3}});
        CHECK(compare(folder / "g", kLogits, outputs).mismatches == 1);
    }
    SECTION("of another step") {
        outputs[3].step = 4;
        CHECK_THAT(compare(folder / "g", kLogits, outputs).first->reason,
                   ContainsSubstring("expects the output of sequence 0, step 3"));
    }
    SECTION("of another size") {
        outputs[3].values.pop_back();
        CHECK_THAT(compare(folder / "g", kLogits, outputs).first->reason,
                   ContainsSubstring("expected 3 values, got 2"));
    }
}

TEST_CASE("sections are found by model, formats and mode", "[golden]") {
    const TemporaryFolder folder;
    write_golden(folder / "g", kLogits, some_outputs(5));
    CHECK_FALSE(GoldenChecker::open(folder / "absent", kLogits));
    CHECK_FALSE(GoldenChecker::open(folder / "g", kHidden));
    GoldenKey other = kLogits;
    other.fingerprint[0] = 'f';
    CHECK_FALSE(GoldenChecker::open(folder / "g", other));
    other = kLogits;
    other.formats.activation_bits = 6;
    CHECK_FALSE(GoldenChecker::open(folder / "g", other));
    other = kLogits;
    other.mode.steps = OutputSteps::final_state;
    CHECK_FALSE(GoldenChecker::open(folder / "g", other));
    CHECK(GoldenChecker::open(folder / "g", kLogits));
}

TEST_CASE("adding a section keeps the others, and the order does not depend on history", "[golden]") {
    const TemporaryFolder folder;
    write_golden(folder / "a", kLogits, some_outputs(5));
    write_golden(folder / "a", kHidden, some_outputs(5000, 4));
    write_golden(folder / "b", kHidden, some_outputs(5000, 4));
    write_golden(folder / "b", kLogits, some_outputs(5));
    CHECK(folder.read("a") == folder.read("b"));
    CHECK(golden_sections(folder / "a").size() == 2);
    CHECK(compare(folder / "a", kLogits, some_outputs(5)).mismatches == 0);
    CHECK(compare(folder / "a", kHidden, some_outputs(5000, 4)).mismatches == 0);
    GoldenWriter fresh(folder / "a", false);
    fresh.commit();
    CHECK(golden_sections(folder / "a").empty());
    CHECK(folder.file_count() == 2);
}

TEST_CASE("a writer tells what changed", "[golden]") {
    const TemporaryFolder folder;
    auto outputs = some_outputs(5);
    GoldenWriter first(folder / "g", true);
    CHECK_THAT(write_section(first, kLogits, outputs).description, ContainsSubstring("new: 5 outputs of 3 values"));
    CHECK(first.set_cycles({"aaaa", {{"total", 100}, {"compute", 60}}}).description == "new");
    first.commit();
    GoldenWriter second(folder / "g", true);
    CHECK_FALSE(write_section(second, kLogits, outputs).changed);
    CHECK(second.set_cycles({"aaaa", {{"total", 100}, {"compute", 60}}}).description == "unchanged");
    outputs[4].values[1] = 0;
    const GoldenChange change = write_section(second, kLogits, outputs);
    CHECK(change.changed);
    CHECK_THAT(change.description,
               ContainsSubstring("1 values differ") && ContainsSubstring("sequence 0, step 4, unit 1"));
    const GoldenChange cycles = second.set_cycles({"aaaa", {{"total", 101}, {"compute", 60}, {"idle", 3}}});
    CHECK(cycles.changed);
    CHECK(cycles.description == "total 100 -> 101, idle absent -> 3");
    second.set_cycles({"bbbb", {{"total", 7}}});
    second.commit();
    CHECK(find_cycles(folder / "g", "aaaa")->counts[0].second == 101);
    CHECK(find_cycles(folder / "g", "bbbb")->counts.size() == 1);
    CHECK_FALSE(find_cycles(folder / "g", "cccc"));
    CHECK_FALSE(find_cycles(folder / "absent", "aaaa"));
    CHECK(compare(folder / "g", kLogits, outputs).mismatches == 0);
}

TEST_CASE("a writer that is not committed changes nothing", "[golden]") {
    const TemporaryFolder folder;
    write_golden(folder / "g", kLogits, some_outputs(5));
    const std::string before = folder.read("g");
    {
        GoldenWriter writer(folder / "g", true);
        writer.begin_outputs(kHidden, 3);
        writer.add(some_outputs(1).front());
    }
    CHECK(folder.read("g") == before);
    CHECK(folder.file_count() == 1);
}

TEST_CASE("the digest sees every bit, the order and the number of values", "[golden]") {
    const std::vector<std::int32_t> values{1, -2, 300000, 0};
    const std::uint64_t digest = output_digest(values);
    for (std::size_t i = 0; i < values.size(); ++i)
        for (int bit = 0; bit < 32; ++bit) {
            auto other = values;
            other[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(other[i]) ^ (1u << bit));
            CHECK(output_digest(other) != digest);
        }
    CHECK(output_digest({-2, 1, 300000, 0}) != digest);
    CHECK(output_digest({1, -2, 300000}) != digest);
    CHECK(output_digest({}) == 0xefd01f60ba992926u); // of the empty vector; fixes the function for good
    const std::array<OutputVector, 4> outputs{OutputVector{0, 0, values}, OutputVector{0, 1, {5, 6, 7, 8}},
                                              OutputVector{0, 2, {0, 0, 0, 0}}, OutputVector{0, 3, {-1, 2, -3, 4}}};
    for (std::size_t k = 0; k < outputs.size(); ++k)
        CHECK(output_digests(outputs)[k] == output_digest(outputs[k].values));
}

TEST_CASE("cycles are keyed by the whole manifest", "[golden]") {
    CHECK(text_digest("bru.lanes=64\n") != text_digest("bru.lanes=65\n"));
    CHECK(text_digest("").size() == 16);
}

TEST_CASE("damaged golden files are refused with their line", "[golden]") {
    const TemporaryFolder folder;
    write_golden(folder / "good", kLogits, some_outputs(3));
    GoldenWriter writer(folder / "good", true);
    writer.set_cycles({"aaaa", {{"total", 100}}});
    writer.commit();
    const std::string good = folder.read("good");
    const auto read = [&](const std::string& content) {
        const std::string path = folder.write("bad", content);
        golden_sections(path);
        compare(path, kLogits, some_outputs(3));
    };
    CHECK_NOTHROW(read(good));
    for (std::size_t length = 0; length < good.size(); ++length) {
        INFO(length);
        CHECK_THROWS_AS(golden_sections(folder.write("bad", good.substr(0, length))), InputError);
    }
    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        return text.replace(text.find(from), from.size(), to);
    };
    CHECK_THROWS_WITH(read(replaced("bru golden 1", "bru golden 9")), ContainsSubstring("bad:1: is no golden file"));
    CHECK_THROWS_WITH(read(replaced("total=100", "total=many")),
                      ContainsSubstring("bad:2: 'total=many' is no name=count"));
    CHECK_THROWS_WITH(read(replaced("\n0 1 ", "\n0 x ")), ContainsSubstring("bad:5:"));
    CHECK_THROWS_WITH(read(replaced("\n0 1 ", "\n0 1 1.5 ")), ContainsSubstring("'1.5'"));
    CHECK_THROWS_WITH(read(replaced("end 3", "end 4")), ContainsSubstring("has 3 outputs and ends with 'end 4'"));
    CHECK_THROWS_WITH(read(replaced(" full", " fool")), ContainsSubstring("bad:3:"));
    CHECK_THROWS_WITH(read(replaced("outputs", "output")), ContainsSubstring("`outputs` or `cycles`"));
    CHECK_THROWS_WITH(read(replaced("end of golden\n", good.substr(good.find("outputs")))), ContainsSubstring("twice"));
    CHECK_THROWS_WITH(read(good + "more\n"), ContainsSubstring("nothing may follow"));
}
