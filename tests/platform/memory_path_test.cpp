// Do DMA and DDR move every beat in the cycle in which a plain cycle-by-cycle model moves it, and do their bursts keep
// the rules of AXI? Random parameters, addresses, lengths, receivers and senders.
#include "support/catch.hpp"

#include <cstdlib>
#include <numeric>

#include "accelerator/axi_dma.hpp"
#include "platform/ddr_memory.hpp"
#include "platform/plain_memory_path.hpp"
#include "support/draw.hpp"
#include "support/test_kernel.hpp"

using namespace bru;
using namespace bru::test;

namespace {

/// The environment can ask for others: BRU_MEMORY_PATH_SEEDS=10001:100000.
struct Seeds {
    std::uint64_t first = 1;
    std::uint64_t last = 10'000;
};

Seeds seeds_to_try() {
    Seeds seeds;
    const char* const text = std::getenv("BRU_MEMORY_PATH_SEEDS");
    if (text == nullptr) return seeds;
    char* colon = nullptr;
    seeds.first = std::strtoull(text, &colon, 10);
    REQUIRE(*colon == ':');
    seeds.last = std::strtoull(colon + 1, nullptr, 10);
    REQUIRE(seeds.first <= seeds.last);
    return seeds;
}

/// Everything that is drawn.
struct MemoryPathCase {
    DmaTiming dma;
    DdrTiming ddr;
    double clock_mhz = 200;
    std::vector<PlainTransfer> reads;
    std::vector<PlainTransfer> writes;
    std::vector<Cycle> gaps; ///< from a transfer's end to the next one's start
    std::vector<PlainBeat> offered;
    std::uint64_t ready_pattern = 0;                         ///< bit c % 64: the core takes a beat in cycle c
    MemoryTransport transport = MemoryTransport::sent_ahead; ///< no cycle depends on it
};

void draw_timing(Draw& draw, MemoryPathCase& c) {
    c.dma.burst_beats = draw.between(1, 16);
    c.dma.outstanding_bursts = draw.one_in(3) ? 1 : draw.between(1, 8);
    c.dma.fifo_beats = draw.one_in(3) ? c.dma.burst_beats : draw.between(c.dma.burst_beats, 80);
    c.dma.mm2s_latency_cycles = draw.between(1, 20);
    c.dma.s2mm_latency_cycles = draw.between(1, 60);
    c.clock_mhz = draw.pick<double>({50, 100, 133.333333, 200, 200, 250, 333});
    c.ddr.latency_ns = draw.one_in(3) ? draw.between(1, 20) : draw.between(1, 1000);
    c.ddr.bandwidth_mb_per_s =
        draw.one_in(4) ? draw.between(20, 300) : draw.pick<std::int64_t>({400, 700, 1100, 1200, 1600, 3200, 8000});
    c.ddr.refresh_interval_ns = draw.one_in(4) ? 0 : draw.one_in(2) ? draw.between(60, 400) : draw.between(60, 9000);
    const auto cycle_ns = static_cast<std::int64_t>(1000 / c.clock_mhz) + 1;
    const std::int64_t most = std::max<std::int64_t>(c.ddr.refresh_interval_ns - 2 * cycle_ns, 0);
    c.ddr.refresh_ns = draw.one_in(8) ? most : draw.one_in(3) ? most / 2 : draw.between(0, most);
}

std::uint64_t draw_address(Draw& draw) {
    const std::uint64_t page = 0x1000'0000 + 4096 * static_cast<std::uint64_t>(draw.between(0, 1000));
    return draw.one_in(3) ? page : page + 4096 - 8 * static_cast<std::uint64_t>(draw.between(0, 40));
}

std::vector<PlainTransfer> draw_transfers(Draw& draw) {
    std::vector<PlainTransfer> transfers(static_cast<std::size_t>(draw.between(1, 3)));
    for (PlainTransfer& each : transfers) {
        each.address = draw_address(draw);
        each.length_bytes = static_cast<std::uint32_t>(draw.one_in(3) ? draw.between(1, 16) : draw.between(1, 700));
    }
    return transfers;
}

/// Enough beats for all writes, and a packet for each: it ends where it likes, or where LENGTH is reached.
std::vector<PlainBeat> draw_beats(Draw& draw, const std::vector<PlainTransfer>& writes) {
    std::vector<PlainBeat> beats;
    const bool dense = draw.one_in(2);
    Cycle cycle = static_cast<Cycle>(draw.between(0, 300));
    for (const PlainTransfer& each : writes)
        for (std::uint64_t beat = 1; beat == 1 || !beats.back().last; ++beat) {
            beats.push_back({cycle, beat == each.length_beats() || draw.one_in(20)});
            cycle += static_cast<Cycle>(dense || !draw.one_in(4) ? 1 : draw.between(1, 30));
        }
    return beats;
}

MemoryPathCase draw_case(std::uint64_t seed) {
    Draw draw(seed);
    MemoryPathCase c;
    draw_timing(draw, c);
    c.reads = draw_transfers(draw);
    c.writes = draw_transfers(draw);
    for (PlainTransfer& each : c.writes) each.length_bytes = 8 * static_cast<std::uint32_t>(each.length_beats());
    for (int k = 0; k < 3; ++k) c.gaps.push_back(static_cast<Cycle>(draw.one_in(2) ? 0 : draw.between(0, 100)));
    c.offered = draw_beats(draw, c.writes);
    c.ready_pattern = draw.one_in(3) ? ~std::uint64_t{0} : std::uint64_t{1};
    for (int bit = 0; bit < 64; ++bit) c.ready_pattern |= std::uint64_t{draw.one_in(3)} << bit;
    c.transport = draw.pick<MemoryTransport>(
        {MemoryTransport::sent_ahead, MemoryTransport::non_blocking, MemoryTransport::blocking});
    return c;
}

/// Both directions with their memory, and the core's side of the streams.
struct MemoryPath : sc_core::sc_module, Observer {
    MemoryPath(const sc_core::sc_module_name& name, const MemoryPathCase& drawn)
        : sc_module(name), to_memory("to_memory"), dma("dma", drawn.dma, to_memory, CycleClock(), drawn.transport),
          memory("memory", drawn.ddr, drawn.clock_mhz), to_core("to_core"), from_core("from_core"),
          mm2s_interrupt("mm2s_interrupt"), s2mm_interrupt("s2mm_interrupt"), ready_pattern(drawn.ready_pattern) {
        to_memory.bind(memory.socket);
        dma.mm2s.stream_socket.bind(to_core);
        from_core.bind(dma.s2mm.stream_socket);
        dma.mm2s.interrupt(mm2s_interrupt);
        dma.s2mm.interrupt(s2mm_interrupt);
        dma.mm2s.observe(*this);
        dma.s2mm.observe(*this);
        to_core.on_nb_transport_fw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
            take(transfer);
            return tlm::TLM_ACCEPTED;
        };
        from_core.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
            accepted.insert(accepted.end(), transfer.transfer_cycles, transfer.transfer_cycles + transfer.count);
            return tlm::TLM_ACCEPTED;
        };
    }

    void burst_requested(const RequestedBurst& burst) override {
        auto& list = burst.direction == DmaDirection::mm2s ? reads : writes;
        list.push_back({burst.request, burst.first_beat, burst.last_beat, burst.address, burst.bytes / 8});
    }
    bool ready(Cycle cycle) const { return (ready_pattern >> (cycle % 64) & 1) != 0; }
    void take(const StreamTransfer& transfer) {
        std::vector<Cycle> cycles;
        for (std::size_t beat = 0; beat < transfer.count; ++beat) {
            Cycle cycle = std::max(transfer.beats[beat].valid_cycle, next_take);
            while (!ready(cycle)) ++cycle;
            next_take = cycle + 1;
            cycles.push_back(cycle);
            received.push_back(transfer.beats[beat]);
        }
        taken.insert(taken.end(), cycles.begin(), cycles.end());
        answer_beats(to_core, cycles.data(), cycles.size());
    }
    void write(std::uint32_t offset, std::uint32_t value) { dma.write(offset, value); }

    tlm::tlm_initiator_socket<64> to_memory;
    AxiDma dma;
    DdrMemory memory;
    StreamTargetSocket to_core;
    StreamInitiatorSocket from_core;
    sc_core::sc_signal<bool> mm2s_interrupt;
    sc_core::sc_signal<bool> s2mm_interrupt;
    std::uint64_t ready_pattern;
    Cycle next_take = 0;
    std::vector<PlainBurst> reads;
    std::vector<PlainBurst> writes;
    std::vector<StreamBeat> received;
    std::vector<Cycle> taken;
    std::vector<Cycle> accepted;
};

std::uint64_t pattern_at(std::uint64_t address) { return address * 0x9E3779B97F4A7C15u + 1; }

void fill(DdrMemory& memory, const std::vector<PlainTransfer>& reads) {
    for (const PlainTransfer& each : reads)
        for (std::uint64_t beat = 0; beat < each.length_beats(); ++beat) {
            const std::uint64_t address = each.address + 8 * beat;
            const std::uint64_t value = pattern_at(address);
            memory.write(address, &value, sizeof value);
        }
}

/// LENGTH in `each.start`; the interrupt rises in `each.done` and not before.
void drive(MemoryPath& path, std::uint32_t channel, const PlainTransfer& each) {
    const auto& line = channel == 0 ? path.mm2s_interrupt : path.s2mm_interrupt;
    run_to(each.start);
    path.write(channel + dma_reg::kAddress, static_cast<std::uint32_t>(each.address));
    path.write(channel + dma_reg::kLength, each.length_bytes);
    run_to(each.done - 1);
    CHECK_FALSE(line.read());
    run_to(each.done);
    CHECK(line.read());
    path.write(channel + dma_reg::kStatus, dma_reg::kInterruptOnComplete);
}

/// What AXI and the parameters allow, whatever the cycles.
void check_axi_rules(const std::vector<PlainBurst>& bursts, const std::vector<PlainTransfer>& transfers,
                     const DmaTiming& dma) {
    std::size_t next = 0;
    for (const PlainTransfer& transfer : transfers)
        for (std::uint64_t beat = 0; beat < transfer.beats; ++next) {
            REQUIRE(next < bursts.size());
            const PlainBurst& burst = bursts[next];
            CHECK(burst.address == transfer.address + 8 * beat);
            CHECK(burst.address / 4096 == (burst.address + 8 * burst.beats - 1) / 4096);
            CHECK((burst.beats >= 1 && burst.beats <= static_cast<std::uint64_t>(dma.burst_beats)));
            beat += burst.beats;
        }
    CHECK(next == bursts.size());
    for (std::size_t k = 1; k < bursts.size(); ++k) {
        CHECK(bursts[k].request > bursts[k - 1].request);
        const auto most = static_cast<std::size_t>(dma.outstanding_bursts);
        if (k >= most) CHECK(bursts[k].request > bursts[k - most].last_beat);
    }
}

void check_reads(MemoryPathCase& drawn) {
    PlainMm2s plain(drawn.dma, drawn.ddr, drawn.clock_mhz);
    const TestKernel kernel;
    MemoryPath path("path", drawn);
    elaborate();
    fill(path.memory, drawn.reads);
    path.write(dma_reg::kControl, dma_reg::kRun | dma_reg::kInterruptOnComplete);
    Cycle start = 1;
    for (std::size_t k = 0; k < drawn.reads.size(); ++k) {
        PlainTransfer& each = drawn.reads[k];
        each.start = start + drawn.gaps[k];
        plain.run(each, [&path](Cycle cycle) { return path.ready(cycle); });
        drive(path, 0, each);
        start = each.done + 1;
    }
    CHECK(path.reads == plain.bursts);
    CHECK(path.taken == plain.transfers);
    check_axi_rules(path.reads, drawn.reads, drawn.dma);
    std::size_t place = 0;
    for (const PlainTransfer& each : drawn.reads)
        for (std::uint64_t beat = 0; beat < each.beats; ++beat, ++place) {
            REQUIRE(place < path.received.size());
            CHECK(path.received[place].data == pattern_at(each.address + 8 * beat));
            CHECK(path.received[place].last == (beat + 1 == each.beats));
        }
}

void check_writes(MemoryPathCase& drawn) {
    PlainS2mm plain(drawn.dma, drawn.ddr, drawn.clock_mhz);
    std::deque<PlainBeat> offered(drawn.offered.begin(), drawn.offered.end());
    const TestKernel kernel;
    MemoryPath path("path", drawn);
    elaborate();
    path.write(dma_reg::kS2mm + dma_reg::kControl, dma_reg::kRun | dma_reg::kInterruptOnComplete);
    std::vector<StreamBeat> beats;
    for (const PlainBeat& each : drawn.offered) beats.push_back({pattern_at(beats.size()), each.valid, each.last});
    offer_beats(path.from_core, beats.data(), beats.size());
    Cycle start = 1;
    std::uint64_t number = 0;
    for (std::size_t k = 0; k < drawn.writes.size(); ++k) {
        PlainTransfer& each = drawn.writes[k];
        each.start = start + drawn.gaps[k];
        plain.run(each, offered);
        drive(path, dma_reg::kS2mm, each);
        CHECK(path.dma.read(dma_reg::kS2mm + dma_reg::kLength) == 8 * each.beats);
        for (std::uint64_t beat = 0; beat < each.beats; ++beat, ++number) {
            std::uint64_t value = 0;
            path.memory.read(each.address + 8 * beat, &value, sizeof value);
            CHECK(value == pattern_at(number));
        }
        start = each.done + 1;
    }
    CHECK(path.writes == plain.bursts);
    CHECK(path.accepted == plain.transfers);
    check_axi_rules(path.writes, drawn.writes, drawn.dma);
}

} // namespace

TEST_CASE("DMA and DDR equal the plain model in every cycle, and keep the rules of AXI, for random parameters") {
    const Seeds seeds = seeds_to_try();
    for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
        CAPTURE(seed);
        MemoryPathCase drawn = draw_case(seed);
        check_reads(drawn);
        check_writes(drawn);
    }
}

TEST_CASE(
    "a refresh of half of the time doubles the time of data, one of 1559 in 1560 cycles takes 1560 times as long") {
    const auto cycles = [](std::int64_t refresh) {
        DdrTiming timing;
        timing.latency_ns = 5;
        timing.bandwidth_mb_per_s = 1;
        timing.refresh_interval_ns = 5 * 1560;
        timing.refresh_ns = 5 * refresh;
        DdrChannel channel(timing, 200);
        Cycle last = 0;
        for (int burst = 0; burst < 100; ++burst) last = channel.serve(0, 128).last_beat_cycle;
        return static_cast<double>(last + 1);
    };
    const double without = 100 * 128 * 200;
    CHECK(cycles(0) == Approx(without).epsilon(0.001));
    CHECK(cycles(780) == Approx(2 * without).epsilon(0.001));
    CHECK(cycles(1559) == Approx(1560 * without).epsilon(0.001));
}
