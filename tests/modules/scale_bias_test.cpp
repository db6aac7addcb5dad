// Is z (or a logit) the exact sum of bias and mantissa * part, shifted and saturated, row by row?
#include "support/catch.hpp"

#include <random>

#include "machine/bit_fields.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/memory_layout.hpp"
#include "machine/registers.hpp"
#include "machine/stream_format.hpp"
#include "model/number_formats.hpp"
#include "modules/scale_bias.hpp"
#include "modules/stubs.hpp"

using namespace bru;
using namespace bru::test;

namespace {

struct ScaleBiasFixture : sc_core::sc_module {
    ScaleBiasFixture(const sc_core::sc_module_name& name, const Shape& shape)
        : sc_module(name), core_shape(shape), block("block", core_shape), part("part"), scale_load("scale_load"),
          bias_load("bias_load"), z("z"), logits("logits") {
        part.bind(block.part_socket);
        scale_load.bind(block.scale_load_socket);
        bias_load.bind(block.bias_load_socket);
        block.z_socket.bind(z.socket);
        block.logit_socket.bind(logits.socket);
    }
    CoreShape core_shape;
    ScaleBias block;
    RunInitiatorSocket part;
    MemoryInitiatorSocket scale_load;
    MemoryInitiatorSocket bias_load;
    StubRunTarget z;
    StubRunTarget logits;
};

/// One row: parts with their mantissas, the bias as it is loaded.
struct Row {
    std::int64_t bias = 0;
    std::int32_t parts[2] = {0, 0};
    std::uint32_t mantissas[2] = {0, 0};
};

struct Parts {
    bool dense = false;
    int shift = 0;
    bool masked[2] = {false, false};
    std::int32_t sums[2] = {0, 0};      ///< S
    std::uint32_t least_chunks[2] = {}; ///< of a part's vector, beside what its operands take
};

std::int64_t clamp_to(std::int64_t value, int bits) {
    const std::int64_t high = (std::int64_t{1} << (bits - 1)) - 1;
    return std::min(std::max(value, -high - 1), high);
}

__extension__ typedef __int128 Wide;

std::int64_t operand(const Row& row, const Parts& parts, int part) {
    return parts.masked[part] ? 2 * std::int64_t{row.parts[part]} - parts.sums[part] : row.parts[part];
}

/// Chunks of a vector whose part can be as large as the rows'.
std::uint32_t chunks_for(const Shape& shape, const std::vector<Row>& rows, const Parts& parts, int part) {
    std::int64_t largest = 0;
    for (const Row& row : rows) largest = std::max(largest, std::abs(operand(row, parts, part)));
    const std::int64_t of_a_chunk = shape.lane_width << (shape.activation_bits - 1);
    return std::max(static_cast<std::uint32_t>(largest / of_a_chunk + 1), parts.least_chunks[part]);
}

std::int64_t result(const RowGroupRun& run, std::size_t row) {
    return run.descriptor->dense() ? run.logits[row] : run.z[row];
}

std::int64_t expected(const Row& row, const Parts& parts) {
    Wide sum = row.bias;
    for (int k = 0; k < (parts.dense ? 1 : 2); ++k) sum += Wide{operand(row, parts, k)} * row.mantissas[k];
    sum = parts.shift >= 0 ? sum >> parts.shift : sum * (1 << -parts.shift);
    const Wide high = std::int64_t{1} << 62;
    return clamp_to(static_cast<std::int64_t>(std::min(std::max(sum, -high), high)), parts.dense ? 32 : 16);
}

/// Loads one row group's rows (rows[lane]) behind some unused words and runs them.
std::vector<std::int64_t> run_rows(const Shape& shape, const std::vector<Row>& rows, const Parts& parts) {
    const TestKernel kernel;
    ScaleBiasFixture fixture("fixture", shape);
    elaborate();
    const auto lanes = static_cast<std::size_t>(shape.lanes);
    const std::size_t part_count = parts.dense ? 1 : 2;
    Descriptor descriptor;
    descriptor.flags = parts.dense ? static_cast<std::uint32_t>(Descriptor::kDense) : 0U;
    descriptor.groups = static_cast<std::uint32_t>(rows.size() / lanes);
    descriptor.scale_base = 5;
    descriptor.bias_base = 3;
    descriptor.shift = static_cast<std::uint32_t>(parts.shift);
    descriptor.x_chunks = chunks_for(shape, rows, parts, 0);
    descriptor.h_chunks = chunks_for(shape, rows, parts, 1);
    descriptor.x_planes = descriptor.h_planes = 1;
    const RowLayout layout(descriptor, fixture.core_shape);
    std::vector<std::int32_t> values[2] = {std::vector<std::int32_t>(layout.rows()),
                                           std::vector<std::int32_t>(layout.rows())};
    const MemoryLayout memory(fixture.core_shape);
    const auto words_of = [&](LoadTarget target, std::size_t count) {
        return std::vector<std::vector<std::uint64_t>>(
            count, std::vector<std::uint64_t>(static_cast<std::size_t>(beats_of(memory.word_bits_of(target)))));
    };
    const std::size_t words = rows.size() / static_cast<std::size_t>(fixture.core_shape.rows_per_slice());
    auto biases = words_of(LoadTarget::biases, words);
    auto scales = words_of(LoadTarget::scales, words * part_count);
    for (std::uint32_t group = 0; group < descriptor.groups; ++group)
        for (int lane = 0; lane < shape.lanes; ++lane) {
            const Row& row = rows[group * lanes + static_cast<std::size_t>(lane)];
            const FieldPlace bias = memory.bias(group, lane);
            put_word_bits(biases[bias.word].data(), bias.bit, kBiasBits, static_cast<std::uint64_t>(row.bias));
            for (std::size_t part = 0; part < part_count; ++part) {
                const FieldPlace scale = memory.scale(descriptor, group, static_cast<int>(part), lane);
                put_word_bits(scales[scale.word].data(), scale.bit, kScaleFieldBits, row.mantissas[part]);
                values[part][layout.row(fixture.core_shape, group, lane)] = row.parts[part];
            }
        }
    for (std::size_t word = 0; word < biases.size(); ++word)
        write_memory(fixture.bias_load, descriptor.bias_base + static_cast<std::uint32_t>(word), biases[word]);
    for (std::size_t word = 0; word < scales.size(); ++word)
        write_memory(fixture.scale_load, descriptor.scale_base + static_cast<std::uint32_t>(word), scales[word]);
    RowGroupRun run;
    run.descriptor = &descriptor;
    run.group_count = static_cast<int>(descriptor.groups);
    for (int part = 0; part < 2; ++part) {
        run.parts[part] = values[part].data();
        run.part_is_masked_sum[part] = parts.masked[part];
        run.activation_sums[part] = parts.sums[part];
    }
    fixture.part.send(run);
    const StubRunTarget& target = parts.dense ? fixture.logits : fixture.z;
    REQUIRE(target.runs.size() == 1);
    CHECK(target.runs[0].latency_cycles == 5);
    std::vector<std::int64_t> results;
    for (std::uint32_t group = 0; group < descriptor.groups; ++group)
        for (int lane = 0; lane < shape.lanes; ++lane)
            results.push_back(result(target.runs[0], layout.row(fixture.core_shape, group, lane)));
    return results;
}

std::vector<Row> random_rows(std::mt19937_64& random, std::size_t count, int bias_bits, int part_bits) {
    const auto signed_bits = [&](int bits) { return static_cast<std::int64_t>(random()) >> (64 - bits); };
    std::vector<Row> rows(count);
    for (Row& row : rows) {
        row.bias = signed_bits(bias_bits);
        for (int part = 0; part < 2; ++part) {
            row.parts[part] = static_cast<std::int32_t>(signed_bits(part_bits));
            row.mantissas[part] = static_cast<std::uint32_t>(random() % 65536);
        }
    }
    return rows;
}

} // namespace

TEST_CASE("random rows: z and logits equal the exact sum, at every SIMD level and for every kind of part") {
    at_every_simd_level([](const std::string& level) {
        std::mt19937_64 random(1);
        for (int shift = -16; shift <= 47; shift += 3)
            for (const bool dense : {false, true})
                for (int kinds = 0; kinds < 4; ++kinds) {
                    INFO(level << ", shift " << shift << (dense ? ", dense" : ", LSTM") << ", kinds " << kinds);
                    Parts parts{dense, shift, {(kinds & 1) != 0, (kinds & 2) != 0}, {1234, -777}, {}};
                    // Sizes around the saturation of the shift, so that both inside and outside happen.
                    const int bias_bits = std::min(46, std::max(2, shift + (dense ? 33 : 17)));
                    const std::vector<Row> rows =
                        random_rows(random, 64, bias_bits, std::min(28, std::max(2, bias_bits - 16)));
                    const std::vector<std::int64_t> results = run_rows(resolved_shape(32, 4, 2), rows, parts);
                    int wrong = 0;
                    for (std::size_t k = 0; k < rows.size(); ++k) wrong += results[k] != expected(rows[k], parts);
                    CHECK(wrong == 0);
                }
    });
}

TEST_CASE("sums are the same whether or not they can be longer than 32 bits behind the shift") {
    at_every_simd_level([](const std::string& level) {
        std::mt19937_64 random(2);
        for (int shift = 1; shift <= 33; shift += 4) {
            INFO(level << ", shift " << shift);
            const std::vector<Row> rows = random_rows(random, 64, std::min(46, shift + 17), std::min(20, shift + 1));
            Parts parts{false, shift, {true, true}, {99, -3}, {}};
            const std::vector<std::int64_t> narrow = run_rows(resolved_shape(32, 4, 2), rows, parts);
            parts.least_chunks[0] = parts.least_chunks[1] = 1U << 31; // 2^40 a part
            CHECK(run_rows(resolved_shape(32, 4, 2), rows, parts) == narrow);
            int wrong = 0;
            for (std::size_t k = 0; k < rows.size(); ++k) wrong += narrow[k] != expected(rows[k], parts);
            CHECK(wrong == 0);
        }
    });
}

TEST_CASE("results saturate at both ends, and not before") {
    at_every_simd_level([](const std::string& level) {
        INFO(level);
        std::vector<Row> rows(16);
        const std::vector<std::int64_t> sums{32767LL << 4,
                                             (32767LL << 4) + 15,
                                             32768LL << 4,
                                             INT64_C(1) << 45,
                                             -32768LL * 16,
                                             -32768LL * 16 - 1,
                                             -(INT64_C(1) << 45),
                                             -1,
                                             0,
                                             15,
                                             16,
                                             -16,
                                             -17};
        const std::vector<std::int64_t> z{32767, 32767, 32767, 32767, -32768, -32768, -32768, -1, 0, 0, 1, -1, -2};
        for (std::size_t k = 0; k < sums.size(); ++k) rows[k].bias = sums[k];
        std::vector<std::int64_t> results = run_rows(resolved_shape(16, 4, 1), rows, {false, 4, {}, {}, {}});
        results.resize(z.size());
        CHECK(results == z);

        const std::vector<std::int64_t> logit_sums{2147483647LL, 2147483648LL, -2147483648LL, -2147483649LL};
        for (std::size_t k = 0; k < 4; ++k) rows[k].bias = logit_sums[k];
        results = run_rows(resolved_shape(16, 4, 1), rows, {true, 0, {}, {}, {}});
        CHECK(results[0] == 2147483647);
        CHECK(results[1] == 2147483647);
        CHECK(results[2] == -2147483648LL);
        CHECK(results[3] == -2147483648LL);
    });
}

TEST_CASE("a negative shift multiplies") {
    at_every_simd_level([](const std::string& level) {
        INFO(level);
        std::vector<Row> rows(16);
        rows[0].bias = 3;
        rows[1].bias = -3;
        rows[2].bias = 2048; // * 16 = 32768
        rows[3].bias = -2048;
        const std::vector<std::int64_t> results = run_rows(resolved_shape(16, 4, 4), rows, {false, -4, {}, {}, {}});
        CHECK(results[0] == 48);
        CHECK(results[1] == -48);
        CHECK(results[2] == 32767);
        CHECK(results[3] == -32768);
        rows[0].bias = INT64_C(1) << 40;
        CHECK(run_rows(resolved_shape(16, 4, 4), rows, {true, -16, {}, {}, {}})[0] == 2147483647);
    });
}

TEST_CASE("a one-plane part enters as 2m - S, with full mantissas") {
    at_every_simd_level([](const std::string& level) {
        INFO(level);
        std::vector<Row> rows(16);
        rows[5] = {7, {-40960, 100}, {65535, 65535}};
        const Parts parts{false, 16, {true, false}, {-40960, 0}, {}};
        // (2 * -40960 + 40960) * 65535 + 100 * 65535 + 7, shifted by 16: -2677759... / 65536
        CHECK(run_rows(resolved_shape(16, 4, 4), rows, parts)[5] == -32768);
        const Parts wide{false, 20, {true, false}, {-40960, 0}, {}};
        CHECK(run_rows(resolved_shape(16, 4, 4), rows, wide)[5] == (-40860LL * 65535 + 7) >> 20);
        CHECK(((-40860LL * 65535 + 7) >> 20) == -2554);
    });
}

TEST_CASE("scales and biases that are loaded again are used") {
    std::vector<Row> rows(16);
    rows[3] = {5, {2, 0}, {10, 0}};
    CHECK(run_rows(resolved_shape(16, 4, 4), rows, {false, 0, {}, {}, {}})[3] == 25);

    const TestKernel kernel;
    ScaleBiasFixture fixture("fixture", resolved_shape(4, 4, 1));
    elaborate();
    Descriptor descriptor;
    descriptor.flags = Descriptor::kDense;
    descriptor.groups = 1;
    const std::vector<std::int32_t> part(128, 1);
    RowGroupRun run;
    run.descriptor = &descriptor;
    run.group_count = 1;
    run.parts[0] = part.data();
    fixture.part.send(run);
    CHECK(fixture.logits.runs.back().logits[0] == 0);
    write_memory(fixture.scale_load, 0, {9});
    run.latency_cycles = 0;
    fixture.part.send(run);
    CHECK(fixture.logits.runs.back().logits[0] == 9);
    write_memory(fixture.bias_load, 0, {0xFFFFFFFFFFFF, 0, 0}); // -1
    fixture.part.send(run);
    CHECK(fixture.logits.runs.back().logits[0] == 8);
}
