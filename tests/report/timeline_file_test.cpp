// Is the file what the trace-event format asks for, and does it say what the timeline says?
#include "support/catch.hpp"

#include <cstdio>
#include <fstream>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "model/quantized_network.hpp"
#include "platform/simulation.hpp"
#include "report/timeline_file.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;
using Json = nlohmann::json;

namespace {

Json written(const std::vector<const Timeline*>& cores, double clock_mhz, const std::string& model = "model.onnx") {
    const std::string path = fmt::format("{}/timeline_test.json", BRU_BINARY_DIR);
    write_timeline(path, cores, {model, "a.trace", clock_mhz});
    std::ifstream file(path);
    Json json = Json::parse(file);
    std::remove(path.c_str());
    return json;
}

SimulationResult record(Timeline& timeline, const Configuration& configuration = {}) {
    NetworkRecipe recipe;
    recipe.inputs = 40;
    recipe.hidden_sizes = {40, 24};
    recipe.dense_outputs = 70;
    recipe.dense_planes = 3;
    const Network network = random_network(recipe, 5);
    const QuantizedNetwork quantized = quantize(network, configuration.shape.formats());
    const std::vector<Step> steps = random_steps(network, {7, 12}, 6);
    StepList source(steps);
    SimulationOptions options;
    options.mode = network.graph_output;
    options.observers.timeline = &timeline;
    return simulate(configuration, quantized, options, source, [](const OutputVector&) {});
}

} // namespace

TEST_CASE("every event of the file has what the format asks for, and every track its name") {
    Timeline timeline;
    const SimulationResult result = record(timeline);
    const Json json = written({&timeline}, 200, "a \"quoted\" model");
    CHECK(json["otherData"]["model"] == "a \"quoted\" model");
    CHECK(json["otherData"]["clock_mhz"] == 200);
    std::map<std::pair<int, int>, std::string> threads;
    std::map<int, std::string> processes;
    std::map<std::string, std::uint64_t> class_cycles;
    std::map<std::string, int> outstanding;
    std::size_t slices = 0;
    for (const Json& event : json["traceEvents"]) {
        const std::string phase = event["ph"];
        const int process = event["pid"];
        if (phase == "M") {
            if (event["name"] == "process_name") processes[process] = event["args"]["name"];
            if (event["name"] == "thread_name") threads[{process, event["tid"]}] = event["args"]["name"];
            continue;
        }
        REQUIRE(processes.count(process) == 1);
        REQUIRE(event["ts"].is_number());
        if (phase == "C") {
            outstanding[event["name"]] = event["args"]["bursts"];
            continue;
        }
        REQUIRE(phase == "X");
        const TimelineEvent& expected = timeline.events()[slices++];
        REQUIRE(event["name"] == timeline.name(expected));
        REQUIRE(event["cat"] == timeline_kind_name(expected.kind));
        REQUIRE(event["ts"].get<double>() == Approx(static_cast<double>(expected.begin) / 200).margin(1e-6));
        REQUIRE(event["dur"].get<double>() ==
                Approx(static_cast<double>(expected.end - expected.begin) / 200).margin(1e-6));
        REQUIRE(event["args"]["cycle"] == expected.begin);
        const std::string thread = threads.at({process, event["tid"]});
        const TimelineTrackInfo& info = timeline_track_info(expected.track);
        REQUIRE(thread.rfind(info.name, 0) == 0);
        REQUIRE(processes[process] == info.process);
        if (thread == "sequencer") class_cycles[event["name"]] += event["args"]["cycles"].get<std::uint64_t>();
    }
    CHECK(slices == timeline.events().size());
    for (int k = 0; k < kCycleClasses; ++k)
        CHECK(class_cycles[cycle_class_name(static_cast<CycleClass>(k))] ==
              result.class_cycles[static_cast<std::size_t>(k)]);
    CHECK(outstanding == std::map<std::string, int>{{"mm2s bursts outstanding", 0}, {"s2mm bursts outstanding", 0}});
    CHECK(threads.count({2, 900}) == 1);
    CHECK(threads.count({2, 901}) == 1); // a second burst was outstanding, as a row of its own
}

TEST_CASE("neighbouring slices stay neighbours at a clock that is no whole number of nanoseconds") {
    Configuration configuration;
    configuration.clock_mhz = 147;
    Timeline timeline;
    record(timeline, configuration);
    const Json json = written({&timeline}, 147);
    double end = 0;
    for (const Json& event : json["traceEvents"]) {
        if (event["ph"] != "X" || event["cat"] != "cycle_class") continue;
        if (end > 0) REQUIRE(event["ts"].get<double>() == Approx(end).margin(1e-6));
        end = event["ts"].get<double>() + event["dur"].get<double>();
        REQUIRE(event["dur"].get<double>() > 0);
    }
    CHECK(end > 0);
}

TEST_CASE("each core of a chip has processes of its own, which have its events alone") {
    Timeline first;
    Timeline second(1000, 2000);
    record(first);
    record(second);
    const Json json = written({&first, &second}, 200);
    std::map<int, std::string> processes;
    std::map<int, std::size_t> events; // by core
    for (const Json& event : json["traceEvents"]) {
        const int process = event["pid"];
        if (event["name"] == "process_name") processes[process] = event["args"]["name"];
        if (event["ph"] == "X") ++events[(process - 1) / 3];
    }
    CHECK(processes.size() == 6);
    CHECK(processes[1] == "core 0 bru_core");
    CHECK(processes[4] == "core 1 bru_core");
    CHECK(processes[6] == "core 1 zynq_ps");
    CHECK(events[0] == first.events().size());
    CHECK(events[1] == second.events().size());
}

TEST_CASE("the file of an empty timeline is a file") {
    Timeline timeline(1'000'000'000);
    record(timeline);
    std::set<std::string> phases;
    const Json json = written({&timeline}, 200);
    for (const Json& event : json["traceEvents"]) phases.insert(event["ph"]);
    CHECK(phases == std::set<std::string>{"M"});
}
