#include "train/refusals.hpp"

#include <cerrno>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/piped_input.hpp"

namespace bru::train {
namespace {

namespace fs = std::filesystem;

/// Settings of the network with one-bit weights alone.
constexpr const char* kOneBitSettings[] = {"scales",     "batch-norm", "latent-rate", "latent-range",
                                           "scale-rate", "dense-bits", "trace-steps"};

/// Of a setting in a checkpoint, for a message.
std::string shown(const nlohmann::json& settings, const std::string& name) {
    const std::string value = settings.value(name, "");
    return value.empty() ? "not given" : value;
}

} // namespace

void refuse_contradictions(const Settings& settings) {
    if (settings.steps > 0 && settings.minutes > 0)
        throw InputError(
            fmt::format("--steps {} and --minutes {}: give one of them", settings.steps, settings.minutes));
    if (settings.batch_norm && settings.scale_rule != "learned")
        throw InputError(
            fmt::format("--batch-norm with --scales {}: it works with learned scales only; leave one of them out",
                        settings.scale_rule));
    if (settings.only != "full") return;
    const Settings standard;
    for (const Setting& setting : settings_table())
        for (const char* const name : kOneBitSettings)
            if (setting.option.name == name && setting.get(settings) != setting.get(standard))
                throw InputError(fmt::format("--{} with --only full: it has an effect on the network with one-bit "
                                             "weights alone, which is not trained; leave one of them out",
                                             name));
}

void refuse_pipes(const Settings& settings) {
    for (const std::string& path : {settings.data, settings.labels}) {
        if (path == "-") throw unreadable(path, ENOENT);
        if (!path.empty() && is_pipe(path))
            throw InputError({path}, "is a pipe; bru-train reads its data again when it resumes a training: write them "
                                     "to a file, and give that");
    }
}

void refuse_moved_data(const Settings& settings, const std::string& checkpoint) {
    for (const std::string& path : {settings.data, settings.labels}) {
        std::error_code ignored;
        if (!path.empty() && !fs::exists(path, ignored))
            throw InputError({checkpoint}, fmt::format("was trained on {}, which is not there now; put the file, or a "
                                                       "link to it, in that place",
                                                       path));
    }
}

bool make_output_folder(const std::string& folder) {
    std::error_code error;
    if (fs::exists(folder, error) && !fs::is_directory(folder, error))
        throw InputError({folder}, "is no folder; --out names the folder for all output: choose another name");
    const bool fresh = fs::create_directories(folder, error);
    if (error)
        throw InputError({folder}, fmt::format("this folder cannot be made: {}; choose a place that you may write with "
                                               "--out",
                                               error.message()));
    return fresh;
}

void refuse_other_than_folder(const std::string& folder) {
    std::error_code error;
    const fs::file_status status = fs::status(folder, error);
    if (status.type() == fs::file_type::not_found)
        throw InputError({folder}, "there is no such folder; give the folder that --out named at the start");
    if (status.type() == fs::file_type::none) throw unreadable(folder, error.value());
    if (!fs::is_directory(status))
        throw InputError({folder}, "is no folder; give the folder that --out named at the start");
    if (fs::status(folder + "/.", error).type() == fs::file_type::none) // it may not be searched
        throw unreadable(folder, error.value());
}

void refuse_other_kind(const Checkpoint& checkpoint, bool binary) {
    if (checkpoint.state.at("binary").get<bool>() != binary)
        refuse(checkpoint.path, fmt::format("is the checkpoint of the training {}, whose name is {}",
                                            binary ? "in full precision" : "with one-bit weights",
                                            binary ? "full.checkpoint" : "binarized.checkpoint"));
}

void refuse_mixed_checkpoints(const Checkpoint& full, const Checkpoint& binarized) {
    for (const Setting& setting : settings_table()) {
        const std::string& name = setting.option.name;
        const std::string one = shown(full.state.at("settings"), name);
        const std::string other = shown(binarized.state.at("settings"), name);
        if (name == "out" || one == other) continue; // the folder may have moved between two trainings
        throw InputError({binarized.path},
                         fmt::format("is of another training than {}: --{} is {} here, and {} there; remove the one "
                                     "that does not belong here, or put both into folders of their own",
                                     full.path, name, other, one));
    }
}

} // namespace bru::train
