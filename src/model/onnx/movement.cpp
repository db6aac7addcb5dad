// Shape plumbing, element by element.
#include "model/onnx/movement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "base/member_of.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {
namespace {

using onnx::TensorProto;

std::vector<bool> axis_set(const Node& node, const Dims& axes, std::int64_t rank) {
    std::vector<bool> chosen(rank, false);
    for (const std::int64_t axis : axes) {
        const std::size_t place = node.axis(axis, rank);
        if (chosen[place]) node.fail(fmt::format("axis {} is named twice", axis));
        chosen[place] = true;
    }
    return chosen;
}

Value pass(const Node& node) { return node.required(0); }

Value dropout(const Node& node) {
    const Value& training = node.input(2);
    if (training.present() && (!training.is_constant() || training.size() != 1 || training.number(0) != 0))
        node.fail("is in training mode; call model.eval() before the export");
    return node.required(0);
}

Value converted(const Node& node, std::int64_t to) {
    const Value& value = node.required(0);
    const bool to_float = to == TensorProto::FLOAT || to == TensorProto::DOUBLE || to == TensorProto::FLOAT16 ||
                          to == TensorProto::BFLOAT16;
    if (value.is_tokens()) {
        if (!to_float) node.fail(fmt::format("turns computed values into integers (type {}), which cannot be run", to));
        return value;
    }
    if (to_float == (value.kind == Value::Kind::floats)) return value;
    if (to_float) {
        std::vector<float> floats(value.integers->begin(), value.integers->end());
        return make_floats(value.dims, std::move(floats));
    }
    std::vector<std::int64_t> integers;
    integers.reserve(value.floats->size());
    for (const float number : *value.floats) {
        if (!(std::fabs(number) < 9.0e18F)) node.fail(fmt::format("{} does not fit an integer", number));
        integers.push_back(to == TensorProto::BOOL ? number != 0 : static_cast<std::int64_t>(number));
    }
    return make_integers(value.dims, std::move(integers));
}

Value cast(const Node& node) { return converted(node, node.integer("to", 0)); }

/// To the type of the second input.
Value cast_like(const Node& node) {
    const Value& like = node.required(1);
    if (like.is_tokens()) node.fail("converts to the type of a computed value, which is unknown here");
    if (like.kind == Value::Kind::floats) return converted(node, TensorProto::FLOAT);
    return converted(node, like.element_type != 0 ? like.element_type : static_cast<int>(TensorProto::INT64));
}

Value squeeze(const Node& node) {
    const Value& value = node.required(0);
    const std::optional<Dims> axes = node.integers_of("axes", 1);
    const std::vector<bool> chosen = axes ? axis_set(node, *axes, value.rank()) : std::vector<bool>();
    Dims dims;
    for (std::size_t axis = 0; axis < value.dims.size(); ++axis) {
        if (axes ? !chosen[axis] : value.dims[axis] != 1)
            dims.push_back(value.dims[axis]);
        else if (value.dims[axis] != 1)
            node.fail(fmt::format("axis {} of {} cannot be squeezed, it has {} elements", axis, to_string(value.dims),
                                  value.dims[axis]));
    }
    return with_dims(value, std::move(dims));
}

Value unsqueeze(const Node& node) {
    const Value& value = node.required(0);
    const std::optional<Dims> axes = node.integers_of("axes", 1);
    if (!axes) node.fail("attribute or input 'axes' is missing");
    const std::int64_t rank = value.rank() + axes->size();
    const std::vector<bool> added = axis_set(node, *axes, rank);
    Dims dims;
    auto kept = value.dims.begin();
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis) dims.push_back(added[axis] ? 1 : *kept++);
    return with_dims(value, std::move(dims));
}

Value flatten(const Node& node) {
    const Value& value = node.required(0);
    const std::int64_t given = node.integer("axis", 1);
    const std::size_t axis =
        given == value.rank() ? value.dims.size() : node.axis(given, std::max<std::int64_t>(value.rank(), 1));
    const auto split = value.dims.begin() + std::min(axis, value.dims.size());
    return with_dims(value, {std::accumulate(value.dims.begin(), split, std::int64_t{1}, std::multiplies<>()),
                             std::accumulate(split, value.dims.end(), std::int64_t{1}, std::multiplies<>())});
}

Value reshape(const Node& node) {
    const Value& value = node.required(0);
    const std::optional<Dims> wanted = node.integers_of("shape", 1);
    if (!wanted) node.fail("attribute or input 'shape' is missing");
    Dims dims = *wanted;
    const bool zero_copies = node.integer("allowzero", 0) == 0;
    std::optional<std::size_t> open;
    for (std::size_t axis = 0; axis < dims.size(); ++axis) {
        if (dims[axis] == 0 && zero_copies) {
            if (axis >= value.dims.size())
                node.fail(
                    fmt::format("shape {} copies an axis that {} lacks", to_string(*wanted), to_string(value.dims)));
            dims[axis] = value.dims[axis];
        } else if (dims[axis] == -1) {
            if (open) node.fail(fmt::format("shape {} leaves two axes open", to_string(*wanted)));
            open = axis;
            dims[axis] = 1;
        }
    }
    const std::int64_t known = element_count(dims);
    if (open && known > 0) dims[*open] = value.size() / known;
    if (element_count(dims) != value.size())
        node.fail(fmt::format("a tensor of shape {} cannot take shape {}", to_string(value.dims), to_string(*wanted)));
    return with_dims(value, std::move(dims));
}

Value transpose(const Node& node) {
    const Value& value = node.required(0);
    Dims order(value.dims.size());
    for (std::size_t axis = 0; axis < order.size(); ++axis) order[axis] = order.size() - 1 - axis;
    if (const std::optional<Dims> given = node.integers("perm")) order = *given;
    if (order.size() != value.dims.size())
        node.fail(fmt::format("attribute 'perm' = {} does not fit shape {}", to_string(order), to_string(value.dims)));
    axis_set(node, order, value.rank());
    const Dims from = strides_of(value.dims);
    Dims dims;
    Dims strides;
    for (const std::int64_t axis : order) {
        dims.push_back(value.dims[node.axis(axis, value.rank())]);
        strides.push_back(from[node.axis(axis, value.rank())]);
    }
    std::vector<std::int64_t> map;
    map.reserve(value.size());
    node.spend(2 * value.size());
    for_each_index(dims, [&](const Dims& index) {
        map.push_back(std::inner_product(index.begin(), index.end(), strides.begin(), std::int64_t{0}));
    });
    return select(value, std::move(dims), map);
}

/// Picks `chosen[i]` along `axis` for every i.
Value pick(const Node& node, const Value& value, std::size_t axis, const Dims& chosen) {
    Dims dims = value.dims;
    dims[axis] = chosen.size();
    node.spend(node.count(dims) + static_cast<std::int64_t>(chosen.size()));
    const std::int64_t inner = strides_of(value.dims)[axis];
    const std::int64_t block = inner * value.dims[axis];
    std::vector<std::int64_t> map;
    map.reserve(element_count(dims));
    const std::int64_t blocks = block == 0 ? 0 : value.size() / block;
    for (std::int64_t outer = 0; outer < blocks; ++outer)
        for (const std::int64_t place : chosen)
            for (std::int64_t i = 0; i < inner; ++i) map.push_back(outer * block + place * inner + i);
    return select(value, std::move(dims), map);
}

/// The places start, start + step, ... before end, with ONNX's clamping.
Dims slice_places(const Node& node, std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step) {
    if (step == 0) node.fail("has a step of 0");
    const auto from_end = [size](std::int64_t place) { return place < 0 ? std::max(place, -size - 1) + size : place; };
    Dims places;
    if (step > 0) {
        const std::int64_t stop = std::clamp<std::int64_t>(from_end(end), 0, size);
        for (std::int64_t place = std::clamp<std::int64_t>(from_end(start), 0, size); place < stop;) {
            places.push_back(place);
            if (step > size) break;
            place += step;
        }
    } else {
        const std::int64_t stop = std::clamp<std::int64_t>(from_end(end), -1, size - 1);
        for (std::int64_t place = std::clamp<std::int64_t>(from_end(start), -1, size - 1); place > stop;) {
            places.push_back(place);
            if (step < -size) break;
            place += step;
        }
    }
    return places;
}

Value slice(const Node& node) {
    Value value = node.required(0);
    const std::optional<Dims> starts = node.integers_of("starts", 1);
    const std::optional<Dims> ends = node.integers_of("ends", 2);
    if (!starts || !ends || starts->size() != ends->size()) node.fail("needs 'starts' and 'ends' of the same length");
    Dims axes(starts->size());
    std::iota(axes.begin(), axes.end(), 0);
    if (const std::optional<Dims> given = node.integers_of("axes", 3)) axes = *given;
    Dims steps(starts->size(), 1);
    if (node.input(4).present()) steps = node.constant_integers(4);
    if (axes.size() != starts->size() || steps.size() != starts->size())
        node.fail("'axes' and 'steps' must be as long as 'starts'");
    axis_set(node, axes, value.rank());
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::size_t axis = node.axis(axes[i], value.rank());
        const Dims places = slice_places(node, value.dims[axis], (*starts)[i], (*ends)[i], steps[i]);
        if (signed_size(places) == value.dims[axis] && steps[i] == 1) continue;
        value = pick(node, value, axis, places);
    }
    return value;
}

Value gather(const Node& node) {
    const Value& value = node.required(0);
    if (value.rank() == 0) node.fail("cannot take elements of a scalar");
    if (node.required(1).is_tokens())
        node.fail(
            "its index depends on the network's input (an embedding?); export the LSTM with one-hot inputs instead");
    const std::size_t axis = node.axis(node.integer("axis", 0), value.rank());
    Dims places = node.constant_integers(1);
    for (std::int64_t& place : places) {
        const std::int64_t size = value.dims[axis];
        if (place < -size || place >= size)
            node.fail(fmt::format("index {} is outside axis {} of {}", place, axis, to_string(value.dims)));
        if (place < 0) place += size;
    }
    const Dims& index_dims = node.required(1).dims;
    Dims dims = value.dims;
    dims.erase(dims.begin() + axis);
    dims.insert(dims.begin() + axis, index_dims.begin(), index_dims.end());
    node.count(dims);
    return with_dims(pick(node, value, axis, places), std::move(dims));
}

/// Concatenates one of a value's element arrays; null where any part has none.
template <class T>
SharedVector<T> join(const std::vector<Value>& parts, MemberOf<Value, SharedVector<T>> member, std::size_t axis) {
    for (const Value& part : parts)
        if (!(part.*member)) return nullptr;
    std::int64_t outer = 1;
    for (std::size_t before = 0; before < axis; ++before) outer *= parts.front().dims[before];
    std::vector<T> joined;
    for (std::int64_t block = 0; block < outer; ++block)
        for (const Value& part : parts) {
            const auto& values = *(part.*member);
            const std::ptrdiff_t length = signed_size(values) / outer;
            joined.insert(joined.end(), values.begin() + block * length, values.begin() + (block + 1) * length);
        }
    return share(std::move(joined));
}

Value concat(const Node& node) {
    std::vector<Value> parts;
    for (std::size_t i = 0; i < node.input_count(); ++i) parts.push_back(node.required(i));
    if (parts.empty()) node.fail("has no inputs");
    const std::size_t axis = node.axis(node.integer("axis", 0), parts.front().rank());
    Value result = with_dims(parts.front(), parts.front().dims);
    result.dims[axis] = 0;
    for (const Value& part : parts) {
        if (part.kind != result.kind) node.fail("joins computed values with constants, which cannot be run");
        Dims others = part.dims;
        if (others.size() == result.dims.size()) others[axis] = result.dims[axis];
        if (others != result.dims)
            node.fail(fmt::format("shapes {} and {} do not fit together", to_string(parts.front().dims),
                                  to_string(part.dims)));
        result.dims[axis] += part.dims[axis];
    }
    node.spend(node.count(result.dims));
    result.floats = join(parts, &Value::floats, axis);
    result.integers = join(parts, &Value::integers, axis);
    result.tokens = join(parts, &Value::tokens, axis);
    result.quantized = join(parts, &Value::quantized, axis);
    return result;
}

std::vector<Value> split(const Node& node) {
    const Value& value = node.required(0);
    if (value.rank() == 0) node.fail("cannot split a scalar");
    const std::size_t axis = node.axis(node.integer("axis", 0), value.rank());
    const std::int64_t size = value.dims[axis];
    const std::int64_t pieces = node.output_count();
    Dims sizes;
    if (const std::optional<Dims> given = node.integers_of("split", 1))
        sizes = *given;
    else if (pieces > 0) {
        const std::int64_t length = divide_up(size, pieces);
        for (std::int64_t i = 0; i < pieces; ++i)
            sizes.push_back(std::clamp<std::int64_t>(size - i * length, 0, length));
    }
    if (static_cast<std::int64_t>(sizes.size()) > pieces)
        node.fail(fmt::format("has {} outputs for pieces {}", pieces, to_string(sizes)));
    std::vector<Value> parts;
    std::int64_t start = 0;
    for (const std::int64_t length : sizes) {
        if (length < 0 || length > size - start)
            node.fail(fmt::format("pieces {} do not fit axis {} of {}", to_string(sizes), axis, to_string(value.dims)));
        Dims places(length);
        std::iota(places.begin(), places.end(), start);
        parts.push_back(pick(node, value, axis, places));
        start += length;
    }
    return parts;
}

Value expand(const Node& node) {
    const Value& value = node.required(0);
    Dims dims = broadcast_dims(value.dims, node.constant_integers(1));
    node.spend(node.count(dims));
    if (dims == value.dims) return value;
    const std::vector<std::int64_t> map = broadcast_map(value.dims, dims);
    return select(value, std::move(dims), map);
}

Value tile(const Node& node) {
    Value value = node.required(0);
    const Dims repeats = node.constant_integers(1);
    if (repeats.size() != value.dims.size())
        node.fail(fmt::format("repeats {} do not fit shape {}", to_string(repeats), to_string(value.dims)));
    Dims dims = value.dims;
    for (std::size_t axis = 0; axis < dims.size(); ++axis) {
        if (repeats[axis] < 0 || repeats[axis] > kMaxElements)
            node.fail(fmt::format("repeats {} are out of range", to_string(repeats)));
        dims[axis] *= repeats[axis];
    }
    node.count(dims);
    for (std::size_t axis = 0; axis < dims.size(); ++axis) {
        if (repeats[axis] == 1) continue;
        Dims places;
        for (std::int64_t place = 0; place < dims[axis]; ++place) places.push_back(place % value.dims[axis]);
        value = pick(node, value, axis, places);
    }
    return value;
}

/// The first steps of each sequence from the last to the first, as many as its length says.
Value reverse_sequence(const Node& node) {
    const Value& value = node.required(0);
    const std::size_t batch_axis = node.axis(node.integer("batch_axis", 1), value.rank());
    const std::size_t time_axis = node.axis(node.integer("time_axis", 0), value.rank());
    const Dims lengths = node.constant_integers(1);
    if (batch_axis == time_axis || signed_size(lengths) != value.dims[batch_axis])
        node.fail("its axes or its lengths do not fit its input");
    for (const std::int64_t length : lengths)
        if (length < 0 || length > value.dims[time_axis])
            node.fail(fmt::format("a length of {} does not fit {} steps", length, value.dims[time_axis]));
    node.spend(2 * value.size());
    const std::int64_t stride = strides_of(value.dims)[time_axis];
    std::vector<std::int64_t> map;
    map.reserve(value.size());
    for_each_index(value.dims, [&](const Dims& index) {
        const std::int64_t length = lengths[index[batch_axis]];
        const std::int64_t step = index[time_axis];
        const auto element = signed_size(map);
        map.push_back(step < length ? element + (length - 1 - 2 * step) * stride : element);
    });
    return select(value, value.dims, map);
}

} // namespace

std::optional<std::vector<Value>> move_elements(const Node& node) {
    static const std::map<std::string, Value (*)(const Node&)> kOperations = {
        {"Identity", pass},      {"Dropout", dropout}, {"Cast", cast},
        {"CastLike", cast_like}, {"Squeeze", squeeze}, {"Unsqueeze", unsqueeze},
        {"Flatten", flatten},    {"Reshape", reshape}, {"Transpose", transpose},
        {"Slice", slice},        {"Gather", gather},   {"Concat", concat},
        {"Expand", expand},      {"Tile", tile},       {"ReverseSequence", reverse_sequence},
    };
    if (node.op() == "Split") return split(node);
    const auto operation = kOperations.find(node.op());
    if (operation == kOperations.end()) return std::nullopt;
    return std::vector<Value>{operation->second(node)};
}

} // namespace bru::onnx_import
