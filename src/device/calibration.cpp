#include "device/calibration.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/numbers.hpp"
#include "base/shipped_files.hpp"
#include "config/ini_file.hpp"
#include "config/load_configuration.hpp"

namespace bru {

namespace {

constexpr double kLargestFactor = 1e6;
const char* const kCore = "core";

/// Every key that a calibration file has, from the structure itself.
std::vector<std::string> calibration_keys() {
    std::vector<std::string> keys;
    for (const BlockStructure& block : structure_of(with_least_depths(Shape{}))) {
        for (const StructureTerm& term : block.lut) keys.push_back(block.block + ".lut." + term.name);
        for (const StructureTerm& term : block.ff) keys.push_back(block.block + ".ff." + term.name);
        for (const StructureTerm& term : block.levels) keys.push_back(block.block + ".levels." + term.name);
        keys.push_back(block.block + ".error.lut_percent");
        keys.push_back(block.block + ".error.ff_percent");
    }
    keys.push_back(std::string(kCore) + ".error.lut_percent");
    keys.push_back(std::string(kCore) + ".error.ff_percent");
    return keys;
}

std::string calibration_file(const Device& device) {
    namespace fs = std::filesystem;
    const std::string name = device.calibration + ".calibration";
    std::error_code ignored;
    const fs::path beside = fs::path(device.path).parent_path() / name;
    if (fs::is_regular_file(beside, ignored)) return beside.string();
    if (const auto shipped = find_shipped(ShippedKind::device, name)) return *shipped;
    throw InputError({device.path},
                     fmt::format("device.calibration = {}: there is no {} beside it or among the device files of the "
                                 "program; allowed is the name of such a file, for example xc7",
                                 device.calibration, name));
}

double number_of(const IniEntry& entry, const std::string& path) {
    const auto value = parse_real(entry.value, -kLargestFactor, kLargestFactor);
    if (!value)
        throw InputError(entry.place(path), fmt::format("{} = {}: not allowed; allowed is a number from {} to {}",
                                                        entry.key, entry.value, -kLargestFactor, kLargestFactor));
    return *value;
}

} // namespace

double Calibration::total(const std::string& block, const std::string& kind,
                          const std::vector<StructureTerm>& terms) const {
    double sum = 0;
    for (const StructureTerm& term : terms) {
        const auto found = factors.find(block + "." + kind + "." + term.name);
        if (found != factors.end()) sum += found->second * term.quantity;
    }
    return std::max(0.0, sum);
}

CalibrationError Calibration::error_of(const std::string& block) const {
    const auto found = errors.find(block);
    return found != errors.end() ? found->second : CalibrationError{};
}

Calibration read_calibration(const Device& device) {
    Calibration calibration;
    calibration.path = calibration_file(device);
    const std::vector<std::string> keys = calibration_keys();
    for (const IniEntry& entry : read_ini_file(calibration.path, keys)) {
        const double value = number_of(entry, calibration.path);
        const std::size_t dot = entry.key.find(".error.");
        calibration.factors[entry.key] = value;
        if (dot == std::string::npos) continue;
        CalibrationError& error = calibration.errors[entry.key.substr(0, dot)];
        (entry.key.find("lut_percent") != std::string::npos ? error.lut_percent : error.ff_percent) = value;
    }
    for (const std::string& key : keys) {
        if (calibration.factors.find(key) == calibration.factors.end())
            throw InputError({calibration.path},
                             fmt::format("{} is missing; tools/calibrate writes the file anew", key));
    }
    return calibration;
}

} // namespace bru
