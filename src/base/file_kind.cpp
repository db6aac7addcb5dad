#include "base/file_kind.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/folder_names.hpp"
#include "base/lookalikes.hpp"
#include "base/nearest.hpp"
#include "base/piped_input.hpp"

namespace bru {

namespace {

namespace fs = std::filesystem;

using namespace std::string_view_literals;

/// What stands at a place of the file, and what the file is then.
struct Kind {
    std::string_view bytes;
    const char* remark;
    std::size_t place = 0;
};

constexpr const char* kWebPage = "it is an HTML page; was the download a page that links to the file?";
constexpr const char* kUtf16 = "it is text in UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)";
constexpr const char* kPicture = "it is a picture; bru trace --images takes pictures as IDX, --npy as an array";
constexpr const char* kSound = "it is compressed sound; save it as WAVE, for bru trace --wav";

constexpr Kind kKinds[] = {
    {"bru trace ", "it is a trace, as bru trace writes it"},
    {"bru golden ", "it is the golden file beside a trace"},
    {"SQLite format 3", "it is a database, as bru sweep writes it"},
    {"\x93NUMPY", "it is a NumPy array, which bru trace --npy takes"},
    {"\x89HDF", "it is an HDF5 file; a Keras model is one: export the model as ONNX"},
    {"\x80\x02", "it is a Python pickle; export the model as ONNX"},
    {"TFL3", "it is a TensorFlow Lite model; export the original model as ONNX", 4},
    {"GGUF", "it is a GGUF file; export the original model as ONNX"},
    {"\x1f\x8b", "it is compressed with gzip; unpack it"},
    {"\xfd"
     "7zXZ",
     "it is compressed with xz; unpack it"},
    {"\x28\xb5\x2f\xfd", "it is compressed with zstd; unpack it"},
    {"BZh", "it is compressed with bzip2; unpack it"},
    {"ustar", "it is a tar archive; unpack it", 257},
    {"version https://git-lfs", "it is a pointer of Git LFS; fetch the file with git lfs pull"},
    {"{", "it is JSON"},
    {"%PDF", "it is a PDF"},
    {"\x7f"
     "ELF",
     "it is a program"},
    {"\x89PNG", kPicture},
    {"\xff\xd8\xff", kPicture},
    {"GIF8", kPicture},
    {"\0\0\x08\x01"sv, "it is an IDX file of labels"},
    {"\0\0\x08\x03"sv, "it is an IDX file of images, which bru trace --images takes"},
    {"WAVE", "it is a WAVE file, which bru trace --wav takes", 8},
    {"ID3", kSound},
    {"\xff\xfb", kSound},
    {"fLaC", kSound},
    {"OggS", kSound},
    {"\xff\xfe", kUtf16},
    {"\xfe\xff", kUtf16},
};

/// A ZIP archive, by the name of its first file.
struct Archive {
    std::string_view name;
    const char* remark;
};

constexpr Archive kArchives[] = {
    {"data.pkl", "it is a PyTorch checkpoint; export the model as ONNX"},
    {"metadata.json", "it is a Keras model; export the model as ONNX"},
    {"config.json", "it is a Keras model; export the model as ONNX"},
    {".npy", "it is a NumPy archive of several arrays; save one array with numpy.save"},
    {"[Content_Types].xml", "it is an Office document; save the sheet as CSV"},
    {"_rels/.rels", "it is an Office document; save the sheet as CSV"},
    {"mimetype", "it is an Office document; save the sheet as CSV"},
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

/// A number of `count` bytes, the lowest first.
std::uint64_t number_at(const std::string& bytes, std::size_t place, std::size_t count) {
    std::uint64_t number = 0;
    for (std::size_t k = count; k-- > 0;) number = number << 8U | static_cast<unsigned char>(bytes[place + k]);
    return number;
}

std::string archive_remark(const std::string& bytes) {
    constexpr std::size_t kNameLengthAt = 26;
    constexpr std::size_t kNameAt = 30;
    if (bytes.size() > kNameAt) {
        const std::string name = bytes.substr(kNameAt, number_at(bytes, kNameLengthAt, 2));
        for (const Archive& archive : kArchives)
            if (name.find(archive.name) != std::string::npos) return archive.remark;
    }
    return "it is a ZIP archive; unpack it";
}

/// The length of the header in eight bytes, and the header, which is JSON.
bool is_safetensors(const std::string& bytes) {
    constexpr std::uint64_t kLongestHeader = 100'000'000;
    return bytes.size() > 9 && bytes.compare(8, 2, "{\"") == 0 && number_at(bytes, 0, 8) <= kLongestHeader;
}

bool is_web_page(const std::string& bytes) {
    const std::size_t begin = bytes.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return false;
    std::string start = bytes.substr(begin, 9);
    std::transform(start.begin(), start.end(), start.begin(), [](unsigned char c) { return std::tolower(c); });
    return start == "<!doctype" || start.compare(0, 5, "<html") == 0;
}

/// Field 1 of the message, the version of the format, and then a field of text or another number.
bool is_onnx(const std::string& bytes) {
    return bytes.size() > 3 && bytes[0] == '\x08' && bytes[1] > 0 && bytes[1] < 32 &&
           (bytes[2] == '\x12' || bytes[2] == '\x1a' || bytes[2] == '\x3a' || bytes[2] == '\x42');
}

std::string nearest_file(const fs::path& path) {
    std::error_code ignored;
    const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
    constexpr std::size_t kMostNames = 10'000;
    return did_you_mean(path.filename().string(), names_in_folder(folder, "", ignored, kMostNames));
}

std::string remark_of(const std::string& bytes) {
    for (const Kind& kind : kKinds)
        if (bytes.compare(std::min(kind.place, bytes.size()), kind.bytes.size(), kind.bytes) == 0) return kind.remark;
    if (bytes.compare(0, 4, "PK\x03\x04") == 0) return archive_remark(bytes);
    if (is_safetensors(bytes)) return "it is a safetensors file, which has weights alone; export the model as ONNX";
    if (is_web_page(bytes)) return kWebPage;
    if (is_onnx(bytes)) return "it is an ONNX model";
    const bool begins_as_ini = !bytes.empty() && (bytes.front() == '[' || bytes.front() == '#');
    const std::size_t section = ("\n" + bytes).find("\n["); // in bytes, that of the bracket
    if (begins_as_ini && section != std::string::npos && section + 1 < bytes.size() &&
        std::isalpha(static_cast<unsigned char>(bytes[section + 1])) != 0 && bytes.find('{') == std::string::npos)
        return "it is an INI file";
    return "";
}

} // namespace

std::string file_kind_remark(const std::string& path, const std::string& expected) {
    const std::string remark = remark_of(first_bytes(path));
    return remark.empty() || remark.rfind("it is " + expected, 0) == 0 ? "" : "; " + remark;
}

std::string name_remark(const std::string& name) {
    if (name.empty()) return "";
    if (!lookalike_remark(name).empty()) return lookalike_remark(name);
    // A configuration's folder may stand in front.
    const auto begins_with = [&name](char c) {
        return name.front() == c || name.find(std::string("/") + c) != std::string::npos;
    };
    if (name.size() > 1 && name.back() == '\'' && begins_with('\''))
        return "; the quotes are part of the name here: leave them out";
    if (name.front() == '~' || name.find("/~/") != std::string::npos)
        return "; '~' is no folder here: write the whole path";
    if (name.find('$') != std::string::npos) return "; variables are not replaced here: write the path itself";
    if (name.find('\\') != std::string::npos) return "; folders are separated by '/', not by '\\'";
    return "";
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
        return SystemError(
            {path}, fmt::format("cannot be read: there is no folder {}{}", folder.string(), name_remark(path)), ENOENT);
    return SystemError({path},
                       fmt::format("cannot be read: there is no such file{}{}",
                                   nearest_file(path).empty() ? "; give the path of a file" : nearest_file(path),
                                   name_remark(path)),
                       ENOENT);
}

} // namespace bru
