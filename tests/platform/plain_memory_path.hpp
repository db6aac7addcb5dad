// DMA and DDR as docs/architecture.md describes them ("One DMA transfer"), one cycle after the other: no closed form,
// no event, no work ahead. Slow and plain, so that the models of the machine can be held against it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "config/configuration.hpp"
#include "machine/cycle.hpp"

namespace bru::test {

struct PlainBurst {
    Cycle request = 0;
    Cycle first_beat = 0;
    Cycle last_beat = 0;
    std::uint64_t address = 0;
    std::uint64_t beats = 0;

    bool operator==(const PlainBurst& other) const {
        return request == other.request && first_beat == other.first_beat && last_beat == other.last_beat &&
               address == other.address && beats == other.beats;
    }
};

/// One channel of the memory. Each cycle moves bandwidth / clock bytes, and none during a refresh.
class PlainDdr {
public:
    PlainDdr(const DdrTiming& timing, double clock_mhz)
        : latency_(cycles_in(timing.latency_ns, clock_mhz)), refreshes_(refresh_cycles(timing, clock_mhz)),
          cycles_per_s_(static_cast<std::uint64_t>(std::llround(clock_mhz * 1e6))),
          bytes_per_s_(static_cast<std::uint64_t>(timing.bandwidth_mb_per_s) * 1'000'000) {}

    void serve(PlainBurst& burst) {
        Cycle cycle = std::max(burst.request + latency_, free_);
        while (refreshes(cycle)) ++cycle;
        burst.first_beat = cycle;
        const std::uint64_t wanted = burst.beats * 8 * cycles_per_s_;
        std::uint64_t moved = bytes_per_s_; // both in bytes times cycles per second
        while (moved < wanted)
            if (!refreshes(++cycle)) moved += bytes_per_s_;
        burst.last_beat = cycle;
        free_ = cycle + 1;
    }

private:
    bool refreshes(Cycle cycle) const {
        return refreshes_.interval > 0 && cycle % refreshes_.interval < refreshes_.refresh;
    }
    Cycle latency_;
    RefreshCycles refreshes_;
    std::uint64_t cycles_per_s_;
    std::uint64_t bytes_per_s_;
    Cycle free_ = 0;
};

/// A transfer, and what becomes of it.
struct PlainTransfer {
    Cycle start = 0; ///< LENGTH is written
    std::uint64_t address = 0;
    std::uint32_t length_bytes = 0;

    Cycle done = 0; ///< the interrupt rises
    std::uint64_t beats = 0;
    std::uint64_t length_beats() const { return (length_bytes + 7) / 8; }
};

/// A beat of the core's output stream.
struct PlainBeat {
    Cycle valid = 0;
    bool last = false;
};

/// What both directions do alike.
class PlainChannel {
public:
    PlainChannel(const DmaTiming& dma, const DdrTiming& ddr, double clock_mhz) : dma_(dma), ddr_(ddr, clock_mhz) {}

    std::vector<PlainBurst> bursts;
    std::vector<Cycle> transfers; ///< of the stream's beats

protected:
    std::uint64_t fifo() const { return static_cast<std::uint64_t>(dma_.fifo_beats); }

    std::uint64_t burst_beats(std::uint64_t address, std::uint64_t beats_left) const {
        std::uint64_t beats = 1;
        while (beats < beats_left && beats < static_cast<std::uint64_t>(dma_.burst_beats) &&
               (address + beats * 8) % 4096 != 0)
            ++beats;
        return beats;
    }
    bool slot_is_free(Cycle cycle) const {
        const auto outstanding = std::count_if(bursts.begin(), bursts.end(),
                                               [cycle](const PlainBurst& each) { return each.last_beat >= cycle; });
        return outstanding < dma_.outstanding_bursts;
    }
    const PlainBurst& request(Cycle cycle, std::uint64_t address, std::uint64_t beats) {
        PlainBurst burst;
        burst.request = cycle;
        burst.address = address;
        burst.beats = beats;
        ddr_.serve(burst);
        bursts.push_back(burst);
        return bursts.back();
    }
    DmaTiming dma_;

private:
    PlainDdr ddr_;
};

class PlainMm2s : public PlainChannel {
public:
    using PlainChannel::PlainChannel;

    /// The core takes a beat in the cycles for which `ready` says so.
    void run(PlainTransfer& transfer, const std::function<bool(Cycle)>& ready) {
        std::uint64_t to_request = transfer.length_beats();
        std::uint64_t address = transfer.address;
        transfer.beats = to_request;
        std::uint64_t to_transfer = to_request;
        for (Cycle cycle = transfer.start + 2; to_transfer > 0; ++cycle) {
            const std::uint64_t beats = to_request > 0 ? burst_beats(address, to_request) : 0;
            if (beats > 0 && in_fifo_ + beats <= fifo() && slot_is_free(cycle)) {
                take(request(cycle, address, beats));
                to_request -= beats;
                address += beats * 8;
            }
            if (valid_.empty() || valid_.front() > cycle || !ready(cycle)) continue;
            transfers.push_back(cycle);
            valid_.pop_front();
            --in_fifo_;
            --to_transfer;
            transfer.done = cycle + 1;
        }
    }

private:
    /// The beats of a burst are spread evenly between its first and its last one.
    void take(const PlainBurst& burst) {
        in_fifo_ += burst.beats;
        const Cycle span = burst.last_beat - burst.first_beat;
        for (std::uint64_t beat = 0; beat < burst.beats; ++beat)
            valid_.push_back(burst.first_beat + (burst.beats == 1 ? 0 : span * beat / (burst.beats - 1)) +
                             static_cast<Cycle>(dma_.mm2s_latency_cycles));
    }
    std::deque<Cycle> valid_;   ///< beats that were requested and have not left
    std::uint64_t in_fifo_ = 0; ///< their number
};

class PlainS2mm : public PlainChannel {
public:
    using PlainChannel::PlainChannel;

    /// Takes beats off the front of `offered`.
    void run(PlainTransfer& transfer, std::deque<PlainBeat>& offered) {
        struct Waiting {
            std::uint64_t address = 0;
            std::uint64_t beats = 0;
        };
        std::deque<Waiting> waiting; ///< bursts that are whole
        Waiting open{transfer.address, 0};
        Cycle first_accept = 0;
        bool closed = false;
        for (Cycle cycle = transfer.start + 2; !closed || !waiting.empty(); ++cycle) {
            if (!waiting.empty() && slot_is_free(cycle) &&
                cycle >= first_accept + static_cast<Cycle>(dma_.s2mm_latency_cycles)) {
                transfer.done = request(cycle, waiting.front().address, waiting.front().beats).last_beat + 1;
                waiting.pop_front();
            }
            if (closed || offered.empty() || offered.front().valid > cycle || accepted_ - drained(cycle) >= fifo())
                continue;
            if (transfer.beats == 0) first_accept = cycle;
            transfers.push_back(cycle);
            ++accepted_;
            ++transfer.beats;
            ++open.beats;
            closed = offered.front().last || transfer.beats == transfer.length_beats();
            offered.pop_front();
            if (!closed && burst_beats(open.address, open.beats + 1) > open.beats) continue;
            waiting.push_back(open);
            open = {open.address + open.beats * 8, 0};
        }
    }

private:
    /// Beats that the memory had answered before the cycle.
    std::uint64_t drained(Cycle cycle) const {
        std::uint64_t beats = 0;
        for (const PlainBurst& burst : bursts)
            if (burst.last_beat < cycle) beats += burst.beats;
        return beats;
    }
    std::uint64_t accepted_ = 0;
};

} // namespace bru::test
