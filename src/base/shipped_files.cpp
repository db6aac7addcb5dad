#include "base/shipped_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/auxv.h>

#include <fmt/format.h>

#include "base/enumeration.hpp"
#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/folder_names.hpp"
#include "base/nearest.hpp"
#include "base/read_text.hpp"

namespace bru {

namespace fs = std::filesystem;

namespace {

constexpr const char* kVariable = "BRU_DATA";
constexpr const char* kBuildFolderList = "bru-data-folders.txt"; // written by CMake into the build folder

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

void sort_and_unite(std::vector<std::string>& names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
}

} // namespace

const ShippedKindFacts& facts_of(ShippedKind kind) {
    static const ShippedKindFacts facts[] = {{"configuration", "configs", ".ini"},
                                             {"device file", "configs/devices", ".ini"},
                                             {"model", "models", ".onnx"},
                                             {"trace", "traces", ".trace"},
                                             {"sweep file", "configs/sweeps", ".ini"},
                                             {"fleet file", "configs/fleets", ".ini"},
                                             {"plotting library", "web", ".js"}};
    return facts[index_of(kind)];
}

std::string program_folder() {
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (!error) return program.parent_path().string();
    // Without /proc, as in a bare chroot: the path that the program was started with.
    const auto* const started =
        reinterpret_cast<const char*>(getauxval(AT_EXECFN)); // NOLINT(performance-no-int-to-ptr): its type
    const fs::path found = started == nullptr ? fs::path() : fs::canonical(started, error);
    return error ? "" : found.parent_path().string();
}

std::vector<DataFolder> data_folders() {
    std::vector<DataFolder> folders;
    if (const char* const given = std::getenv(kVariable); given != nullptr && *given != '\0')
        folders.push_back({given, kVariable});
    const fs::path program = program_folder();
    if (program.empty()) return folders;
    folders.push_back({(program / BRU_DATA_FROM_PROGRAM).lexically_normal().string(), "installation"});
    const fs::path build_list = program / kBuildFolderList;
    std::ifstream list(build_list);
    std::error_code ignored;
    if (!list && fs::exists(build_list, ignored)) throw unreadable(build_list.string(), errno);
    if (!list) return folders;
    for (const std::string& line : lines_of(rest_of(list, build_list.string())))
        if (!line.empty()) folders.push_back({line, "build folder"});
    return folders;
}

std::string data_folder_remark() {
    const char* const given = std::getenv(kVariable);
    std::error_code ignored;
    if (given == nullptr || *given == '\0' || fs::is_directory(given, ignored)) return "";
    return fmt::format("{} = {}: there is no such folder, so nothing is looked for in it", kVariable, given);
}

std::vector<std::string> shipped_folders(ShippedKind kind) {
    std::vector<std::string> folders;
    std::error_code ignored;
    for (const DataFolder& data : data_folders()) {
        const fs::path folder = fs::path(data.path) / facts_of(kind).folder;
        if (fs::is_directory(folder, ignored)) folders.push_back(folder.string());
    }
    return folders;
}

std::optional<std::string> find_shipped(ShippedKind kind, const std::string& name) {
    if (name.empty() || fs::path(name).is_absolute() || *fs::path(name).begin() == "..") return std::nullopt;
    for (const DataFolder& data : data_folders()) {
        for (const fs::path& candidate :
             {fs::path(data.path) / facts_of(kind).folder / name, fs::path(data.path) / name})
            if (is_there(candidate)) return candidate.lexically_normal().string();
    }
    return std::nullopt;
}

std::string places_looked_at(ShippedKind kind) {
    std::vector<std::string> there;
    std::vector<std::string> absent;
    for (const DataFolder& data : data_folders()) {
        const std::string folder = (fs::path(data.path) / facts_of(kind).folder).string();
        const bool is_given = data.origin == kVariable; // what the user asked for is told even where it is wrong
        if (is_there(folder))
            there.push_back(fmt::format("{} ({})", folder, data.origin));
        else
            (is_given ? there : absent).push_back(fmt::format("{} ({}, no such folder)", folder, data.origin));
    }
    if (!shipped_folders(kind).empty()) return fmt::format("{}", fmt::join(there, ", "));
    there.insert(there.end(), absent.begin(), absent.end());
    return fmt::format("{}", fmt::join(there, ", ")) +
           fmt::format("; set the environment variable {} to the folder that has the program's configs/, "
                       "models/ and traces/",
                       kVariable);
}

std::string find_input_file(ShippedKind kind, const std::string& name, const std::string& beside) {
    const std::string path = (fs::path(beside) / name).string(); // an absolute name stays
    std::error_code problem;
    const bool is_here = !name.empty() && fs::exists(path, problem);
    if (is_here) return path;
    // Another file of the name is not taken where this one may be there.
    if (problem == std::errc::permission_denied) throw unreadable(path, problem.value());
    if (const auto shipped = find_shipped(kind, name)) return *shipped;

    if (name == "-") throw InputError("-: is no name of standard input here; give /dev/stdin");
    const ShippedKindFacts& facts = facts_of(kind);
    const std::string shown = name.size() <= 200 ? name : name.substr(0, 200) + "...";
    if (fs::path(name).is_absolute())
        throw InputError(
            fmt::format("{}: cannot be opened: there is no such {}{}", shown, facts.noun,
                        name_remark(name).empty() ? "; give the path of one that is there" : name_remark(name)));
    for (const ShippedKind other :
         {ShippedKind::model, ShippedKind::trace, ShippedKind::sweep, ShippedKind::fleet, ShippedKind::configuration})
        if (other != kind && find_shipped(other, name))
            throw InputError(fmt::format("{}: a {} is expected here, and the shipped file of that name is a {}", shown,
                                         facts.noun, facts_of(other).noun));
    std::vector<std::string> known = shipped_names(kind);
    const fs::path folder = fs::path(path).parent_path();
    for (const std::string& each : names_in_folder(folder.empty() ? "." : folder, facts.extension))
        known.push_back(each);
    throw InputError(fmt::format("{}: cannot be opened: there is no such {} in {}, nor among the shipped ones: {}{}{}",
                                 shown, facts.noun, beside.empty() ? "the current folder" : beside,
                                 places_looked_at(kind), did_you_mean(fs::path(name).filename().string(), known),
                                 name_remark(name)));
}

std::vector<std::string> shipped_names(ShippedKind kind) {
    std::vector<std::string> names;
    for (const std::string& folder : shipped_folders(kind))
        for (const std::string& name : names_in_folder(folder, facts_of(kind).extension)) names.push_back(name);
    sort_and_unite(names);
    return names;
}

} // namespace bru
