// Values reach a Configuration only through Parameter::set, so a file and an option give the same messages.
#include "config/load_configuration.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/folder_names.hpp"
#include "base/ini_value.hpp"
#include "base/nearest.hpp"
#include "base/piped_input.hpp"
#include "base/shipped_files.hpp"
#include "config/ini_file.hpp"
#include "config/renamed_keys.hpp"
#include "config/run_keys.hpp"

namespace bru {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> parameter_keys() {
    std::vector<std::string> keys;
    for (const Parameter& parameter : parameters()) keys.push_back(parameter.key);
    return keys;
}

std::vector<std::string> file_keys() {
    std::vector<std::string> keys = parameter_keys();
    for (const RunKey& key : run_keys()) keys.push_back(key.key());
    return keys;
}

const Parameter* find_parameter(const std::string& key) {
    for (const Parameter& parameter : parameters()) {
        if (parameter.key == key) return &parameter;
    }
    return nullptr;
}

bool is_file(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored) && !fs::is_directory(path, ignored);
}

} // namespace

Configuration load_configuration(const std::string& path) {
    Configuration configuration;
    const std::vector<IniEntry> entries = read_ini_file(path, file_keys());
    // What comes through a pipe has no folder: its paths start from the current one.
    const fs::path directory = is_pipe(path) ? fs::path() : fs::path(path).parent_path();
    for (const IniEntry& entry : entries) {
        in_place(entry.place(path), [&] {
            if (const RunKey* const run = find_run_key(entry.key)) {
                configuration.run[run->name] = run_value(*run, entry.value, directory.string());
                configuration.run_lines[run->name] = entry.line;
            } else
                find_parameter(entry.key)->set(configuration, entry.value);
        });
    }
    configuration.directory = directory.empty() ? "." : directory.string();
    configuration.file = path;
    return configuration;
}

Configuration with_overrides(Configuration configuration, const std::vector<Override>& overrides) {
    for (const Override& given : overrides) {
        const Parameter* parameter = find_parameter(given.key);
        if (const std::string renamed = renamed_remark(given.key); !renamed.empty())
            throw InputError({"command line"}, renamed);
        if (parameter == nullptr)
            throw InputError(
                fmt::format("--{}: unknown parameter{}", given.key, did_you_mean(given.key, parameter_keys())));
        try {
            parameter->set(configuration, given.value);
        } catch (const InputError& error) {
            throw InputError({"command line"}, "--" + error.message());
        }
    }
    return configuration;
}

Configuration resolve_configuration(const std::string& path, const std::vector<Override>& overrides) {
    Configuration configuration = with_overrides(path.empty() ? Configuration{} : load_configuration(path), overrides);
    const std::string source = path.empty() ? "built-in configuration" : path;
    in_place({source + (overrides.empty() ? "" : " with the command line's options")},
             [&] { check_shape(configuration); });
    return configuration;
}

std::string configuration_text(const Configuration& configuration) {
    std::string text;
    for (const Parameter& parameter : parameters())
        text += fmt::format("{} = {}\n", parameter.key, ini_value(parameter.get(configuration)));
    return text;
}

std::string find_device_file(const std::string& device, const std::string& configuration_directory) {
    const fs::path name(device);
    std::vector<fs::path> candidates;
    const bool is_bare_name = !name.has_parent_path() && name.extension() != ".ini";
    if (!is_bare_name) candidates.push_back(name);
    std::vector<fs::path> folders;
    if (!configuration_directory.empty())
        folders = {configuration_directory, fs::path(configuration_directory) / "devices"};
    for (const std::string& shipped : shipped_folders(ShippedKind::device)) folders.emplace_back(shipped);
    if (name.is_relative()) {
        for (const fs::path& folder : folders)
            candidates.push_back(folder / (is_bare_name ? fs::path(device + ".ini") : name));
    }
    if (is_bare_name) candidates.push_back(name);
    for (const fs::path& candidate : candidates) {
        if (is_file(candidate)) return candidate.string();
    }

    std::vector<std::string> known;
    for (const fs::path& folder : folders) {
        if (folder.filename() != "devices") continue;
        for (const std::string& file : names_in_folder(folder.string(), ".ini"))
            known.push_back(fs::path(file).stem().string());
    }
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    const std::string shown = device.size() <= 100 ? device : device.substr(0, 100) + "...";
    if (known.empty())
        throw InputError(fmt::format("bru.device = {}: no such device file; give the path of one. Those that come with "
                                     "the program are looked for in {}",
                                     shown, places_looked_at(ShippedKind::device)));
    throw InputError(fmt::format("bru.device = {}: no such device file; give the path of a device file or a known "
                                 "name: {}{}",
                                 shown, fmt::join(known, ", "), did_you_mean(device, known)));
}

} // namespace bru
