// Golden files: the outputs of one section held against outputs that are all 0, and the cycles.
#include "fuzz/fuzz_input.hpp"
#include "trace/golden_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bru;
    static const GoldenKey key{"0123456789abcdef", {}, {OutputKind::logits, OutputSteps::every}}; // as in the seeds
    const std::string& path = fuzz::file_of(fuzz::text_of(data, size));
    return fuzz::try_to_read([&] {
        golden_sections(path);
        find_cycles(path, "0123456789abcdef");
        const auto checker = GoldenChecker::open(path, key);
        if (!checker) return;
        for (std::uint64_t step = 0; step < 10; ++step) checker->check({step / 5, step % 5, {0, 0, 0}});
        checker->finish();
    });
}
