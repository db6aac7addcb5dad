#include "trace/npy_file.hpp"

#include <array>
#include <cstring>
#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/line_reader.hpp"
#include "base/numbers.hpp"

namespace bru {
namespace {

constexpr std::size_t kMostHeaderBytes = 1 << 16;
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 48;

/// The text behind 'key': in the Python dict of the header, from the first character that is no blank.
std::string_view value_of(std::string_view dict, const std::string& key, const std::string& path) {
    const std::size_t place = dict.find("'" + key + "'");
    const std::size_t colon = place == std::string_view::npos ? place : dict.find(':', place);
    const std::size_t start = colon == std::string_view::npos ? colon : dict.find_first_not_of(' ', colon + 1);
    if (start == std::string_view::npos) throw InputError({path}, fmt::format("its NPY header has no '{}'", key));
    return dict.substr(start);
}

void parse_type(NpyHeader& header, std::string_view text, const std::string& path) {
    const std::string_view type = text.substr(0, std::min(text.find('\'', 1), text.size()));
    const bool quoted_type = type.size() == 4 && type[0] == '\'' && type[2] != ' ' && type[3] != ' ';
    const bool known = quoted_type && std::string_view("f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1").find(type.substr(2)) !=
                                          std::string_view::npos;
    const bool little = known && (type[1] == '<' || type[1] == '|' || type[1] == '=');
    if (!known || !little)
        throw InputError(
            {path},
            fmt::format("the array's type is {}; float32, float64, integers and bool in little endian can be read: "
                        "save it with array.astype('<f4')",
                        bru::quoted(type.empty() ? type : type.substr(1))));
    header.kind = type[2];
    header.item_bytes = type[3] - '0';
}

void parse_shape(NpyHeader& header, std::string_view text, const std::string& path) {
    const auto fail = [&] { throw InputError({path}, "cannot make out the 'shape' in its NPY header"); };
    if (text.front() != '(' || text.find(')') == std::string_view::npos) fail();
    std::string_view rest = text.substr(1, text.find(')') - 1);
    std::uint64_t elements = 1;
    while (rest.find_first_not_of(" ,") != std::string_view::npos) {
        rest.remove_prefix(rest.find_first_not_of(" ,"));
        const std::string_view word = rest.substr(0, rest.find_first_of(" ,"));
        rest.remove_prefix(word.size());
        const auto extent = parse_integer<std::uint64_t>(word);
        if (!extent) fail();
        if (*extent == 0)
            throw InputError({path}, fmt::format("the array is empty (shape {}); give data with at least one step",
                                                 text.substr(0, text.find(')') + 1)));
        if (*extent > kMostElements / elements) throw InputError({path}, "the shape in its header is impossibly large");
        elements *= *extent;
        header.shape.push_back(*extent);
    }
}

NpyHeader parse_header(const BinaryFile& file) {
    if (file.size() == 0)
        throw InputError({file.path()}, "is empty, so it is no NPY file; save the array with numpy.save");
    const auto start = file.read(0, std::min<std::size_t>(12, file.size()));
    if (start.size() < 10 || std::memcmp(start.data(), "\x93NUMPY", 6) != 0)
        throw InputError({file.path()}, "is no NPY file; save the array with numpy.save" +
                                            file_kind_remark(file.path(), "a NumPy array"));
    const bool long_header = start[6] >= 2;
    const std::size_t prefix = long_header ? 12 : 10;
    if (start[6] < 1 || start[6] > 3 || start.size() < prefix)
        throw InputError({file.path()}, fmt::format("NPY version {} is not known; versions 1 to 3 are", start[6]));
    const std::size_t length = long_header ? std::size_t{start[8]} | std::size_t{start[9]} << 8 |
                                                 std::size_t{start[10]} << 16 | std::size_t{start[11]} << 24
                                           : std::size_t{start[8]} | std::size_t{start[9]} << 8;
    if (length > kMostHeaderBytes)
        throw InputError({file.path()},
                         fmt::format("its NPY header has {} bytes; that is no array of numbers", length));
    const auto bytes = file.read(prefix, length);
    const std::string dict(bytes.begin(), bytes.end());
    NpyHeader header;
    header.data_offset = prefix + length;
    parse_type(header, value_of(dict, "descr", file.path()), file.path());
    parse_shape(header, value_of(dict, "shape", file.path()), file.path());
    header.fortran_order = value_of(dict, "fortran_order", file.path()).substr(0, 4) == "True";
    return header;
}

template <class Number>
double read_as(const unsigned char* bytes) {
    Number value;
    std::memcpy(&value, bytes, sizeof value);
    return static_cast<double>(value);
}

double item(const NpyHeader& header, const unsigned char* bytes) {
    switch (header.kind) {
    case 'f': return header.item_bytes == 4 ? read_as<float>(bytes) : read_as<double>(bytes);
    case 'i':
        switch (header.item_bytes) {
        case 1: return read_as<std::int8_t>(bytes);
        case 2: return read_as<std::int16_t>(bytes);
        case 4: return read_as<std::int32_t>(bytes);
        default: return read_as<std::int64_t>(bytes);
        }
    default: // u and b
        switch (header.item_bytes) {
        case 1: return read_as<std::uint8_t>(bytes);
        case 2: return read_as<std::uint16_t>(bytes);
        case 4: return read_as<std::uint32_t>(bytes);
        default: return read_as<std::uint64_t>(bytes);
        }
    }
}

} // namespace

NpyFile::NpyFile(const std::string& path) : file_(path), header_(parse_header(file_)) {}

void NpyFile::check_length() const {
    const std::uint64_t needed = size() * header_.item_bytes;
    if (file_.size() - header_.data_offset != needed)
        throw InputError({path()},
                         fmt::format("the array {} needs {} bytes of data and the file has {}; it is {}, so save the "
                                     "array again with numpy.save",
                                     shape_text(), needed, file_.size() - header_.data_offset,
                                     file_.size() - header_.data_offset < needed ? "cut off" : "damaged"));
}

std::uint64_t NpyFile::size() const {
    return std::accumulate(header_.shape.begin(), header_.shape.end(), std::uint64_t{1}, std::multiplies<>());
}

std::string NpyFile::shape_text() const { return fmt::format("({})", fmt::join(header_.shape, ", ")); }

std::vector<double> NpyFile::read(std::uint64_t first, std::uint64_t count) const {
    const std::uint64_t item_bytes = header_.item_bytes;
    const auto bytes = file_.read(header_.data_offset + first * item_bytes, count * item_bytes);
    std::vector<double> numbers;
    numbers.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) numbers.push_back(item(header_, bytes.data() + i * item_bytes));
    return numbers;
}

/// Version 1.0 of the NPY format: magic, header length, a Python dict padded with blanks and a line end.
std::string npy_header(std::uint64_t rows, const std::vector<std::int64_t>& sizes) {
    std::string shape = fmt::format("{},", rows);
    for (const std::int64_t size : sizes) shape += fmt::format(" {},", size);
    if (!sizes.empty()) shape.pop_back();
    const std::size_t bytes = 64 * (2 + sizes.size() / 2); // room for rows and sizes of 20 digits
    const std::size_t dict_bytes = bytes - 10;
    std::string header("\x93NUMPY\x01\x00", 8);
    header += static_cast<char>(dict_bytes & 255);
    header += static_cast<char>(dict_bytes >> 8);
    header += fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", shape);
    header.resize(bytes - 1, ' ');
    return header + '\n';
}

void append_float32(std::string& bytes, float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>((bits >> shift) & 255);
}

} // namespace bru
