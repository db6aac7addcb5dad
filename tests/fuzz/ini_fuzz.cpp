// Configurations: INI files.
#include "config/load_configuration.hpp"
#include "fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bru;
    const std::string& path = fuzz::file_of(fuzz::text_of(data, size));
    return fuzz::try_to_read([&] {
        const Configuration configuration = load_configuration(path);
        check_shape(configuration);
        configuration_text(configuration);
    });
}
