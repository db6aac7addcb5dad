// A fleet that runs: sessions come, go to boards, make steps and leave; boards fail and come back. An event-driven
// simulation in whole picoseconds. Events of one time have a fixed order, and every random number has a generator of
// its own, so a seed gives one result, however often the run is stopped and continued.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fleet/board.hpp"
#include "fleet/dispatcher.hpp"
#include "fleet/fleet_plan.hpp"
#include "fleet/session_source.hpp"
#include "fleet/tally.hpp"

namespace bru::fleet {

/// Boards of one kind.
struct BoardGroup {
    BoardService service;
    std::int64_t count = 1;
};

/// What runs.
struct Workload {
    FleetPlan plan;
    std::vector<BoardGroup> groups;
    std::shared_ptr<const std::vector<SessionArrival>> arrivals; ///< of plan.sessions.arrivals
    double scale = 1;                                            ///< of the number of sessions
};

class Simulation {
public:
    explicit Simulation(const Workload& workload);
    Simulation(const Simulation&) = delete; // boards refer to its members
    Simulation& operator=(const Simulation&) = delete;

    /// All events up to `until`.
    void advance(Time until);

    /// At the end of the warm-up: the boards' times count from here on.
    void begin_counting();

    Time now() const { return now_; }
    const Tally& tally() const { return tally_; }
    const std::vector<Board>& boards() const { return boards_; }
    std::uint64_t sessions_alive() const;   ///< that count, on boards
    std::uint64_t sessions_waiting() const; ///< that count

    template <class Archive>
    void visit(Archive& archive);

private:
    enum class Kind : std::uint8_t { session_ends, board_fails, board_returns };
    struct Event {
        Time time = 0;
        std::uint64_t order = 0; ///< in which it was planned
        std::uint32_t board = 0;
        std::uint32_t place = 0;
        std::uint32_t ticket = 0;
        Kind kind = Kind::session_ends;
        bool operator<(const Event& other) const {
            return time != other.time ? time < other.time : order < other.order;
        }
    };

    void plan_event(Event event);
    void happen(const Event& event);
    void session_asks(SessionRequest request);
    void start_session(std::size_t board, const SessionRequest& request);
    void put_on_board(std::size_t board, const Session& session);
    void serve_waiting();
    void end_session(const Event& event);
    void fail_board(std::size_t board);
    void move_session(const Session& session);
    void resume_session(std::size_t board, Session session);
    void return_board(std::size_t board);
    void tell_load(std::size_t board);
    bool counts(Time time) const { return time >= tally_.warm_up; }

    FleetPlan plan_;
    Network network_;
    std::vector<BoardService> services_; ///< boards refer to them
    SessionSource source_;
    Dispatcher dispatcher_;
    std::vector<Board> boards_;
    std::vector<Random> failures_; ///< of each board
    Heap<Event> events_;
    std::uint64_t order_ = 0;
    Fifo<SessionRequest> waiting_;
    Tally tally_;
    Time now_ = 0;
};

template <class Archive>
void Simulation::visit(Archive& archive) {
    archive(source_);
    archive(dispatcher_);
    archive(boards_);
    archive(failures_);
    archive(events_);
    archive(order_);
    archive(waiting_);
    archive(tally_);
    archive(now_);
}

} // namespace bru::fleet
