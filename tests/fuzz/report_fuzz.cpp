// The JSON of a sweep or a run, as bru report reads it.
#include <nlohmann/json.hpp>

#include "fuzz/fuzz_input.hpp"
#include "report/checked_json.hpp"
#include "report/report_page.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bru;
    return fuzz::try_to_read([&] {
        const auto input = parse_json(std::string(fuzz::text_of(data, size)), "/nowhere/input.json");
        script_json(page_data(input, "/nowhere/input.json"));
    });
}

// The library of SystemC, which the layers below are linked with, asks every program for this.
extern "C" int sc_main(int, char*[]) { return 0; }
