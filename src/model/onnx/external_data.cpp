// Reading the files beside a model. Their names come from the model, so nothing outside of its folder may be read.
#include "model/onnx/external_data.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/numbers.hpp"
#include "base/printable.hpp"
#include "model/onnx/protobuf.hpp"
#include "model/onnx/value.hpp"

namespace bru::onnx_import {
namespace {

namespace fs = std::filesystem;
using onnx::TensorProto;

/// Of all tensors together: more does not fit a model in memory, which protobuf limits.
constexpr std::int64_t kMostBytes = std::numeric_limits<std::int32_t>::max();

std::int64_t element_bytes(int type) {
    switch (type) {
    case TensorProto::DOUBLE:
    case TensorProto::INT64:
    case TensorProto::UINT64: return 8;
    case TensorProto::FLOAT:
    case TensorProto::INT32:
    case TensorProto::UINT32: return 4;
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
    case TensorProto::INT16:
    case TensorProto::UINT16: return 2;
    case TensorProto::INT8:
    case TensorProto::UINT8:
    case TensorProto::BOOL: return 1;
    default: throw InputError(fmt::format("has element type {}, which cannot be read from another file", type));
    }
}

/// What a tensor says of where its numbers lie.
struct Where {
    std::string location;
    std::int64_t offset = 0;
    std::int64_t bytes = 0;
};

Where where_of(const TensorProto& tensor) {
    std::map<std::string, std::string> entries;
    for (const auto& entry : tensor.external_data()) entries[entry.key()] = entry.value();
    const auto number = [&](const char* key, std::int64_t otherwise) {
        const auto entry = entries.find(key);
        if (entry == entries.end()) return otherwise;
        const auto value = parse_integer<std::int64_t>(entry->second, 0, std::numeric_limits<std::int64_t>::max());
        if (!value)
            throw InputError(fmt::format("external data: '{}' is '{}'; a whole number of bytes is allowed", key,
                                         shown_name(entry->second)));
        return *value;
    };
    Where where;
    where.location = entries["location"];
    where.offset = number("offset", 0);
    try {
        const std::int64_t elements = element_count({tensor.dims().begin(), tensor.dims().end()});
        where.bytes = elements * element_bytes(tensor.data_type());
    } catch (const std::length_error& error) {
        throw InputError(fmt::format("external data: {}", error.what()));
    }
    if (const std::int64_t length = number("length", where.bytes); length != where.bytes)
        throw InputError(fmt::format("external data: {} bytes are stored, and its shape needs {}; export the model "
                                     "again",
                                     length, where.bytes));
    return where;
}

/// Reads from the files of one folder.
class Files {
public:
    explicit Files(const fs::path& folder) : folder_(folder.empty() ? fs::path(".") : folder) {}

    std::string read(const Where& where) {
        File& file = open(where.location);
        if (where.offset > file.size || where.bytes > file.size - where.offset)
            throw InputError(fmt::format("keeps its data in '{}' at byte {}, {} bytes, and the file has {} bytes; copy "
                                         "the file again, or export the model again",
                                         printable(where.location), where.offset, where.bytes, file.size));
        read_ += where.bytes;
        if (read_ > kMostBytes)
            throw InputError(fmt::format("external data: all tensors together have more than {} bytes, which is the "
                                         "most that can be read",
                                         kMostBytes));
        std::string bytes(static_cast<std::size_t>(where.bytes), '\0');
        file.stream.clear();
        file.stream.seekg(where.offset);
        file.stream.read(bytes.data(), where.bytes);
        if (!file.stream) throw InputError(fmt::format("'{}' cannot be read", printable(where.location)));
        return bytes;
    }

private:
    struct File {
        std::ifstream stream;
        std::int64_t size = 0;
    };

    File& open(const std::string& location) {
        if (const auto known = files_.find(location); known != files_.end()) return known->second;
        const fs::path place = checked(location);
        File file;
        std::error_code error;
        file.size = static_cast<std::int64_t>(fs::file_size(place, error));
        file.stream.open(place, std::ios::binary);
        if (error || !file.stream)
            throw InputError(fmt::format("keeps its data in '{}', which cannot be read", printable(location)));
        return files_.emplace(location, std::move(file)).first->second;
    }

    /// The file's real place, which lies inside of the folder.
    fs::path checked(const std::string& location) const {
        const auto refuse = [&](const char* why) {
            throw InputError(fmt::format("keeps its data in '{}', {}", printable(location), why));
        };
        const fs::path relative(location);
        if (location.empty() || location.find('\0') != std::string::npos)
            throw InputError("external data: no file is named; export the model again");
        if (relative.is_absolute() || std::find(relative.begin(), relative.end(), "..") != relative.end())
            refuse("which is not in the folder of the model; only files there are read: put the file beside the model, "
                   "and save the model with its plain name");
        std::error_code error;
        const fs::path real = fs::canonical(folder_ / relative, error);
        if (error) refuse("which is not in the folder of the model; copy that file there, too");
        const fs::path folder = fs::canonical(folder_, error);
        const fs::path inside = real.lexically_relative(folder);
        if (error || inside.empty() || *inside.begin() == "..")
            refuse("which is a link that leads out of the folder of the model; put the file itself there");
        if (!fs::is_regular_file(real, error)) refuse("which is no plain file");
        return real;
    }

    fs::path folder_;
    std::map<std::string, File> files_;
    std::int64_t read_ = 0;
};

void fill(TensorProto& tensor, Files& files) {
    if (tensor.data_location() != TensorProto::EXTERNAL) return;
    in_place({"", 0, fmt::format("tensor '{}'", shown_name(tensor.name()))}, [&] {
        tensor.set_raw_data(files.read(where_of(tensor)));
        tensor.clear_external_data();
        tensor.clear_data_location();
    });
}

void fill_graph(onnx::GraphProto& graph, Files& files) {
    for (TensorProto& tensor : *graph.mutable_initializer()) fill(tensor, files);
    for (onnx::NodeProto& node : *graph.mutable_node())
        for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
            if (attribute.has_t()) fill(*attribute.mutable_t(), files);
            if (attribute.has_g()) fill_graph(*attribute.mutable_g(), files); // protobuf limits the levels
        }
}

} // namespace

onnx::ModelProto with_external_data(onnx::ModelProto model, const fs::path& folder) {
    Files files(folder);
    fill_graph(*model.mutable_graph(), files);
    return model;
}

} // namespace bru::onnx_import
