// Where sessions come from: the permanent ones, then those that arrive at random or as a file says.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleet/fleet_plan.hpp"
#include "fleet/session.hpp"

namespace bru::fleet {

/// One line of a trace of sessions.
struct SessionArrival {
    Time start = 0;
    Time duration = 0;
    Time period = 0;
    std::optional<std::uint64_t> client;
};

/// Reads a trace of sessions. Throws InputError with file and line.
std::vector<SessionArrival> read_session_arrivals(const std::string& path);

/// A session that asks for a stream. Its own times begin when it gets one.
struct SessionRequest {
    Session session; ///< `next_created` and `end` from the time on at which it is taken
    Time time = 0;
    bool is_moved = false; ///< from a board that failed: its times have begun
};

class SessionSource {
public:
    /// `scale`: so many times the permanent sessions and the rate of the plan. The list may be null.
    SessionSource(const SessionsPlan& plan, std::uint64_t seed, double scale,
                  std::shared_ptr<const std::vector<SessionArrival>> arrivals);

    /// When the next session asks; kForever: none does.
    Time next_time() const { return next_time_; }
    SessionRequest take();

    template <class Archive>
    void visit(Archive& archive) {
        archive(random_);
        archive(number_);
        archive(next_time_);
    }

private:
    void find_next_time();

    SessionsPlan plan_;
    std::uint64_t seed_;
    std::uint64_t permanent_;
    Time mean_distance_; ///< of random arrivals
    std::shared_ptr<const std::vector<SessionArrival>> arrivals_;
    Random random_;
    std::uint64_t number_ = 0; ///< of the next session
    Time next_time_ = 0;
};

} // namespace bru::fleet
