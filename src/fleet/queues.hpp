// The containers of the event-driven kernel: a priority queue and a first-in, first-out queue. Both keep their items in
// one vector, so that they are written to a state file and read back as they are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace bru::fleet {

/// A heap of four children per item: half the levels of a binary one. The smallest item is on top. Items must have a
/// strict order in which no two are equal; then the order in which they leave does not depend on the heap.
template <class Item>
class Heap {
public:
    bool empty() const { return items_.empty(); }
    std::size_t size() const { return items_.size(); }
    const Item& top() const { return items_.front(); }
    void clear() { items_.clear(); }
    const std::vector<Item>& items() const { return items_; }

    void push(const Item& item) {
        std::size_t place = items_.size();
        items_.push_back(item);
        while (place > 0 && item < items_[(place - 1) / kChildren]) {
            items_[place] = items_[(place - 1) / kChildren];
            place = (place - 1) / kChildren;
        }
        items_[place] = item;
    }

    Item pop() {
        const Item result = items_.front();
        const Item last = items_.back();
        items_.pop_back();
        if (!items_.empty()) sink(last);
        return result;
    }

    template <class Archive>
    void visit(Archive& archive) {
        archive(items_);
    }

private:
    static constexpr std::size_t kChildren = 4;

    void sink(const Item& item) {
        std::size_t place = 0;
        for (;;) {
            const std::size_t first = place * kChildren + 1;
            if (first >= items_.size()) break;
            const std::size_t end = std::min(first + kChildren, items_.size());
            std::size_t least = first;
            for (std::size_t child = first + 1; child < end; ++child)
                if (items_[child] < items_[least]) least = child;
            if (!(items_[least] < item)) break;
            items_[place] = items_[least];
            place = least;
        }
        items_[place] = item;
    }

    std::vector<Item> items_;
};

template <class Item>
class Fifo {
public:
    bool empty() const { return head_ == items_.size(); }
    std::size_t size() const { return items_.size() - head_; }
    const Item& front() const { return items_[head_]; }
    const Item& operator[](std::size_t place) const { return items_[head_ + place]; }
    void push(const Item& item) { items_.push_back(item); }

    Item pop() {
        const Item result = items_[head_++];
        if (empty()) {
            clear();
        } else if (head_ >= kLeastWaste && 2 * head_ >= items_.size()) {
            items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
            head_ = 0;
        }
        return result;
    }

    void clear() {
        items_.clear();
        head_ = 0;
    }

    template <class Archive>
    void visit(Archive& archive) {
        archive(items_);
        archive(head_);
    }

private:
    static constexpr std::size_t kLeastWaste = 32;

    std::vector<Item> items_;
    std::size_t head_ = 0; ///< items before it have left
};

} // namespace bru::fleet
