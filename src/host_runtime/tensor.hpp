// A tensor on its way into or out of ONNX Runtime.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bru {

/// Numbers of element types, as ONNX and ONNX Runtime count them.
enum class ElementType {
    unknown = 0,
    float32 = 1,
    uint8 = 2,
    int8 = 3,
    uint16 = 4,
    int16 = 5,
    int32 = 6,
    int64 = 7,
    boolean = 9,
    float16 = 10,
    float64 = 11,
    uint32 = 12,
    uint64 = 13,
};

/// "float", "int64"; "type 17" for one that has no name here.
std::string element_type_name(ElementType type);

/// 0 for a type that tensors of this program cannot hold.
std::size_t element_bytes(ElementType type);

/// True for integers and booleans.
bool is_integer(ElementType type);

struct HostTensor {
    std::string name;
    ElementType type = ElementType::float32;
    std::vector<std::int64_t> dims;
    std::string bytes; ///< row-major, as this computer stores numbers

    std::int64_t size() const; ///< elements
    /// The elements as real numbers. Throws InputError for a type that has no elements here.
    std::vector<double> numbers() const;
};

/// A tensor of these numbers, converted to the type. Throws InputError where the type cannot hold them: a fraction in
/// an integer type, a number outside of its range.
HostTensor tensor_of(const std::string& name, ElementType type, std::vector<std::int64_t> dims,
                     const std::vector<double>& numbers);

/// "float [1, 32, 8]"
std::string tensor_text(ElementType type, const std::vector<std::int64_t>& dims);

} // namespace bru
