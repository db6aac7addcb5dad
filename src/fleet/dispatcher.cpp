#include "fleet/dispatcher.hpp"

#include <algorithm>

#include "base/fnv.hpp"
#include "base/integers.hpp"

namespace bru::fleet {

namespace {

constexpr std::uint32_t kFull = 1U << 20U;

} // namespace

Dispatcher::Dispatcher(Dispatch dispatch, std::size_t boards) : dispatch_(dispatch), boards_(boards), leaves_(1) {
    while (leaves_ < boards) leaves_ *= 2;
    least_.assign(2 * leaves_, kFull);
}

void Dispatcher::set_load(std::size_t board, std::int64_t taken, std::int64_t streams, bool is_up) {
    const bool is_free = is_up && taken < streams;
    std::size_t node = leaves_ + board;
    least_[node] = is_free ? static_cast<std::uint32_t>(taken * kFull / streams) : kFull;
    for (node /= 2; node > 0; node /= 2) least_[node] = std::min(least_[2 * node], least_[2 * node + 1]);
}

std::size_t Dispatcher::least_loaded() const {
    std::size_t node = 1;
    while (node < leaves_) node = least_[2 * node] <= least_[2 * node + 1] ? 2 * node : 2 * node + 1;
    return node - leaves_;
}

/// The first board from `first` on that has a free stream.
std::optional<std::size_t> Dispatcher::free_from(std::size_t first) const {
    std::size_t node = leaves_ + first;
    while (least_[node] >= kFull) { // to the right: the next subtree that begins behind this one
        while (node % 2 == 1) {
            node /= 2;
            if (node == 0) return std::nullopt;
        }
        ++node;
    }
    while (node < leaves_) node = least_[2 * node] < kFull ? 2 * node : 2 * node + 1;
    return node - leaves_;
}

std::optional<std::size_t> Dispatcher::choose(std::uint64_t client) {
    if (least_[1] >= kFull) return std::nullopt;
    if (dispatch_ == Dispatch::least_loaded) return least_loaded();
    const std::uint64_t wanted = dispatch_ == Dispatch::sticky ? fnv1a(kFnvStart, client) >> 17U : next_;
    const std::size_t first = static_cast<std::size_t>(wanted % boards_);
    const auto found = free_from(first);
    const std::size_t board = found ? *found : *free_from(0);
    next_ = board + 1;
    return board;
}

} // namespace bru::fleet
