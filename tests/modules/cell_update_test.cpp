// Are c' and h' the products and sums of the gates, rounded once and saturated, and when are they there?
#include "support/catch.hpp"

#include <random>

#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "modules/cell_update.hpp"
#include "modules/stubs.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct CellFixture : sc_core::sc_module {
    CellFixture(const sc_core::sc_module_name& name, const Shape& shape)
        : sc_module(name), core_shape(shape), block("block", core_shape), gate("gate"), tanh("tanh"), cells("cells"),
          hidden("hidden"), emitted("emitted") {
        gate.bind(block.gate_socket);
        block.tanh_socket.bind(tanh);
        block.cell_socket.bind(cells);
        block.hidden_socket.bind(hidden.socket);
        block.emit_socket.bind(emitted.socket);
        tanh.on_b_transport = [this](TanhLookup& lookup, sc_core::sc_time&) {
            for (int k = 0; k < lookup.count; ++k)
                lookup.values[k] =
                    static_cast<std::int16_t>(tanh_value ? tanh_value(lookup.arguments[k]) : lookup.arguments[k]);
            lookup_cell = lookup.cell;
            lookup.latency_cycles += tanh_latency;
        };
        cells.on_b_transport = [this](CellAccess& access, sc_core::sc_time&) {
            accesses.emplace_back(access.read_address, access.write_address);
            access.current = current.data();
            access.next = next.data();
        };
    }
    /// Rows of unit u: the gates i, f, g, o; of a GRU r, the sums of x and of h, z.
    void send(const std::vector<std::array<std::int32_t, 4>>& units, bool emit = false) {
        descriptor.groups =
            static_cast<std::uint32_t>(units.size()) / static_cast<std::uint32_t>(core_shape.units_per_group);
        descriptor.size = static_cast<std::uint32_t>(units.size());
        const RowLayout layout(descriptor, core_shape);
        values.assign(layout.rows(), 0);
        for (std::size_t gate_index = 0; gate_index < 4; ++gate_index)
            for (std::size_t unit = 0; unit < units.size(); ++unit)
                values[gate_index * layout.unit_stride + unit] = static_cast<std::int16_t>(units[unit][gate_index]);
        current.resize(layout.unit_stride);
        next.assign(layout.unit_stride, 9999);
        RowGroupRun run;
        run.descriptor = &descriptor;
        run.group_count = static_cast<int>(descriptor.groups);
        run.gates = values.data();
        run.z = values.data(); // the sums of a GRU come from there
        run.emit = emit;
        run.cell_read_address = 21;
        gate.send(run);
    }
    CoreShape core_shape;
    CellUpdate block;
    RunInitiatorSocket gate;
    TanhTargetSocket tanh;
    CellTargetSocket cells;
    StubRunTarget hidden;
    StubRunTarget emitted;
    std::function<int(int)> tanh_value;
    int tanh_latency = 0;
    CellKind lookup_cell = CellKind::lstm;
    Descriptor descriptor;
    std::vector<std::int16_t> values;
    std::vector<std::int16_t> current;
    std::vector<std::int16_t> next;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> accesses;
};

constexpr std::int32_t kOne = 32767; // almost 1.0 with 15 fraction bits

} // namespace

TEST_CASE("c' is f c + i g in Q4.11, rounded half up once and saturated at both ends") {
    at_every_simd_level([](const std::string& level) {
        INFO(level);
        const TestKernel kernel;
        CellFixture fixture("fixture", resolved_shape(64, 4, 4));
        elaborate();
        fixture.current = {32767, -32768, 1000, -1000, 0, 0, 0, 0, 1, -1, 32767, 16384};
        fixture.send({{kOne, kOne, kOne, 0},   // 15.9995 * 0.99997 + 0.99997 = 16.99: saturates
                      {kOne, kOne, -32768, 0}, // -16 - 1: saturates
                      {0, 32767, 0, 0},        // 1000 * 32767 / 32768 = 999.97 -> 1000
                      {0, 32767, 0, 0},        // -999.97 -> -1000
                      {16384, 0, 16384, 0},    // 0.25 -> 512
                      {1, 0, 32767, 0},        // 2^-30 * 32767 -> 0.06 of an LSB
                      {8, 0, 32767, 0},        // 262136 / 2^19 = 0.49998 -> 0
                      {16, 0, 16384, 0},       // 262144 / 2^19 = 0.5 -> 1
                      {0, 16384, 0, 0},        // c = 1: half -> 1
                      {0, 16384, 0, 0},        // c = -1: minus half -> 0
                      {0, kOne, 0, 0},         // 32766.00003 -> 32766
                      {kOne, 0, -32768, 0},    // -0.99997 -> -2047.94 -> -2048
                      {},
                      {},
                      {},
                      {}});
        const std::vector<std::int16_t> expected{32767, -32768, 1000, -1000, 512, 0, 0, 1, 1, 0, 32766, -2048};
        CHECK(std::vector<std::int16_t>(fixture.next.begin(), fixture.next.begin() + 12) == expected);
        CHECK(fixture.accesses == std::vector<std::pair<std::uint32_t, std::uint32_t>>{{21, 0}});
    });
}

TEST_CASE("random gates: c' and h' equal wide arithmetic, at every SIMD level") {
    at_every_simd_level([](const std::string& level) {
        for (const int bits : {2, 4, 8, 12, 15, 16}) {
            INFO(level << ", A = " << bits);
            std::mt19937_64 random(3);
            const TestKernel kernel;
            CellFixture fixture("fixture", resolved_shape(64, 4, 4, bits));
            elaborate();
            fixture.tanh_value = [](int c) { return c == -32768 ? -32767 : c; };
            std::vector<std::array<std::int32_t, 4>> units(512);
            for (auto& unit : units) {
                for (auto& value : unit) value = static_cast<std::int32_t>(random() % 32768);
                unit[2] = static_cast<std::int32_t>(random() % 65536) - 32768;
            }
            for (std::size_t k = 0; k < 512; ++k)
                fixture.current.push_back(
                    static_cast<std::int16_t>(static_cast<std::int32_t>(random() % 65536) - 32768));
            const std::vector<std::int16_t> before = fixture.current;
            fixture.send(units);
            int wrong = 0;
            for (std::size_t k = 0; k < units.size(); ++k) {
                const auto [i, f, g, o] = units[k];
                const std::int64_t sum = 16 * std::int64_t{f} * before[k] + std::int64_t{i} * g + (1 << 18);
                const std::int64_t c = std::min<std::int64_t>(std::max<std::int64_t>(sum >> 19, -32768), 32767);
                const std::int64_t tanh = std::max<std::int64_t>(c, -32767);
                const int shift = 31 - bits;
                const std::int64_t high = (1 << (bits - 1)) - 1;
                const std::int64_t h =
                    std::min(std::max((o * tanh + (std::int64_t{1} << (shift - 1))) >> shift, -high - 1), high);
                wrong += fixture.next[k] != c;
                wrong += fixture.hidden.runs.at(0).hidden[k] != h;
            }
            CHECK(wrong == 0);
        }
    });
}

TEST_CASE("h' of one bit is the sign, zero gives +1") {
    at_every_simd_level([](const std::string& level) {
        INFO(level);
        const TestKernel kernel;
        CellFixture fixture("fixture", resolved_shape(16, 4, 4, 1));
        elaborate();
        fixture.current = {5, -5, 0, -32768};
        fixture.send({{0, kOne, 0, kOne}, {0, kOne, 0, kOne}, {0, kOne, 0, kOne}, {0, kOne, 0, 0}});
        const std::int16_t* hidden = fixture.hidden.runs.at(0).hidden;
        CHECK(std::vector<std::int16_t>(hidden, hidden + 4) ==
              std::vector<std::int16_t>{1, -1, 1, 1}); // o = 0: product 0
    });
}

TEST_CASE("h' rounds half up and saturates at the top") {
    at_every_simd_level([](const std::string& level) {
        INFO(level);
        const TestKernel kernel;
        CellFixture fixture("fixture", resolved_shape(16, 4, 4, 8));
        elaborate();
        fixture.tanh_value = [](int c) { return c == 0 ? kOne : c == 1 ? -32768 : c == 2 ? 128 : -128; };
        fixture.current = {0, 1, 2, 3};
        // A = 8: 23 bits are rounded away. 0.99997 * 0.99997 * 128 = 127.99 -> 128 -> 127; -127.996 -> -128;
        // 128 * 32768 would be a half; with o = 32767 just below it.
        fixture.send({{0, kOne, 0, kOne}, {0, kOne, 0, kOne}, {0, kOne, 0, kOne}, {0, kOne, 0, kOne}});
        const std::int16_t* hidden = fixture.hidden.runs.at(0).hidden;
        CHECK(std::vector<std::int16_t>(hidden, hidden + 4) == std::vector<std::int16_t>{127, -128, 0, 0});
    });
}

TEST_CASE("c' takes five cycles, the table its own, h' four more; h' that leaves is emitted then") {
    const TestKernel kernel;
    CellFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    fixture.send(std::vector<std::array<std::int32_t, 4>>(4), true);
    CHECK(fixture.emitted.runs.at(0).latency_cycles == 9);
    CHECK(fixture.hidden.runs.at(0).latency_cycles == 9);
    fixture.tanh_latency = 100;
    fixture.send(std::vector<std::array<std::int32_t, 4>>(4), false);
    CHECK(fixture.emitted.runs.size() == 1); // only what leaves
    CHECK(fixture.hidden.runs.at(1).latency_cycles == 109);
    CHECK(fixture.block.latency_cycles(100) == 109);
}

TEST_CASE("a GRU: u, s' and h' equal wide arithmetic, at every SIMD level") {
    at_every_simd_level([](const std::string& level) {
        for (const int bits : {1, 2, 4, 8, 12, 15, 16}) {
            INFO(level << ", A = " << bits);
            std::mt19937_64 random(5);
            const TestKernel kernel;
            CellFixture fixture("fixture", resolved_shape(64, 4, 4, bits));
            elaborate();
            fixture.descriptor.flags = Descriptor::kGru;
            fixture.tanh_value = [](int u) { return u; };
            const auto any = [&random] { return static_cast<std::int32_t>(random() % 65536) - 32768; };
            std::vector<std::array<std::int32_t, 4>> units(512);
            for (auto& unit : units)
                unit = {static_cast<std::int32_t>(random() % 32768), any(), any(),
                        static_cast<std::int32_t>(random() % 32768)};
            units[0] = {32767, 32767, 32767, 32767}; // u saturates at both ends, and s - n is as large as it can be
            units[1] = {32767, -32768, -32768, 32767};
            units[2] = {0, 32767, 0, 0};
            units[3] = {0, -32768, 0, 0};
            for (std::size_t k = 0; k < units.size(); ++k) fixture.current.push_back(static_cast<std::int16_t>(any()));
            fixture.current[0] = -32768;
            fixture.current[1] = 32767;
            const std::vector<std::int16_t> before = fixture.current;
            fixture.send(units);
            CHECK(fixture.lookup_cell == CellKind::gru);
            int wrong = 0;
            for (std::size_t k = 0; k < units.size(); ++k) {
                const auto [r, x, h, z] = units[k];
                const auto clamped = [](std::int64_t value, int width) {
                    const std::int64_t high = (std::int64_t{1} << (width - 1)) - 1;
                    return std::min(std::max(value, -high - 1), high);
                };
                const std::int64_t n = clamped((std::int64_t{x} * 32768 + std::int64_t{r} * h + 16384) >> 15, 16);
                const std::int64_t s = clamped((n * 32768 + z * (before[k] - n) + 16384) >> 15, 16);
                const int shift = 16 - bits;
                const std::int64_t rounded = shift == 0 ? s : (s + (std::int64_t{1} << (shift - 1))) >> shift;
                const std::int64_t hidden = bits == 1 ? (s >= 0 ? 1 : -1) : clamped(rounded, bits);
                wrong += fixture.next[k] != s;
                wrong += fixture.hidden.runs.at(0).hidden[k] != hidden;
            }
            CHECK(wrong == 0);
            CHECK(fixture.block.saturated_cells() >= 4);
        }
    });
}
