#include "base/folder_names.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>

namespace bru {
namespace {

bool ends_with(std::string_view name, std::string_view extension) {
    return name.size() > extension.size() && name.substr(name.size() - extension.size()) == extension;
}

} // namespace

std::vector<std::string> names_in_folder(const std::string& folder, std::string_view extension, std::error_code& error,
                                         std::size_t most) {
    std::vector<std::string> names;
    error.clear();
    const auto close = [](DIR* open) { ::closedir(open); };
    const std::unique_ptr<DIR, decltype(close)> open(::opendir(folder.c_str()), close);
    if (!open) {
        error.assign(errno, std::generic_category());
        return names;
    }
    while (names.size() < most) {
        errno = 0;
        const dirent* const entry =
            ::readdir(open.get()); // NOLINT(concurrency-mt-unsafe): of a stream that nobody shares
        if (entry == nullptr) {
            if (errno != 0) error.assign(errno, std::generic_category());
            break;
        }
        const std::string_view name = entry->d_name;
        if (name != "." && name != ".." && ends_with(name, extension)) names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> names_in_folder(const std::string& folder, std::string_view extension) {
    std::error_code error;
    return names_in_folder(folder, extension, error);
}

} // namespace bru
