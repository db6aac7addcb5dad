// Checkpoints of bru-train. The fuzzer gives what stands between the magic number and the checksum, which is always
// right: a wrong one is refused at once.
#include "fuzz/fuzz_input.hpp"
#include "train/checkpoint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bru;
    std::string bytes = "bru-train checkpoint 1\n";
    bytes += fuzz::text_of(data, size);
    const std::uint64_t sum = train::checkpoint_checksum(bytes);
    bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum);
    const std::string& path = fuzz::file_of(bytes);
    return fuzz::try_to_read([&] { train::read_checkpoint(path); });
}
