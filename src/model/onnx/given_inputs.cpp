// Turning inputs of a graph into initializers.
#include "model/onnx/given_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/numbers.hpp"
#include "base/printable.hpp"
#include "base/text_list.hpp"
#include "model/onnx/protobuf.hpp"
#include "model/onnx/value.hpp"

namespace bru::onnx_import {
namespace {

using onnx::TensorProto;

std::string option_of(const std::string& name) { return fmt::format("--input {}", shown_name(name)); }

[[noreturn]] void refuse_unknown(const onnx::GraphProto& graph, const std::string& name) {
    std::vector<std::string> known;
    for (const onnx::ValueInfoProto& input : graph.input()) known.push_back(shown_name(input.name()));
    throw InputError(
        fmt::format("{}: the model has no such input; it has '{}'", option_of(name),
                    fmt::join(known.begin(), known.begin() + std::min<std::ptrdiff_t>(known.size(), 20), "', '")));
}

/// The shape of the input that holds `count` numbers.
Dims shape_for(const onnx::ValueInfoProto& input, std::int64_t count) {
    if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape())
        throw InputError(fmt::format("{}: the input has no shape in the file", option_of(input.name())));
    Dims dims;
    std::optional<std::size_t> open;
    for (const auto& dimension : input.type().tensor_type().shape().dim()) {
        const bool is_open = !dimension.has_dim_value() || dimension.dim_value() < 1;
        if (is_open && !open) open = dims.size();
        dims.push_back(is_open ? 1 : dimension.dim_value());
    }
    try {
        const std::int64_t closed = element_count(dims);
        if (count != 1 && open) dims[*open] = count / closed;
        if (count == 1 || element_count(dims) == count) return dims;
        throw InputError(fmt::format("{}: {} numbers are given, and the input has {}; give as many, or one for all",
                                     option_of(input.name()), count, closed));
    } catch (const std::length_error& error) {
        throw InputError(fmt::format("{}: {}", option_of(input.name()), error.what()));
    }
}

std::int64_t whole_number(const std::string& name, double number, std::int64_t low, std::int64_t high) {
    constexpr double kExact = 9007199254740992; // 2^53
    if (number != std::floor(number) || std::fabs(number) > kExact || number < static_cast<double>(low) ||
        number > static_cast<double>(high))
        throw InputError(fmt::format("{}: {} is no number of the input's type; whole numbers from {} to {} are allowed",
                                     option_of(name), number, low, high));
    return static_cast<std::int64_t>(number);
}

void add_number(TensorProto& tensor, double number) {
    const auto whole = [&](std::int64_t low, std::int64_t high) {
        return whole_number(tensor.name(), number, low, high);
    };
    constexpr std::int64_t kExact = std::int64_t{1} << 53;
    switch (tensor.data_type()) {
    case TensorProto::FLOAT: tensor.add_float_data(static_cast<float>(number)); return;
    case TensorProto::DOUBLE: tensor.add_double_data(number); return;
    case TensorProto::INT64: tensor.add_int64_data(whole(-kExact, kExact)); return;
    case TensorProto::INT32:
        tensor.add_int32_data(static_cast<std::int32_t>(
            whole(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max())));
        return;
    case TensorProto::INT16: tensor.add_int32_data(static_cast<std::int32_t>(whole(-32768, 32767))); return;
    case TensorProto::INT8: tensor.add_int32_data(static_cast<std::int32_t>(whole(-128, 127))); return;
    case TensorProto::UINT8: tensor.add_int32_data(static_cast<std::int32_t>(whole(0, 255))); return;
    case TensorProto::BOOL: tensor.add_int32_data(static_cast<std::int32_t>(whole(0, 1))); return;
    default:
        throw InputError(fmt::format("{}: numbers cannot be given for an input of type {}; float, double, bool, int8 "
                                     "to int64 and uint8 are allowed",
                                     option_of(tensor.name()), tensor.data_type()));
    }
}

TensorProto tensor_of(const onnx::ValueInfoProto& input, const std::vector<double>& numbers) {
    if (numbers.empty()) throw InputError(option_of(input.name()) + ": no number is given");
    TensorProto tensor;
    tensor.set_name(input.name());
    tensor.set_data_type(input.type().tensor_type().elem_type());
    const Dims dims = shape_for(input, signed_size(numbers));
    for (const std::int64_t size : dims) tensor.add_dims(size);
    const std::int64_t count = element_count(dims);
    for (std::int64_t element = 0; element < count; ++element)
        add_number(tensor, numbers.size() == 1 ? numbers.front() : numbers[static_cast<std::size_t>(element)]);
    return tensor;
}

/// The place of a message with this name in a list; nothing where it is not there.
template <class List>
std::optional<int> place_of(const List& list, const std::string& name) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const auto& each) { return each.name() == name; });
    if (found == list.end()) return std::nullopt;
    return narrow<int>(found - list.begin());
}

} // namespace

onnx::ModelProto with_given_inputs(onnx::ModelProto model, const GivenInputs& inputs) {
    onnx::GraphProto& graph = *model.mutable_graph();
    for (const auto& [name, numbers] : inputs) {
        const std::optional<int> place = place_of(graph.input(), name);
        if (!place) refuse_unknown(graph, name);
        TensorProto tensor = tensor_of(graph.input(*place), numbers);
        graph.mutable_input()->DeleteSubrange(*place, 1);
        if (const std::optional<int> standard = place_of(graph.initializer(), name))
            graph.mutable_initializer()->DeleteSubrange(*standard, 1);
        *graph.add_initializer() = std::move(tensor);
    }
    return model;
}

} // namespace bru::onnx_import

namespace bru {

GivenInputs read_given_inputs(const std::vector<std::string>& texts) {
    GivenInputs inputs;
    for (const std::string& text : texts) {
        const std::size_t equals = text.rfind('='); // a name may have one
        if (equals == std::string::npos || equals == 0)
            throw InputError(fmt::format("--input {}: NAME=NUMBER is allowed, or NAME=NUMBER,NUMBER,...; for example "
                                         "--input sr=16000",
                                         printable(text)));
        std::vector<double>& numbers = inputs[text.substr(0, equals)];
        if (!numbers.empty())
            throw InputError(fmt::format("--input {}: the input has its numbers already", printable(text)));
        for (const std::string& item : comma_list(text.substr(equals + 1))) {
            const std::optional<double> number = parse_real(item);
            if (!number)
                throw InputError(fmt::format("--input {}: '{}' is no number", printable(text), printable(item)));
            numbers.push_back(*number);
        }
    }
    return inputs;
}

std::vector<std::string> texts_of(const GivenInputs& inputs) {
    std::vector<std::string> texts;
    for (const auto& [name, numbers] : inputs) {
        std::string text = name + "=";
        for (const double number : numbers) {
            if (text.back() != '=') text += ',';
            append_real(text, number);
        }
        texts.push_back(std::move(text));
    }
    return texts;
}

} // namespace bru
