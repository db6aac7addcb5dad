// Do document, SystemC core and RTL state the same timing constants? That each of them is also kept, bru-cosim shows.
#include "support/catch.hpp"

#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(std::string(BRU_SOURCE_DIR) + "/" + path);
    REQUIRE(file);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::map<std::string, std::string> constants_in(const std::string& path, const std::string& pattern) {
    const std::string text = text_of(path);
    const std::regex form(pattern);
    std::map<std::string, std::string> constants;
    for (std::sregex_iterator found(text.begin(), text.end(), form), end; found != end; ++found) {
        INFO(path << ": " << (*found)[1]);
        const auto [place, is_new] = constants.emplace((*found)[1], (*found)[2]);
        CHECK((is_new || place->second == (*found)[2]));
    }
    return constants;
}

} // namespace

TEST_CASE("the timing constants of document, SystemC core and RTL are the same") {
    const auto systemc = constants_in("src/machine/timing.hpp", "inline constexpr int (k[A-Z]\\w*) = (\\d+);");
    const auto rtl = constants_in("rtl/timing.svh", "localparam integer (k[A-Z]\\w*) = (\\d+);");
    const auto documented = constants_in("docs/architecture.md", "(k[A-Z]\\w*)`?(?: =)? \\(?(\\d+)\\)?");
    CHECK(systemc.size() >= 14);
    CHECK(rtl == systemc);
    for (const auto& [name, value] : documented) {
        INFO(name);
        REQUIRE(systemc.count(name) == 1);
        CHECK(systemc.at(name) == value);
    }
    for (const auto& [name, value] : systemc) {
        INFO(name << " is not in docs/architecture.md");
        CHECK(documented.count(name) == 1);
    }
}
