// Keys that a configuration had once, and what stands in their place. Files and command lines of before get an error
// that says so, and not "unknown".
#pragma once

#include <string>
#include <vector>

namespace bru {

struct RenamedKey {
    std::string old_key;
    std::string key;
    std::string remedy; ///< how an old value becomes a new one
};

const std::vector<RenamedKey>& renamed_keys();

/// "'ddr.latency_cycles' is now 'ddr.latency_ns': ...", or "" where no key had that name.
std::string renamed_remark(const std::string& old_key);

} // namespace bru
