// Neighbours of a block under test: they record what they are told and answer what the test sets.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "machine/core_shape.hpp"
#include "modules/core_ports.hpp"
#include "modules/simd/kernels.hpp"
#include "support/test_kernel.hpp"
#include "tlm/axi_stream.hpp"
#include "tlm/core_transactions.hpp"

namespace bru::test {

struct StubSequencer : SequencerControl {
    void advance() override { ++advances; }
    void start(Cycle write_cycle) override { starts.push_back(write_cycle); }
    void count_from(Cycle write_cycle) override { counts.push_back(write_cycle); }
    std::array<std::uint64_t, kCycleClasses> class_cycles(Cycle cycle) const override {
        auto result = classes;
        result[0] += cycle;
        return result;
    }
    bool running(Cycle) const override { return is_running; }

    int advances = 0;
    std::vector<Cycle> starts;
    std::vector<Cycle> counts;
    std::array<std::uint64_t, kCycleClasses> classes{};
    bool is_running = false;
};

struct StubEvents : CoreEvents {
    void header_accepted(Cycle cycle) override { headers.push_back(cycle); }
    void output_transferred(Cycle cycle, bool last_of_run) override { transfers.emplace_back(cycle, last_of_run); }
    void work_finished(Cycle cycle) override { finishes.push_back(cycle); }
    void mistake(Cycle visible_from) override { mistakes.push_back(visible_from); }

    std::vector<Cycle> headers;
    std::vector<std::pair<Cycle, bool>> transfers;
    std::vector<Cycle> finishes;
    std::vector<Cycle> mistakes;
};

/// A memory's load port: what was written where.
struct StubMemory {
    explicit StubMemory(const char* name) : socket(name) {
        socket.on_b_transport = [this](MemoryAccess& access, sc_core::sc_time&) {
            writes.push_back({access.address, {access.data, access.data + access.words * beats_per_word}});
        };
    }
    MemoryTargetSocket socket;
    std::size_t beats_per_word = 1;
    std::vector<std::pair<std::uint32_t, std::vector<std::uint64_t>>> writes;
};

/// Writes words, one if `words` does not say how many, through the load port of a memory.
inline void write_memory(MemoryInitiatorSocket& socket, std::uint32_t address, const std::vector<std::uint64_t>& beats,
                         std::uint32_t words = 1) {
    MemoryAccess write;
    write.write = true;
    write.address = address;
    write.words = words;
    write.data = beats.data();
    socket.send(write);
}

/// The end of a pipeline: keeps the run that arrived.
struct StubRunTarget {
    explicit StubRunTarget(const char* name) : socket(name) {
        socket.on_b_transport = [this](RowGroupRun& run, sc_core::sc_time&) { runs.push_back(run); };
    }
    RunTargetSocket socket;
    std::vector<RowGroupRun> runs;
};

/// A small resolved shape.
inline Shape resolved_shape(int lanes, int lane_width, int update_width, int activation_bits = 8) {
    Shape shape;
    shape.lanes = lanes;
    shape.lane_width = lane_width;
    shape.update_width = update_width;
    shape.activation_bits = activation_bits;
    shape.weight_words = 512;
    shape.scale_words = 64;
    shape.bias_words = 64;
    shape.state_words = 64;
    shape.cell_words = 64;
    shape.input_words = 64;
    return shape;
}

/// Runs `body` once for each level of SIMD that the host has, and leaves the best one selected.
template <typename Body>
void at_every_simd_level(const Body& body) {
    for (const simd::Kernels* kernels : simd::available_kernels()) {
        simd::select_kernels(kernels->name);
        body(std::string(kernels->name));
    }
    simd::select_kernels(simd::available_kernels().back()->name);
}

} // namespace bru::test
