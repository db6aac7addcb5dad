// When does the DDR model move a burst's data, and does it keep what was written?
// At 200 MHz and 1,200 MB/s a cycle moves six bytes: a burst of 128 bytes takes 22 cycles.
#include "support/catch.hpp"

#include <numeric>

#include "platform/ddr_memory.hpp"

using namespace bru;

namespace {

DdrTiming without_refresh() {
    DdrTiming timing;
    timing.refresh_interval_ns = 0;
    return timing;
}

std::vector<Cycle> window(DdrChannel& channel, Cycle request, std::uint64_t bytes) {
    const DdrChannel::Window result = channel.serve(request, bytes);
    return {result.first_beat_cycle, result.last_beat_cycle};
}

std::vector<Cycle> window(const DdrTiming& timing, double clock_mhz, Cycle request, std::uint64_t bytes) {
    DdrChannel channel(timing, clock_mhz);
    return window(channel, request, bytes);
}

} // namespace

TEST_CASE("the first beat comes 30 cycles after the request, the last one at the bandwidth's pace") {
    CHECK(window(without_refresh(), 200, 100, 128) == std::vector<Cycle>{130, 151});
    CHECK(window(without_refresh(), 200, 100, 126) == std::vector<Cycle>{130, 150}); // 21 cycles of six bytes
    CHECK(window(without_refresh(), 200, 100, 127) == std::vector<Cycle>{130, 151});
    CHECK(window(without_refresh(), 200, 100, 1) == std::vector<Cycle>{130, 130});
    CHECK(window(without_refresh(), 200, 100, 7800) ==
          std::vector<Cycle>{130, 1429}); // 1,300 cycles: neither 1,199 nor 1,201 MB/s
    DdrTiming timing = without_refresh();
    timing.latency_ns = 155;
    CHECK(window(timing, 200, 100, 128) == std::vector<Cycle>{131, 152});
    timing.bandwidth_mb_per_s = 100;
    CHECK(window(timing, 200, 100, 8) == std::vector<Cycle>{131, 146}); // half a byte per cycle
    // A slower clock: a byte per cycle, and 155 ns are 16 cycles. A faster one: 124.
    CHECK(window(timing, 100, 100, 8) == std::vector<Cycle>{116, 123});
    CHECK(window(timing, 800, 100, 1) == std::vector<Cycle>{224, 231});
}

TEST_CASE("bursts follow each other without a gap and without overlap") {
    DdrChannel channel(without_refresh(), 200);
    CHECK(window(channel, 100, 128) == std::vector<Cycle>{130, 151});
    CHECK(window(channel, 101, 128) == std::vector<Cycle>{152, 173});
    CHECK(window(channel, 144, 12) == std::vector<Cycle>{174, 175}); // exactly when its latency is over
    CHECK(window(channel, 147, 6) == std::vector<Cycle>{177, 177});
}

TEST_CASE("no data moves in the 32 cycles of a refresh, every 1560 cycles") {
    const DdrTiming timing;
    CHECK(window(timing, 200, 1560 - 30 - 1, 6) == std::vector<Cycle>{1559, 1559});
    CHECK(window(timing, 200, 1560 - 30, 6) == std::vector<Cycle>{1592, 1592});
    CHECK(window(timing, 200, 1591 - 30, 6) == std::vector<Cycle>{1592, 1592});
    CHECK(window(timing, 200, 1592 - 30, 6) == std::vector<Cycle>{1592, 1592});
    CHECK(window(timing, 200, 1593 - 30, 6) == std::vector<Cycle>{1593, 1593});
    // A burst of 22 cycles under way is held up.
    CHECK(window(timing, 200, 1538 - 30, 128) == std::vector<Cycle>{1538, 1559});
    CHECK(window(timing, 200, 1539 - 30, 128) == std::vector<Cycle>{1539, 1592});
    CHECK(window(timing, 200, 10, 6) == std::vector<Cycle>{40, 40}); // the first refresh is over
    DdrTiming short_refresh = timing;
    short_refresh.refresh_ns = 155;
    CHECK(window(short_refresh, 200, 1560 - 30, 6) == std::vector<Cycle>{1591, 1591});
}

TEST_CASE("memory keeps what was written, also over the borders of its pages") {
    SparseMemory memory;
    std::vector<unsigned char> bytes(200'000);
    for (std::size_t k = 0; k < bytes.size(); ++k) bytes[k] = static_cast<unsigned char>(k * 7 + k / 256);
    const std::uint64_t address = 0x1000'0000 - 100;
    memory.write(address, bytes.data(), bytes.size());
    std::vector<unsigned char> back(bytes.size());
    memory.read(address, back.data(), back.size());
    CHECK(back == bytes);
    unsigned char untouched[4] = {1, 2, 3, 4};
    memory.read(0x7000'0000'0000, untouched, 4);
    CHECK(std::accumulate(untouched, untouched + 4, 0) == 0);
    const unsigned char one = 99;
    memory.write(address + 65'536, &one, 1);
    memory.read(address, back.data(), back.size());
    CHECK(back[65'536] == 99);
    CHECK(back[65'535] == bytes[65'535]);
    CHECK(back[65'537] == bytes[65'537]);
}
