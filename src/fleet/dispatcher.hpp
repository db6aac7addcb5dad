// Which board a session goes to. A tree over the boards keeps the least load of every subtree, so that a choice costs
// the logarithm of their number.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace bru::fleet {

enum class Dispatch : std::uint8_t {
    round_robin,  ///< the next board, in a circle, that has a free stream
    least_loaded, ///< the board with the least share of its streams taken; the first of several
    sticky        ///< the board of the client, always the same one; where that is full, the next in a circle
};

class Dispatcher {
public:
    Dispatcher(Dispatch dispatch, std::size_t boards);

    /// `taken` of `streams` are taken; a board that is down takes none.
    void set_load(std::size_t board, std::int64_t taken, std::int64_t streams, bool is_up);

    /// The board for a session of the client, or nullopt where no stream is free.
    std::optional<std::size_t> choose(std::uint64_t client);

    template <class Archive>
    void visit(Archive& archive) {
        archive(least_);
        archive(next_);
    }

private:
    std::size_t least_loaded() const;
    std::optional<std::size_t> free_from(std::size_t first) const;

    Dispatch dispatch_;
    std::size_t boards_;
    std::size_t leaves_;               ///< a power of two
    std::vector<std::uint32_t> least_; ///< of each subtree, the root at 1; a leaf's load in 2^-20 of its streams
    std::uint64_t next_ = 0;           ///< round robin
};

} // namespace bru::fleet
