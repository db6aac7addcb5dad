// From files and command line to a Configuration, and back to text.
#pragma once

#include <string>
#include <vector>

#include "base/override.hpp"
#include "config/configuration.hpp"

namespace bru {

/// Reads an INI file over the defaults. Ranges are checked here, with file and line; rules between parameters
/// by check_shape, after the overrides. Throws InputError.
Configuration load_configuration(const std::string& path);

/// The configuration with the overrides applied, later ones winning. Throws InputError that names the option.
Configuration with_overrides(Configuration configuration, const std::vector<Override>& overrides);

/// load_configuration (or the defaults where path is ""), with_overrides, check_shape. A rule between
/// parameters that is broken is reported with the file's name.
Configuration resolve_configuration(const std::string& path, const std::vector<Override>& overrides);

/// One line per parameter, "key = value", in the order of parameters(): the manifest of reports and the key of
/// golden cycles. Stable: it changes only where a value or the table changes.
std::string configuration_text(const Configuration& configuration);

/// docs/configuration.md.
std::string configuration_markdown();

/// Where a device's file is: `device` itself if it is a file, else <device>.ini in the configuration's folder, its
/// devices/ folder, or a shipped one (base/shipped_files.hpp). Throws InputError.
std::string find_device_file(const std::string& device, const std::string& configuration_directory);

} // namespace bru
