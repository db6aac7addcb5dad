// Device files, with the estimate that they decide.
#include "device/resource_estimate.hpp"
#include "fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bru;
    const std::string& path = fuzz::file_of(fuzz::text_of(data, size));
    static const Calibration none; // every factor is 0
    return fuzz::try_to_read([&] { estimate_resources(Configuration{}, read_device(path), none); });
}
