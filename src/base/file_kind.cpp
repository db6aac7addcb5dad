#include "base/file_kind.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/nearest.hpp"
#include "base/piped_input.hpp"

namespace bru {

namespace {

namespace fs = std::filesystem;

struct Kind {
    std::string_view start;
    const char* remark;
};

constexpr Kind kKinds[] = {
    {"bru trace ", "it is a trace, as bru trace writes it"},
    {"bru golden ", "it is the golden file beside a trace"},
    {"SQLite format 3", "it is a database, as bru sweep writes it"},
    {"\x93NUMPY", "it is a NumPy array"},
    {"PK\x03\x04", "it is a ZIP archive; a PyTorch checkpoint is one: export the model as ONNX"},
    {"\x89HDF", "it is an HDF5 file; a Keras model is one: export the model as ONNX"},
    {"\x80\x02", "it is a Python pickle; export the model as ONNX"},
    {"\x1f\x8b", "it is compressed with gzip; unpack it"},
    {"version https://git-lfs", "it is a pointer of Git LFS; fetch the file with git lfs pull"},
    {"<!DOCTYPE", "it is an HTML page; was the download a page that links to the file?"},
    {"<html", "it is an HTML page; was the download a page that links to the file?"},
    {"{", "it is JSON"},
    {"%PDF", "it is a PDF"},
    {"\x7f"
     "ELF",
     "it is a program"},
};

std::string first_bytes(const std::string& path) {
    constexpr std::size_t kBytes = 512;
    std::string bytes(kBytes, '\0');
    try {
        std::ifstream file(reopenable(path), std::ios::binary);
        file.read(bytes.data(), bytes.size());
        bytes.resize(file.gcount());
    } catch (const InputError&) {
        return "";
    }
    return bytes;
}

/// Field 1 of the message, the version of the format, and then a field of text or another number.
bool is_onnx(const std::string& bytes) {
    return bytes.size() > 3 && bytes[0] == '\x08' && bytes[1] > 0 && bytes[1] < 32 &&
           (bytes[2] == '\x12' || bytes[2] == '\x1a' || bytes[2] == '\x3a' || bytes[2] == '\x42');
}

std::string nearest_file(const fs::path& path) {
    std::vector<std::string> names;
    std::error_code error;
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    constexpr std::size_t kMostNames = 10'000;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end && names.size() < kMostNames;
         entry.increment(error))
        names.push_back(entry->path().filename().string());
    return did_you_mean(path.filename().string(), names);
}

std::string remark_of(const std::string& bytes) {
    for (const Kind& kind : kKinds)
        if (std::string_view(bytes).substr(0, kind.start.size()) == kind.start) return kind.remark;
    if (is_onnx(bytes)) return "it is an ONNX model";
    const bool begins_as_ini = !bytes.empty() && (bytes.front() == '[' || bytes.front() == '#');
    if (begins_as_ini && ("\n" + bytes).find("\n[") != std::string::npos && bytes.find('{') == std::string::npos)
        return "it is an INI file";
    return "";
}

} // namespace

std::string file_kind_remark(const std::string& path, const std::string& expected) {
    const std::string remark = remark_of(first_bytes(path));
    return remark.empty() || remark.rfind("it is " + expected, 0) == 0 ? "" : "; " + remark;
}

SystemError unreadable(const std::string& path, int error_number) {
    if (error_number != ENOENT)
        return SystemError(
            {path}, fmt::format("cannot be read: {}; name a file that you may read", std::strerror(error_number)),
            error_number);
    if (path == "-") return SystemError({path}, "is no name of standard input here; give /dev/stdin", error_number);
    const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
        return SystemError({path}, fmt::format("cannot be read: there is no folder {}", folder.string()), ENOENT);
    return SystemError({path}, fmt::format("cannot be read: there is no such file{}", nearest_file(path)), ENOENT);
}

} // namespace bru
