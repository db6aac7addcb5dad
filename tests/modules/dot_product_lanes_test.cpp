// Are the lanes' sums those of the plain definition, for every width, plane count and level of SIMD, and how long do
// they take?
#include "support/catch.hpp"

#include <random>

#include "machine/bit_fields.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/memory_layout.hpp"
#include "machine/stream_format.hpp"
#include "modules/dot_product_lanes.hpp"
#include "modules/simd/row_layout.hpp"
#include "modules/stubs.hpp"
#include "modules/weight_bram.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct LanesFixture : sc_core::sc_module {
    LanesFixture(const sc_core::sc_module_name& name, const Shape& shape)
        : sc_module(name), core_shape(shape), bram("bram", core_shape), block("block", core_shape), load("load"),
          run("run"), input("input"), state("state"), parts("parts") {
        load.bind(bram.load_socket);
        run.bind(block.run_socket);
        block.weight_socket.bind(bram.read_socket);
        block.input_socket.bind(input);
        block.state_socket.bind(state);
        block.part_socket.bind(parts.socket);
        input.on_b_transport = [this](ActivationRead& read, sc_core::sc_time&) {
            read.values = x.data();
            read.one_hot_index = one_hot_index;
        };
        state.on_b_transport = [this](ActivationRead& read, sc_core::sc_time&) {
            read.values = states.data() + read.address * static_cast<std::size_t>(core_shape.lane_width);
        };
    }
    void load_word(std::uint32_t address, const std::vector<std::uint64_t>& beats) {
        write_memory(load, address, beats);
    }
    const RowGroupRun& send(RowGroupRun request) {
        run.send(request);
        return parts.runs.back();
    }

    CoreShape core_shape;
    WeightBram bram;
    DotProductLanes block;
    MemoryInitiatorSocket load;
    RunInitiatorSocket run;
    ActivationTargetSocket input;
    ActivationTargetSocket state;
    StubRunTarget parts;
    std::vector<std::int16_t> x;
    std::vector<std::int16_t> states;
    std::uint32_t one_hot_index = 0;
};

Descriptor lstm(std::uint32_t groups, std::uint32_t x_chunks, std::uint32_t h_chunks, std::uint32_t x_planes,
                std::uint32_t h_planes) {
    Descriptor descriptor;
    descriptor.flags = Descriptor::kXFromInput;
    descriptor.groups = groups;
    descriptor.x_chunks = descriptor.x_words = x_chunks;
    descriptor.h_chunks = h_chunks;
    descriptor.x_planes = x_planes;
    descriptor.h_planes = h_planes;
    descriptor.weight_base = 3;
    return descriptor;
}

Descriptor dense_from_input(std::uint32_t groups, std::uint32_t chunks, std::uint32_t planes) {
    Descriptor descriptor = lstm(groups, chunks, 0, planes, 0);
    descriptor.flags |= Descriptor::kDense;
    return descriptor;
}

enum class Fill { random, ones };

/// Loads every weight word of the descriptor and keeps the bits: word, lane, column.
class Weights {
public:
    Weights(LanesFixture& fixture, const Descriptor& descriptor, std::mt19937_64& random, Fill fill)
        : shape_(fixture.core_shape), descriptor_(descriptor) {
        const auto beats = static_cast<std::size_t>(beats_of(shape_.weight_word_bits()));
        for (std::uint32_t word = 0; word < descriptor.groups * descriptor.words_per_group(); ++word) {
            std::vector<std::uint64_t> data(beats);
            for (auto& beat : data) beat = fill == Fill::ones ? ~std::uint64_t{0} : random();
            fixture.load_word(descriptor.weight_base + word, data);
            words_.push_back(data);
        }
    }
    bool bit(std::uint32_t group, int part, int plane, std::uint32_t column, int lane) const {
        const auto width = static_cast<std::uint32_t>(shape_.lane_width);
        const std::uint32_t word =
            MemoryLayout::weight_word(descriptor_, group, part, static_cast<std::uint32_t>(plane), column / width);
        const MemoryLayout layout(shape_);
        return word_bits(words_[word].data(), layout.weight_bit(lane, static_cast<int>(column % width)), 1) != 0;
    }
    /// m of one plane, or the planes' weighted sum.
    std::int64_t sum(std::uint32_t group, int part, int lane, const std::int16_t* activations) const {
        const int planes = static_cast<int>(descriptor_.planes(part));
        const std::uint32_t columns = descriptor_.words_per_plane(part) * static_cast<std::uint32_t>(shape_.lane_width);
        std::int64_t total = 0;
        for (int plane = 0; plane < planes; ++plane) {
            std::int64_t masked = 0;
            for (std::uint32_t column = 0; column < columns; ++column)
                if (bit(group, part, plane, column, lane)) masked += activations[column];
            const std::int64_t weight = std::int64_t{1} << (planes - 1 - plane);
            total += planes > 1 && plane == 0 ? -weight * masked : weight * masked;
        }
        return total;
    }

private:
    const CoreShape& shape_;
    const Descriptor& descriptor_;
    std::vector<std::vector<std::uint64_t>> words_;
};

std::vector<std::int16_t> random_activations(std::mt19937_64& random, std::size_t count, int bits) {
    std::vector<std::int16_t> values(count);
    const int low = -(1 << (bits - 1));
    for (auto& value : values)
        value =
            static_cast<std::int16_t>(bits == 1 ? (random() % 2 == 0 ? 1 : -1)
                                                : low + static_cast<int>(random() % static_cast<unsigned>(-2 * low)));
    return values;
}

RowGroupRun whole_vector(const Descriptor& descriptor) {
    RowGroupRun run;
    run.descriptor = &descriptor;
    run.group_count = static_cast<int>(descriptor.groups);
    return run;
}

/// Compares both parts of every row with the definition; the number of wrong ones.
int wrong_rows(LanesFixture& fixture, const Descriptor& descriptor, const Weights& weights, const RowGroupRun& run) {
    const RowLayout layout(descriptor, fixture.core_shape);
    int wrong = 0;
    for (int part = 0; part < descriptor.part_count(); ++part) {
        const std::int16_t* activations = part == 0 ? fixture.x.data() : fixture.states.data();
        const std::uint32_t columns = (part == 0 ? descriptor.x_chunks : descriptor.h_chunks) *
                                      static_cast<std::uint32_t>(fixture.core_shape.lane_width);
        std::int64_t activation_sum = 0;
        for (std::uint32_t column = 0; column < columns; ++column) activation_sum += activations[column];
        wrong += run.activation_sums[part] != activation_sum;
        wrong += run.part_is_masked_sum[part] != ((part == 0 ? descriptor.x_planes : descriptor.h_planes) == 1);
        for (std::uint32_t group = 0; group < descriptor.groups; ++group)
            for (int lane = 0; lane < fixture.core_shape.lanes; ++lane)
                wrong += run.parts[part][layout.row(fixture.core_shape, group, lane)] !=
                         weights.sum(group, part, lane, activations);
    }
    return wrong;
}

} // namespace

TEST_CASE("sums of random weights and activations are those of the definition, at every SIMD level") {
    at_every_simd_level([](const std::string& level) {
        std::mt19937_64 random(5);
        for (const int bits : {1, 2, 8, 9, 15, 16})
            for (std::uint32_t planes = 1; planes <= 8; ++planes) {
                INFO(level << ", A = " << bits << ", planes " << planes);
                const TestKernel kernel;
                LanesFixture fixture("fixture", resolved_shape(32, planes % 2 == 0 ? 16 : 7, 4, bits));
                elaborate();
                const Descriptor descriptor = lstm(5, 3, 2, planes, 9 - planes);
                const Weights weights(fixture, descriptor, random, Fill::random);
                fixture.x = random_activations(random, 48, bits);
                fixture.states = random_activations(random, 32, bits);
                CHECK(wrong_rows(fixture, descriptor, weights, fixture.send(whole_vector(descriptor))) == 0);
            }
    });
}

TEST_CASE("lane 4u + g holds gate g of unit u, dense rows fill the lanes in order") {
    const CoreShape shape(resolved_shape(16, 4, 4)); // four units per group
    Descriptor descriptor = lstm(40, 1, 1, 1, 1);    // 160 units: gates 256 rows apart
    const RowLayout units(descriptor, shape);
    CHECK(units.rows() == 1024);
    CHECK(units.row(shape, 0, 0) == 0);
    CHECK(units.row(shape, 0, 1) == 256);
    CHECK(units.row(shape, 0, 15) == 3 * 256 + 3);
    CHECK(units.row(shape, 39, 6) == 2 * 256 + 157);
    descriptor.flags |= Descriptor::kDense;
    const RowLayout rows(descriptor, shape);
    CHECK(rows.rows() == 640);
    CHECK(rows.row(shape, 39, 6) == 630);
}

TEST_CASE("long rows of extreme values do not overflow on the way") {
    at_every_simd_level([](const std::string& level) {
        std::mt19937_64 random(6);
        for (const int bits : {1, 2, 8, 9, 15, 16})
            for (const std::uint32_t planes : {1U, 8U})
                for (const Fill fill : {Fill::ones, Fill::random})
                    for (const bool lowest : {true, false}) {
                        INFO(level << ", A = " << bits << ", planes " << planes << (lowest ? ", lowest" : ", highest"));
                        const TestKernel kernel;
                        LanesFixture fixture("fixture", resolved_shape(16, 16, 4, bits));
                        elaborate();
                        const Descriptor descriptor = dense_from_input(1, 40, planes); // 640 columns
                        const Weights weights(fixture, descriptor, random, fill);
                        const int low = bits == 1 ? -1 : -(1 << (bits - 1));
                        fixture.x.assign(640, static_cast<std::int16_t>(lowest ? low : bits == 1 ? 1 : -low - 1));
                        CHECK(wrong_rows(fixture, descriptor, weights, fixture.send(whole_vector(descriptor))) == 0);
                    }
    });
}

TEST_CASE("all weights set and all activations lowest: 320 columns of -128 are -40960") {
    at_every_simd_level([](const std::string&) {
        std::mt19937_64 random(1);
        const TestKernel kernel;
        LanesFixture fixture("fixture", resolved_shape(16, 16, 4));
        elaborate();
        const Descriptor descriptor = dense_from_input(1, 20, 1);
        const Weights weights(fixture, descriptor, random, Fill::ones);
        fixture.x.assign(320, -128);
        const RowGroupRun& run = fixture.send(whole_vector(descriptor));
        CHECK(run.parts[0][0] == -40960);
        CHECK(run.parts[0][15] == -40960);
        CHECK(run.activation_sums[0] == -40960); // 2m - S = -40960: every weight is +1
    });
}

TEST_CASE("row groups may come one by one") {
    std::mt19937_64 random(7);
    const TestKernel kernel;
    LanesFixture fixture("fixture", resolved_shape(48, 8, 4)); // groups of 12 units: not whole tiles
    elaborate();
    const Descriptor descriptor = lstm(25, 2, 2, 1, 1);
    const Weights weights(fixture, descriptor, random, Fill::random);
    fixture.x = random_activations(random, 16, 8);
    fixture.states = random_activations(random, 16, 8);
    const RowLayout layout(descriptor, fixture.core_shape);
    RowGroupRun request = whole_vector(descriptor);
    int group = 0;
    for (const int count : {1, 3, 10, 11}) {
        request.first_group = group;
        request.group_count = count;
        const RowGroupRun& run = fixture.send(request);
        for (int end = group + count; group < end; ++group)
            for (int lane = 0; lane < 48; ++lane) {
                const auto g = static_cast<std::uint32_t>(group);
                const std::size_t row = layout.row(fixture.core_shape, g, lane);
                if (run.parts[0][row] != weights.sum(g, 0, lane, fixture.x.data()))
                    FAIL("x, group " << group << " lane " << lane);
                if (run.parts[1][row] != weights.sum(g, 1, lane, fixture.states.data()))
                    FAIL("h, group " << group << " lane " << lane);
            }
    }
}

TEST_CASE("a one-hot part is plus or minus 2^(A-1) times the weight of its column") {
    at_every_simd_level([](const std::string& level) {
        std::mt19937_64 random(8);
        for (const int bits : {1, 2, 8, 16})
            for (const std::uint32_t planes : {1U, 2U, 5U, 8U}) {
                INFO(level << ", A = " << bits << ", planes " << planes);
                const TestKernel kernel;
                LanesFixture fixture("fixture", resolved_shape(16, 5, 4, bits));
                elaborate();
                Descriptor descriptor = lstm(2, 1, 1, planes, 1);
                descriptor.flags |= Descriptor::kOneHot;
                descriptor.x_words = 4; // up to 20 symbols
                const Weights weights(fixture, descriptor, random, Fill::random);
                fixture.states = random_activations(random, 5, bits);
                const RowLayout layout(descriptor, fixture.core_shape);
                int wrong = 0;
                for (std::uint32_t symbol = 0; symbol < 20; ++symbol) {
                    fixture.one_hot_index = symbol;
                    const RowGroupRun& run = fixture.send(whole_vector(descriptor));
                    for (std::uint32_t group = 0; group < 2; ++group)
                        for (int lane = 0; lane < 16; ++lane) {
                            std::vector<std::int16_t> one(20, 0);
                            one[symbol] = 1;
                            const std::int64_t q = weights.sum(group, 0, lane, one.data());
                            const std::int64_t part = run.parts[0][layout.row(fixture.core_shape, group, lane)];
                            const std::int64_t operand =
                                run.part_is_masked_sum[0] ? 2 * part - run.activation_sums[0] : part;
                            wrong += operand != (planes == 1 ? (q != 0 ? 1 : -1) : q) * (std::int64_t{1} << (bits - 1));
                        }
                }
                CHECK(wrong == 0);
            }
    });
}

TEST_CASE("x of a layer above is read from state, of two directions from two places") {
    std::mt19937_64 random(9);
    const TestKernel kernel;
    LanesFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    Descriptor descriptor = dense_from_input(1, 3, 2);
    descriptor.flags = Descriptor::kDense;
    descriptor.source_chunks = 2;
    const Weights weights(fixture, descriptor, random, Fill::random);
    fixture.states = random_activations(random, 40, 8);
    RowGroupRun request = whole_vector(descriptor);
    request.x_address = 5;
    for (const std::uint32_t second : {7U, 1U, 9U}) { // right behind the first, before it, far behind it
        request.x_second_address = second;
        std::vector<std::int16_t> x(fixture.states.begin() + 20, fixture.states.begin() + 28);
        const auto chunk = fixture.states.begin() + std::ptrdiff_t{4} * second;
        x.insert(x.end(), chunk, chunk + 4);
        const RowGroupRun& run = fixture.send(request);
        for (int lane = 0; lane < 16; ++lane) CHECK(run.parts[0][lane] == weights.sum(0, 0, lane, x.data()));
    }
}

TEST_CASE("weights that are loaded again are used") {
    std::mt19937_64 random(10);
    const TestKernel kernel;
    LanesFixture fixture("fixture", resolved_shape(16, 4, 4));
    elaborate();
    const Descriptor descriptor = dense_from_input(1, 3, 1);
    fixture.x = random_activations(random, 12, 8);
    for (int load = 0; load < 3; ++load) {
        const Weights weights(fixture, descriptor, random, Fill::random);
        CHECK(wrong_rows(fixture, descriptor, weights, fixture.send(whole_vector(descriptor))) == 0);
    }
}

TEST_CASE("from issue to the part register: 2 for memory, the tree, 1 to accumulate, 1 to capture") {
    const auto latency = [](int lane_width) {
        const TestKernel kernel;
        LanesFixture fixture("fixture", resolved_shape(16, lane_width, 4));
        elaborate();
        const Descriptor descriptor = lstm(1, 1, 1, 1, 1);
        std::mt19937_64 random(11);
        const Weights weights(fixture, descriptor, random, Fill::ones);
        fixture.x.assign(64, 0);
        fixture.states.assign(64, 0);
        RowGroupRun request = whole_vector(descriptor);
        request.latency_cycles = 1000;
        CHECK(fixture.send(request).latency_cycles == 1000 + fixture.block.latency_cycles());
        return fixture.block.latency_cycles();
    };
    // A register after every second adder level, at least one: T = 1 up to 4 inputs, 2 up to 16, 3 up to 64.
    CHECK(latency(1) == 5);
    CHECK(latency(2) == 5);
    CHECK(latency(4) == 5);
    CHECK(latency(5) == 6);
    CHECK(latency(8) == 6);
    CHECK(latency(16) == 6);
    CHECK(latency(17) == 7);
    CHECK(latency(32) == 7);
    CHECK(latency(64) == 7);
}
