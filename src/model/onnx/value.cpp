// Shapes, broadcasting and moving the elements of importer values.
#include "model/onnx/value.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/integers.hpp"

namespace bru::onnx_import {

std::int64_t Value::size() const {
    switch (kind) {
    case Kind::floats: return signed_size(*floats);
    case Kind::integers: return signed_size(*integers);
    case Kind::tokens: return signed_size(*tokens);
    case Kind::absent: break;
    }
    return 0;
}

double Value::number(std::int64_t element) const {
    const std::size_t i = element;
    return kind == Kind::floats ? double{(*floats)[i]} : static_cast<double>((*integers)[i]);
}

Value make_floats(Dims dims, std::vector<float> values) {
    Value value;
    value.kind = Value::Kind::floats;
    value.dims = std::move(dims);
    value.floats = share(std::move(values));
    return value;
}

Value make_integers(Dims dims, std::vector<std::int64_t> values) {
    Value value;
    value.kind = Value::Kind::integers;
    value.dims = std::move(dims);
    value.integers = share(std::move(values));
    return value;
}

Value make_tokens(Dims dims, std::vector<Token> values) {
    Value value;
    value.kind = Value::Kind::tokens;
    value.dims = std::move(dims);
    value.tokens = share(std::move(values));
    return value;
}

std::int64_t element_count(const Dims& dims) {
    std::int64_t count = 1;
    bool empty = false;
    if (dims.size() > kMaxRank)
        throw std::length_error(
            fmt::format("a tensor has {} dimensions, at most {} are allowed", dims.size(), kMaxRank));
    for (const std::int64_t size : dims) {
        if (size < 0) throw std::length_error(fmt::format("shape {} has a negative dimension", to_string(dims)));
        if (size == 0)
            empty = true;
        else if (size > kMaxElements / count)
            throw std::length_error(fmt::format("shape {} has more than {} elements", to_string(dims), kMaxElements));
        else
            count *= size;
    }
    return empty ? 0 : count;
}

std::string to_string(const Dims& dims) {
    constexpr std::size_t kMostShown = 16;
    if (dims.size() <= kMostShown) return fmt::format("[{}]", fmt::join(dims, ", "));
    return fmt::format("[{}, ... ({} in all)]", fmt::join(dims.begin(), dims.begin() + kMostShown, ", "), dims.size());
}

Dims strides_of(const Dims& dims) {
    Dims strides(dims.size(), 1);
    for (std::size_t axis = dims.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * dims[axis];
    return strides;
}

Value with_dims(const Value& value, Dims dims) {
    Value result = value;
    result.dims = std::move(dims);
    return result;
}

namespace {

template <class T>
SharedVector<T> select_elements(const SharedVector<T>& values, const std::vector<std::int64_t>& source_of) {
    if (!values) return nullptr;
    std::vector<T> selected;
    selected.reserve(source_of.size());
    for (const std::int64_t source : source_of) selected.push_back((*values)[source]);
    return share(std::move(selected));
}

} // namespace

Value select(const Value& value, Dims dims, const std::vector<std::int64_t>& source_of) {
    Value result;
    result.kind = value.kind;
    result.dims = std::move(dims);
    result.floats = select_elements(value.floats, source_of);
    result.integers = select_elements(value.integers, source_of);
    result.tokens = select_elements(value.tokens, source_of);
    result.quantized = select_elements(value.quantized, source_of);
    return result;
}

void for_each_index(const Dims& dims, const std::function<void(const Dims& index)>& visit) {
    const std::int64_t count = element_count(dims);
    Dims index(dims.size(), 0);
    for (std::int64_t element = 0; element < count; ++element) {
        visit(index);
        for (std::size_t axis = dims.size(); axis-- > 0;) {
            if (++index[axis] < dims[axis]) break;
            index[axis] = 0;
        }
    }
}

std::vector<std::int64_t> broadcast_map(const Dims& from, const Dims& to) {
    if (from.size() > to.size() || broadcast_dims(from, to) != to)
        throw std::length_error(fmt::format("shape {} does not broadcast to {}", to_string(from), to_string(to)));
    const std::size_t lead = to.size() - from.size();
    const Dims strides = strides_of(from);
    std::vector<std::int64_t> map;
    map.reserve(element_count(to));
    for_each_index(to, [&](const Dims& index) {
        std::int64_t element = 0;
        for (std::size_t axis = 0; axis < from.size(); ++axis)
            if (from[axis] != 1) element += index[lead + axis] * strides[axis];
        map.push_back(element);
    });
    return map;
}

Dims broadcast_dims(const Dims& a, const Dims& b) {
    Dims result(std::max(a.size(), b.size()), 1);
    for (std::size_t i = 0; i < result.size(); ++i) { // i counts from the last axis
        const std::int64_t from_a = i < a.size() ? a[a.size() - 1 - i] : 1;
        const std::int64_t from_b = i < b.size() ? b[b.size() - 1 - i] : 1;
        if (from_a != from_b && from_a != 1 && from_b != 1)
            throw std::length_error(fmt::format("shapes {} and {} do not broadcast", to_string(a), to_string(b)));
        result[result.size() - 1 - i] = from_a == 1 ? from_b : from_a;
    }
    return result;
}

} // namespace bru::onnx_import
