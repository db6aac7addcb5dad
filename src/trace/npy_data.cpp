// --npy: NumPy arrays of numbers, read a step at a time; C and Fortran order, little endian.
#include <array>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/line_reader.hpp"
#include "base/numbers.hpp"
#include "trace/data_set.hpp"

namespace bru {
namespace {

constexpr std::size_t kMostHeaderBytes = 1 << 16;
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 48;

struct NpyHeader {
    char kind = 'f'; ///< f, i, u, b
    int item_bytes = 4;
    bool fortran_order = false;
    std::vector<std::uint64_t> shape;
    std::uint64_t data_offset = 0;
};

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
            throw InputError({path}, fmt::format("the array is empty (shape {})", text.substr(0, text.find(')') + 1)));
        if (*extent > kMostElements / elements) throw InputError({path}, "the shape in its header is impossibly large");
        elements *= *extent;
        header.shape.push_back(*extent);
    }
}

NpyHeader parse_header(const BinaryFile& file) {
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

class NpyData : public DataSet {
public:
    NpyData(const std::string& path, const Network& network)
        : file_(path), network_(&network), header_(parse_header(file_)) {
        arrange();
        const std::uint64_t elements = sequences_ * steps_ * features_;
        const std::uint64_t needed = elements * header_.item_bytes;
        if (file_.size() - header_.data_offset != needed)
            throw InputError(
                {path}, fmt::format("the array {} needs {} bytes of data and the file has {}; it is cut off or damaged",
                                    shape_text(), needed, file_.size() - header_.data_offset));
    }

    std::uint64_t sequence_count() override { return sequences_; }
    std::uint64_t step_count() override { return sequences_ * steps_; }
    void seek(std::uint64_t sequence) override { position_ = sequence * steps_; }

    const Step* next() override {
        if (position_ == sequences_ * steps_) return nullptr;
        const std::uint64_t sequence = position_ / steps_;
        const std::uint64_t step = position_ % steps_;
        step_.first = step == 0;
        step_.last = step + 1 == steps_;
        const std::vector<double> row = read_row(sequence, step);
        in_place({file_.path(), 0, fmt::format("sequence {}, step {}", sequence, step)}, [&] {
            for (const double value : row)
                if (!std::isfinite(value))
                    throw InputError(fmt::format("a number is {}; inputs must be finite", value));
            set_input(step_, row, *network_);
        });
        ++position_;
        return &step_;
    }

private:
    std::string shape_text() const { return fmt::format("({})", fmt::join(header_.shape, ", ")); }

    /// From the shape to sequences, steps and features, and the strides (in elements) of each.
    void arrange() {
        const std::vector<std::uint64_t>& shape = header_.shape;
        if (shape.empty() || shape.size() > 3)
            throw InputError(
                {file_.path()},
                fmt::format(
                    "the array has {} dimensions; it may be [steps], [steps, features], [steps, 1, features] or "
                    "[sequences, steps, features]",
                    shape.size()));
        std::vector<std::uint64_t> strides(shape.size(), 1);
        for (std::size_t n = 1; n < shape.size(); ++n) {
            if (header_.fortran_order)
                strides[n] = strides[n - 1] * shape[n - 1];
            else
                strides[shape.size() - 1 - n] = strides[shape.size() - n] * shape[shape.size() - n];
        }
        const bool steps_first = shape.size() < 3 || shape[1] == 1;
        const std::size_t step_axis = steps_first ? 0 : 1;
        sequences_ = steps_first ? 1 : shape[0];
        sequence_stride_ = steps_first ? 0 : strides[0];
        steps_ = shape[step_axis];
        step_stride_ = strides[step_axis];
        features_ = shape.size() == 1 ? 1 : shape.back();
        feature_stride_ = shape.size() == 1 ? 1 : strides.back();
        const std::uint64_t inputs = network_->input_size();
        if (features_ != inputs && !(features_ == 1 && network_->input_encoding == InputEncoding::one_hot))
            throw InputError({file_.path()}, fmt::format("the array {} has {} numbers per step; {} takes {}",
                                                         shape_text(), features_, network_->name, inputs));
    }

    std::vector<double> read_row(std::uint64_t sequence, std::uint64_t step) const {
        const std::uint64_t start = sequence * sequence_stride_ + step * step_stride_;
        const std::uint64_t item_bytes = header_.item_bytes;
        const auto at = [&](std::uint64_t element) { return header_.data_offset + element * item_bytes; };
        std::vector<double> row;
        row.reserve(features_);
        if (feature_stride_ == 1) {
            const auto bytes = file_.read(at(start), features_ * item_bytes);
            for (std::uint64_t i = 0; i < features_; ++i) row.push_back(item(header_, bytes.data() + i * item_bytes));
            return row;
        }
        for (std::uint64_t i = 0; i < features_; ++i)
            row.push_back(item(header_, file_.read(at(start + i * feature_stride_), item_bytes).data()));
        return row;
    }

    BinaryFile file_;
    const Network* network_;
    NpyHeader header_;
    std::uint64_t sequences_ = 1;
    std::uint64_t steps_ = 1;
    std::uint64_t features_ = 1;
    std::uint64_t sequence_stride_ = 0;
    std::uint64_t step_stride_ = 1;
    std::uint64_t feature_stride_ = 1;
    std::uint64_t position_ = 0;
    Step step_;
};

} // namespace

std::unique_ptr<DataSet> open_npy(const std::string& path, const Network& network) {
    return std::make_unique<NpyData>(path, network);
}

} // namespace bru
