// Are block RAMs counted as the primitives' shapes say, does every block grow with its shape, and is `fits` drawn
// where the device file says?
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/load_configuration.hpp"
#include "device/memory_shape.hpp"
#include "device/resource_estimate.hpp"
#include "model/error.hpp"

using namespace bru;
using Catch::Matchers::Contains;

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

TEST_CASE("is the smallest set of RAMB18 found?", "[device]") {
    struct Case {
        std::int64_t width, depth, ramb18;
    };
    const Case cases[] = {{0, 100, 0},          {1, 1, 1},        {36, 512, 1},  {37, 512, 2},  {36, 513, 2},
                          {72, 512, 2},         {18, 1024, 1},    {18, 1025, 2}, {9, 2048, 1},  {4, 4096, 1},
                          {5, 4096, 2},         {1, 16384, 1},    {1, 16385, 2}, {64, 512, 2},  {65, 512, 2},
                          {54, 512, 2},         {73, 512, 3},     {54, 1024, 3}, {13, 2048, 2}, {1024, 512, 29},
                          {1024, 513, 57},      {1024, 1024, 57}, {256, 136, 8}, {768, 72, 22}, {36, 1536, 3},
                          {36, 16384 + 512, 33}};
    for (const Case& each : cases) {
        CAPTURE(each.width, each.depth);
        CHECK(simple_dual_port_ramb18(each.width, each.depth) == each.ramb18);
    }
}

TEST_CASE("does a remainder of the depth share one RAMB18?", "[device]") {
    // Three columns of 16Kx1, and one RAMB18 for the three bits of the words above; columns alone would take five.
    CHECK(simple_dual_port_ramb18(3, 16384 + 512) == 4);
    CHECK(simple_dual_port_ramb18(36, 16384) == 32);
    CHECK(simple_dual_port_ramb18(2, 16384 + 512) == 3);
    CHECK(simple_dual_port_ramb18(4, 16384 + 4096) == 5);
}

TEST_CASE("a count never falls when a memory grows, and never beats its bits", "[device]") {
    for (std::int64_t width : {1, 3, 8, 17, 31, 64, 100, 128, 257}) {
        std::int64_t before = 0;
        for (std::int64_t depth = 1; depth < 40000; depth += 977) {
            const std::int64_t count = simple_dual_port_ramb18(width, depth);
            CAPTURE(width, depth);
            CHECK(count >= before);
            CHECK(count * 18 * 1024 >= width * depth);
            CHECK(count <= true_dual_port_ramb18(width, depth));
            CHECK(count <= simple_dual_port_ramb18(width + 1, depth));
            before = count;
        }
    }
}

TEST_CASE("is distributed RAM counted in its primitives?", "[device]") {
    CHECK(simple_dual_port_luts(6, 32) == 4);
    CHECK(simple_dual_port_luts(7, 32) == 8);
    CHECK(simple_dual_port_luts(3, 33) == 4);
    CHECK(simple_dual_port_luts(4, 64) == 8);
    CHECK(simple_dual_port(128, 64).ramb18 == 0);
    CHECK(simple_dual_port(128, 64).memory_luts == 4 * 43);
    CHECK(simple_dual_port(128, 65).ramb18 == 4);
    CHECK(simple_dual_port(128, 65).memory_luts == 0);
    CHECK(simple_dual_port(128, 0).memory_luts == 0);
}

TEST_CASE("a table has a copy for every two ports", "[device]") {
    CHECK(multi_read_table(16, 1024, 12).ramb18 == 6);
    CHECK(multi_read_table(16, 1024, 8).ramb18 == 4);
    CHECK(multi_read_table(16, 1024, 3).ramb18 == 2);
    CHECK(multi_read_table(16, 2048, 2).ramb18 == 2);
    CHECK(multi_read_table(16, 16384, 2).ramb18 == 15); // 9 bits from 2Kx9 with its parity, 7 from 16Kx1
    CHECK(multi_read_table(16, 64, 3).memory_luts == 64);
    CHECK(multi_read_table(16, 32, 3).memory_luts == 32);
    CHECK(multi_read_table(16, 64, 4).memory_luts == 128);
}

TEST_CASE("block RAMs and DSPs of the default machine, block by block", "[device]") {
    const ResourceEstimate estimate = estimate_resources(character_model(), z7020());
    CHECK(block(estimate, "weight_bram").ramb18 == 57); // 1024 bits x 600: as many as 1024 x 1024
    CHECK(block(estimate, "scale_bias").ramb18 == 4 + 11);
    CHECK(block(estimate, "activation_lut").ramb18 == 3 + 2);
    CHECK(block(estimate, "state_registers").ramb18 == 1); // c; h is distributed RAM
    CHECK(block(estimate, "stream_output").ramb18 == 2);
    CHECK(block(estimate, "axi_dma").ramb18 == 6);
    CHECK(estimate.total.ramb18 == 57 + 15 + 5 + 1 + 2 + 6);
    CHECK(estimate.total.bram36() == 43);
    CHECK(block(estimate, "scale_bias").dsp == 8);
    CHECK(block(estimate, "cell_update").dsp == 6);
    CHECK(estimate.total.dsp == 14);
    CHECK(estimate.fits);
}

TEST_CASE("a wide activation takes two DSPs", "[device]") {
    Configuration configuration = character_model();
    configuration.shape.activation_bits = 9;
    CHECK(block(estimate_resources(configuration, z7020()), "scale_bias").dsp == 16);
    configuration.shape.activation_bits = 8;
    configuration.shape.update_width = 8;
    CHECK(estimate_resources(configuration, z7020()).total.dsp == 32 + 24);
}

TEST_CASE("do the lane formulas hold to what Yosys made of such a lane?", "[device]") {
    // LUTs and flip-flops of one lane (tree, 25-bit accumulator and one part register; 32 bits above A = 8), measured
    // with synth_xilinx -family xc7 -abc9 -flatten of Yosys 0.23. Flip-flops are exact, LUTs within 6 %. The machine's
    // lane has a second part register.
    struct Lane {
        std::int64_t width, bits, lut, ff;
    };
    for (const Lane& lane :
         {Lane{16, 8, 275, 102}, Lane{8, 8, 158, 81}, Lane{32, 8, 510, 167}, Lane{4, 8, 100, 60}, Lane{64, 8, 981, 272},
          Lane{16, 4, 177, 82}, Lane{16, 16, 481, 156}, Lane{16, 12, 392, 136}}) {
        Configuration small = character_model();
        small.shape.lane_width = lane.width;
        small.shape.activation_bits = lane.bits;
        small.shape.lanes = 64;
        Configuration large = small;
        large.shape.lanes = 128;
        const Resources few = block(estimate_resources(small, z7020()), "dot_product_lanes");
        const Resources many = block(estimate_resources(large, z7020()), "dot_product_lanes");
        CAPTURE(lane.width, lane.bits);
        CHECK((many.ff - few.ff) / 64 == lane.ff + (lane.bits <= 8 ? 25 : 32));
        CHECK(static_cast<double>(many.lut - few.lut) / 64 == Approx(static_cast<double>(lane.lut)).epsilon(0.06));
    }
}

TEST_CASE("more of anything never costs less", "[device]") {
    const Device device = z7020();
    const auto check_growth = [&device](std::int64_t Shape::*field, std::int64_t larger) {
        const Configuration base = character_model();
        Configuration grown = base;
        grown.shape.*field = larger;
        const Resources before = estimate_resources(base, device).total;
        const Resources after = estimate_resources(grown, device).total;
        CHECK(after.lut + 100 * after.ramb18 >= before.lut + 100 * before.ramb18);
        CHECK((after.lut > before.lut || after.ramb18 > before.ramb18));
    };
    check_growth(&Shape::lanes, 128);
    check_growth(&Shape::lane_width, 32);
    check_growth(&Shape::update_width, 8);
    check_growth(&Shape::activation_bits, 12);
    check_growth(&Shape::lut_address_bits, 12);
    check_growth(&Shape::weight_words, 2000);
    check_growth(&Shape::scale_words, 1000);
    check_growth(&Shape::bias_words, 1000);
    check_growth(&Shape::state_words, 5000);
    check_growth(&Shape::cell_words, 5000);
    check_growth(&Shape::input_words, 5000);
    check_growth(&Shape::output_fifo_beats, 5000);
}

TEST_CASE("state memory written by the slice takes whole byte lanes", "[device]") {
    Configuration configuration = character_model();
    const auto h_and_c = [&configuration] {
        return block(estimate_resources(configuration, z7020()), "state_registers").ramb18;
    };
    configuration.shape.cell_words = 0;
    configuration.shape.state_words = 512;
    CHECK(h_and_c() == 4); // four columns of 4 x 8 bits, each in four byte lanes
    configuration.shape.activation_bits = 4;
    CHECK(h_and_c() == 2);              // 4 x 4 bits in two byte lanes
    configuration.shape.lane_width = 5; // neither 5 nor 4 divides the other: a byte lane each
    CHECK(h_and_c() == 2);
    configuration.shape.lane_width = 2; // E = 4 writes two chunks at once
    configuration.shape.state_words = 1024;
    CHECK(h_and_c() == 1);
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
    tight.bram36 = (estimate.total.ramb18 + 1) / 2;
    CHECK(fits_with(tight));
    tight.bram36 = (estimate.total.ramb18 + 1) / 2 - 1;
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
    CHECK_NOTHROW(check_weights_fit(configuration, device));
    configuration.shape.weight_words = 8192;
    CHECK_THROWS_WITH(check_weights_fit(configuration, device),
                      Contains("8192") && Contains("140") && Contains("XC7Z020"));
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
                CHECK(estimate.total.ramb18 > 0);
            }
        }
    }
}

TEST_CASE("does a faulty device file say what is wrong?", "[device]") {
    CHECK_THAT(read_error("[device]\nluts = 1\n"), Contains("device.ini") && Contains("device.name is missing"));
    CHECK_THAT(read_error("[device]\nlut = 1\n"), Contains("device.ini:2") && Contains("Did you mean 'device.luts'"));
    const std::string rest = "name = X\nmemory_luts = 1\nflip_flops = 1\nbram36 = 1\ndsp = 1\nclock_mhz = 100\n";
    CHECK_THAT(read_error("[device]\n" + rest + "luts = many\nlut_limit_percent = 85\n"),
               Contains("device.ini:8") && Contains("many"));
    CHECK_THAT(read_error("[device]\n" + rest + "luts = -1\nlut_limit_percent = 85\n"), Contains("-1"));
    CHECK_THAT(read_error("[device]\n" + rest + "luts = 1\nlut_limit_percent = 0\n"), Contains("1 to 100"));
    CHECK(read_error("[device]\n" + rest + "luts = 1\nlut_limit_percent = 85\n").empty());
    CHECK_THROWS_AS(read_device("/nowhere.ini"), InputError);
}
