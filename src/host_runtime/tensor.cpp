#include "host_runtime/tensor.hpp"

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"

namespace bru {
namespace {

template <class Number>
std::vector<double> read_all(const std::string& bytes) {
    std::vector<double> numbers(bytes.size() / sizeof(Number));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        Number number;
        std::memcpy(&number, bytes.data() + i * sizeof(Number), sizeof number);
        numbers[i] = static_cast<double>(number);
    }
    return numbers;
}

template <class Number>
std::string write_all(const HostTensor& tensor, const std::vector<double>& numbers) {
    std::string bytes(numbers.size() * sizeof(Number), '\0');
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if constexpr (std::numeric_limits<Number>::is_integer) {
            // 2^63 as a double is beyond the range of int64, so the upper limit itself is left out.
            const double limit = std::ldexp(1.0, std::numeric_limits<Number>::digits);
            const double lowest = std::numeric_limits<Number>::is_signed ? -limit : 0.0;
            if (numbers[i] != std::floor(numbers[i]) || numbers[i] < lowest || numbers[i] >= limit)
                throw InputError(fmt::format("element {} of '{}' is {}, which is no {}", i, tensor.name, numbers[i],
                                             element_type_name(tensor.type)));
        }
        const Number number = static_cast<Number>(numbers[i]);
        std::memcpy(bytes.data() + i * sizeof(Number), &number, sizeof number);
    }
    return bytes;
}

[[noreturn]] void refuse(const HostTensor& tensor) {
    throw InputError(fmt::format("tensor '{}' has elements of {}; numbers of 8 to 64 bits and booleans are allowed",
                                 tensor.name, element_type_name(tensor.type)));
}

} // namespace

std::string element_type_name(ElementType type) {
    switch (type) {
    case ElementType::float32: return "float";
    case ElementType::uint8: return "uint8";
    case ElementType::int8: return "int8";
    case ElementType::uint16: return "uint16";
    case ElementType::int16: return "int16";
    case ElementType::int32: return "int32";
    case ElementType::int64: return "int64";
    case ElementType::boolean: return "bool";
    case ElementType::float16: return "float16";
    case ElementType::float64: return "double";
    case ElementType::uint32: return "uint32";
    case ElementType::uint64: return "uint64";
    case ElementType::unknown: break;
    }
    return fmt::format("type {}", static_cast<int>(type));
}

std::size_t element_bytes(ElementType type) {
    switch (type) {
    case ElementType::uint8:
    case ElementType::int8:
    case ElementType::boolean: return 1;
    case ElementType::uint16:
    case ElementType::int16: return 2;
    case ElementType::float32:
    case ElementType::int32:
    case ElementType::uint32: return 4;
    case ElementType::int64:
    case ElementType::uint64:
    case ElementType::float64: return 8;
    default: return 0;
    }
}

bool is_integer(ElementType type) {
    return type != ElementType::float32 && type != ElementType::float64 && element_bytes(type) != 0;
}

std::int64_t HostTensor::size() const {
    return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}

std::vector<double> HostTensor::numbers() const {
    switch (type) {
    case ElementType::float32: return read_all<float>(bytes);
    case ElementType::float64: return read_all<double>(bytes);
    case ElementType::int8: return read_all<std::int8_t>(bytes);
    case ElementType::int16: return read_all<std::int16_t>(bytes);
    case ElementType::int32: return read_all<std::int32_t>(bytes);
    case ElementType::int64: return read_all<std::int64_t>(bytes);
    case ElementType::boolean:
    case ElementType::uint8: return read_all<std::uint8_t>(bytes);
    case ElementType::uint16: return read_all<std::uint16_t>(bytes);
    case ElementType::uint32: return read_all<std::uint32_t>(bytes);
    case ElementType::uint64: return read_all<std::uint64_t>(bytes);
    default: refuse(*this);
    }
}

HostTensor tensor_of(const std::string& name, ElementType type, std::vector<std::int64_t> dims,
                     const std::vector<double>& numbers) {
    HostTensor tensor{name, type, std::move(dims), {}};
    switch (type) {
    case ElementType::float32: tensor.bytes = write_all<float>(tensor, numbers); break;
    case ElementType::float64: tensor.bytes = write_all<double>(tensor, numbers); break;
    case ElementType::int8: tensor.bytes = write_all<std::int8_t>(tensor, numbers); break;
    case ElementType::int16: tensor.bytes = write_all<std::int16_t>(tensor, numbers); break;
    case ElementType::int32: tensor.bytes = write_all<std::int32_t>(tensor, numbers); break;
    case ElementType::int64: tensor.bytes = write_all<std::int64_t>(tensor, numbers); break;
    case ElementType::boolean:
    case ElementType::uint8: tensor.bytes = write_all<std::uint8_t>(tensor, numbers); break;
    case ElementType::uint16: tensor.bytes = write_all<std::uint16_t>(tensor, numbers); break;
    case ElementType::uint32: tensor.bytes = write_all<std::uint32_t>(tensor, numbers); break;
    case ElementType::uint64: tensor.bytes = write_all<std::uint64_t>(tensor, numbers); break;
    default: refuse(tensor);
    }
    return tensor;
}

std::string tensor_text(ElementType type, const std::vector<std::int64_t>& dims) {
    return fmt::format("{} [{}]", element_type_name(type), fmt::join(dims, ", "));
}

} // namespace bru
