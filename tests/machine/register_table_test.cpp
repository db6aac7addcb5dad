// Do the document and the driver's header say what the table of registers says?
#include "support/catch.hpp"

#include <fstream>
#include <sstream>
#include <string>

#include "machine/register_table.hpp"

using namespace bru;

namespace {

const std::string kHeader = BRU_SOURCE_DIR "/driver/bru_registers.h";
const std::string kDocument = BRU_SOURCE_DIR "/docs/interfaces.md";

std::string file_text(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

/// The document with the table behind the comment that begins with `mark` replaced.
std::string with_table(const std::string& document, const std::string& mark, const std::string& table) {
    const std::size_t begin = document.find("-->\n\n", document.find(mark)) + 5;
    std::size_t end = begin;
    while (document.compare(end, 1, "|") == 0) end = document.find('\n', end) + 1;
    return document.substr(0, begin) + table + (end == begin ? "\n" : "") + document.substr(end);
}

std::string renewed_document() {
    const std::string core =
        with_table(file_text(kDocument), "<!-- The registers of the core:", registers_markdown(core_register_table()));
    return with_table(core, "<!-- The registers of the DMA:", registers_markdown(dma_register_table()));
}

} // namespace

TEST_CASE("driver/bru_registers.h and docs/interfaces.md have the registers of the table", "[registers]") {
    INFO("write them with: build/test_machine \"write the registers\"");
    CHECK(file_text(kHeader) == registers_c_header());
    CHECK(file_text(kDocument) == renewed_document());
}

TEST_CASE("write the registers", "[.write-docs]") {
    const std::string document = renewed_document();
    std::ofstream(kHeader) << registers_c_header();
    std::ofstream(kDocument) << document;
}

TEST_CASE("the tables name each register once, in the order of the addresses", "[registers]") {
    for (const auto& table : {core_register_table(), dma_register_table()})
        for (std::size_t k = 1; k < table.size(); ++k) {
            CHECK(table[k - 1].offset < table[k].offset);
            CHECK(table[k - 1].name != table[k].name);
        }
}
