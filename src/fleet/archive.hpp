// The state of a simulation as bytes and back. A class lists its members once, in visit(archive): the same list writes
// and reads. Members are plain values, vectors of plain values, or classes that have visit() themselves.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.hpp"

namespace bru::fleet {

class StateWriter {
public:
    template <class Value>
    void operator()(Value& value) {
        if constexpr (std::is_trivially_copyable_v<Value>) {
            append(&value, sizeof value);
        } else {
            value.visit(*this);
        }
    }

    template <class Item>
    void operator()(std::vector<Item>& items) {
        std::uint64_t count = items.size();
        append(&count, sizeof count);
        if constexpr (std::is_trivially_copyable_v<Item>) {
            if (count > 0) append(items.data(), items.size() * sizeof(Item));
        } else {
            for (Item& item : items) (*this)(item);
        }
    }

    const std::string& bytes() const { return bytes_; }

private:
    void append(const void* data, std::size_t size) { bytes_.append(static_cast<const char*>(data), size); }

    std::string bytes_;
};

/// Throws InputError where the bytes end too soon.
class StateReader {
public:
    explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

    template <class Value>
    void operator()(Value& value) {
        if constexpr (std::is_trivially_copyable_v<Value>) {
            std::memcpy(&value, take(sizeof value), sizeof value);
        } else {
            value.visit(*this);
        }
    }

    template <class Item>
    void operator()(std::vector<Item>& items) {
        std::uint64_t count = 0;
        (*this)(count);
        if constexpr (std::is_trivially_copyable_v<Item>) {
            if (count > bytes_.size() / sizeof(Item)) end_of_file();
            items.resize(static_cast<std::size_t>(count));
            if (count > 0) std::memcpy(items.data(), take(items.size() * sizeof(Item)), items.size() * sizeof(Item));
        } else {
            if (count != items.size()) throw InputError("is the state of a fleet of another size");
            for (Item& item : items) (*this)(item);
        }
    }

    bool at_end() const { return bytes_.empty(); }

private:
    [[noreturn]] static void end_of_file() { throw InputError("ends too soon"); }

    const char* take(std::size_t size) {
        if (size > bytes_.size()) end_of_file();
        const char* const data = bytes_.data();
        bytes_.remove_prefix(size);
        return data;
    }

    std::string_view bytes_;
};

} // namespace bru::fleet
