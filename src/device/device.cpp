// Reads a device file through the same INI reader as the configuration. Every key of what the device has is
// required: a budget that is silently zero or infinite would make `fits` a lie.
#include "device/device.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/numbers.hpp"
#include "base/printable.hpp"
#include "config/ini_file.hpp"

namespace bru {

namespace {

const std::vector<std::string> kKeys = {
    "device.name",          "device.luts",        "device.memory_luts",       "device.flip_flops",
    "device.bram36",        "device.dsp",         "device.lut_limit_percent", "device.clock_mhz",
    "device.dma_clock_mhz", "device.calibration", "timing.flip_flop_ns",      "timing.lut_ns",
    "timing.net_ns",        "timing.setup_ns",    "power.static_w",           "power.lut_pj",
    "power.bram_pj",        "power.dsp_pj"};
constexpr double kLongestDelayNs = 100;
constexpr double kLargestPower = 10'000;
constexpr std::int64_t kLargestCount = 1'000'000'000;
constexpr std::int64_t kMostBram36 =
    20'000; ///< some times the largest device; it bounds the memories that are simulated

const IniEntry& entry_of(const std::vector<IniEntry>& entries, const std::string& key, const std::string& path) {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&key](const IniEntry& entry) { return entry.key == key; });
    if (found == entries.end())
        throw InputError({path}, fmt::format("{} is missing; a device file has {}", key, fmt::join(kKeys, ", ")));
    return *found;
}

std::int64_t count_of(const std::vector<IniEntry>& entries, const std::string& key, const std::string& path,
                      std::int64_t most = kLargestCount) {
    const IniEntry& entry = entry_of(entries, key, path);
    const auto value = parse_integer(entry.value, std::int64_t{0}, most);
    if (!value)
        throw InputError(entry.place(path), fmt::format("{} = {}: not allowed; allowed is {}{}", key, entry.value,
                                                        whole_number_text(0, most), number_remark(entry.value)));
    return *value;
}

double number_of(const std::vector<IniEntry>& entries, const std::string& key, const std::string& path, double low,
                 double high) {
    const IniEntry& entry = entry_of(entries, key, path);
    const auto value = parse_real(entry.value, low, high);
    if (!value)
        throw InputError(entry.place(path), fmt::format("{} = {}: not allowed; allowed is a number from {} to {}{}",
                                                        key, entry.value, low, high, number_remark(entry.value)));
    return *value;
}

} // namespace

Device read_device(const std::string& path) {
    const std::vector<IniEntry> entries = read_ini_file(path, kKeys);
    Device device;
    device.path = path;
    device.name = shown_name(entry_of(entries, "device.name", path).value);
    device.luts = count_of(entries, "device.luts", path);
    device.memory_luts = count_of(entries, "device.memory_luts", path);
    device.flip_flops = count_of(entries, "device.flip_flops", path);
    device.bram36 = count_of(entries, "device.bram36", path, kMostBram36);
    device.dsp = count_of(entries, "device.dsp", path);
    device.lut_limit_percent = number_of(entries, "device.lut_limit_percent", path, 1, 100);
    device.clock_mhz = number_of(entries, "device.clock_mhz", path, 1, 2000);
    const auto given = [&entries](const std::string& key) {
        return std::any_of(entries.begin(), entries.end(), [&key](const IniEntry& entry) { return entry.key == key; });
    };
    if (given("device.dma_clock_mhz")) device.dma_clock_mhz = number_of(entries, "device.dma_clock_mhz", path, 1, 2000);
    if (given("device.calibration")) device.calibration = entry_of(entries, "device.calibration", path).value;
    const auto optional = [&](const char* key, double highest, double& value) {
        if (given(key)) value = number_of(entries, key, path, 0, highest);
    };
    optional("timing.flip_flop_ns", kLongestDelayNs, device.timing.flip_flop_ns);
    optional("timing.lut_ns", kLongestDelayNs, device.timing.lut_ns);
    optional("timing.net_ns", kLongestDelayNs, device.timing.net_ns);
    optional("timing.setup_ns", kLongestDelayNs, device.timing.setup_ns);
    optional("power.static_w", kLargestPower, device.power.static_w);
    optional("power.lut_pj", kLargestPower, device.power.lut_pj);
    optional("power.bram_pj", kLargestPower, device.power.bram_pj);
    optional("power.dsp_pj", kLargestPower, device.power.dsp_pj);
    return device;
}

} // namespace bru
