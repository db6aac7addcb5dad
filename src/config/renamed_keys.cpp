#include "config/renamed_keys.hpp"

#include <fmt/format.h>

namespace bru {

const std::vector<RenamedKey>& renamed_keys() {
    constexpr const char* kInNs =
        "a time in ns, which does not depend on bru.clock_mhz; give cycles x 1000 / clock_mhz (cycles x 5 at 200 MHz)";
    static const std::vector<RenamedKey> keys = {
        {"ddr.latency_cycles", "ddr.latency_ns", kInNs},
        {"ddr.refresh_interval_cycles", "ddr.refresh_interval_ns", kInNs},
        {"ddr.refresh_cycles", "ddr.refresh_ns", kInNs},
        {"host.register_access_cycles", "host.register_access_ns", kInNs},
        {"host.interrupt_latency_cycles", "host.interrupt_latency_ns", kInNs},
    };
    return keys;
}

std::string renamed_remark(const std::string& old_key) {
    for (const RenamedKey& each : renamed_keys())
        if (each.old_key == old_key) return fmt::format("'{}' is now '{}': {}", old_key, each.key, each.remedy);
    return "";
}

} // namespace bru
