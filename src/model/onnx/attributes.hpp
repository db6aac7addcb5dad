// Attributes of a node of the file, by name.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {

/// Null where the node does not have it.
inline const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, std::string_view name) {
    for (const onnx::AttributeProto& each : node.attribute())
        if (each.name() == name) return &each;
    return nullptr;
}

inline std::int64_t integer_attribute(const onnx::NodeProto& node, std::string_view name, std::int64_t otherwise) {
    const onnx::AttributeProto* found = find_attribute(node, name);
    return found == nullptr ? otherwise : found->i();
}

inline void add_attribute(onnx::NodeProto& node, const char* name, std::int64_t value) {
    onnx::AttributeProto& made = *node.add_attribute();
    made.set_name(name);
    made.set_type(onnx::AttributeProto::INT);
    made.set_i(value);
}

} // namespace bru::onnx_import
