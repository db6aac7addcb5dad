// Are ratios what their parts say, and does what was not measured say so?
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include "report/compare_report.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

FloatMeasurement measured(std::vector<double> step_us, int threads) {
    FloatMeasurement measurement;
    measurement.by = "a library";
    measurement.threads = threads;
    measurement.timing = StepTiming{100, step_us, std::move(step_us)};
    return measurement;
}

FloatMeasurement not_measured(const std::string& why) {
    FloatMeasurement measurement;
    measurement.why_not = why;
    return measurement;
}

ComparedMachine machine(double cycles_per_step, double clock_mhz) {
    ComparedMachine machine;
    machine.config = "a.ini";
    machine.configuration.clock_mhz = machine.configuration.dma_clock_mhz = clock_mhz;
    machine.cycles_per_step = cycles_per_step;
    machine.steps = 10;
    machine.device = "DEVICE";
    return machine;
}

CompareReport report() {
    CompareReport report;
    report.host = {"a CPU", 4, 0.5, ""};
    report.inputs = "random";
    report.repeats = 3;
    ComparedNetwork network;
    network.name = "net";
    network.hidden_size = 64;
    network.machines = {machine(500, 200), machine(500, 100)};
    network.cpu_one = measured({60, 40, 50}, 1);
    network.cpu_all = measured({25, 100}, 4);
    network.gpu = not_measured("no CUDA device");
    report.networks = {network};
    return report;
}

} // namespace

TEST_CASE("a ratio is the median over the machine's time at its clock") {
    const CompareReport compared = report();
    const ComparedNetwork& network = compared.networks[0];
    CHECK(network.machines[0].step_us() == Approx(2.5));
    CHECK(*ratio(network.cpu_one, network.machines[0]) == Approx(20));
    CHECK(*ratio(network.cpu_one, network.machines[1]) == Approx(10));
    CHECK(*ratio(network.cpu_all, network.machines[0]) == Approx(25)); // the median of two is between them
    CHECK_FALSE(ratio(network.gpu, network.machines[0]));
}

TEST_CASE("the JSON of a comparison") {
    const auto json = compare_json(report());
    CHECK(json["schema"] == kCompareSchema);
    CHECK(json["host"]["threads"] == 4);
    CHECK_FALSE(json["host"].contains("gpu"));
    const auto& network = json["networks"][0];
    CHECK(network["bru"][1]["ratio"]["cpu_one_thread"] == Approx(10));
    CHECK(network["bru"][0]["ratio"]["gpu"].is_null());
    CHECK(network["bru"][0]["parameters"]["bru.lanes"] == "64");
    CHECK(network["cpu_one_thread"]["step_us"]["median"] == Approx(50));
    CHECK(network["cpu_one_thread"]["step_us"]["min"] == Approx(40));
    CHECK(network["cpu_one_thread"]["step_us"]["max"] == Approx(60));
    CHECK(network["cpu_all_threads"]["threads"] == 4);
    CHECK(network["gpu"] == nlohmann::ordered_json{{"measured", false}, {"reason", "no CUDA device"}});
    CHECK(json["published"]["over_cpu"] == 39);
    CHECK(json["published"]["over_gpu"] == 3.8);
}

TEST_CASE("the table of a comparison") {
    const std::string table = compare_table(report());
    CHECK_THAT(table, ContainsSubstring("times BRU 1") && ContainsSubstring("times BRU 2") &&
                          ContainsSubstring("does NOT fit DEVICE"));
    CHECK_THAT(table, ContainsSubstring("not measured: no CUDA device"));
    CHECK_THAT(table, ContainsSubstring("published, not measured") && ContainsSubstring("up to 39 times") &&
                          ContainsSubstring("3.8 times"));
    CHECK_THAT(table, ContainsSubstring("40.00 to 60.00"));
    CHECK(table.find(" \n") == std::string::npos);
}
