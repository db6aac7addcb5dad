// Traces, for whatever model they say that they were made for.
#include "fuzz/fuzz_input.hpp"
#include "trace/trace_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bru;
    const std::string& path = fuzz::file_of(fuzz::text_of(data, size));
    return fuzz::try_to_read([&] {
        TraceReader reader(path);
        while (reader.next() != nullptr) {
        }
    });
}
