// The whole state of a training in one file, with a checksum; written beside its place and renamed, so that an
// interrupted write leaves the older one.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

namespace bru::train {

/// Throws nlohmann::json::exception where the value is no whole number that 64 bits hold.
std::int64_t whole_number(const nlohmann::json& value);

struct Checkpoint {
    nlohmann::json state;                                    ///< settings, counters, curve
    std::vector<std::pair<std::string, at::Tensor>> tensors; ///< 32-bit floats

    /// Throws InputError where the checkpoint has none of that name and shape.
    at::Tensor tensor(const std::string& name, at::IntArrayRef shape) const;
    /// A number of the state, 0 or more.
    std::int64_t count(const std::string& key) const;
    std::string path; ///< it was read from, for messages
};

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// What stands in the last eight bytes of a file, over all that is before them.
std::uint64_t checkpoint_checksum(std::string_view content);

[[noreturn]] void refuse(const std::string& path, const std::string& why);

/// What `read` gives. JSON that is not what write_checkpoint writes is an InputError about the file.
template <typename Read>
auto checked(const std::string& path, const Read& read) {
    try {
        return read();
    } catch (const nlohmann::json::exception& error) {
        refuse(path, std::string("is not what this version of bru-train writes (") + error.what() + ")");
    }
}

/// Throws InputError where the file cannot be read, is no checkpoint, is cut short or damaged, or has other content
/// than write_checkpoint writes. The file is left as it is.
Checkpoint read_checkpoint(const std::string& path);

} // namespace bru::train
