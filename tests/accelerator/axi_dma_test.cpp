// Does the DMA request its bursts, move its beats and finish its transfers in the right cycles?
// Figures: two cycles from LENGTH to the first request, 6 from a memory beat to TVALID, 39 from the first output beat
// to the write's address (PG021), four bursts of 16 beats outstanding, FIFOs of 512 beats.
#include "support/catch.hpp"

#include <algorithm>

#include <tlm_utils/simple_target_socket.h>

#include "accelerator/axi_dma.hpp"
#include "modules/stubs.hpp"
#include "support/test_kernel.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct Request {
    Cycle cycle = 0;
    std::uint64_t address = 0;
    std::vector<std::uint64_t> data; ///< writes
    std::size_t beats = 0;
};

/// One direction of memory: every burst's first beat comes `latency` after its request, its last one `beats - 1` later,
/// or with that of the burst before; reads get their address as data.
struct StubPort {
    explicit StubPort(Cycle latency_cycles) : latency(latency_cycles) {}
    Cycle latency;
    std::vector<Request> requests;

    void serve(tlm::tlm_generic_payload& payload) {
        const std::size_t beats = payload.get_data_length() / 8;
        AxiBurst* burst = nullptr;
        payload.get_extension(burst);
        Request request{burst->request_cycle, payload.get_address(), {}, beats};
        auto* data = reinterpret_cast<std::uint64_t*>(payload.get_data_ptr());
        for (std::size_t beat = 0; beat < beats; ++beat)
            if (payload.is_write())
                request.data.push_back(data[beat]);
            else
                data[beat] = payload.get_address() + 8 * beat;
        burst->first_beat_cycle = request.cycle + latency;
        last_response_ = std::max(last_response_, burst->first_beat_cycle + beats - 1);
        burst->last_beat_cycle = last_response_;
        requests.push_back(request);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }

private:
    Cycle last_response_ = 0;
};

struct DmaFixture : sc_core::sc_module {
    DmaFixture(const sc_core::sc_module_name& name, const DmaTiming& timing)
        : sc_module(name), to_memory("to_memory"), dma("dma", timing, to_memory), memory("memory"), to_core("to_core"),
          from_core("from_core"), mm2s_interrupt("mm2s_interrupt"), s2mm_interrupt("s2mm_interrupt") {
        to_memory.bind(memory);
        memory.register_nb_transport_fw(this, &DmaFixture::serve_burst);
        dma.mm2s.stream_socket.bind(to_core);
        from_core.bind(dma.s2mm.stream_socket);
        dma.mm2s.interrupt(mm2s_interrupt);
        dma.s2mm.interrupt(s2mm_interrupt);
        to_core.on_nb_transport_fw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
            received.insert(received.end(), transfer.beats, transfer.beats + transfer.count);
            take();
            return tlm::TLM_ACCEPTED;
        };
        from_core.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
            accepted.insert(accepted.end(), transfer.transfer_cycles, transfer.transfer_cycles + transfer.count);
            return tlm::TLM_ACCEPTED;
        };
    }
    tlm::tlm_sync_enum serve_burst(tlm::tlm_generic_payload& payload, tlm::tlm_phase&, sc_core::sc_time&) {
        (payload.is_write() ? writes : reads).serve(payload);
        return tlm::TLM_COMPLETED;
    }
    void write(std::uint32_t offset, std::uint32_t value) { dma.write(offset, value); }
    std::uint32_t read(std::uint32_t offset) const { return dma.read(offset); }
    void enable() {
        write(0x00, 0x1001);
        write(0x30, 0x1001);
    }
    /// The core takes beats while `taken` < `take_most`, the first not before `take_from`.
    void take() {
        std::vector<Cycle> cycles;
        while (taken < received.size() && taken < take_most) {
            const Cycle earliest = std::max(received[taken].valid_cycle, take_from);
            cycles.push_back(transfers.empty() ? earliest : std::max(earliest, transfers.back() + 1));
            transfers.push_back(cycles.back());
            ++taken;
        }
        if (!cycles.empty()) answer_beats(to_core, cycles.data(), cycles.size());
    }
    void offer(std::size_t count, Cycle valid, bool last = false) {
        std::vector<StreamBeat> beats;
        for (std::size_t k = 0; k < count; ++k) beats.push_back({offered++, valid + k, last && k + 1 == count});
        offer_beats(from_core, beats.data(), beats.size());
    }
    static std::vector<Cycle> cycles(const StubPort& port) {
        std::vector<Cycle> result;
        for (const Request& request : port.requests) result.push_back(request.cycle);
        return result;
    }
    Cycle first_cycle_of(const sc_core::sc_signal<bool>& line, Cycle from, Cycle limit) {
        for (Cycle cycle = from; cycle < limit; ++cycle) {
            run_to(cycle);
            if (line.read()) return cycle;
        }
        return 0;
    }

    tlm::tlm_initiator_socket<64> to_memory;
    AxiDma dma;
    tlm_utils::simple_target_socket<DmaFixture, 64> memory;
    StubPort reads{30};
    StubPort writes{10};
    StreamTargetSocket to_core;
    StreamInitiatorSocket from_core;
    sc_core::sc_signal<bool> mm2s_interrupt;
    sc_core::sc_signal<bool> s2mm_interrupt;
    std::vector<StreamBeat> received;
    std::vector<Cycle> transfers;
    std::size_t taken = 0;
    std::size_t take_most = 1'000'000;
    Cycle take_from = 0;
    std::vector<Cycle> accepted;
    std::uint64_t offered = 0;
};

constexpr std::uint32_t kMm2sAddress = 0x18, kMm2sLength = 0x28, kMm2sStatus = 0x04;
constexpr std::uint32_t kS2mmAddress = 0x48, kS2mmLength = 0x58, kS2mmStatus = 0x34;

} // namespace

TEST_CASE("MM2S: the first burst is requested two cycles after LENGTH, its beats are valid six after the memory's") {
    const TestKernel kernel;
    DmaFixture fixture("fixture", DmaTiming{});
    elaborate();
    fixture.enable();
    run_to(100);
    fixture.write(kMm2sAddress, 0x1000);
    fixture.write(kMm2sLength, 128);
    run_to(400);
    REQUIRE(DmaFixture::cycles(fixture.reads) == std::vector<Cycle>{102});
    CHECK(fixture.reads.requests[0].beats == 16);
    REQUIRE(fixture.received.size() == 16);
    for (std::size_t beat = 0; beat < 16; ++beat) { // first beat of the memory in 102 + 30
        CHECK(fixture.received[beat].valid_cycle == 138 + beat);
        CHECK(fixture.received[beat].data == 0x1000 + 8 * beat);
        CHECK(fixture.received[beat].last == (beat == 15));
    }
}

TEST_CASE("MM2S: a burst per cycle, four outstanding; the next after the first one's last beat") {
    const TestKernel kernel;
    DmaFixture fixture("fixture", DmaTiming{});
    elaborate();
    fixture.enable();
    run_to(100);
    fixture.write(kMm2sLength, 8 * 16 * 6 + 4); // six bursts and a beat
    run_to(1000);
    // Last beats in 102 + 30 + 15 = 147, 148, ...: requests follow in 148, 149, and the seventh in 150.
    CHECK(DmaFixture::cycles(fixture.reads) == std::vector<Cycle>{102, 103, 104, 105, 148, 149, 150});
    CHECK(fixture.reads.requests[5].address == 5UL * 128);
    CHECK(fixture.reads.requests[6].beats == 1);
    CHECK(fixture.received.size() == 97);
    // Beats of later bursts queue behind earlier ones.
    CHECK(fixture.received[16].valid_cycle == 138 + 16);
    CHECK(fixture.received[63].valid_cycle == 138 + 63);
    CHECK(fixture.received.back().last);
}

TEST_CASE("MM2S: outstanding bursts are limited by the parameter") {
    const auto cycles = [](std::int64_t outstanding) {
        const TestKernel kernel;
        DmaTiming timing;
        timing.outstanding_bursts = outstanding;
        DmaFixture fixture("fixture", timing);
        elaborate();
        fixture.enable();
        fixture.write(kMm2sLength, 128 * 3);
        run_to(1000);
        return DmaFixture::cycles(fixture.reads);
    };
    CHECK(cycles(1) == std::vector<Cycle>{2, 48, 94}); // 2 + 30 + 15 + 1
    CHECK(cycles(2) == std::vector<Cycle>{2, 3, 48});
    CHECK(cycles(3) == std::vector<Cycle>{2, 3, 4});
}

TEST_CASE("MM2S: a burst is requested when the FIFO has room for all of it, the cycle after a beat has left") {
    const auto cycles = [](std::int64_t fifo_beats, Cycle take_from) {
        const TestKernel kernel;
        DmaTiming timing;
        timing.fifo_beats = fifo_beats;
        DmaFixture fixture("fixture", timing);
        elaborate();
        fixture.take_from = take_from;
        fixture.enable();
        fixture.write(kMm2sLength, 128 * 3);
        run_to(3000);
        CHECK(fixture.received.size() == 48);
        return DmaFixture::cycles(fixture.reads);
    };
    CHECK(cycles(48, 2000) == std::vector<Cycle>{2, 3, 4});
    CHECK(cycles(47, 2000) == std::vector<Cycle>{2, 3, 2001}); // one beat has to leave
    CHECK(cycles(32, 2000) == std::vector<Cycle>{2, 3, 2016}); // sixteen: the last in 2015
    CHECK(cycles(31, 2000) ==
          std::vector<Cycle>{2, 2001, 2038}); // and the first beat of the second burst: 2001 + 30 + 6
}

TEST_CASE("MM2S: the default FIFO holds 512 beats") {
    const TestKernel kernel;
    DmaTiming timing;
    timing.outstanding_bursts = 64;
    DmaFixture fixture("fixture", timing);
    elaborate();
    fixture.take_from = 5000;
    fixture.enable();
    fixture.write(kMm2sLength, 128 * 40);
    run_to(6000);
    REQUIRE(fixture.reads.requests.size() > 32);
    CHECK(fixture.reads.requests[31].cycle == 2 + 31);
    CHECK(fixture.reads.requests[32].cycle == 5016); // sixteen beats left in 5000 to 5015
}

TEST_CASE("MM2S: done a cycle after the last beat has left; the interrupt is masked and cleared as PG021 says") {
    const TestKernel kernel;
    DmaFixture fixture("fixture", DmaTiming{});
    elaborate();
    CHECK(fixture.read(kMm2sStatus) == 1); // halted
    fixture.enable();
    CHECK(fixture.read(kMm2sStatus) == 0); // PG021: idle is 0 before the first transfer
    fixture.take_from = 700;
    fixture.write(kMm2sLength, 16);
    run_to(500);
    CHECK(fixture.read(kMm2sStatus) == 0);
    CHECK(fixture.first_cycle_of(fixture.mm2s_interrupt, 501, 1000) == 702); // beats in 700, 701
    CHECK(fixture.read(kMm2sStatus) == 0x1002);
    fixture.write(kMm2sStatus, 0x1000);
    run_to(703);
    CHECK_FALSE(fixture.mm2s_interrupt.read());
    CHECK(fixture.read(kMm2sStatus) == 2);
    fixture.write(0x00, 1); // run without interrupt
    fixture.write(kMm2sLength, 8);
    run_to(900);
    CHECK_FALSE(fixture.mm2s_interrupt.read());
    CHECK(fixture.read(kMm2sStatus) == 0x1002);
}

TEST_CASE("LENGTH does nothing when it is zero, the channel is stopped or a transfer is under way") {
    const TestKernel kernel;
    DmaFixture fixture("fixture", DmaTiming{});
    elaborate();
    fixture.write(kMm2sLength, 64);
    run_to(100);
    CHECK(fixture.reads.requests.empty());
    fixture.enable();
    fixture.write(kMm2sLength, 0);
    run_to(200);
    CHECK(fixture.reads.requests.empty());
    fixture.take_from = 1000;
    fixture.write(kMm2sLength, 64);
    fixture.write(kMm2sLength, 64);
    run_to(2000);
    CHECK(fixture.reads.requests.size() == 1);
}

TEST_CASE("addresses have two registers of 32 bits") {
    const TestKernel kernel;
    DmaFixture fixture("fixture", DmaTiming{});
    elaborate();
    fixture.enable();
    fixture.write(kMm2sAddress, 0x89ABCDE8);
    fixture.write(0x1C, 0x7);
    CHECK(fixture.read(kMm2sAddress) == 0x89ABCDE8);
    CHECK(fixture.read(0x1C) == 7);
    fixture.write(kMm2sLength, 8);
    run_to(10);
    REQUIRE(fixture.reads.requests.size() == 1);
    CHECK(fixture.reads.requests[0].address == 0x789ABCDE8);
}

TEST_CASE("S2MM: beats are accepted from two cycles after LENGTH on, and not without a transfer") {
    const TestKernel kernel;
    DmaFixture fixture("fixture", DmaTiming{});
    elaborate();
    fixture.enable();
    fixture.offer(3, 10);
    run_to(100);
    CHECK(fixture.accepted.empty());
    fixture.write(kS2mmLength, 4096);
    CHECK(fixture.accepted == std::vector<Cycle>{102, 103, 104});
    fixture.offer(1, 200);
    CHECK(fixture.accepted.back() == 200);
}

TEST_CASE("S2MM: the first burst is requested 39 cycles after the first beat, or the cycle after its own last beat") {
    const auto requests = [](std::size_t beats, Cycle last_beat) {
        const TestKernel kernel;
        DmaFixture fixture("fixture", DmaTiming{});
        elaborate();
        fixture.enable();
        fixture.write(kS2mmLength, 4096);
        fixture.offer(beats - 1, 100);
        fixture.offer(1, last_beat, true);
        run_to(1000);
        return DmaFixture::cycles(fixture.writes);
    };
    CHECK(requests(16, 115) == std::vector<Cycle>{139});
    CHECK(requests(16, 138) == std::vector<Cycle>{139});
    CHECK(requests(16, 139) == std::vector<Cycle>{140});
    CHECK(requests(48, 147) == std::vector<Cycle>{139, 140, 148}); // full in 115, 131, 147
    CHECK(requests(3, 102) == std::vector<Cycle>{139});            // a short one goes when TLAST closes it
}

TEST_CASE("S2MM: TLAST ends the transfer, the response its last burst; LENGTH reads the bytes received") {
    const TestKernel kernel;
    DmaFixture fixture("fixture", DmaTiming{});
    elaborate();
    fixture.enable();
    fixture.write(kS2mmAddress, 0x4000);
    fixture.write(kS2mmLength, 4096);
    fixture.offer(20, 100, true);
    fixture.offer(2, 120, true);
    run_to(130);
    CHECK(fixture.accepted.size() == 20); // the two wait for the next transfer
    // Bursts of 16 and 4 requested in 139 and 140; responses come in order, the first in 139 + 10 + 15, both then.
    CHECK(fixture.first_cycle_of(fixture.s2mm_interrupt, 131, 500) == 165);
    CHECK(fixture.read(kS2mmStatus) == 0x1002);
    CHECK(fixture.read(kS2mmLength) == 160);
    REQUIRE(fixture.writes.requests.size() == 2);
    CHECK(fixture.writes.requests[1].address == 0x4000 + 128);
    CHECK(fixture.writes.requests[1].data == std::vector<std::uint64_t>{16, 17, 18, 19});
    fixture.write(kS2mmStatus, 0x1000);
    fixture.write(kS2mmAddress, 0x8000);
    fixture.write(kS2mmLength, 16);
    CHECK(fixture.accepted.size() == 22);
    CHECK(fixture.accepted[20] == 167);
    run_to(300);
    CHECK(fixture.s2mm_interrupt.read());
    CHECK(fixture.writes.requests[2].address == 0x8000);
    CHECK(fixture.writes.requests[2].data == std::vector<std::uint64_t>{20, 21});
}

TEST_CASE("S2MM: a packet that goes on where LENGTH is reached is an internal error; one without TLAST is waited for") {
    const TestKernel kernel;
    DmaFixture fixture("fixture", DmaTiming{});
    elaborate();
    fixture.write(0x30, 0x5001);
    fixture.write(kS2mmLength, 16);
    fixture.offer(2, 10);
    run_to(500);
    CHECK(fixture.writes.requests.size() == 1);
    CHECK(fixture.read(kS2mmStatus) == 0); // waits
    fixture.offer(1, 600, true);
    CHECK(fixture.first_cycle_of(fixture.s2mm_interrupt, 501, 700) == 601);
    CHECK(fixture.read(kS2mmStatus) == 0x4011); // error interrupt, internal error, halted
    CHECK(fixture.accepted.size() == 2);
    fixture.write(0x30, 0x5001); // a reset alone mends it
    CHECK((fixture.read(kS2mmStatus) & 1) == 1);
    fixture.write(0x30, 4);
    CHECK((fixture.read(0x00) & 4) == 4);
    run_to(720);
    CHECK(fixture.read(0x30) == 0x10002);
    CHECK(fixture.read(kS2mmStatus) == 1);
    CHECK_FALSE(fixture.s2mm_interrupt.read());
}

TEST_CASE("LENGTH has as many bits as configured; an address between beats needs the realignment engine") {
    const TestKernel kernel;
    DmaTiming timing;
    timing.length_bits = 8;
    DmaFixture fixture("fixture", timing);
    elaborate();
    fixture.enable();
    fixture.write(kMm2sLength, 0x108);
    run_to(400);
    CHECK(fixture.received.size() == 1);
    CHECK(fixture.read(kMm2sLength) == 8);
    fixture.write(kMm2sAddress, 4);
    fixture.write(kMm2sLength, 8);
    run_to(500);
    CHECK(fixture.received.size() == 1);
    CHECK(fixture.read(kMm2sStatus) == 0x5011);
}

TEST_CASE("S2MM: a full FIFO takes a beat in the cycle after a burst's response") {
    const auto accepted = [](std::int64_t fifo_beats) {
        const TestKernel kernel;
        DmaTiming timing;
        timing.fifo_beats = fifo_beats;
        DmaFixture fixture("fixture", timing);
        elaborate();
        fixture.enable();
        fixture.write(kS2mmLength, 4096);
        fixture.offer(33, 100, true);
        run_to(2000);
        return fixture.accepted;
    };
    // The first burst is requested in 139, its response comes in 139 + 10 + 15 = 164.
    CHECK(accepted(33)[32] == 132);
    CHECK(accepted(32)[31] == 131);
    CHECK(accepted(32)[32] == 165);
    CHECK(accepted(16)[15] == 115);
    CHECK(accepted(16)[16] == 165);
}

TEST_CASE("S2MM: a FIFO of one burst is enough for a buffer between beats") {
    for (std::uint32_t offset = 1; offset < 8; ++offset) {
        INFO("address " << offset);
        const TestKernel kernel;
        DmaTiming timing;
        timing.realigns = true;
        timing.burst_beats = 8;
        timing.fifo_beats = 8;
        DmaFixture fixture("fixture", timing);
        elaborate();
        fixture.enable();
        fixture.write(kS2mmAddress, 0x4000 + offset);
        fixture.write(kS2mmLength, 4096);
        fixture.offer(40, 100, true);
        run_to(3000);
        CHECK(fixture.accepted.size() == 40);
        CHECK(fixture.read(kS2mmStatus) == 0x1002);
        CHECK(fixture.read(kS2mmLength) == 320);
    }
}

TEST_CASE("S2MM: outstanding writes are limited") {
    const TestKernel kernel;
    DmaTiming timing;
    timing.outstanding_bursts = 1;
    DmaFixture fixture("fixture", timing);
    elaborate();
    fixture.enable();
    fixture.write(kS2mmLength, 4096);
    fixture.offer(48, 100, true);
    run_to(1000);
    CHECK(DmaFixture::cycles(fixture.writes) == std::vector<Cycle>{139, 165, 191});
}

TEST_CASE("observers see every transfer once, in order") {
    const TestKernel kernel;
    DmaFixture fixture("fixture", DmaTiming{});
    std::vector<Cycle> in;
    std::vector<Cycle> out;
    fixture.dma.mm2s.on_transfer = [&](const Cycle* cycles, std::size_t count) {
        in.insert(in.end(), cycles, cycles + count);
    };
    fixture.dma.s2mm.on_transfer = [&](const Cycle* cycles, std::size_t count) {
        out.insert(out.end(), cycles, cycles + count);
    };
    elaborate();
    fixture.enable();
    fixture.write(kMm2sLength, 8 * 100);
    fixture.write(kS2mmLength, 4096);
    fixture.offer(40, 50, true);
    run_to(1000);
    CHECK(in == fixture.transfers);
    CHECK(in.size() == 100);
    CHECK(out == fixture.accepted);
    CHECK(out.size() == 40);
}
