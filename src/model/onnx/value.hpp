// What a name in an ONNX graph stands for while the importer walks it: a tensor of known numbers, or a
// tensor whose elements are tokens ("element 17 of what LSTM 2 put out"). Shape plumbing moves elements
// about; because it is carried out element by element, what it means is known exactly, never guessed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bru::onnx_import {

using Dims = std::vector<std::int64_t>;

/// Most elements and dimensions of a tensor. What graph arithmetic makes is held to less (budget.hpp).
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 25;
inline constexpr std::size_t kMaxRank = 64;

/// One element that is not known before the network runs.
struct Token {
    std::uint32_t source = 0; ///< index into GraphWalk::sources
    std::uint32_t index = 0;  ///< element of that source, flat
    bool operator==(const Token& other) const { return source == other.source && index == other.index; }
};

/// The integer and the scale behind a weight that came through DequantizeLinear.
struct QuantizedWeight {
    std::int32_t value = 0;
    float scale = 0;
};

template <class T>
using SharedVector = std::shared_ptr<const std::vector<T>>;

template <class T>
SharedVector<T> share(std::vector<T> values) {
    return std::make_shared<const std::vector<T>>(std::move(values));
}

struct Value {
    enum class Kind { absent, floats, integers, tokens };
    Kind kind = Kind::absent; ///< absent: an optional input that is not given
    Dims dims;
    SharedVector<float> floats;
    SharedVector<std::int64_t> integers; ///< booleans too
    SharedVector<Token> tokens;
    int element_type = 0;                    ///< of integers as a tensor of the file has them: ONNX's number, else 0
    SharedVector<QuantizedWeight> quantized; ///< beside floats that came through DequantizeLinear, else null

    bool present() const { return kind != Kind::absent; }
    bool is_constant() const { return kind == Kind::floats || kind == Kind::integers; }
    bool is_tokens() const { return kind == Kind::tokens; }
    std::int64_t rank() const { return dims.size(); }
    std::int64_t size() const;
    /// A constant's element as a real number.
    double number(std::int64_t element) const;
};

Value make_floats(Dims dims, std::vector<float> values);
Value make_integers(Dims dims, std::vector<std::int64_t> values);
Value make_tokens(Dims dims, std::vector<Token> values);

/// Product of the dimensions. Throws std::length_error where one is negative, there are more than kMaxRank, or the
/// product passes kMaxElements.
std::int64_t element_count(const Dims& dims);

/// "[6, 1, 28]"; of a long list the beginning.
std::string to_string(const Dims& dims);

/// Distance between neighbours along each axis in row-major order.
Dims strides_of(const Dims& dims);

/// The same elements under another shape of the same size; shares the data.
Value with_dims(const Value& value, Dims dims);

/// A value of shape `dims` whose element i is element `source_of[i]` of `value`.
Value select(const Value& value, Dims dims, const std::vector<std::int64_t>& source_of);

/// Calls `visit` with every index of a tensor of shape `dims`, in row-major order.
void for_each_index(const Dims& dims, const std::function<void(const Dims& index)>& visit);

/// For every element of a tensor of shape `to` the element of one of shape `from` that broadcasting (numpy
/// rules) puts there. Throws std::length_error where the shapes do not broadcast.
std::vector<std::int64_t> broadcast_map(const Dims& from, const Dims& to);
Dims broadcast_dims(const Dims& a, const Dims& b);

} // namespace bru::onnx_import
