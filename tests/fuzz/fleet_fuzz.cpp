// Fleet files, and traces of sessions: what does not begin like one is read as the other.
#include "fleet/fleet_plan.hpp"
#include "fleet/session_source.hpp"
#include "fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bru;
    const std::string_view text = fuzz::text_of(data, size);
    const std::string& path = fuzz::file_of(text);
    return fuzz::try_to_read([&] {
        if (text.substr(0, 7) == "start_s")
            fleet::read_session_arrivals(path);
        else
            fleet::load_fleet_plan(path, {});
    });
}
