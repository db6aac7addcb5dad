#include "fleet/board.hpp"

#include <algorithm>

#include "base/integers.hpp"

namespace bru::fleet {

namespace {

// Register accesses of the host's thread (driver/bru.c).
constexpr std::int64_t kSendAccesses = 2;    ///< address and length
constexpr std::int64_t kReceiveAccesses = 4; ///< acknowledge and length of the packet, address and length of the next
constexpr std::int64_t kSentAccesses = 1;    ///< acknowledge

constexpr Time kRounding = 1000; ///< errors of sums of rounded times are smaller, and cycles are longer

Time way(const Network& network, Random& random) {
    Time time = network.delay;
    if (network.jitter > 0) time += random.exponential(network.jitter);
    if (network.range > 0) time += random.between(0, network.range);
    return time;
}

} // namespace

// ---- sessions ----

std::uint32_t Board::take(const Session& session) {
    std::uint32_t place = narrow<std::uint32_t>(places_.size());
    if (free_places_.empty()) {
        places_.emplace_back();
    } else {
        place = free_places_.back();
        free_places_.pop_back();
    }
    places_[place] = {session, next_ticket_++, true};
    ++sessions_;
    make_step(place);
    return place;
}

void Board::release(std::uint32_t place) {
    places_[place].is_taken = false;
    free_places_.push_back(place);
    --sessions_;
}

/// The next step of a session goes on its way, if there is one.
void Board::make_step(std::uint32_t place) {
    Session& session = places_[place].session;
    if (session.next_created >= session.end) return;
    Arrival arrival;
    arrival.step.created = session.next_created;
    arrival.step.stream = place;
    arrival.ticket = places_[place].ticket;
    arrival.is_lost = session.random.chance(network_->loss);
    arrival.time = std::max(session.next_created + way(*network_, session.random), session.last_arrival);
    arrival.step.way_back = way(*network_, session.random);
    arrival.step.answer_lost = session.random.chance(network_->loss);
    session.last_arrival = arrival.time;
    session.next_created += session.draw_distance();
    arrivals_.push(arrival);
}

std::vector<Session> Board::fail(Tally& tally) {
    for (const Arrival& arrival : arrivals_.items()) {
        Place& place = places_[arrival.step.stream];
        if (arrival.step.created > now_) { // not made yet: another board may get it
            if (place.is_taken && place.ticket == arrival.ticket) place.session.next_created = arrival.step.created;
        } else if (arrival.step.created >= tally.warm_up) { // on its way to a board that is not there any more
            ++tally.steps.made;
            ++tally.steps.lost_in_failures;
        }
    }
    std::vector<Session> result;
    for (const Place& place : places_)
        if (place.is_taken) result.push_back(place.session);
    forget_steps(tally);
    places_.clear();
    free_places_.clear();
    arrivals_.clear();
    sessions_ = 0;
    up_time_ += now_ - up_since_;
    is_up_ = false;
    return result;
}

std::uint64_t Board::counted_sessions() const {
    std::uint64_t count = 0;
    for (const Place& place : places_) count += place.is_taken && place.session.is_counted ? 1 : 0;
    return count;
}

void Board::begin_counting() {
    up_time_ = 0;
    up_since_ = now_;
    machine_busy_ = software_busy_ = 0;
}

void Board::come_back(Time now) {
    now_ = now;
    up_since_ = now;
    is_up_ = true;
}

void Board::forget_steps(Tally& tally) {
    const auto lose = [&tally](const Step& step) {
        if (step.created >= tally.warm_up) ++tally.steps.lost_in_failures;
    };
    while (!queue_.empty()) lose(queue_.pop());
    while (!handed_.empty()) lose(handed_.pop());
    while (!entering_.empty()) lose(entering_.pop());
    while (!crossing_.empty()) lose(crossing_.pop().step);
    while (!inside_.empty()) lose(inside_.pop().step);
    while (!ready_.empty()) lose(ready_.pop().step);
    while (!left_.empty()) lose(left_.pop().step);
    for (const Step& step : batch_) lose(step);
    for (const Step& step : passing_) lose(step);
    for (const Step& step : transfer_) lose(step);
    batch_.clear();
    passing_.clear();
    transfer_.clear();
    software_done_ = passed_ = work_done_ = handler_begins_ = sent_line_ = received_line_ = kForever;
    work_ = HostWork::none;
    sending_ = may_serve_sent_ = may_serve_received_ = false;
    core_ready_ = last_left_ = -kForever;
    stream_ready_.clear();
    releases_.clear();
    packets_from_ = now_;
    takes_packets_ = true;
    outputs_of_packet_ = 0;
}

// ---- events ----

Board::Event Board::next_event() const {
    Event event;
    const auto consider = [&event](Time time, Next next) {
        if (time < event.time) event = {time, next};
    };
    if (!arrivals_.empty()) consider(arrivals_.top().time, Next::arrival);
    consider(software_done_, Next::software);
    consider(passed_, Next::passed);
    consider(work_done_, Next::host);
    consider(handler_begins_, Next::handler);
    const bool host_waits = work_ == HostWork::none && handler_begins_ == kForever;
    if (host_waits) consider(std::max(std::min(sent_line_, received_line_), now_), Next::line);
    return event;
}

void Board::advance(Time until, Tally& tally) {
    if (!is_up_) return;
    for (Event event = next_event(); event.time <= until; event = next_event()) {
        now_ = event.time;
        switch (event.next) {
        case Next::arrival: step_arrives(tally); break;
        case Next::software: hand_over(); break;
        case Next::passed:
            passed_ = kForever;
            for (const Step& step : passing_) handed_.push(step);
            passing_.clear();
            break;
        case Next::host: end_host_work(); break;
        case Next::handler:
            handler_begins_ = kForever;
            may_serve_sent_ = may_serve_received_ = true;
            break;
        case Next::line:
            handler_begins_ = exact(service_->clock.cycle_of(now_) + service_->interrupt_latency);
            continue;
        }
        if (service_->has_host()) run_host();
        if (left_.size() > 64) answer_until(now_, tally); // the queue stays small
    }
    now_ = until;
    answer_until(until, tally);
}

void Board::step_arrives(Tally& tally) {
    const Arrival arrival = arrivals_.pop();
    if (has_session(arrival.step.stream, arrival.ticket)) make_step(arrival.step.stream);
    const bool is_counted = arrival.step.created >= tally.warm_up;
    if (is_counted) ++tally.steps.made;
    if (arrival.is_lost) {
        if (is_counted) ++tally.steps.lost_in_network;
    } else {
        queue_.push(arrival.step);
    }
    const bool more_now = !arrivals_.empty() && arrivals_.top().time == now_;
    if (software_done_ == kForever && !more_now && !queue_.empty()) begin_batch();
}

/// The software takes what has arrived.
void Board::begin_batch() {
    while (!queue_.empty() && signed_size(batch_) < service_->transfer_steps) batch_.push_back(queue_.pop());
    const Time duration = service_->software_transfer + service_->software_step * signed_size(batch_);
    software_done_ = now_ + duration;
    software_busy_ = std::min(software_busy_ + duration, kForever);
}

void Board::hand_over() {
    software_done_ = kForever;
    if (service_->has_host()) {
        passing_.insert(passing_.end(), batch_.begin(), batch_.end());
        passed_ = service_->clock.cycle_from(now_);
    } else {
        for (const Step& step : batch_) entering_.push(step);
        begin_input();
        let_outputs_leave();
    }
    batch_.clear();
    if (!queue_.empty()) begin_batch();
}

/// What the host's thread does next, if it is free. An interrupt serves each direction whose line is high when its turn
/// comes; in between, the thread looks for steps to send.
void Board::run_host() {
    if (work_ != HostWork::none || handler_begins_ != kForever) return;
    const auto works = [this](HostWork work, std::int64_t accesses) {
        work_ = work;
        work_done_ = service_->clock.accesses_end(now_, accesses, service_->access_cycles);
    };
    const bool is_first_line = may_serve_sent_ && may_serve_received_;
    if (!is_first_line && !sending_ && !handed_.empty()) {
        while (!handed_.empty() && signed_size(transfer_) < service_->transfer_steps)
            transfer_.push_back(handed_.pop());
        works(HostWork::sends, kSendAccesses);
        return;
    }
    if (may_serve_received_) {
        may_serve_received_ = false;
        if (received_line_ < now_) return works(HostWork::receives, kReceiveAccesses);
    }
    if (may_serve_sent_) {
        may_serve_sent_ = false;
        if (sent_line_ < now_) return works(HostWork::acknowledges, kSentAccesses);
    }
    if (!sending_ && !handed_.empty()) run_host();
}

void Board::end_host_work() {
    const HostWork work = work_;
    work_ = HostWork::none;
    work_done_ = kForever;
    switch (work) {
    case HostWork::sends:
        for (const Step& step : transfer_) entering_.push(step);
        transfer_.clear();
        begin_input();
        sending_ = true;
        break;
    case HostWork::receives:
        received_line_ = kForever;
        packets_from_ = now_;
        takes_packets_ = true;
        break;
    case HostWork::acknowledges:
        sent_line_ = kForever;
        sending_ = false;
        break;
    case HostWork::none: break;
    }
    let_outputs_leave();
}

/// A transfer begins.
void Board::begin_input() {
    last_sent_ = now_ + service_->input_begin;
    input_data_ = now_ + service_->input_memory;
}

/// When the DMA has passed on the next step of the transfer, if there is a place for it.
Time Board::input_of_step() {
    input_data_ += refresh_wait(input_data_, service_->input_pace) + service_->input_step;
    const Time from_memory = input_data_ + service_->input_begin - service_->input_memory;
    const Time sent = exact(std::max(from_memory, last_sent_ + service_->input_pace));
    return service_->crossing_places > 0 ? sent : service_->clock.cycle_from(sent);
}

/// Steps enter the core while its input buffer has room. It computes those of them whose outputs have room.
void Board::enter_core() {
    do {
        send_steps();
        while (!inside_.empty() && signed_size(ready_) < service_->output_places) compute_step();
    } while (enter_step());
}

/// The DMA passes steps on to where they cross to the clock of the core. With one clock it has a step until that is in
/// the core.
void Board::send_steps() {
    const bool crosses = service_->crossing_places > 0;
    while (!entering_.empty() && signed_size(crossing_) < std::max<std::int64_t>(service_->crossing_places, 1)) {
        const bool takes_last_place = signed_size(crossing_) + 1 == service_->crossing_places;
        last_sent_ = input_of_step();
        if (takes_last_place) last_sent_ = std::max(last_sent_, last_entered_);
        crossing_.push({entering_.pop(), last_sent_});
        if (crosses && entering_.empty()) end_transfer(last_sent_);
    }
}

void Board::end_transfer(Time at) {
    if (sending_) sent_line_ = service_->clock.exact_of_dma(at);
}

/// False: there is none, or it is not known yet when a place is free.
bool Board::enter_step() {
    if (crossing_.empty()) return false;
    const bool is_full =
        service_->input_places > 0 && signed_size(inside_) + signed_size(releases_) >= service_->input_places;
    if (is_full && releases_.empty()) return false;
    Output entering = crossing_.pop();
    if (is_full) entering.time = std::max(entering.time, releases_.pop());
    last_entered_ = entering.time;
    inside_.push(entering);
    if (service_->crossing_places > 0) return true;
    last_sent_ = last_entered_;
    if (entering_.empty()) end_transfer(last_entered_);
    return true;
}

void Board::compute_step() {
    const Output inside = inside_.pop();
    const Step& step = inside.step;
    if (step.stream >= stream_ready_.size()) stream_ready_.resize(step.stream + 1, -kForever);
    core_ready_ = std::max({inside.time + service_->answer, core_ready_ + service_->interval,
                            stream_ready_[step.stream] + service_->stream_interval});
    const bool takes_last_room = signed_size(ready_) + 1 == service_->output_places;
    if (takes_last_room) core_ready_ = std::max(core_ready_, last_left_ + service_->output_room);
    core_ready_ = std::min(exact(core_ready_), kForever); // a queue may be longer than any time
    stream_ready_[step.stream] = core_ready_;
    if (service_->input_places > 0) releases_.push(exact(core_ready_ - service_->input_release));
    machine_busy_ = std::min(machine_busy_ + service_->interval, kForever);
    ready_.push({step, core_ready_});
}

/// Outputs leave in order. After the last one of a packet none leaves until the host takes the next packet.
void Board::let_outputs_leave() {
    enter_core();
    while (takes_packets_ && !ready_.empty()) {
        Output output = ready_.pop();
        output.time = std::max(output.time, exact(std::max(packets_from_, last_left_) + service_->packet_drain));
        last_left_ = output.time;
        left_.push(output);
        if (service_->has_host() && ++outputs_of_packet_ == service_->packet_steps) {
            outputs_of_packet_ = 0;
            takes_packets_ = false;
            received_line_ = interrupt_of_packet(output.time);
        }
        enter_core();
    }
}

/// Data that meet a refresh of the memory wait for its end.
Time Board::interrupt_of_packet(Time last_beat) const {
    const Time of_last_beat = last_beat + service_->packet_end;
    const Time of_whole_packet = packets_from_ + service_->packet_least;
    const Time line = std::max(of_last_beat, of_whole_packet);
    const Time data = of_last_beat >= of_whole_packet ? service_->last_data : service_->packet_data;
    return service_->clock.exact_of_dma(line + refresh_wait(line - data, data));
}

/// How long data that the memory would move from `begin` on wait for a refresh: one is at the begin of each interval.
Time Board::refresh_wait(Time begin, Time length) const {
    if (service_->refresh_interval == 0) return 0;
    const Time into = (begin + service_->refresh_phase) % service_->refresh_interval;
    if (into < service_->refresh) return service_->refresh - into;
    return into + length > service_->refresh_interval + kRounding ? service_->refresh : 0;
}

void Board::answer_until(Time until, Tally& tally) {
    while (!left_.empty() && left_.front().time <= until) {
        const Output output = left_.pop();
        if (output.step.created < tally.warm_up) continue;
        if (output.step.answer_lost) {
            ++tally.steps.lost_in_network;
            continue;
        }
        const Time response = output.time + output.step.way_back - output.step.created;
        ++tally.steps.answered;
        tally.steps.within_deadline += response <= tally.deadline ? 1 : 0;
        tally.responses.add(response);
    }
}

} // namespace bru::fleet
