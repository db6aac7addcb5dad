// Files that come with the programs - configurations, device files, models, traces, sweep and fleet files, the plotting
// library - and where they are. Every program finds them by name from any folder.
//
// Search order: the name as a path; then, for relative names, each data folder: the folder that the environment
// variable BRU_DATA names, share/bru of the installation (found from where the program itself is, so that an
// installation can be moved), and the folders that the file bru-data-folders.txt beside a program in its build folder
// lists (source tree and build folder).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bru {

enum class ShippedKind { configuration, device, model, trace, sweep, fleet, plotting_library };

/// What a file of the kind is called in messages, and the end of its name.
struct ShippedKindFacts {
    const char* noun;      ///< "model"
    const char* folder;    ///< of a data folder: "models"
    const char* extension; ///< ".onnx"
};
const ShippedKindFacts& facts_of(ShippedKind kind);

/// A place where shipped files are looked for, whether it exists or not.
struct DataFolder {
    std::string path;
    std::string origin; ///< "BRU_DATA", "installation", "build folder"
};

/// In search order.
std::vector<DataFolder> data_folders();

/// What is wrong with the folder in BRU_DATA; "" where it is there, or none was named.
std::string data_folder_remark();

/// The kind's folder in each data folder that has one, in search order.
std::vector<std::string> shipped_folders(ShippedKind kind);

/// The shipped file or folder of that name ("warpeace.trace", "traces/warpeace.trace"), nullopt where there is none.
std::optional<std::string> find_shipped(ShippedKind kind, const std::string& name);

/// `name` where it exists as a path from the folder `beside` ("" for the current folder), else the shipped file. Throws
/// InputError that lists where it looked, and the nearest name.
std::string find_input_file(ShippedKind kind, const std::string& name, const std::string& beside = "");

/// Names of all shipped files of the kind, sorted.
std::vector<std::string> shipped_names(ShippedKind kind);

/// For messages: the places of data_folders(), and what to do where none of them exists.
std::string places_looked_at(ShippedKind kind);

/// The folder of the running program, "" where the system does not tell.
std::string program_folder();

} // namespace bru
