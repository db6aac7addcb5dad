// Does a crossing move every beat in the cycles in which a plain FIFO of registers moves it, edge after edge of two
// clocks? Random periods, depths, synchronizers, senders and receivers.
#include "support/catch.hpp"

#include <deque>

#include "accelerator/stream_crossing.hpp"
#include "support/draw.hpp"
#include "support/test_kernel.hpp"

using namespace bru;
using namespace bru::test;

namespace {

constexpr int kCases = 2'000;

struct CrossingCase {
    std::uint64_t source_ticks = 0;
    std::uint64_t target_ticks = 0;
    CrossingTiming timing;
    std::vector<StreamBeat> beats;
    std::uint64_t ready_pattern = 0; ///< bit c % 64: the target takes a beat in cycle c
    std::size_t offered_at_once = 1;
    bool answers_late = false; ///< the receiver answers when the kernel is in the cycle, as the RTL does

    bool ready(Cycle cycle) const { return (ready_pattern >> (cycle % 64) & 1) != 0; }
};

CrossingCase draw_case(std::uint64_t seed) {
    Draw draw(seed);
    CrossingCase c;
    const auto ticks = [&] {
        return static_cast<std::uint64_t>(draw.one_in(3) ? draw.between(4, 12) : draw.between(4, 5000));
    };
    c.source_ticks = ticks();
    c.target_ticks = draw.one_in(8) ? c.source_ticks * static_cast<std::uint64_t>(draw.between(1, 4)) : ticks();
    c.timing.stages = draw.between(2, 8);
    c.timing.beats = draw.one_in(3) ? draw.between(1, 8) : draw.pick<std::int64_t>({16, 32, 64});
    Cycle cycle = static_cast<Cycle>(draw.between(0, 20));
    const bool dense = draw.one_in(2);
    for (std::int64_t beat = draw.between(1, 150); beat > 0; --beat) {
        c.beats.push_back({static_cast<std::uint64_t>(draw.between(0, 1'000'000)), cycle, draw.one_in(5)});
        cycle += static_cast<Cycle>(dense || !draw.one_in(4) ? 1 : draw.between(1, 40));
    }
    c.ready_pattern = draw.one_in(3) ? ~std::uint64_t{0} : std::uint64_t{1};
    for (int bit = 0; bit < 64; ++bit) c.ready_pattern |= std::uint64_t{draw.one_in(3)} << bit;
    c.offered_at_once = static_cast<std::size_t>(draw.between(1, 40));
    c.answers_late = draw.one_in(2);
    return c;
}

/// What came of a case: the cycles of the source and of the target in which each beat moved, and what arrived.
struct Moved {
    std::vector<Cycle> writes;
    std::vector<Cycle> reads;
    std::vector<std::uint64_t> data;
    std::vector<bool> last;

    bool operator==(const Moved& other) const {
        return writes == other.writes && reads == other.reads && data == other.data && last == other.last;
    }
};

/// A pointer on its way to the other clock: it is registered in its own clock, and then as often in the other one as
/// the flag needs. Registers that have an edge at the same time take what was there before it.
class PlainPointer {
public:
    explicit PlainPointer(std::int64_t edges) : registers_(static_cast<std::size_t>(edges)) {}
    void own_edge(std::uint64_t pointer) {
        gray_ = pointer_;
        pointer_ = pointer;
    }
    std::uint64_t gray() const { return gray_; }
    void other_edge(std::uint64_t gray_before) {
        registers_.push_back(gray_before);
        registers_.pop_front();
    }
    std::uint64_t seen() const { return registers_.front(); }

private:
    std::uint64_t pointer_ = 0;
    std::uint64_t gray_ = 0;
    std::deque<std::uint64_t> registers_;
};

/// From edge to edge. In each cycle the flags decide whether a beat moves; at its end the registers follow.
Moved plain(const CrossingCase& c) {
    Moved moved;
    PlainPointer written(c.timing.stages + kEmptyEdges);
    PlainPointer read(c.timing.stages + kFullEdges);
    std::uint64_t next_source_edge = c.source_ticks; // the end of cycle 0
    std::uint64_t next_target_edge = c.target_ticks;
    while (moved.reads.size() < c.beats.size()) {
        const std::uint64_t now = std::min(next_source_edge, next_target_edge);
        const bool source = next_source_edge == now;
        const bool target = next_target_edge == now;
        const std::uint64_t writes_gray = written.gray();
        const std::uint64_t reads_gray = read.gray();
        const std::uint64_t reads_seen = read.seen();
        const std::uint64_t writes_seen = written.seen();
        if (source) {
            const Cycle cycle = now / c.source_ticks - 1;
            const std::size_t beat = moved.writes.size();
            const bool full = beat - reads_seen == static_cast<std::uint64_t>(c.timing.beats);
            if (beat < c.beats.size() && c.beats[beat].valid_cycle <= cycle && !full) moved.writes.push_back(cycle);
            next_source_edge += c.source_ticks;
        }
        if (target) {
            const Cycle cycle = now / c.target_ticks - 1;
            const std::size_t beat = moved.reads.size();
            if (beat < writes_seen && c.ready(cycle)) {
                moved.reads.push_back(cycle);
                moved.data.push_back(c.beats[beat].data);
                moved.last.push_back(c.beats[beat].last);
            }
            next_target_edge += c.target_ticks;
        }
        if (source) {
            written.own_edge(moved.writes.size());
            read.other_edge(reads_gray);
        }
        if (target) {
            read.own_edge(moved.reads.size());
            written.other_edge(writes_gray);
        }
    }
    return moved;
}

/// The crossing between a sender that offers some beats at once, and a receiver that answers at once or in the cycle.
struct CrossingBench : sc_core::sc_module {
    SC_HAS_PROCESS(CrossingBench);
    CrossingBench(const sc_core::sc_module_name& name, const CrossingCase& drawn)
        : sc_module(name), target(sc_core::sc_time::from_value(drawn.target_ticks)),
          crossing("crossing", CycleClock(sc_core::sc_time::from_value(drawn.source_ticks)), target, drawn.timing),
          sender("sender"), receiver("receiver"), given(drawn) {
        sender.bind(crossing.input_socket);
        crossing.output_socket.bind(receiver);
        sender.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
            moved.writes.insert(moved.writes.end(), transfer.transfer_cycles,
                                transfer.transfer_cycles + transfer.count);
            if (moved.writes.size() == offered) offered_all.notify(sc_core::SC_ZERO_TIME);
            return tlm::TLM_ACCEPTED;
        };
        receiver.on_nb_transport_fw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
            take(transfer);
            return tlm::TLM_ACCEPTED;
        };
        SC_THREAD(send);
        SC_METHOD(answer);
        sensitive << due;
        dont_initialize();
    }

    void send() {
        while (offered < given.beats.size()) {
            const std::size_t count = std::min(given.offered_at_once, given.beats.size() - offered);
            offered += count;
            offer_beats(sender, &given.beats[offered - count], count);
            if (moved.writes.size() < offered) sc_core::wait(offered_all);
        }
    }

    void take(const StreamTransfer& transfer) {
        std::vector<Cycle> cycles;
        for (std::size_t beat = 0; beat < transfer.count; ++beat) {
            Cycle cycle = std::max(transfer.beats[beat].valid_cycle, next_cycle);
            while (!given.ready(cycle)) ++cycle;
            next_cycle = cycle + 1;
            moved.reads.push_back(cycle);
            moved.data.push_back(transfer.beats[beat].data);
            moved.last.push_back(transfer.beats[beat].last);
            if (given.answers_late)
                to_answer.push_back(cycle);
            else
                cycles.push_back(cycle);
        }
        if (!cycles.empty()) answer_beats(receiver, cycles.data(), cycles.size());
        if (!to_answer.empty()) due.notify(target.time_until(to_answer.front()));
    }

    void answer() {
        while (!to_answer.empty() && to_answer.front() <= target.current_cycle()) {
            const Cycle cycle = to_answer.front();
            to_answer.pop_front();
            answer_beats(receiver, &cycle, 1);
        }
        if (!to_answer.empty()) due.notify(target.time_until(to_answer.front()));
    }

    CycleClock target;
    StreamCrossing crossing;
    StreamInitiatorSocket sender;
    StreamTargetSocket receiver;
    CrossingCase given;
    Moved moved;
    Cycle next_cycle = 0;
    std::size_t offered = 0;
    std::deque<Cycle> to_answer;
    sc_core::sc_event offered_all;
    sc_core::sc_event due;
};

Moved simulated(const CrossingCase& c) {
    const TestKernel kernel;
    CrossingBench bench("bench", c);
    sc_core::sc_start();
    return bench.moved;
}

} // namespace

TEST_CASE("a crossing moves beats as a plain FIFO with two clocks does", "[crossing]") {
    for (int seed = 0; seed < kCases; ++seed) {
        INFO("seed " << seed);
        const CrossingCase drawn = draw_case(static_cast<std::uint64_t>(seed));
        REQUIRE(simulated(drawn) == plain(drawn));
    }
}

TEST_CASE("a beat shows N + 4 edges after its Gray code, and a place N + 2 edges after", "[crossing]") {
    const ClockCrossing to_target(6, 4, 2 + kEmptyEdges);
    // Written in cycle 0, which ends at 6; the Gray code changes at 12, where the target has edge 3. It samples with
    // edge 4, and the sixth of its edges is edge 9.
    CHECK(to_target.seen(0) == 9);
    // Written in cycle 1: the Gray code changes at 18. The first edge behind is 20, edge 5.
    CHECK(to_target.seen(1) == 10);
    const ClockCrossing to_source(4, 6, 2 + kFullEdges);
    // Read in cycle 9, which ends at 40; the Gray code changes at 44. The first edge behind is 48, edge 8.
    CHECK(to_source.seen(9) == 11);
}
