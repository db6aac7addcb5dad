// Do table and JSON say what the run's result says?
#include "support/catch.hpp"

#include <cmath>
#include <map>

#include <nlohmann/json.hpp>

#include "report/resource_report.hpp"
#include "report/run_report.hpp"
#include "report/text.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

Network network() {
    Network network;
    network.name = "small.onnx";
    network.fingerprint = "0123456789abcdef";
    LstmLayer layer;
    layer.input_size = 10;
    layer.hidden_size = 20;
    layer.directions.resize(1);
    network.layers = {layer};
    return network;
}

/// 1,000 cycles over 4 steps, every class different.
RunReport report(const Network& of) {
    RunReport report;
    report.network = &of;
    report.model_path = "small.onnx";
    report.trace_path = "small.trace";
    report.configuration.clock_mhz = report.configuration.dma_clock_mhz = 100;
    report.result.class_cycles = {300, 400, 100, 90, 60, 40, 10};
    report.result.total_cycles = 1000;
    report.result.steps = 4;
    report.result.sequences = 1;
    report.figures.steady = {true, 256, 4,
                             1,    4,   {{"layer 0", {0, 300, 50, 90, 10, 0, 0}}, {"dense", {0, 100, 0, 0, 50, 0, 0}}}};
    report.figures.response = {1, 180, 160};
    report.result.one_bit_macs_per_step = 5000;
    report.result.latency = {4, 2.25, 1.5, 2.5, 2.75, 3};
    report.result.host_seconds = 0.5;
    report.result.saturated_inputs = 7;
    report.golden = {80, 0, "small.trace.golden", ""};
    Device device;
    device.name = "part";
    device.luts = 100000;
    device.memory_luts = 30000;
    device.flip_flops = 200000;
    device.bram36 = 50;
    device.dsp = 100;
    device.lut_limit_percent = 80;
    device.calibration = "xc7";
    device.timing = {0.3, 0.4, 0.5, 0.05};
    device.power = {0.25, 0.05, 10, 1.5};
    report.resources = estimate_resources(report.configuration, device);
    report.power = estimate_power(report.resources, {6e-6, 4, 400, 100, 50, 20});
    report.loading_uj = 0.75;
    return report;
}

} // namespace

TEST_CASE("JSON has the run's numbers under the contract's keys", "[report]") {
    const Network small = network();
    const auto json = run_json(report(small));
    CHECK(json["schema"] == kRunSchema);
    CHECK(json["cycles"]["total"] == 1000);
    CHECK(json["cycles"]["per_step"] == 150.0);
    CHECK(json["cycles"]["classes"]["weight_load"] == 300);
    CHECK(json["cycles"]["classes"]["idle"] == 10);
    CHECK(json["time_us"] == 10.0);
    CHECK(json["latency_us"]["response"] == 1.8);
    CHECK(json["latency_us"]["service"] == 1.6);
    CHECK_FALSE(json["latency_us"].contains("p50")); // back to back, it would be queueing
    CHECK(json["per_sequence"]["cycles"] == 600.0);
    CHECK(json["energy"]["loading_uj"] == 0.75);
    CHECK(json["throughput"]["steps_per_s"].get<double>() == Approx(100e6 / 150));
    CHECK(json["throughput"]["gops"].get<double>() == Approx(2 * 5000 * 100e6 / 150 / 1e9));
    CHECK(json["golden"]["checked"] == 80);
    CHECK(json["golden"]["mismatches"] == 0);
    CHECK(json["saturated_inputs"] == 7);
    CHECK(json["timing"]["path_ns"].get<double>() > 0);
    CHECK(json["timing"]["clock_mhz"] == 100);
    CHECK(json["power"]["static_w"] == 0.25);
    CHECK_FALSE(json.contains("synthesis"));
    CHECK(json["host"]["seconds"] == 0.5);
    CHECK(json["host"]["cycles_per_s"] == 2000.0);
    CHECK(json["host"]["steps_per_s"] == 8.0);
    CHECK(json["resources"]["bram36"]["available"] == 50);
    CHECK(json["resources"]["lut"]["available"] == 100000);
    CHECK(json["resources"]["lut"]["limit"] == 80000);
    CHECK(json["fits"] == true);
    CHECK(json["manifest"]["model_fingerprint"] == "0123456789abcdef");
    for (const Parameter& parameter : parameters())
        CHECK(json["manifest"]["config"][parameter.key] == parameter.get(report(small).configuration));
    CHECK_FALSE(json.contains("predictions"));
    CHECK_FALSE(json.contains("deadline"));
}

namespace {

RunReport report_of_two_cores(const Network& of) {
    RunReport two = report(of);
    two.configuration.platform.cores = 2;
    two.result.cores = {{{300, 500, 50, 80, 30, 30, 10}, 3, 1, 3, {3, 2, 1.5, 2.5, 3, 1}},
                        {{300, 300, 150, 100, 90, 50, 10}, 1, 1, 1, {1, 3, 3, 3.5, 3.75, 2}}};
    two.figures.steady.cores = {{4, {0, 400, 50, 90, 60, 0, 0}}, {4, {0, 400, 250, 90, 60, 0, 0}}};
    return two;
}

} // namespace

TEST_CASE("a chip with several cores has a row and an object per core, and the throughput of all", "[report]") {
    const Network small = network();
    RunReport two = report_of_two_cores(small);
    auto json = run_json(two);
    REQUIRE(json["cores"].size() == 2);
    for (const auto& core : json["cores"]) {
        std::uint64_t sum = 0;
        for (const auto& [name, cycles] : core["classes"].items()) sum += cycles.get<std::uint64_t>();
        CHECK(sum == json["cycles"]["total"]);
        CHECK_FALSE(core.contains("latency_us"));
        CHECK_FALSE(core.contains("missed"));
    }
    CHECK(json["cores"][0]["steps"] == 3);
    CHECK(json["cores"][1]["core"] == 1);
    CHECK(json["cores"][1]["classes"]["input_wait"] == 150);
    CHECK(json["cores"][1]["steady_state"]["cycles_per_step"] == 200.0);
    CHECK(json["throughput"]["steps_per_s"].get<double>() == Approx(100e6 / 150 + 100e6 / 200));
    const std::string table = run_table(two, false);
    CHECK_THAT(table, ContainsSubstring("2 cores of 64 lanes x 16"));
    CHECK_THAT(table, ContainsSubstring("cores       steps compute input_wait state_wait update_wait output_wait"));
    CHECK_THAT(table, ContainsSubstring("  1             1  30.0 %     15.0 %     10.0 %       9.0 %       5.0 %"));
    two.timed_arrivals = true;
    two.deadline_us = 2;
    json = run_json(two);
    CHECK(json["cores"][1]["latency_us"]["p99"] == 3.5);
    CHECK(json["cores"][1]["missed"] == 2);
    CHECK_THAT(run_table(two, false), ContainsSubstring("p99 us"));
    CHECK_FALSE(run_json(report(small)).contains("cores"));
    CHECK(run_table(report(small), false).find("\ncores") == std::string::npos);
}

TEST_CASE("layers and blocks sum to the step, in JSON and in the table", "[report]") {
    const Network small = network();
    const auto json = run_json(report(small));
    const auto& steady = json["steady_state"];
    std::map<std::string, std::uint64_t> classes;
    std::uint64_t cycles = 0;
    for (const auto& layer : steady["layers"]) {
        cycles += layer["cycles"].get<std::uint64_t>();
        for (const auto& [name, count] : layer["classes"].items()) classes[name] += count.get<std::uint64_t>();
    }
    CHECK(cycles == 600);
    CHECK(steady["cycles"] == cycles);
    for (const auto& [name, count] : steady["classes"].items()) CHECK(count == classes[name]);
    CHECK(json["cycles"]["per_step"].get<double>() * steady["steps"].get<double>() == 600);
    double energy = json["energy"]["static_uj"];
    for (const auto& [name, uj] : json["energy"]["blocks_uj"].items()) energy += uj.get<double>();
    CHECK(energy == Approx(json["energy"]["step_uj"].get<double>()).epsilon(1e-12));
    CHECK(energy > json["energy"]["static_uj"].get<double>());
    const std::string text = run_table(report(small), false);
    CHECK_THAT(text, ContainsSubstring("  layer 0           112.5     75.0       12.5       22.5         2.5"));
    CHECK_THAT(text, ContainsSubstring("  dense              37.5     25.0        0.0        0.0        12.5"));
    CHECK_THAT(text, ContainsSubstring("  step              150.0    100.0       12.5       22.5        15.0"));
    CHECK_THAT(text, ContainsSubstring("loading the network 0.75"));
}

TEST_CASE("a trace with arrivals has percentiles, and says how much of them is queueing", "[report]") {
    const Network small = network();
    RunReport timed = report(small);
    timed.timed_arrivals = true;
    const auto json = run_json(timed);
    CHECK(json["latency_us"]["response"] == 1.8);
    CHECK(json["latency_us"]["p50"] == 1.5);
    CHECK(json["latency_us"]["p99"] == 2.5);
    CHECK(json["latency_us"]["max"] == 2.75);
    CHECK(json["latency_us"]["queueing_mean"].get<double>() == Approx(0.45));
    CHECK_THAT(run_table(timed, false), ContainsSubstring("p99 2.5") && ContainsSubstring("20.0 %"));
    CHECK_THAT(run_table(report(small), false), !ContainsSubstring("p99"));
}

TEST_CASE("streams appear as the best, the median and the worst one, and all of them in the JSON", "[report]") {
    const Network small = network();
    RunReport of_streams = report(small);
    of_streams.timed_arrivals = true;
    of_streams.deadline_us = 2;
    of_streams.figures.steady.streams = 256;
    of_streams.result.streams.resize(256);
    for (std::size_t stream = 0; stream < 250; ++stream) {
        const double us = 1 + static_cast<double>(stream) / 100;
        of_streams.result.streams[stream] = {1000, {1000, us, us, 2 * us, 3 * us, stream < 240 ? 0U : 1000U}};
    }
    const std::string text = run_table(of_streams, false);
    CHECK_THAT(text, ContainsSubstring("of 256 streams") && ContainsSubstring("\n  best          0") &&
                         ContainsSubstring("\n  median      124") && ContainsSubstring("\n  worst       249") &&
                         ContainsSubstring("10 of 250 streams missed the deadline") && ContainsSubstring("fairness"));
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        CHECK(end - begin <= 80);
        begin = end + 1;
    }
    const auto json = run_json(of_streams);
    CHECK(json["streams"]["of_machine"] == 256);
    CHECK(json["streams"]["each"].size() == 250);
    CHECK(json["streams"]["each"][249]["missed"] == 1000);
    CHECK(json["streams"]["each"][100]["latency_us"]["p99"] == 4);
    CHECK(json["streams"]["worst"] == 249);
    CHECK(json["streams"]["late"] == 10);
    CHECK(json["throughput"]["steps_per_s_per_stream"].get<double>() ==
          Approx(json["throughput"]["steps_per_s"].get<double>() / 256));
    of_streams.timed_arrivals = false; // latencies tell how deep the input buffer is
    CHECK_FALSE(run_json(of_streams)["streams"].contains("fairness"));
    CHECK_FALSE(run_json(of_streams)["streams"]["each"][0].contains("latency_us"));
    CHECK_THAT(run_table(of_streams, false), !ContainsSubstring("fairness"));
    CHECK_FALSE(run_json(report(small)).contains("streams"));
    CHECK_FALSE(run_json(report(small))["throughput"].contains("streams"));
}

TEST_CASE("what was asked for appears, in table and JSON", "[report]") {
    const Network small = network();
    RunReport full = report(small);
    full.deadline_us = 2;
    full.predictions = {{"bits_per_character", "bits", 2.05, 2.04, 2.045, 999}};
    full.divergence = "nowhere above 1";
    full.golden.mismatches = 2;
    full.golden.first = "step 3: expected 1, got 2";
    const auto json = run_json(full);
    CHECK(json["deadline"]["missed"] == 3);
    CHECK(json["predictions"]["bits_per_character"]["machine"] == 2.05);
    CHECK(json["predictions"]["bits_per_character"]["float"] == 2.04);
    CHECK(json["predictions"]["bits_per_character"]["quantized_float"] == 2.045);
    CHECK(json["golden"]["message"] == "step 3: expected 1, got 2");
    const std::string text = run_table(full, false);
    CHECK_THAT(text, ContainsSubstring("missed by 3 of 4") && ContainsSubstring("2.0500") &&
                         ContainsSubstring("+0.0100") && ContainsSubstring("nowhere above 1") &&
                         ContainsSubstring("2 mismatches") && ContainsSubstring("step 3: expected 1, got 2"));
}

TEST_CASE("the table has every class, aligned, with units", "[report]") {
    const Network small = network();
    const std::string text = run_table(report(small), false);
    CHECK_THAT(text, ContainsSubstring("weight_load                300  30.00 %"));
    CHECK_THAT(text, ContainsSubstring("compute                    400  40.00 %"));
    CHECK_THAT(text, ContainsSubstring("total                    1,000") && ContainsSubstring("10.00 us at 100 MHz"));
    CHECK_THAT(text, ContainsSubstring("80 values checked, 0 mismatches") &&
                         ContainsSubstring("7 of 40 (17.50 %) input values lay outside"));
    CHECK_THAT(text, ContainsSubstring("10 inputs -> LSTM 20"));
    CHECK(text.find('\033') == std::string::npos);
    CHECK(run_table(report(small), true).find('\033') != std::string::npos);
}

TEST_CASE("a report says which clock a cycle is of, where the DMA has another one", "[report]") {
    const Network small = network();
    RunReport two = report(small);
    CHECK_THAT(run_table(two, false), ContainsSubstring("100 MHz on part") && !ContainsSubstring("DMA 1"));
    two.configuration.dma_clock_mhz = 150;
    CHECK_THAT(run_table(two, false),
               ContainsSubstring("100 MHz (DMA 150 MHz)") && ContainsSubstring("\ncycles of the core        cycles"));
    const nlohmann::json json = run_json(two);
    CHECK(json["clock_mhz"] == 100);
    CHECK(json["dma_clock_mhz"] == 150);
    CHECK(json["time_us"] == 10.0); // 1,000 cycles of the core
}

TEST_CASE("a result without steps has no infinities", "[report]") {
    const Network small = network();
    RunReport empty = report(small);
    empty.result = {};
    empty.figures = {};
    const auto json = run_json(empty);
    CHECK(std::isfinite(json["throughput"]["steps_per_s"].get<double>()));
    CHECK(std::isfinite(json["host"]["steps_per_s"].get<double>()));
    CHECK(json.dump().find("null") == std::string::npos);
    CHECK_FALSE(run_table(empty, false).empty());
}

TEST_CASE("a report of a run begins with what decides", "[report]") {
    const Network small = network();
    const std::string text = run_table(report(small), false);
    const std::size_t table = text.find("steady state  "); // the layers
    REQUIRE(table != std::string::npos);
    for (const char* name : {"\nper step", "\nlatency", "\nfits", "\nclock", "\npower"}) {
        CAPTURE(name);
        CHECK(text.find(name) < table);
    }
}

TEST_CASE("what does not fit is marked", "[report]") {
    const Network small = network();
    RunReport tight = report(small);
    tight.resources.device.dsp = 1;
    tight.resources = estimate_resources(tight.configuration, tight.resources.device);
    CHECK_THAT(resource_table(tight.resources, false), ContainsSubstring("too many"));
    CHECK_THAT(verdict_lines(tight.resources, false), ContainsSubstring("no; ") && ContainsSubstring("binding is DSP"));
    CHECK(run_json(tight)["fits"] == false);
    CHECK(run_json(tight)["binding"] == "dsp");
}

TEST_CASE("does a report name the version of every synthesis, and the error for each?", "[report]") {
    const Network small = network();
    RunReport both = report(small);
    CHECK(run_json(both)["estimate_errors"].empty());
    both.synthesis.errors = {{"Yosys 1.0", {1.5, 0.25}}, {"Yosys 2.0", {7.5, 0.5}}};
    SynthesizedShape first;
    first.tool = "Yosys 1.0 (git sha1 1234)";
    first.core.lut = 111;
    SynthesizedShape second = first;
    second.tool = "Yosys 2.0 (git sha1 5678)";
    second.core.lut = 222;
    both.synthesis.shapes = {first, second};
    CHECK_THAT(run_table(both, false), !ContainsSubstring("synthesis (Yosys 1.0)"));
    both.shows_synthesis = true;
    const std::string text = run_table(both, false);
    CHECK_THAT(text, ContainsSubstring("LUT 1.5 %, FF 0.2 % with Yosys 1.0") &&
                         ContainsSubstring("LUT 7.5 %, FF 0.5 % with Yosys 2.0"));
    CHECK_THAT(text, ContainsSubstring("synthesis (Yosys 1.0)") && ContainsSubstring("synthesis (Yosys 2.0)"));
    CHECK_THAT(text, ContainsSubstring("/ 111") && ContainsSubstring("/ 222"));
    const auto json = run_json(both);
    CHECK(json["estimate_errors"][1]["tool"] == "Yosys 2.0");
    CHECK(json["estimate_errors"][1]["lut_percent"] == 7.5);
    CHECK(json["synthesis"]["tool"] == first.tool);
    CHECK(json["synthesis"]["others"][0]["tool"] == second.tool);
    CHECK(json["synthesis"]["others"][0]["core"]["lut"] == 222);
}

TEST_CASE("numbers as text", "[report]") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(1234567) == "1,234,567");
    CHECK(short_number(0) == "0");
    CHECK(short_number(0.9417) == "0.9417");
    CHECK(short_number(12.3456) == "12.35");
    CHECK(short_number(1234.5) == "1234");
    CHECK(short_number(123456) == "123,456");
    CHECK(short_number(-123456) == "-123,456");
    CHECK(short_number(std::nan("")) == "-");
    CHECK(coloured("x", Colour::good, false) == "x");
    CHECK(coloured("x", Colour::good, true) == "\033[32mx\033[0m");
}
