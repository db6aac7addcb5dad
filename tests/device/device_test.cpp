// Are memories those that synthesis makes, does every block grow with its shape, and is `fits` drawn where the device
// file says?
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/member_of.hpp"
#include "config/load_configuration.hpp"
#include "device/largest_shape.hpp"
#include "device/memory_shape.hpp"
#include "device/power_estimate.hpp"
#include "device/resource_estimate.hpp"
#include "device/synthesis_evidence.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

/// The War and Peace model on the default machine: 1 x 256 LSTM with one-hot inputs and a 6-plane output layer.
Configuration character_model() {
    Configuration configuration;
    configuration.shape.weight_words = 600;
    configuration.shape.scale_words = 136;
    configuration.shape.bias_words = 72;
    configuration.shape.state_words = 48;
    configuration.shape.cell_words = 128;
    configuration.shape.input_words = 16;
    return configuration;
}

Device z7020() { return read_device(find_device_file("xc7z020", "")); }

Resources block(const ResourceEstimate& estimate, const std::string& name) {
    for (const BlockResources& each : estimate.blocks) {
        if (each.block == name) return each.used;
    }
    throw std::logic_error(name);
}

double block_path(const ResourceEstimate& estimate, const std::string& name) {
    for (const BlockResources& each : estimate.blocks) {
        if (each.block == name) return each.path_ns;
    }
    throw std::logic_error(name);
}

std::string read_error(const std::string& content) {
    char pattern[] = "/tmp/bru_device_XXXXXX";
    const std::string folder = mkdtemp(pattern);
    const std::string path = folder + "/device.ini";
    std::ofstream(path) << content;
    std::string message;
    try {
        read_device(path);
    } catch (const InputError& error) {
        message = error.what();
    }
    std::filesystem::remove_all(folder);
    return message;
}

} // namespace

TEST_CASE("are block RAMs those that Yosys 0.23 chooses?", "[device]") {
    // Measured on rtl/ram_sdp.sv (memory_libmap for xc7), one case per line of widths and depths that stack, widen or
    // waste.
    struct Case {
        std::int64_t width, depth, ramb18, ramb36;
    };
    const Case cases[] = {
        {1, 65, 1, 0},      {1, 16384, 1, 0},  {9, 2048, 1, 0},    {18, 1024, 1, 0}, {36, 512, 1, 0},
        {36, 600, 0, 1},    {36, 1025, 3, 0},  {54, 512, 0, 1},    {64, 512, 0, 1},  {72, 512, 0, 1},
        {72, 768, 0, 2},    {96, 1024, 0, 3},  {100, 2500, 15, 0}, {128, 128, 0, 2}, {144, 1024, 0, 4},
        {200, 5000, 0, 29}, {256, 512, 0, 4},  {320, 2048, 0, 18}, {576, 512, 0, 8}, {576, 1024, 0, 16},
        {576, 4096, 0, 64}, {48, 8192, 0, 12}, {20, 16384, 0, 10}, {0, 512, 0, 0},   {8, 0, 0, 0}};
    for (const Case& each : cases) {
        CAPTURE(each.width, each.depth);
        const MemoryMapping mapped = map_block_ram({each.width, each.depth});
        CHECK(mapped.ramb18 == each.ramb18);
        CHECK(mapped.ramb36 == each.ramb36);
        CHECK(mapped.memory_luts == 0);
    }
}

TEST_CASE("a block RAM count holds the bits it is for", "[device]") {
    for (std::int64_t width : {1, 3, 8, 17, 31, 64, 100, 128, 257}) {
        for (std::int64_t depth = 65; depth < 40000; depth += 977) {
            const MemoryMapping mapped = map_block_ram({width, depth});
            CAPTURE(width, depth);
            CHECK((mapped.ramb18 + 2 * mapped.ramb36) * 18 * 1024 >= width * depth);
        }
    }
}

TEST_CASE("is distributed RAM counted in its primitives?", "[device]") {
    CHECK(map_distributed_ram({6, 32}).memory_luts == 4);
    CHECK(map_distributed_ram({7, 32}).memory_luts == 8);
    CHECK(map_distributed_ram({3, 33}).memory_luts == 4);
    CHECK(map_distributed_ram({4, 64}).memory_luts == 8);
    CHECK(map_distributed_ram({60, 64, 6}).memory_luts == 6 * 4 * 4); // ten bits an enable: four RAM64M of three
    CHECK(map_memory({128, 64}).memory_luts == 4 * 43);
    CHECK(map_memory({128, 65}).memory_luts == 0);
    CHECK(map_memory({128, 65}).ramb36 == 2);
    CHECK(map_distributed_ram({24, 32, 1, 3}).memory_luts == 48); // three reads: RAM32M with two bits
}

TEST_CASE("an enable of its own takes whole byte lanes of a block RAM", "[device]") {
    CHECK(map_block_ram({32, 512, 1}).ramb18 == 1);
    CHECK(map_block_ram({32, 512, 4}).ramb18 == 1);                                          // four byte lanes
    CHECK(map_block_ram({40, 512, 8}).ramb18 + 2 * map_block_ram({40, 512, 8}).ramb36 == 2); // eight
}

TEST_CASE("a table that is loaded through a read port takes a block RAM for two reads", "[device]") {
    CHECK(map_block_ram({16, 1024, 1, 2, true}).ramb18 == 1);
    CHECK(map_block_ram({16, 2048, 1, 2, true}).ramb36 == 1);
    CHECK(map_block_ram({16, 1024, 1, 1, true}).ramb18 == 1);
}

TEST_CASE("a multiplexer is counted in LUTs of four inputs", "[device]") {
    CHECK(multiplexer_luts(1) == 0);
    CHECK(multiplexer_luts(2) == 1);
    CHECK(multiplexer_luts(4) == 1);
    CHECK(multiplexer_luts(8) == 2);
    CHECK(multiplexer_luts(16) == 4);
    CHECK(multiplexer_luts(32) == 9);
}

TEST_CASE("a wide activation takes two DSPs", "[device]") {
    Configuration configuration = character_model();
    const auto rows = [&configuration] { return 4 * configuration.shape.update_width; };
    CHECK(block(estimate_resources(configuration, z7020()), "scale_bias").dsp == rows());
    CHECK(block(estimate_resources(configuration, z7020()), "cell_update").dsp == 3 * configuration.shape.update_width);
    configuration.shape.activation_bits = 9;
    CHECK(block(estimate_resources(configuration, z7020()), "scale_bias").dsp == 2 * rows());
    configuration.shape.activation_bits = 8;
    configuration.shape.update_width = 8;
    CHECK(estimate_resources(configuration, z7020()).total.dsp == configuration.shape.lanes + 1 + 32 + 24);
}

TEST_CASE("is the largest machine balanced, does it fit, and is none larger?", "[device]") {
    const auto name = GENERATE("xc7z010", "xc7z020", "xc7z045", "xczu7ev");
    CAPTURE(name);
    const Configuration configuration;
    const Device device = read_device(find_device_file(name, ""));
    const Calibration calibration = read_calibration(device);
    const std::vector<Shape> shapes = searched_shapes(configuration.shape);
    const LargestShapeSearch search = find_largest_shape(configuration, shapes, device, calibration);
    REQUIRE(search.best);
    CHECK(search.shapes == shapes.size());
    std::int64_t most_macs = 0;
    std::int64_t fewest_luts = 0;
    Configuration tried = configuration;
    for (const Shape& shape : shapes) {
        tried.shape = shape;
        const ResourceEstimate estimate = estimate_resources(tried, device, calibration);
        if (!balance_of(shape).holds() || !estimate.fits || !estimate.meets_clock()) continue;
        const std::int64_t macs = shape.lanes * shape.lane_width;
        if (macs > most_macs || (macs == most_macs && estimate.total.lut < fewest_luts)) {
            most_macs = macs;
            fewest_luts = estimate.total.lut;
        }
    }
    CHECK(search.best->macs_per_cycle() == most_macs);
    CHECK(search.best->estimate.total.lut == fewest_luts);
    CHECK(balance_of(search.best->configuration.shape).holds());
}

TEST_CASE("a machine is balanced if scale_bias takes the parts of a row group while the lanes compute it", "[device]") {
    Shape shape; // 64 x 16, E = 2: 1 + 16 chunks, and two parts of 8 slices
    CHECK(balance_of(shape).lane_cycles == 17);
    CHECK(balance_of(shape).stage_cycles == 16);
    CHECK(balance_of(shape).holds());
    shape.update_width = 1;
    CHECK_FALSE(balance_of(shape).holds());
    shape.lanes = 128;
    shape.lane_width = 32; // 512 cycles for a layer of 256 units, where the default machine needs 287
    CHECK(balance_of(shape).stage_cycles == 64);
    CHECK_FALSE(balance_of(shape).holds());
    shape.update_width = 8; // four slices per part
    CHECK(balance_of(shape).holds());
    shape.lanes = 32; // one slice per part, but scale_bias takes three cycles for each
    CHECK(balance_of(shape).stage_cycles == 6);
}

TEST_CASE("two clocks cost FIFOs between them, and one clock none", "[device]") {
    Configuration configuration = character_model();
    const Resources one_clock = estimate_resources(configuration, z7020()).total;
    configuration.dma_clock_mhz = 100;
    const ResourceEstimate estimate = estimate_resources(configuration, z7020());
    const Resources crossing = block(estimate, "clock_crossing");
    CHECK(estimate.total.lut == one_clock.lut + crossing.lut);
    CHECK(estimate.total.ff == one_clock.ff + crossing.ff);
    // Two streams of 73 bits and 32 places: 24 LUTs, 13 RAM32M, and 122 flip-flops each; five channels of registers.
    CHECK(crossing.memory_lut == 2 * 13 * 4 + (3 + 3 + 6 + 1 + 6) * 4);
    CHECK(crossing.lut == crossing.memory_lut + 2 * 24 + 5 * 20);
    CHECK(crossing.ff == 2 * 122 + (16 + 16 + 36 + 2 + 34) + 5 * 41);
    configuration.crossing = {4, 1024};
    const Resources deeper = block(estimate_resources(configuration, z7020()), "clock_crossing");
    CHECK(deeper.bram36() > 0);
    CHECK(deeper.ff > crossing.ff);
    configuration.platform.cores = 2;
    CHECK(block(estimate_resources(configuration, z7020()), "clock_crossing").lut == 2 * deeper.lut);
}

TEST_CASE("what keeps machines out of a device is counted", "[device]") {
    Device device = z7020();
    device.luts = 100;
    const std::vector<Shape> shapes = searched_shapes({});
    const LargestShapeSearch search = find_largest_shape({}, shapes, device, read_calibration(device));
    CHECK_FALSE(search.best);
    REQUIRE_FALSE(search.limits.empty());
    CHECK(search.limits.front().name == "lut");
    CHECK(search.limits.front().shapes == shapes.size());
}

TEST_CASE("a path that is longer than the clock is said to be", "[device]") {
    Configuration configuration = character_model();
    configuration.clock_mhz = 1;
    CHECK(estimate_resources(configuration, z7020()).meets_clock());
    configuration.clock_mhz = 2000;
    const ResourceEstimate estimate = estimate_resources(configuration, z7020());
    CHECK_FALSE(estimate.meets_clock());
    CHECK(estimate.reachable_mhz() == Approx(1000 / estimate.path_ns));
    CHECK(block_path(estimate, estimate.limiting) == estimate.path_ns);
}

TEST_CASE("power follows what the machine does", "[device]") {
    const ResourceEstimate estimate = estimate_resources(character_model(), z7020());
    Activity activity;
    CHECK(estimate_power(estimate, activity).dynamic_watts() == 0);
    activity.seconds = 1;
    activity.steps = 1000;
    const PowerEstimate idle = estimate_power(estimate, activity);
    CHECK(idle.watts() == idle.static_watts);
    CHECK(idle.microjoules_per_step() == Approx(1000 * idle.static_watts));
    activity.chunk_cycles = 200e6;
    const PowerEstimate busy = estimate_power(estimate, activity);
    CHECK(busy.dynamic_watts() > 0);
    activity.chunk_cycles = 100e6;
    CHECK(estimate_power(estimate, activity).dynamic_watts() == Approx(busy.dynamic_watts() / 2));
}

TEST_CASE("a deeper memory costs block RAM and LUTs, but no energy for the same accesses", "[device]") {
    const Device device = z7020();
    Activity activity;
    activity.seconds = 1;
    activity.steps = 1;
    activity.chunk_cycles = activity.input_chunk_cycles = activity.input_beat_cycles = 1e6;
    const auto watts = [&](const Configuration& configuration, const std::string& block) {
        for (const BlockPower& each : estimate_power(estimate_resources(configuration, device), activity).blocks)
            if (each.block == block) return each.watts;
        throw std::logic_error(block);
    };
    Configuration shallow = character_model();
    Configuration deep = shallow;
    shallow.shape.weight_words = 512;
    deep.shape.weight_words = 2048; // four times the block RAM
    CHECK(block(estimate_resources(deep, device), "weight_bram").bram36() >
          3.9 * block(estimate_resources(shallow, device), "weight_bram").bram36());
    CHECK(watts(deep, "weight_bram") < 1.1 * watts(shallow, "weight_bram"));
    shallow.shape.input_words = 128;
    deep.shape.input_words = 8192;
    CHECK(block(estimate_resources(deep, device), "sequencer").lut >
          block(estimate_resources(shallow, device), "sequencer").lut);
    CHECK(watts(deep, "sequencer") == Approx(watts(shallow, "sequencer")));
    CHECK(watts(deep, "stream_input") < 1.1 * watts(shallow, "stream_input"));
}

TEST_CASE("a counter changes two bits when it counts, however wide it is", "[device]") {
    const auto term = [](std::int64_t input_words) {
        Shape shape = with_least_depths({});
        shape.input_words = input_words;
        for (const BlockStructure& block : structure_of(shape))
            if (block.block == "sequencer")
                for (const StructureTerm& each : block.lut)
                    if (each.name == "position_bits") return each;
        throw std::logic_error("position_bits");
    };
    CHECK(term(2).quantity == 1);
    CHECK(term(2).moving == 1);
    CHECK(term(4096).quantity == 12);
    CHECK(term(4096).moving == 2);
}

TEST_CASE("does a faulty calibration say what is wrong?", "[device]") {
    Device device = z7020();
    device.calibration = "nowhere";
    CHECK_THROWS_WITH(read_calibration(device),
                      ContainsSubstring("nowhere.calibration") && ContainsSubstring("device.calibration"));
    char pattern[] = "/tmp/bru_device_XXXXXX";
    const std::string folder = mkdtemp(pattern);
    device.path = folder + "/device.ini";
    device.calibration = "own";
    const auto error_of = [&device, &folder](const std::string& content) {
        std::ofstream(folder + "/own.calibration") << content;
        try {
            read_calibration(device);
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK_THAT(error_of("[scale_bias]\nlut.rows = 1\n"),
               ContainsSubstring("is missing") && ContainsSubstring("tools/calibrate"));
    CHECK_THAT(error_of("[scale_bias]\nlut.rows = many\n"),
               ContainsSubstring("own.calibration:2") && ContainsSubstring("many"));
    CHECK_THAT(error_of("[scale_bias]\nlut.roads = 1\n"),
               ContainsSubstring("own.calibration:2") && ContainsSubstring("lut.roads"));
    std::filesystem::remove_all(folder);
}

TEST_CASE("more of anything never costs less", "[device]") {
    const Device device = z7020();
    const auto check_growth = [&device](MemberOf<Shape, std::int64_t> field, std::int64_t larger) {
        const Configuration base = character_model();
        Configuration grown = base;
        grown.shape.*field = larger;
        const Resources before = estimate_resources(base, device).total;
        const Resources after = estimate_resources(grown, device).total;
        CHECK(static_cast<double>(after.lut) + 200 * after.bram36() >=
              static_cast<double>(before.lut) + 200 * before.bram36());
        CHECK((after.lut > before.lut || after.bram36() > before.bram36()));
    };
    check_growth(&Shape::lanes, 128);
    check_growth(&Shape::lane_width, 32);
    check_growth(&Shape::update_width, 8);
    check_growth(&Shape::activation_bits, 12);
    check_growth(&Shape::lut_address_bits, 12);
    check_growth(&Shape::cell_kinds, 2);
    check_growth(&Shape::weight_words, 2000);
    check_growth(&Shape::scale_words, 1000);
    check_growth(&Shape::bias_words, 1000);
    check_growth(&Shape::state_words, 5000);
    check_growth(&Shape::cell_words, 5000);
    check_growth(&Shape::input_words, 5000);
    check_growth(&Shape::output_fifo_beats, 5000);
}

TEST_CASE("fits is drawn at the device file's line, and the binding resource is the nearest to its own", "[device]") {
    const Configuration configuration = character_model();
    Device device = z7020();
    const ResourceEstimate estimate = estimate_resources(configuration, device);
    REQUIRE(estimate.fits);
    const auto fits_with = [&configuration](const Device& changed) {
        return estimate_resources(configuration, changed).fits;
    };
    Device tight = device;
    tight.dsp = estimate.total.dsp;
    CHECK(fits_with(tight));
    CHECK(estimate_resources(configuration, tight).binding == "dsp");
    tight.dsp -= 1;
    CHECK_FALSE(fits_with(tight));
    tight = device;
    tight.luts = estimate.total.lut; // 85 % of it may be used
    CHECK_FALSE(fits_with(tight));
    CHECK(estimate_resources(configuration, tight).binding == "lut");
    tight.lut_limit_percent = 100;
    CHECK(fits_with(tight));
    tight = device;
    tight.bram36 = static_cast<std::int64_t>(std::ceil(estimate.total.bram36()));
    CHECK(fits_with(tight));
    tight.bram36 -= 1;
    CHECK_FALSE(fits_with(tight));
    tight = device;
    tight.memory_luts = estimate.total.memory_lut - 1;
    CHECK_FALSE(fits_with(tight));
    tight = device;
    tight.flip_flops = 0;
    CHECK_FALSE(fits_with(tight));
}

TEST_CASE("weights larger than the block RAM are refused", "[device]") {
    Configuration configuration = character_model();
    const Device device = z7020(); // 280 RAMB18: 1024 bits take 57 for 1024 words
    configuration.shape.weight_words = 4096;
    CHECK_NOTHROW(check_weights_fit(configuration, device, "a.onnx"));
    configuration.shape.weight_words = 8192;
    CHECK_THROWS_WITH(check_weights_fit(configuration, device, "a.onnx"),
                      ContainsSubstring("8192") && ContainsSubstring("140") && ContainsSubstring("XC7Z020"));
}

TEST_CASE("the whole range of shapes can be estimated", "[device]") {
    const Device device = z7020();
    for (std::int64_t lanes : {4, 64, 1024}) {
        for (std::int64_t width : {1, 3, 64}) {
            for (std::int64_t bits : {1, 8, 16}) {
                Configuration configuration = character_model();
                configuration.shape.lanes = lanes;
                configuration.shape.lane_width = width;
                configuration.shape.update_width = 1;
                configuration.shape.activation_bits = bits;
                configuration.shape.weight_words = std::int64_t{1} << 22;
                const ResourceEstimate estimate = estimate_resources(configuration, device);
                CHECK(estimate.total.lut > 0);
                CHECK(estimate.total.ff > 0);
                CHECK(estimate.total.bram36() > 0);
            }
        }
    }
}

TEST_CASE("does a faulty device file say what is wrong?", "[device]") {
    CHECK_THAT(read_error("[device]\nluts = 1\n"),
               ContainsSubstring("device.ini") && ContainsSubstring("device.name is missing"));
    CHECK_THAT(read_error("[device]\nlut = 1\n"),
               ContainsSubstring("device.ini:2") && ContainsSubstring("Did you mean 'device.luts'"));
    const std::string after =
        "\ncalibration = xc7\n[timing]\nflip_flop_ns = 0.3\nlut_ns = 0.4\nnet_ns = 0.5\nsetup_ns = 0\n"
        "[power]\nstatic_w = 0\nlut_pj = 0\nbram_pj = 0\ndsp_pj = 0\n";
    const std::string rest = "name = X\nmemory_luts = 1\nflip_flops = 1\nbram36 = 1\ndsp = 1\nclock_mhz = 100\n";
    CHECK_THAT(read_error("[device]\n" + rest + "luts = many\nlut_limit_percent = 85" + after),
               ContainsSubstring("device.ini:8") && ContainsSubstring("many"));
    CHECK_THAT(read_error("[device]\n" + rest + "luts = -1\nlut_limit_percent = 85" + after), ContainsSubstring("-1"));
    CHECK_THAT(read_error("[device]\n" + rest + "luts = 1\nlut_limit_percent = 0" + after),
               ContainsSubstring("1 to 100"));
    CHECK(read_error("[device]\n" + rest + "luts = 1\nlut_limit_percent = 85" + after).empty());
    CHECK_THAT(read_error("[device]\n" + rest + "luts = 1\nlut_limit_percent = 85\n[timing]\nlut_ns = 1000\n"),
               ContainsSubstring("timing.lut_ns = 1000") && ContainsSubstring("0 to 100"));
    // Calibration, delays and energies may be left out.
    CHECK(read_error("[device]\n" + rest + "luts = 1\nlut_limit_percent = 85\n").empty());
    CHECK_THROWS_AS(read_device("/nowhere.ini"), InputError);
}
