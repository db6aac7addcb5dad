// Data for traces: WAVE sound.
#include "fuzz/data_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return bru::fuzz::read_data(data, size, bru::open_wav);
}
