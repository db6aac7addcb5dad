// The whole state of a training in one file, with a checksum; written beside its place and renamed, so that an
// interrupted write leaves the older one.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

namespace bru::train {

struct Checkpoint {
    nlohmann::json state;                                    ///< settings, counters, curve
    std::vector<std::pair<std::string, at::Tensor>> tensors; ///< 32-bit floats

    /// Throws InputError where the checkpoint has none of that name and shape.
    at::Tensor tensor(const std::string& name, at::IntArrayRef shape) const;
    std::string path; ///< it was read from, for messages
};

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// Throws InputError where the file cannot be read, is no checkpoint, is cut short or damaged. The file is left as it
/// is.
Checkpoint read_checkpoint(const std::string& path);

} // namespace bru::train
