// Are the rows of a sweep those of `bru run`, and does the table stay the same however the sweep was cut?
#include "support/catch.hpp"

#include <cmath>
#include <csignal>
#include <random>
#include <set>

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "explore/export.hpp"
#include "explore/margins.hpp"
#include "explore/sampling.hpp"
#include "explore/sweep.hpp"
#include "explore/sweep_files.hpp"
#include "model/onnx/import.hpp"
#include "model/output_mode.hpp"
#include "platform/simulation.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr const char* kShapes = "[bru]\nlanes = 16, 32, 64, 96\nlane_width = 4, 16, 32\nupdate_width = 1, 2, 4\n";

SweepSummary sweep(const SweepPlan& plan, const std::string& database, unsigned processes = 2, Shard shard = {},
                   std::function<void(std::uint64_t, std::uint64_t)> on_progress = {}) {
    return run_sweep(plan, {database, processes, shard, "test", std::move(on_progress)});
}

std::string table(const std::string& database) { return sweep_csv(ResultStore(database)); }

/// A whole simulation, values included, of a point's own configuration file.
SimulationResult run_whole(const std::string& configuration_file) {
    const Configuration given = load_configuration(configuration_file);
    const Network network = import_onnx(given.run.at("model")).network;
    const OutputMode mode = choose_output(
        network, given.run.count("output") ? std::optional(given.run.at("output")) : std::nullopt, std::nullopt);
    const QuantizedNetwork quantized = quantize(network, given.shape.formats());
    TraceReader trace(given.run.at("trace"), network);
    LimitedSteps steps(trace, std::stoull(given.run.at("steps")));
    SimulationOptions options;
    options.mode = mode;
    options.timed_arrivals = trace.header().timed;
    return simulate(given, quantized, options, steps, [](const OutputVector&) {});
}

double value(const StoredPoint& point, const char* metric) { return point.values[metric_index(metric)]; }

} // namespace

TEST_CASE("cycles and latencies of a sweep equal those of the whole simulation of each point") {
    const TemporaryFolder folder;
    std::mt19937_64 random(20261123);
    const std::string formats =
        "activation_bits = 1, 4, 8, 12\nlut_address_bits = 6, 10\noutput_fifo_beats = 4, 64, 512\n"
        "[dma]\nfifo_beats = 16, 512\noutstanding_bursts = 1, 4\n"
        "[ddr]\nlatency_ns = 50, 450\nbandwidth_mb_per_s = 100, 1200\n"
        "[host]\ninput_transfer_steps = 1, 1024\noutput_packet_vectors = auto, 1\n";
    const auto check = [&](const std::string& run, int points) {
        const SweepPlan plan =
            load_sweep_plan(folder.write("s.ini", run + kShapes + formats +
                                                      "[sweep]\nsampling = lhs\npoints = " + std::to_string(points) +
                                                      "\nseed = " + std::to_string(random() % 1000) + "\n"),
                            {});
        const std::string database = folder / ("db" + std::to_string(random()));
        sweep(plan, database);
        int good = 0;
        for (const StoredPoint& point : ResultStore(database).points()) {
            if (!point.error.empty()) continue;
            ++good;
            INFO(point.configuration);
            const SimulationResult whole = run_whole(folder.write("point.ini", point.configuration));
            CHECK(value(point, "cycles_total") == static_cast<double>(whole.total_cycles));
            const bool timed = run.find("poisson") != std::string::npos;
            CHECK(std::isnan(value(point, "trace_latency_max_us")) == !timed);
            if (timed) {
                CHECK(value(point, "trace_latency_p99_us") == whole.latency.p99_us);
                CHECK(value(point, "trace_latency_max_us") == whole.latency.max_us);
                CHECK(value(point, "latency_us") <= whole.latency.max_us);
            }
            for (std::size_t k = 0; k < kCycleClasses; ++k)
                CHECK(point.values[metric_index("cycles_weight_load") + k] ==
                      static_cast<double>(whole.class_cycles[k]));
        }
        CHECK(good >= points / 2);
    };
    check(warpeace_run(60, "output = hidden, logits, argmax\n"), 30);
    check(fmt::format("[run]\nmodel = {}\ntrace = {}\nsteps = 60\n", source("models/mnist_rows_h128.onnx"),
                      source("traces/digits.trace")),
          15);
    check(fmt::format("[run]\nmodel = {}\ntrace = {}\nsteps = 200\n", source("models/warpeace_h256.onnx"),
                      source("traces/warpeace_poisson.trace")),
          15);
}

TEST_CASE("predictions are scored once for each set of formats, as bru run --predictions scores them") {
    const TemporaryFolder folder;
    const SweepPlan plan = load_sweep_plan(
        folder.write("s.ini", warpeace_run(20, "output = hidden\n") +
                                  "[sweep]\nobjectives = bits_per_label, lut\nconstraints = accuracy_loss < 0.02\n"
                                  "accuracy_steps = 300\n[bru]\nlanes = 32, 64\nactivation_bits = 2, 8\n"),
        {});
    CHECK(plan.predictions);
    sweep(plan, folder / "a.db");
    const std::vector<StoredPoint> points = ResultStore(folder / "a.db").points();
    REQUIRE(points.size() == 4);
    for (const StoredPoint& point : points) CHECK(point.error == "");
    const std::size_t bits = metric_index("bits_per_label");
    CHECK(points[0].values[bits] == points[2].values[bits]); // the shape does not matter
    CHECK(points[0].values[bits] > points[1].values[bits]);  // two bits are worse than eight
    CHECK(value(points[1], "bits_per_label") == Approx(value(points[1], "nats_per_label") / std::log(2.0)));
    CHECK(std::fabs(value(points[1], "nats_increase")) < 0.01);
    CHECK(points[1].feasible);
}

TEST_CASE("more streams take fewer cycles per step, and random steps are enough to see it") {
    const TemporaryFolder folder;
    const std::string run =
        fmt::format("[run]\nmodel = {}\noutput = hidden\nsteps = 300\n", source("models/warpeace_h256.onnx"));
    const SweepPlan plan = load_sweep_plan(folder.write("s.ini", run + "[bru]\nstreams = 1, 2, 8\n"), {});
    sweep(plan, folder / "s.db");
    const std::vector<StoredPoint> points = ResultStore(folder / "s.db").points();
    REQUIRE(points.size() == 3);
    for (const StoredPoint& point : points) {
        CHECK(point.error.empty());
        CHECK(value(point, "steps") == 300);
        CHECK(std::isnan(value(point, "fairness"))); // no arrival times
    }
    CHECK(value(points[1], "cycles_per_step") < value(points[0], "cycles_per_step"));
    CHECK(value(points[2], "cycles_per_step") <= value(points[1], "cycles_per_step"));
    CHECK(value(points[2], "bram36") >= value(points[0], "bram36"));
}

TEST_CASE("a sweep that was cut goes on and ends with the same table") {
    const TemporaryFolder folder;
    for (const char* kind : {"grid", "nsga2"}) {
        const std::string text = warpeace_run(10) + kShapes + "[sweep]\nsampling = " + kind + "\n" +
                                 (std::string(kind) == "grid" ? "" : "points = 30\npopulation = 8\n");
        const SweepPlan plan = load_sweep_plan(folder.write("s.ini", text), {});
        sweep(plan, folder / (std::string(kind) + "-whole"), 1);
        const std::string cut = folder / (std::string(kind) + "-cut");
        int cuts = 0;
        for (bool done = false; !done; ++cuts) {
            try {
                std::uint64_t looks = 0;
                sweep(plan, cut, 2, {}, [&](std::uint64_t, std::uint64_t) {
                    if (++looks == 3) throw std::runtime_error("cut");
                });
                done = true;
            } catch (const std::runtime_error& error) {
                REQUIRE(std::string(error.what()) == "cut");
            }
        }
        CHECK(cuts > 2);
        CHECK(table(cut) == table(folder / (std::string(kind) + "-whole")));
        CHECK(ResultStore(cut).facts().complete);
        CHECK(sweep(plan, cut).evaluated == 0);
    }
}

TEST_CASE("shards joined are the whole sweep") {
    const TemporaryFolder folder;
    const SweepPlan plan = load_sweep_plan(folder.write("s.ini", warpeace_run(10) + kShapes), {});
    sweep(plan, folder / "whole");
    std::vector<std::string> parts;
    for (std::uint64_t index = 1; index <= 5; ++index) {
        parts.push_back(folder / fmt::format("part{}", index));
        sweep(plan, parts.back(), 1, {index, 5});
    }
    const std::vector<std::string> some(parts.begin(), parts.end() - 1);
    CHECK(merge_sweeps(folder / "merged", some) == 7);
    CHECK_FALSE(ResultStore(folder / "merged").facts().complete);
    CHECK(merge_sweeps(folder / "merged", parts) == 0);
    CHECK(table(folder / "merged") == table(folder / "whole"));
    CHECK(ResultStore(folder / "merged").facts().best == ResultStore(folder / "whole").facts().best);
    const SweepPlan other = load_sweep_plan(folder.write("s.ini", warpeace_run(11) + kShapes), {});
    sweep(other, folder / "other");
    CHECK_THROWS_WITH(merge_sweeps(folder / "new", {parts[0], folder / "other"}),
                      ContainsSubstring("different sweeps"));
    CHECK_THROWS_WITH(sweep(other, folder / "whole"), ContainsSubstring("another sweep"));
    CHECK_THROWS_WITH(sweep(plan, parts[0], 1, {2, 5}), ContainsSubstring("holds shard 1/5"));
}

TEST_CASE("a point that fails is a row with its error") {
    const TemporaryFolder folder;
    const SweepPlan plan = load_sweep_plan(
        folder.write("s.ini",
                     warpeace_run(10) + "[bru]\nlanes = 16, 64\nupdate_width = 2, 8\nweight_words = auto, 5\n"),
        {});
    const SweepSummary summary = sweep(plan, folder / "a.db");
    CHECK(summary.planned == 8);
    CHECK(summary.not_built == 5);
    const std::vector<StoredPoint> points = ResultStore(folder / "a.db").points();
    REQUIRE(points.size() == 8);
    CHECK_THAT(points[1].error, ContainsSubstring("weight_words = 5 is too small"));
    CHECK_THAT(points[2].error, ContainsSubstring("update_width = 8"));
    CHECK(points[1].values.empty());
    CHECK_FALSE(points[1].feasible);
}

TEST_CASE("other objectives and constraints rank an existing database as a new sweep would, without simulation") {
    const TemporaryFolder folder;
    const auto plan = [&](const std::string& ranked) {
        return load_sweep_plan(folder.write("s.ini", warpeace_run(10) + kShapes + "[sweep]\n" + ranked), {});
    };
    const std::string first = "objectives = cycles_per_step, lut\nconstraints = fits\n";
    sweep(plan(first), folder / "a.db");
    const std::string before = table(folder / "a.db");
    for (const char* other : {"objectives = energy_uj, ff\nconstraints = latency_us < 3, ff < 30000\n",
                              "objectives = steps_per_s\nconstraints = lut < 1\n", "objectives = dsp, lut\n"}) {
        const SweepPlan ranked = plan(other);
        CHECK(sweep(ranked, folder / "a.db").evaluated == 0);
        const std::string fresh = folder / fmt::format("fresh{}", std::string(other).size());
        sweep(ranked, fresh);
        CHECK(table(folder / "a.db") == table(fresh));
        CHECK(table(folder / "a.db") != before);
        CHECK(ResultStore(folder / "a.db").facts().best == ResultStore(fresh).facts().best);
        CHECK(sweep_json(ResultStore(folder / "a.db")) == sweep_json(ResultStore(fresh)));
    }
    CHECK(sweep(plan(first), folder / "a.db").evaluated == 0);
    CHECK(table(folder / "a.db") == before);
    CHECK_THROWS_WITH(sweep(plan("objectives = bits_per_label\n"), folder / "a.db"),
                      ContainsSubstring("predictions were not measured"));
    CHECK_THROWS_WITH(sweep(plan("objectives = trace_latency_p99_us\n"), folder / "a.db"),
                      ContainsSubstring("trace_latency_p99_us was not measured"));
}

TEST_CASE("a guided search is ranked anew when it has finished, and goes on under its own objectives only") {
    const TemporaryFolder folder;
    const auto plan = [&](const std::string& objectives) {
        return load_sweep_plan(folder.write("s.ini", warpeace_run(10) + kShapes +
                                                         "[sweep]\nsampling = nsga2\npoints = 20\npopulation = 4\n"
                                                         "objectives = " +
                                                         objectives + "\n"),
                               {});
    };
    CHECK_THROWS(sweep(plan("lut"), folder / "a.db", 1, {},
                       [](std::uint64_t, std::uint64_t) { throw std::runtime_error("cut"); }));
    CHECK_THROWS_WITH(sweep(plan("dsp"), folder / "a.db"), ContainsSubstring("has not finished"));
    sweep(plan("lut"), folder / "a.db");
    CHECK(sweep(plan("dsp"), folder / "a.db").evaluated == 0);
    CHECK(ResultStore(folder / "a.db").facts().complete);
}

TEST_CASE("a limit that is nearer than the error of the estimate is named, and no other") {
    MetricValues values(metrics().size(), 0);
    values[metric_index("lut")] = 1000;
    values[metric_index("ff")] = 2000;
    values[metric_index("fits")] = 1;
    Device device;
    device.luts = 1250;
    device.flip_flops = 4000;
    device.lut_limit_percent = 80.8;
    const auto margins = [&](const char* constraint) {
        return narrow_margins(values, {Constraint::parse(constraint)}, device, {2.0, 1.0});
    };
    CHECK(margins("lut < 1021").empty());
    REQUIRE(margins("lut < 1019").size() == 1);
    CHECK(margins("lut < 999").empty()); // does not hold: that is another message
    CHECK(margins("ff < 2019").size() == 1);
    CHECK(margins("ff < 2021").empty());
    REQUIRE(margins("fits").size() == 1); // 80.8 % of 1,250 LUTs are 1,010
    CHECK(margins("fits")[0].metric == "lut");
    CHECK(margins("fits")[0].limit == Approx(1010));
    CHECK(margins("ff_percent < 50.4").size() == 1);
    CHECK(margins("cycles_per_step < 1").empty());
    CHECK_THAT(margin_text(margins("fits")[0]), ContainsSubstring("within 2.0 %") && ContainsSubstring("1010 (fits)"));
}

TEST_CASE("a worker that dies takes one point with it at most") {
    const TemporaryFolder folder;
    const SweepPlan plan = load_sweep_plan(folder.write("s.ini", warpeace_run(400) + kShapes), {});
    sweep(plan, folder / "whole");
    const std::string whole = table(folder / "whole");
    // The children of this process are the workers: one is killed a few times.
    int kills = 0;
    sweep(plan, folder / "killed", 2, {}, [&](std::uint64_t done, std::uint64_t) {
        if (kills >= 3 || done % 4 != 0) return;
        std::ifstream children(fmt::format("/proc/self/task/{}/children", getpid()));
        pid_t child = 0;
        if (children >> child && kill(child, SIGKILL) == 0) ++kills;
    });
    CHECK(kills > 0);
    int crashed = 0;
    for (const StoredPoint& point : ResultStore(folder / "killed").points())
        crashed += point.error.find("signal 9") != std::string::npos;
    CHECK(crashed <= kills);
    CHECK(ResultStore(folder / "killed").count() == ResultStore(folder / "whole").count());
    if (crashed == 0) CHECK(table(folder / "killed") == whole);
}

TEST_CASE("a file that is no database of a sweep is left alone") {
    const TemporaryFolder folder;
    const SweepPlan plan = load_sweep_plan(folder.write("s.ini", warpeace_run(10) + kShapes), {});
    const std::string text = folder.write("text.db", std::string(5000, 'x'));
    CHECK_THROWS_WITH(sweep(plan, text), ContainsSubstring("no sweep database"));
    CHECK(folder.read("text.db") == std::string(5000, 'x'));
    CHECK_THROWS_WITH(ResultStore(text), ContainsSubstring(text));
    CHECK_THROWS_WITH(ResultStore(folder / "absent.db"), ContainsSubstring("there is no such file"));
    sqlite3* other = nullptr;
    sqlite3_open((folder / "other.db").c_str(), &other);
    sqlite3_exec(other, "CREATE TABLE mine (x)", nullptr, nullptr, nullptr);
    sqlite3_close(other);
    CHECK_THROWS_WITH(sweep(plan, folder / "other.db"), ContainsSubstring("no sweep database"));
    // A database that another process writes.
    sweep(plan, folder / "a.db");
    sqlite3* writer = nullptr;
    sqlite3_open((folder / "a.db").c_str(), &writer);
    sqlite3_exec(writer, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr);
    CHECK_THROWS_WITH(sweep(plan, folder / "a.db"), ContainsSubstring("in use by another sweep"));
    sqlite3_close(writer);
    // A model that is another one now.
    const std::string model = folder.write("m.onnx", "");
    std::filesystem::copy_file(source("models/warpeace_h256.onnx"), model,
                               std::filesystem::copy_options::overwrite_existing);
    const SweepPlan own = load_sweep_plan(
        folder.write("o.ini", fmt::format("[run]\nmodel = m.onnx\ntrace = {}\nsteps = 5\n[bru]\nlanes = 32, 64\n",
                                          source("traces/warpeace.trace"))),
        {});
    sweep(own, folder / "own.db");
    std::ofstream(model, std::ios::app) << "x";
    CHECK_THROWS_WITH(sweep(own, folder / "own.db"), ContainsSubstring("has changed"));
}

TEST_CASE("JSON and CSV say what the table says") {
    const TemporaryFolder folder;
    const SweepPlan plan =
        load_sweep_plan(folder.write("s.ini", warpeace_run(10) + kShapes + "[sweep]\nconstraints = fits\n"), {});
    sweep(plan, folder / "a.db");
    const ResultStore store(folder / "a.db");
    const nlohmann::ordered_json json = sweep_json(store);
    CHECK(json["schema"] == "bru-sweep-1");
    CHECK(json["manifest"]["complete"] == true);
    CHECK(json["manifest"]["steps"] == 10);
    CHECK(json["points"].size() == 36);
    CHECK(json["parameters"].size() == 3);
    CHECK(json["fixed"]["bru.activation_bits"] == "8");
    CHECK(json["devices"]["xc7z020"]["available"]["lut"] == 53200);
    CHECK(json["baseline"]["metrics"]["lut"].is_number());
    CHECK(json["baseline"]["parameters"]["bru.lanes"] == "64");
    const std::vector<StoredPoint> points = store.points();
    std::set<std::int64_t> front;
    for (std::size_t k = 0; k < points.size(); ++k) {
        const auto& row = json["points"][k];
        CHECK(row["number"] == points[k].number);
        CHECK(row["status"] == (points[k].error.empty() ? "ok" : "error"));
        if (points[k].error.empty()) CHECK(row["metrics"]["cycles_total"] == value(points[k], "cycles_total"));
        if (points[k].front) front.insert(points[k].number);
    }
    CHECK(!front.empty());
    CHECK(front.count(json["chosen"]) == 1);
    const std::string csv = sweep_csv(store);
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 37);
    CHECK_THAT(csv, Catch::Matchers::StartsWith("number,key,status,error,feasible,violated,front,bru.lanes,"));
}

TEST_CASE("a database with another plan or other numbers than a sweep writes is refused with its name") {
    const TemporaryFolder folder;
    const std::string file = folder.write("s.ini", warpeace_run(3) + "[bru]\nlanes = 32, 64\n");
    const std::string database = folder / "s.db";
    sweep(load_sweep_plan(file, {}), database);
    const std::string copy = folder / "odd.db";
    const auto refused = [&](const std::string& sql) {
        std::filesystem::copy_file(database, copy, std::filesystem::copy_options::overwrite_existing);
        sqlite3* handle = nullptr;
        REQUIRE(sqlite3_open(copy.c_str(), &handle) == SQLITE_OK);
        INFO(sql);
        REQUIRE(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(handle);
        CHECK_THROWS_WITH(sweep_json(ResultStore(copy)), ContainsSubstring("odd.db: "));
        CHECK_THROWS_AS(sweep_json(ResultStore(copy)), InputError);
        CHECK_THROWS_AS(merge_sweeps(folder / "merged.db", {copy}), InputError);
        std::filesystem::remove(folder / "merged.db");
    };
    const auto plan = [](const std::string& text) {
        return "UPDATE facts SET value = '" + text + "' WHERE key = 'plan'";
    };
    refused(plan("no JSON"));
    refused(plan("[]"));
    refused(plan("{}"));
    refused(plan(std::string(100'000, '[')));
    for (const char* const member : {"file", "directory", "sampling", "points", "seed", "population", "predictions",
                                     "accuracy_steps", "axes", "fixed", "objectives", "constraints"}) {
        const std::string place = std::string("'$.") + member + "'";
        const std::string begin = "UPDATE facts SET value = ";
        refused(begin + "json_remove(value, " + place + ") WHERE key = 'plan'");
        refused(begin + "json_set(value, " + place + ", json('[[1], {}]')) WHERE key = 'plan'");
        refused(begin + "json_set(value, " + place + ", -1.5) WHERE key = 'plan'");
    }
    refused("UPDATE facts SET value = json_set(value, '$.objectives[0]', 'beauty') WHERE key = 'plan'");
    refused("UPDATE points SET steps = 1e300");
    refused("UPDATE points SET steps = 9e999");
}
