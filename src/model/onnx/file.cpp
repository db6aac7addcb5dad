// Protobuf parsing with messages for people: what is wrong with the file, and what to do.
#include "model/onnx/file.hpp"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/integers.hpp"
#include "base/piped_input.hpp"
#include "model/onnx/external_data.hpp"
#include "model/onnx/functions.hpp"
#include "model/onnx/protobuf.hpp"
#include "model/onnx/sequences.hpp"

namespace bru {
namespace onnx_import {
namespace {

using onnx::TensorProto;

/// Protobuf refuses larger messages.
constexpr std::uintmax_t kMaxFileBytes = std::numeric_limits<std::int32_t>::max();

std::string read_file(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    const std::string place = reopenable(path);
    const fs::file_status status = fs::status(place, error);
    if (!fs::exists(status)) throw unreadable(path, error ? error.value() : ENOENT);
    if (fs::is_directory(status)) throw InputError({path}, "is a folder; an ONNX file is expected");
    if (!fs::is_regular_file(status)) throw InputError({path}, "is no file; an ONNX file is expected");
    const std::uintmax_t size = fs::file_size(place, error);
    if (error) throw SystemError({path}, fmt::format("cannot be read: {}", error.message()), error.value());
    if (size == 0) throw InputError({path}, "is empty; an ONNX model is expected: export or copy it again");
    if (size > kMaxFileBytes)
        throw InputError({path}, fmt::format("{} bytes are more than protobuf allows ({})", size, kMaxFileBytes));
    std::string bytes(size, '\0');
    std::ifstream file(place, std::ios::binary);
    if (!file) throw unreadable(path, errno);
    file.read(bytes.data(), bytes.size());
    if (!file) throw SystemError({path}, "cannot be read to its end; copy it again", EIO);
    return bytes;
}

/// Protobuf writes parse errors to standard error on its own; ours say more.
template <class Message>
bool parse(const std::string& bytes, Message* message) {
    google::protobuf::LogHandler* const before = google::protobuf::SetLogHandler(nullptr);
    const bool parsed = message->ParseFromString(bytes);
    google::protobuf::SetLogHandler(before);
    return parsed;
}

float half_to_float(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 0x1f;
    const int fraction = bits & 0x3ff;
    const float sign = (bits & 0x8000) != 0 ? -1.0F : 1.0F;
    if (exponent == 0x1f)
        return fraction != 0 ? std::numeric_limits<float>::quiet_NaN() : sign * std::numeric_limits<float>::infinity();
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
    return sign * std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
}

float bfloat_to_float(std::uint16_t bits) {
    const std::uint32_t wide = bits << 16;
    float value = 0;
    std::memcpy(&value, &wide, sizeof value);
    return value;
}

/// ONNX stores raw data little-endian, as the hosts that this program runs on do.
template <class Stored, class Wanted, class Convert>
std::vector<Wanted> from_raw(const std::string& raw, std::size_t count, Convert convert) {
    if (raw.size() != count * sizeof(Stored))
        throw std::invalid_argument(
            fmt::format("has {} bytes of data instead of {}", raw.size(), count * sizeof(Stored)));
    std::vector<Wanted> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        Stored stored{};
        std::memcpy(&stored, raw.data() + i * sizeof(Stored), sizeof(Stored));
        values[i] = convert(stored);
    }
    return values;
}

template <class Wanted, class Field, class Convert>
std::vector<Wanted> from_field(const Field& field, std::size_t count, Convert convert) {
    if (static_cast<std::size_t>(field.size()) != count)
        throw std::invalid_argument(fmt::format("has {} values instead of {}", field.size(), count));
    std::vector<Wanted> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = convert(field.Get(narrow<int>(i)));
    return values;
}

template <class Stored, class Field>
Value integers_of(const TensorProto& tensor, Dims dims, std::size_t count, const Field& field) {
    const auto convert = [](auto stored) { return static_cast<Stored>(stored); };
    return make_integers(std::move(dims), tensor.has_raw_data()
                                              ? from_raw<Stored, std::int64_t>(tensor.raw_data(), count, convert)
                                              : from_field<std::int64_t>(field, count, convert));
}

template <class Stored, class Field, class Convert>
Value floats_of(const TensorProto& tensor, Dims dims, std::size_t count, const Field& field, Convert convert) {
    const auto from_stored = [&](auto stored) { return convert(static_cast<Stored>(stored)); };
    return make_floats(std::move(dims), tensor.has_raw_data()
                                            ? from_raw<Stored, float>(tensor.raw_data(), count, from_stored)
                                            : from_field<float>(field, count, from_stored));
}

} // namespace

namespace {

onnx::ModelProto read_model_file(const std::string& path) {
    const std::string bytes = read_file(path);
    onnx::ModelProto model;
    const bool parsed = parse(bytes, &model);
    if (parsed && model.has_graph() && model.graph().node_size() > 0) return model;
    if (const std::string other_kind = file_kind_remark(path, "an ONNX model"); !other_kind.empty())
        throw InputError({path}, fmt::format("is no ONNX model{}{}; give the network as an ONNX file", other_kind,
                                             other_kind == "; it is an INI file" ? ", which --config takes" : ""));
    if (!parsed)
        throw InputError({path},
                         fmt::format("not an ONNX model, or damaged or cut short (its {} bytes do not read as one); {}",
                                     bytes.size(),
                                     std::filesystem::path(path).extension() == ".onnx"
                                         ? "export or copy it again"
                                         : "export the network as an ONNX file, or copy it again"));
    throw InputError({path}, "holds no graph, so it is not an ONNX model or it is damaged; export it again");
}

} // namespace

onnx::ModelProto read_model(const std::string& path, const GivenInputs& inputs) {
    onnx::ModelProto model = read_model_file(path);
    return in_place({path}, [&] {
        model = with_external_data(std::move(model), std::filesystem::path(path).parent_path());
        model = with_tensors_for_sequences(with_functions_inlined(std::move(model)));
        return with_given_inputs(std::move(model), inputs);
    });
}

namespace {

Value numbers_of(const TensorProto& tensor) {
    if (tensor.data_location() == TensorProto::EXTERNAL || tensor.external_data_size() > 0)
        throw std::invalid_argument("keeps its data in another file (external data); save the model as one file, "
                                    "for example with onnx.save(model, path, save_as_external_data=False)");
    if (tensor.has_segment()) throw std::invalid_argument("is stored in segments, which cannot be read");
    Dims dims(tensor.dims().begin(), tensor.dims().end());
    const std::size_t count = element_count(dims);
    const auto as_float = [](auto stored) { return static_cast<float>(stored); };
    switch (tensor.data_type()) {
    case TensorProto::FLOAT: return floats_of<float>(tensor, dims, count, tensor.float_data(), as_float);
    case TensorProto::DOUBLE: return floats_of<double>(tensor, dims, count, tensor.double_data(), as_float);
    case TensorProto::FLOAT16: return floats_of<std::uint16_t>(tensor, dims, count, tensor.int32_data(), half_to_float);
    case TensorProto::BFLOAT16:
        return floats_of<std::uint16_t>(tensor, dims, count, tensor.int32_data(), bfloat_to_float);
    case TensorProto::INT8: return integers_of<std::int8_t>(tensor, dims, count, tensor.int32_data());
    case TensorProto::UINT8: return integers_of<std::uint8_t>(tensor, dims, count, tensor.int32_data());
    case TensorProto::INT16: return integers_of<std::int16_t>(tensor, dims, count, tensor.int32_data());
    case TensorProto::UINT16: return integers_of<std::uint16_t>(tensor, dims, count, tensor.int32_data());
    case TensorProto::INT32: return integers_of<std::int32_t>(tensor, dims, count, tensor.int32_data());
    case TensorProto::UINT32: return integers_of<std::uint32_t>(tensor, dims, count, tensor.uint64_data());
    case TensorProto::INT64: return integers_of<std::int64_t>(tensor, dims, count, tensor.int64_data());
    case TensorProto::UINT64: return integers_of<std::uint64_t>(tensor, dims, count, tensor.uint64_data());
    case TensorProto::BOOL: return integers_of<std::uint8_t>(tensor, dims, count, tensor.int32_data());
    default:
        throw std::invalid_argument(
            fmt::format("has element type {}; numbers and booleans are allowed", tensor.data_type()));
    }
}

} // namespace

Value value_of(const TensorProto& tensor) {
    Value value = numbers_of(tensor);
    if (value.kind == Value::Kind::integers) value.element_type = tensor.data_type();
    return value;
}

} // namespace onnx_import

Tensor read_tensor_proto(const std::string& path) {
    const std::string bytes = onnx_import::read_file(path);
    onnx::TensorProto proto;
    if (!onnx_import::parse(bytes, &proto))
        throw InputError(
            {path}, fmt::format("not a TensorProto file, or damaged (its {} bytes do not read as one)", bytes.size()));
    try {
        const onnx_import::Value value = onnx_import::value_of(proto);
        Tensor tensor;
        tensor.shape = value.dims;
        tensor.values.reserve(value.size());
        for (std::int64_t i = 0; i < value.size(); ++i) tensor.values.push_back(static_cast<float>(value.number(i)));
        return tensor;
    } catch (const std::logic_error& error) {
        throw InputError({path}, fmt::format("the tensor {}", error.what()));
    }
}

} // namespace bru
