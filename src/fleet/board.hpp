// One board of a fleet: software, the host's thread that drives the DMA, and the machine, as a chain of events that
// reproduces when the full simulation answers. docs/fleet.md describes the model.
//
// A board depends on others only through the sessions that it gets, so each board runs by itself from one change of its
// sessions to the next: advance() goes through all of its events up to a time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "fleet/board_service.hpp"
#include "fleet/queues.hpp"
#include "fleet/session.hpp"
#include "fleet/tally.hpp"

namespace bru::fleet {

class Board {
public:
    Board(const BoardService& service, const Network& network) : service_(&service), network_(&network) {}

    /// All events up to `until`, which are not before the last call's.
    void advance(Time until, Tally& tally);

    /// Takes a session, at the time up to which the board has advanced. Returns its place. One must be free.
    std::uint32_t take(const Session& session);
    /// The session makes no steps any more; its place is free. Those on their way are answered.
    void release(std::uint32_t place);

    /// The board stops: steps on it are lost. Returns the sessions that it had.
    std::vector<Session> fail(Tally& tally);
    void come_back(Time now);

    bool is_up() const { return is_up_; }
    std::int64_t sessions() const { return sessions_; }
    std::int64_t streams() const { return service_->streams; }
    /// Of the session at the place: no other session of the board has the same.
    std::uint32_t ticket(std::uint32_t place) const { return places_[place].ticket; }
    bool has_session(std::uint32_t place, std::uint32_t ticket) const {
        return place < places_.size() && places_[place].is_taken && places_[place].ticket == ticket;
    }
    const Session& session(std::uint32_t place) const { return places_[place].session; }
    std::uint64_t counted_sessions() const;
    void begin_counting(); ///< of the times below
    Time machine_busy() const { return machine_busy_; }
    Time software_busy() const { return software_busy_; }
    Time up_time(Time now) const { return up_time_ + (is_up_ ? now - up_since_ : 0); }

    template <class Archive>
    void visit(Archive& archive);

private:
    enum class HostWork : std::uint8_t { none, sends, receives, acknowledges };
    enum class Next : std::uint8_t { arrival, software, passed, host, handler, line };

    struct Place {
        Session session;
        std::uint32_t ticket = 0;
        bool is_taken = false;
    };
    struct Arrival {
        Time time = 0;
        Step step;
        std::uint32_t ticket = 0; ///< of its session
        bool is_lost = false;     ///< on its way here
        bool operator<(const Arrival& other) const {
            if (time != other.time) return time < other.time;
            return ticket != other.ticket ? ticket < other.ticket : step.created < other.step.created;
        }
    };
    /// A step and when its output is ready in the core, or has left.
    struct Output {
        Step step;
        Time time = 0;
    };
    struct Event {
        Time time = kForever;
        Next next = Next::arrival;
    };

    void make_step(std::uint32_t place);
    Event next_event() const;
    void step_arrives(Tally& tally);
    void begin_batch();
    void hand_over();
    void run_host();
    void end_host_work();
    void begin_input();
    Time input_of_step();
    void enter_core();
    void send_steps();
    void end_transfer(Time at);
    bool enter_step();
    void compute_step();
    void let_outputs_leave();
    Time interrupt_of_packet(Time last_beat) const;
    Time refresh_wait(Time begin, Time length) const;
    Time exact(Time time) const { return service_->clock.exact(time); }
    void answer_until(Time until, Tally& tally);
    void forget_steps(Tally& tally);

    const BoardService* service_;
    const Network* network_;
    Time now_ = 0;
    Time up_since_ = 0;
    Time up_time_ = 0;
    bool is_up_ = true;

    std::vector<Place> places_;
    std::vector<std::uint32_t> free_places_; ///< of places_
    std::int64_t sessions_ = 0;
    std::uint32_t next_ticket_ = 0;
    Heap<Arrival> arrivals_; ///< the next step of each session

    Fifo<Step> queue_; ///< in front of the software
    std::vector<Step> batch_;
    Time software_done_ = kForever;
    Time software_busy_ = 0;

    std::vector<Step> passing_;  ///< from the software to the host's thread, which sees them at the next clock edge
    Time passed_ = kForever;     ///< when it does
    Fifo<Step> handed_;          ///< in front of the host's thread
    std::vector<Step> transfer_; ///< that the thread is about to send
    HostWork work_ = HostWork::none;
    Time work_done_ = kForever;
    Time handler_begins_ = kForever; ///< the latency of an interrupt is over
    Time sent_line_ = kForever;      ///< when the interrupt of each direction rises, or rose
    Time received_line_ = kForever;
    bool sending_ = false;
    bool may_serve_sent_ = false; ///< by the interrupt that is being served
    bool may_serve_received_ = false;

    Fifo<Step> entering_;            ///< steps of the transfer under way that are not in the core yet
    Time input_data_ = 0;            ///< when the memory sends the next step's data of the transfer
    Time last_sent_ = 0;             ///< when the DMA had passed on the last step, or the transfer began
    Fifo<Output> crossing_;          ///< those that it has passed on since then, or is about to
    Time last_entered_ = 0;          ///< when the last step was in the core, or the transfer began
    Fifo<Output> inside_;            ///< in the input buffer since when; their outputs have no room yet
    Fifo<Time> releases_;            ///< of the places of the input buffer, for the last steps
    Time core_ready_ = -kForever;    ///< when the last output was ready
    std::vector<Time> stream_ready_; ///< the same of each stream
    Time machine_busy_ = 0;
    Fifo<Output> ready_;
    Time packets_from_ = 0; ///< the host takes outputs from here on
    bool takes_packets_ = true;
    std::int64_t outputs_of_packet_ = 0;
    Time last_left_ = -kForever;
    Fifo<Output> left_; ///< outputs whose time is not yet reached
};

template <class Archive>
void Board::visit(Archive& archive) {
    archive(now_);
    archive(up_since_);
    archive(up_time_);
    archive(is_up_);
    archive(places_);
    archive(free_places_);
    archive(sessions_);
    archive(next_ticket_);
    archive(arrivals_);
    archive(queue_);
    archive(batch_);
    archive(software_done_);
    archive(software_busy_);
    archive(passing_);
    archive(passed_);
    archive(handed_);
    archive(transfer_);
    archive(work_);
    archive(work_done_);
    archive(handler_begins_);
    archive(sent_line_);
    archive(received_line_);
    archive(sending_);
    archive(may_serve_sent_);
    archive(may_serve_received_);
    archive(entering_);
    archive(input_data_);
    archive(last_sent_);
    archive(crossing_);
    archive(last_entered_);
    archive(inside_);
    archive(releases_);
    archive(core_ready_);
    archive(stream_ready_);
    archive(machine_busy_);
    archive(ready_);
    archive(packets_from_);
    archive(takes_packets_);
    archive(outputs_of_packet_);
    archive(last_left_);
    archive(left_);
}

} // namespace bru::fleet
