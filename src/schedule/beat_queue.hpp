// A queue that keeps its memory.
#pragma once

#include <cstddef>
#include <vector>

namespace bru {

/// Beats that were offered and not yet transferred: a queue that keeps its memory.
template <typename T>
class BeatQueue {
public:
    bool empty() const { return head_ == items_.size(); }
    std::size_t size() const { return items_.size() - head_; }
    const T& front() const { return items_[head_]; }
    const T& operator[](std::size_t place) const { return items_[head_ + place]; } ///< 0: the front
    void pop(std::size_t count = 1) {
        head_ += count;
        if (head_ == items_.size()) {
            items_.clear();
            head_ = 0;
        }
    }
    void push(const T& item) { items_.push_back(item); }
    void append(const T* items, std::size_t count) {
        if (head_ > 4096) { // a queue that is never quite empty must not grow for ever
            items_.erase(items_.begin(), items_.begin() + head_);
            head_ = 0;
        }
        items_.insert(items_.end(), items, items + count);
    }

private:
    std::vector<T> items_;
    std::size_t head_ = 0;
};

} // namespace bru
