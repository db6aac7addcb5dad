// Does docs/fleet.md say what the table of keys in the code says?
#include "support/catch.hpp"

#include <fstream>
#include <sstream>
#include <string>

#include "fleet/fleet_plan.hpp"

using namespace bru::fleet;

namespace {

const std::string kDocument = std::string(BRU_SOURCE_DIR) + "/docs/fleet.md";

std::string document() {
    std::ostringstream text;
    text << std::ifstream(kDocument).rdbuf();
    return text.str();
}

std::string expected() {
    std::string text = document();
    const std::string begin = "<!-- fleet keys -->\n";
    const std::size_t from = text.find(begin) + begin.size();
    return text.replace(from, text.find("<!-- end -->", from) - from, "\n" + fleet_keys_markdown() + "\n");
}

} // namespace

TEST_CASE("docs/fleet.md has the keys of the program") {
    INFO("write it with: build/test_fleet \"write docs/fleet.md\"");
    CHECK(document() == expected());
}

TEST_CASE("write docs/fleet.md", "[.write-docs]") {
    const std::string text = expected();
    std::ofstream(kDocument) << text;
}
