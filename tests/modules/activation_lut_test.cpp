// Does every z find its table entry, for every address width?
#include "support/catch.hpp"

#include <numeric>

#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "model/number_formats.hpp"
#include "modules/activation_lut.hpp"
#include "modules/stubs.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct LutFixture : sc_core::sc_module {
    LutFixture(const sc_core::sc_module_name& name, const Shape& shape)
        : sc_module(name), core_shape(shape), block("block", core_shape), z("z"), cell("cell"), load("load"),
          gates("gates") {
        z.bind(block.z_socket);
        cell.bind(block.cell_socket);
        load.bind(block.load_socket);
        block.gate_socket.bind(gates.socket);
    }
    void load_tables(const std::vector<std::int16_t>& sigmoid, const std::vector<std::int16_t>& tanh) {
        for (std::uint32_t address = 0; address < sigmoid.size(); ++address) {
            const std::uint64_t beat = static_cast<std::uint16_t>(sigmoid[address]) |
                                       std::uint64_t{static_cast<std::uint16_t>(tanh[address])} << 16 |
                                       0xDEAD'0000'0000U;
            write_memory(load, address, {beat});
        }
    }
    std::vector<std::int16_t> tanh_of(const std::vector<std::int16_t>& cells) {
        std::vector<std::int16_t> values(cells.size());
        TanhLookup lookup;
        lookup.arguments = cells.data();
        lookup.values = values.data();
        lookup.count = static_cast<int>(cells.size());
        cell.send(lookup);
        CHECK(lookup.latency_cycles == 2);
        return values;
    }
    CoreShape core_shape;
    ActivationLut block;
    RunInitiatorSocket z;
    TanhInitiatorSocket cell;
    MemoryInitiatorSocket load;
    StubRunTarget gates;
};

Shape lut_shape(int address_bits) {
    Shape shape = resolved_shape(64, 4, 4);
    shape.lut_address_bits = address_bits;
    return shape;
}

/// The address by the words of the document: halves upwards, then the ends.
int address_of(int z, int bits) {
    const int step = 1 << (16 - bits);
    int address = z >= 0 ? (z + step / 2) / step : -((-z + step / 2 - (step > 1 ? 1 : 0)) / step);
    return std::min(address, (1 << (bits - 1)) - 1);
}

} // namespace

TEST_CASE("every z of the gates finds the entry of its rounded address, at every SIMD level") {
    at_every_simd_level([](const std::string& level) {
        for (const int bits : {4, 5, 6, 7, 8, 10, 11, 14}) {
            INFO(level << ", N = " << bits);
            const TestKernel kernel;
            LutFixture fixture("fixture", lut_shape(bits));
            elaborate();
            const auto entries = std::size_t{1} << bits;
            std::vector<std::int16_t> sigmoid(entries);
            std::vector<std::int16_t> tanh(entries);
            for (std::size_t k = 0; k < entries; ++k) { // recognizable, not real functions
                sigmoid[k] = static_cast<std::int16_t>(k * 3 + 1);
                tanh[k] = static_cast<std::int16_t>(-static_cast<int>(k) - 5);
            }
            fixture.load_tables(sigmoid, tanh);
            Descriptor descriptor;
            descriptor.groups = 4096; // 65,536 units: every z
            const RowLayout layout(descriptor, fixture.core_shape);
            std::vector<std::int16_t> z(layout.rows());
            for (int gate = 0; gate < 4; ++gate)
                for (int unit = 0; unit < 65536; ++unit)
                    z[static_cast<std::size_t>(gate) * layout.unit_stride + static_cast<std::size_t>(unit)] =
                        static_cast<std::int16_t>((unit + 999 * gate) % 65536 - 32768);
            RowGroupRun run;
            run.descriptor = &descriptor;
            run.group_count = 4096;
            run.z = z.data();
            fixture.z.send(run);
            REQUIRE(fixture.gates.runs.size() == 1);
            CHECK(fixture.gates.runs[0].latency_cycles == 2);
            int wrong = 0;
            for (std::size_t row = 0; row < z.size(); ++row) {
                const auto index = static_cast<std::size_t>(address_of(z[row], bits) & (static_cast<int>(entries) - 1));
                const auto& table = row / layout.unit_stride == 2 ? tanh : sigmoid; // i, f, g, o
                wrong += fixture.gates.runs[0].gates[row] != table[index];
            }
            CHECK(wrong == 0);
        }
    });
}

TEST_CASE("only the run's own units are looked up") {
    at_every_simd_level([](const std::string& level) {
        for (const int groups : {1, 2, 5, 11}) { // 16 units each: whole vectors and parts of them
            INFO(level << ", " << groups << " groups");
            const TestKernel kernel;
            LutFixture fixture("fixture", lut_shape(4));
            elaborate();
            fixture.load_tables(std::vector<std::int16_t>(16, 7), std::vector<std::int16_t>(16, 9));
            Descriptor descriptor;
            descriptor.groups = 16;
            const RowLayout layout(descriptor, fixture.core_shape);
            const std::vector<std::int16_t> z(layout.rows(), 0);
            RowGroupRun run;
            run.descriptor = &descriptor;
            run.first_group = 3;
            run.group_count = groups;
            run.z = z.data();
            fixture.z.send(run);
            const std::int16_t* gates = fixture.gates.runs[0].gates;
            const int end = 48 + 16 * groups;
            CHECK(gates[47] == 0);
            CHECK(gates[48] == 7);
            CHECK(gates[end - 1] == 7);
            CHECK(gates[end] == 0);
            CHECK(gates[2 * layout.unit_stride + 48] == 9);
        }
    });
}

TEST_CASE("tanh of c: twice c as Q3.12, saturated, then the address") {
    at_every_simd_level([](const std::string& level) {
        INFO(level);
        const TestKernel kernel;
        LutFixture fixture("fixture", lut_shape(10));
        elaborate();
        std::vector<std::int16_t> tanh(1024);
        std::iota(tanh.begin(), tanh.end(), std::int16_t{0});
        fixture.load_tables(std::vector<std::int16_t>(1024, -1), tanh);
        // N = 10: 64 z per step, so 32 c per step; half a step is 16 c.
        CHECK(fixture.tanh_of({0, 15, 16, 31, 32, -16, -17, -1}) ==
              std::vector<std::int16_t>{0, 0, 1, 1, 1, 0, 1023, 0});
        CHECK(fixture.tanh_of({16383, 16384, 32767}) == std::vector<std::int16_t>{511, 511, 511});
        CHECK(fixture.tanh_of({-16384, -16385, -32768}) == std::vector<std::int16_t>{512, 512, 512});
    });
}

TEST_CASE("the real tables: sigmoid and tanh of what the address stands for") {
    for (const int bits : {4, 8, 10, 14}) {
        const std::vector<std::int16_t> sigmoid = make_table(TableFunction::sigmoid, bits);
        const std::vector<std::int16_t> tanh = make_table(TableFunction::tanh, bits);
        CHECK(sigmoid[0] == 16384);
        CHECK(tanh[0] == 0);
        CHECK(sigmoid.size() == std::size_t{1} << bits);
        const std::size_t one = std::size_t{1} << (bits - 4); // z = 1.0
        CHECK(sigmoid[one] == 23955);                         // 0.7310586 * 32768
        CHECK(tanh[one] == 24956);                            // 0.7615942 * 32768
        CHECK(tanh[tanh.size() - one] == -24956);
    }
}
