#include "fleet/simulation.hpp"

#include <algorithm>
#include <utility>

#include "base/integers.hpp"

namespace bru::fleet {

namespace {

constexpr double kNsPerHour = 3.6e12;
constexpr double kNsPerMinute = 6e10;
constexpr Time kPerNs = 1000;

std::size_t total_of(const std::vector<BoardGroup>& groups) {
    std::size_t total = 0;
    for (const BoardGroup& group : groups) total += narrow<std::size_t>(group.count);
    return total;
}

/// A time until a failure or a return: drawn in nanoseconds, since a mean of years has too many picoseconds.
Time long_time(Random& random, double mean_ns) {
    const Time ns = random.exponential(nearest_time(mean_ns));
    return ns < kForever / kPerNs ? ns * kPerNs : kForever;
}

} // namespace

Simulation::Simulation(const Workload& workload)
    : plan_(workload.plan), network_(plan_.network.network()),
      source_(plan_.sessions, plan_.seed, workload.scale, workload.arrivals),
      dispatcher_(plan_.dispatch, total_of(workload.groups)) {
    tally_.warm_up = of_s(plan_.warm_up_s);
    tally_.deadline = of_ms(plan_.sessions.deadline_ms);
    for (const BoardGroup& group : workload.groups) services_.push_back(group.service);
    for (std::size_t group = 0; group < workload.groups.size(); ++group)
        for (std::int64_t k = 0; k < workload.groups[group].count; ++k)
            boards_.emplace_back(services_[group], network_);
    for (std::size_t board = 0; board < boards_.size(); ++board) {
        tell_load(board);
        if (plan_.failures.mtbf_h <= 0) continue;
        failures_.emplace_back(plan_.seed, Purpose::failures, board);
        plan_event({long_time(failures_[board], plan_.failures.mtbf_h * kNsPerHour), 0, narrow<std::uint32_t>(board), 0,
                    0, Kind::board_fails});
    }
}

void Simulation::plan_event(Event event) {
    if (event.time >= kForever) return;
    event.order = order_++;
    events_.push(event);
}

void Simulation::advance(Time until) {
    for (;;) {
        const Time planned = events_.empty() ? kForever : events_.top().time;
        const Time asked = source_.next_time();
        if (std::min(planned, asked) > until) break;
        now_ = std::min(planned, asked);
        if (planned <= asked) // what ends makes room for what begins
            happen(events_.pop());
        else
            session_asks(source_.take());
    }
    now_ = until;
    for (Board& board : boards_) board.advance(until, tally_);
}

void Simulation::happen(const Event& event) {
    switch (event.kind) {
    case Kind::session_ends: end_session(event); break;
    case Kind::board_fails: fail_board(event.board); break;
    case Kind::board_returns: return_board(event.board); break;
    }
}

void Simulation::tell_load(std::size_t board) {
    const Board& each = boards_[board];
    dispatcher_.set_load(board, each.sessions(), each.streams(), each.is_up());
}

void Simulation::session_asks(SessionRequest request) {
    request.session.is_counted = counts(now_) || request.session.end >= kForever;
    if (request.session.is_counted) ++tally_.sessions.arrived;
    if (const auto board = dispatcher_.choose(request.session.client)) {
        start_session(*board, request);
    } else if (plan_.waits_when_full && signed_size(waiting_) < plan_.waiting_places) {
        waiting_.push(request);
    } else if (request.session.is_counted) {
        ++tally_.sessions.rejected;
    }
}

/// The times of a new session begin now.
void Simulation::start_session(std::size_t board, const SessionRequest& request) {
    if (request.is_moved) return resume_session(board, request.session);
    Session session = request.session;
    if (session.is_counted) tally_.waits.add(now_ - request.time);
    session.next_created = std::min(kForever, session.next_created + now_);
    session.end = std::min(kForever, session.end + now_);
    session.last_arrival = now_;
    put_on_board(board, session);
}

void Simulation::put_on_board(std::size_t board, const Session& session) {
    boards_[board].advance(now_, tally_);
    const std::uint32_t place = boards_[board].take(session);
    tell_load(board);
    plan_event({session.end, 0, narrow<std::uint32_t>(board), place, boards_[board].ticket(place), Kind::session_ends});
}

void Simulation::serve_waiting() {
    while (!waiting_.empty()) {
        const auto board = dispatcher_.choose(waiting_.front().session.client);
        if (!board) return;
        start_session(*board, waiting_.pop());
    }
}

void Simulation::end_session(const Event& event) {
    Board& board = boards_[event.board];
    if (!board.has_session(event.place, event.ticket)) return; // the board failed meanwhile
    board.advance(now_, tally_);
    if (board.session(event.place).is_counted) ++tally_.sessions.ended;
    board.release(event.place);
    tell_load(event.board);
    serve_waiting();
}

void Simulation::fail_board(std::size_t board) {
    boards_[board].advance(now_, tally_);
    const std::vector<Session> sessions = boards_[board].fail(tally_);
    tell_load(board);
    for (const Session& session : sessions) {
        if (plan_.failures.move_sessions)
            move_session(session);
        else if (session.is_counted)
            ++tally_.sessions.dropped;
    }
    plan_event({std::min(kForever, now_ + long_time(failures_[board], plan_.failures.mttr_min * kNsPerMinute)), 0,
                narrow<std::uint32_t>(board), 0, 0, Kind::board_returns});
}

void Simulation::move_session(const Session& session) {
    if (const auto board = dispatcher_.choose(session.client)) {
        resume_session(*board, session);
    } else if (plan_.waits_when_full && signed_size(waiting_) < plan_.waiting_places) {
        waiting_.push({session, now_, true});
    } else if (session.is_counted) {
        ++tally_.sessions.dropped;
    }
}

/// A session of a board that failed goes on after the time of the move. Its steps until then are lost.
void Simulation::resume_session(std::size_t board, Session session) {
    const Time from = std::min(now_ + of_ms(plan_.failures.move_ms), session.end);
    for (; session.next_created < from; session.next_created += session.draw_distance()) {
        if (!counts(session.next_created)) continue;
        ++tally_.steps.made;
        ++tally_.steps.lost_in_failures;
    }
    if (session.end <= now_) { // while it waited
        if (session.is_counted) ++tally_.sessions.ended;
        return;
    }
    if (session.is_counted) ++tally_.sessions.moved;
    session.last_arrival = from;
    put_on_board(board, session);
}

void Simulation::return_board(std::size_t board) {
    boards_[board].come_back(now_);
    tell_load(board);
    plan_event({std::min(kForever, now_ + long_time(failures_[board], plan_.failures.mtbf_h * kNsPerHour)), 0,
                narrow<std::uint32_t>(board), 0, 0, Kind::board_fails});
    serve_waiting();
}

void Simulation::begin_counting() {
    for (Board& board : boards_) board.begin_counting();
}

std::uint64_t Simulation::sessions_alive() const {
    std::uint64_t alive = 0;
    for (const Board& board : boards_) alive += board.counted_sessions();
    return alive;
}

std::uint64_t Simulation::sessions_waiting() const {
    std::uint64_t count = 0;
    for (std::size_t k = 0; k < waiting_.size(); ++k) count += waiting_[k].session.is_counted ? 1 : 0;
    return count;
}

} // namespace bru::fleet
