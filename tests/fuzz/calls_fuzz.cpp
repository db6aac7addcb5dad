// The file of calls beside a trace. The trace is empty, so its digest is the same for all inputs.
#include <filesystem>
#include <fstream>

#include "fuzz/fuzz_input.hpp"
#include "whole/calls_file.hpp"

namespace {

/// A trace in a folder of its own; what stands beside it is the input of the moment.
const std::string& trace_beside(const std::string& input) {
    static std::string trace;
    if (!trace.empty()) return trace;
    std::string folder = (std::filesystem::temp_directory_path() / "bru-fuzz-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) std::abort();
    trace = folder + "/t";
    std::ofstream(trace).close();
    std::filesystem::create_symlink(input, bru::calls_path(trace));
    std::atexit([] { std::filesystem::remove_all(std::filesystem::path(trace).parent_path()); });
    return trace;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string& trace = trace_beside(bru::fuzz::file_of(bru::fuzz::text_of(data, size)));
    return bru::fuzz::try_to_read([&] {
        bru::CallsReader reader(trace, "region");
        while (const auto call = reader.next())
            for (const bru::HostTensor& tensor : call->around) tensor.numbers();
    });
}
