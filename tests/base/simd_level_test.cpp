// Are the SIMD levels those that the processor has, and is a wrong one refused with what is allowed?
#include "support/catch.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/simd_level.hpp"

using Catch::Matchers::ContainsSubstring;

namespace {

/// BRU_SIMD, set as long as this lives.
class LevelInEnvironment {
public:
    explicit LevelInEnvironment(const std::string& level) { setenv("BRU_SIMD", level.c_str(), 1); }
    ~LevelInEnvironment() { unsetenv("BRU_SIMD"); }
    LevelInEnvironment(const LevelInEnvironment&) = delete;
    LevelInEnvironment& operator=(const LevelInEnvironment&) = delete;
};

} // namespace

#if defined(__x86_64__)

namespace {

/// What the kernel says that the processor has: the words of the first line "flags".
std::vector<std::string> processor_flags() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("flags", 0) != 0) continue;
        std::istringstream words(line.substr(line.find(':') + 1));
        std::vector<std::string> flags;
        for (std::string word; words >> word;) flags.push_back(word);
        return flags;
    }
    return {};
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

} // namespace

TEST_CASE("the levels of the host are those whose instructions the kernel reports") {
    const std::vector<std::string>& levels = bru::host_simd_levels();
    const std::vector<std::string> flags = processor_flags();
    REQUIRE_FALSE(flags.empty());
    const auto has_all = [&](const std::vector<std::string>& words) {
        return std::all_of(words.begin(), words.end(), [&](const std::string& word) { return contains(flags, word); });
    };
    CHECK(levels.front() == "portable");
    CHECK(contains(levels, "avx2") == has_all({"avx2", "fma"}));
    CHECK(contains(levels, "avx512") == has_all({"avx512f", "avx512bw", "avx512dq", "avx512vl"}));
    CHECK_FALSE(contains(levels, "neon"));
}

#elif defined(__aarch64__)

TEST_CASE("every arm64 host has the portable level and NEON") {
    CHECK(bru::host_simd_levels() == std::vector<std::string>{"portable", "neon"});
}

#endif

TEST_CASE("BRU_SIMD chooses a level of the host; unset or empty means the best") {
    unsetenv("BRU_SIMD"); // of who runs the tests
    CHECK(bru::chosen_simd_level() == bru::host_simd_levels().back());
    {
        const LevelInEnvironment empty("");
        CHECK(bru::chosen_simd_level() == bru::host_simd_levels().back());
    }
    for (const std::string& level : bru::host_simd_levels()) {
        const LevelInEnvironment set(level);
        CHECK(bru::chosen_simd_level() == level);
    }
}

TEST_CASE("BRU_SIMD with an unknown word or a level of another processor is refused with the levels of the host") {
#if defined(__aarch64__)
    const std::string foreign = "avx2";
#else
    const std::string foreign = "neon";
#endif
    const std::string& best = bru::host_simd_levels().back();
    {
        const LevelInEnvironment set(foreign);
        CHECK_THROWS_AS(bru::chosen_simd_level(), bru::InputError);
        CHECK_THROWS_WITH(bru::chosen_simd_level(), ContainsSubstring("BRU_SIMD=" + foreign) &&
                                                        ContainsSubstring("lacks this SIMD level") &&
                                                        ContainsSubstring("portable") && ContainsSubstring(best));
    }
    const LevelInEnvironment set("AVX2 ");
    CHECK_THROWS_WITH(bru::chosen_simd_level(), ContainsSubstring("BRU_SIMD=AVX2 : there is no such SIMD level") &&
                                                    ContainsSubstring("portable") && ContainsSubstring(best));
}
