#include "explore/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/member_of.hpp"
#include "base/nearest.hpp"
#include "base/numbers.hpp"
#include "base/pattern.hpp"
#include "base/text_list.hpp"
#include "base/units.hpp"
#include "run/stream_figures.hpp"

namespace bru {

namespace {

constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();
constexpr double kBitsPerNat = 1.4426950408889634; // 1 / ln 2

using Value = std::function<double(const PointFacts&)>;

/// Of a constraint whose number has a unit behind it.
std::string bound_remark(const std::string& text) {
    const std::size_t comparison = text.find_last_of("<>=");
    return comparison == std::string::npos ? "" : unit_remark(trimmed(text.substr(comparison + 1)), "");
}

Metric metric(const std::string& key, const std::string& title, const char* unit, Better better,
              const std::string& help, Value value) {
    Metric made;
    made.key = key;
    made.title = title;
    made.unit = unit;
    made.better = better;
    made.help = help;
    made.value = std::move(value);
    return made;
}

double used(const PointFacts& facts, const char* resource) { return facts.resources().limit(resource).used; }
double percent(const PointFacts& facts, const char* resource) {
    return facts.resources().limit(resource).percent_of_available();
}

void add_timing(std::vector<Metric>& all) {
    const auto cycles = [](std::uint64_t count) { return real(count); };
    all.push_back(metric("cycles_per_step", "cycles per step", "cycles", Better::low,
                         "cycles of a step in steady state on its core, back to back; the number of steps and their "
                         "arrivals do not matter",
                         [](const PointFacts& facts) { return facts.cycles_per_step(); }));
    all.push_back(metric("us_per_step", "time per step", "us", Better::low,
                         "cycles_per_step at the clock of the machine",
                         [](const PointFacts& facts) { return facts.us_per_step(); }));
    all.push_back(
        metric("cycles_total", "total cycles", "cycles", Better::low,
               "from the first register write to the last served interrupt; includes the loading of the network",
               [cycles](const PointFacts& facts) { return cycles(facts.result().total_cycles); }));
    all.push_back(metric(
        "time_us", "total time", "us", Better::low, "cycles_total at the clock of the machine",
        [cycles](const PointFacts& facts) { return facts.configuration.us(cycles(facts.result().total_cycles)); }));
    all.push_back(metric("loading_us", "loading", "us", Better::low,
                         "time before the first step, once: the network comes into the machine",
                         [cycles](const PointFacts& facts) {
                             constexpr auto kLoad = index_of(CycleClass::weight_load);
                             return facts.configuration.us(cycles(facts.result().class_cycles[kLoad]));
                         }));
    all.push_back(
        metric("latency_us", "response latency", "us", Better::low,
               "response of the idle, loaded machine to one step (reverse or bidirectional layers: to one sequence), "
               "from its arrival in memory to the last beat of its output; the same for every trace and arrival",
               [](const PointFacts& facts) { return facts.configuration.us(facts.run.figures->response.cycles); }));
    all.push_back(
        metric("service_us", "service latency", "us", Better::low,
               "of latency_us, the time from the issue of the first chunk on: without host, DMA and memory",
               [](const PointFacts& facts) { return facts.configuration.us(facts.run.figures->response.service); }));
    const auto add_trace_latency = [&all](const char* key, const char* title, const char* help,
                                          MemberOf<LatencyStatistics, double> value) {
        all.push_back(metric(key, title, "us", Better::low, help, [value](const PointFacts& facts) {
            return facts.run.timed_arrivals ? facts.result().latency.*value : kNotKnown;
        }));
    };
    add_trace_latency("trace_latency_p50_us", "latency in the trace (median)",
                      "median of the latencies of the trace's steps, queueing behind other steps included; only for "
                      "traces with arrival times",
                      &LatencyStatistics::p50_us);
    add_trace_latency("trace_latency_p99_us", "latency in the trace (p99)", "the 99th percentile of the same times",
                      &LatencyStatistics::p99_us);
    add_trace_latency("trace_latency_max_us", "latency in the trace (longest)", "the longest of the same times",
                      &LatencyStatistics::max_us);
    const auto of_streams = [&all](const char* key, const char* title, const char* unit, Better better,
                                   const char* help,
                                   const std::function<double(const StreamFigures&, const SimulationResult&)>& of) {
        all.push_back(metric(key, title, unit, better, help, [of](const PointFacts& facts) {
            const auto figures = stream_figures(facts.result().streams);
            return figures && facts.run.timed_arrivals ? of(*figures, facts.result()) : kNotKnown;
        }));
    };
    of_streams("worst_stream_p99_us", "latency of the worst stream (p99)", "us", Better::low,
               "the 99th percentile of the latencies of the stream that has the longest; only for traces of several "
               "streams with arrival times",
               [](const StreamFigures& figures, const SimulationResult& result) {
                   return result.streams[figures.worst].latency.p99_us;
               });
    of_streams("fairness", "fairness", "", Better::high,
               "Jain's index over the mean latencies of the streams, 1 if all are equal; for the same traces",
               [](const StreamFigures& figures, const SimulationResult&) { return figures.fairness; });
    all.push_back(metric("steps", "steps", "", Better::none, "steps of the trace that were simulated",
                         [cycles](const PointFacts& facts) { return cycles(facts.result().steps); }));
    all.push_back(metric("steps_per_s", "throughput", "steps/s", Better::high,
                         "steps per second in steady state, of all streams and cores together",
                         [](const PointFacts& facts) { return 1e6 / facts.chip_us_per_step(); }));
    all.push_back(
        metric("gops", "throughput", "GOPS", Better::high,
               "billion operations per second: two operations per one-bit multiply-accumulate, over all planes",
               [](const PointFacts& facts) {
                   return 2e-3 * facts.result().one_bit_macs_per_step / facts.chip_us_per_step();
               }));
    for (const CycleClass each : kAllCycleClasses) {
        const std::string name = cycle_class_name(each);
        all.push_back(metric(
            "cycles_" + name, name, "cycles", Better::none, "the cycles of cycles_total that have the class " + name,
            [cycles, each](const PointFacts& facts) { return cycles(facts.result().class_cycles[index_of(each)]); }));
    }
}

void add_resources(std::vector<Metric>& all) {
    struct Resource {
        const char* key;
        const char* title;
        const char* unit;
        const char* help;
    };
    for (const Resource& resource :
         {Resource{"lut", "LUTs", "", "LUTs of the whole design (estimate)"},
          Resource{"memory_lut", "LUTs as memory", "", "the LUTs among them that serve as distributed RAM"},
          Resource{"ff", "flip-flops", "", "flip-flops (estimate)"},
          Resource{"bram36", "block RAM", "BRAM36", "block RAMs of 36 Kbit; a block RAM of 18 Kbit counts 0.5"},
          Resource{"dsp", "DSPs", "", "DSP48E1 slices"}}) {
        const char* const key = resource.key;
        all.push_back(metric(key, resource.title, resource.unit, Better::low, resource.help,
                             [key](const PointFacts& facts) { return used(facts, key); }));
        all.push_back(metric(std::string(key) + "_percent", std::string(resource.title) + " of the device", "%",
                             Better::low, fmt::format("{} as a percentage of what the device has", key),
                             [key](const PointFacts& facts) { return percent(facts, key); }));
    }
    all.push_back(metric("fits", "fits", "", Better::high, "1 if every resource is within the limit of the device",
                         [](const PointFacts& facts) { return facts.resources().fits ? 1 : 0; }));
    all.back().is_flag = true;
    all.push_back(metric("path_ns", "longest path", "ns", Better::low,
                         "longest path between two registers, estimated from the levels of logic",
                         [](const PointFacts& facts) { return facts.resources().path_ns; }));
    all.push_back(metric("meets_clock", "meets its clock", "", Better::high,
                         "1 if the longest path is within the period of the clock",
                         [](const PointFacts& facts) { return facts.resources().meets_clock() ? 1 : 0; }));
    all.back().is_flag = true;
    all.push_back(metric("power_w", "power", "W", Better::low,
                         "power of the programmable logic in steady state (first-order estimate)",
                         [](const PointFacts& facts) { return facts.power().watts(); }));
    all.push_back(
        metric("energy_uj", "energy per step", "uJ", Better::low,
               "energy of the programmable logic per step in steady state, static power included, loading not "
               "included (first-order estimate)",
               [](const PointFacts& facts) { return facts.power().microjoules_per_step(); }));
    all.push_back(metric("loading_uj", "energy of loading", "uJ", Better::low,
                         "energy of the programmable logic before the first step, once (first-order estimate)",
                         [](const PointFacts& facts) { return facts.run.estimate->loading_uj; }));
}

void add_predictions(std::vector<Metric>& all) {
    using Of = std::function<double(const PredictionQuality&)>;
    const auto add = [&all](const char* key, const char* title, const char* unit, Better better, const char* help,
                            const Of& of) {
        all.push_back(metric(key, title, unit, better, help,
                             [of](const PointFacts& facts) { return facts.quality ? of(*facts.quality) : kNotKnown; }));
        all.back().needs_predictions = true;
    };
    add("accuracy_percent", "accuracy", "%", Better::high, "share of the labels that the machine predicts correctly",
        [](const PredictionQuality& quality) { return 100 * quality.machine_accuracy; });
    add("accuracy_loss", "accuracy lost", "", Better::low,
        "share of the labels (0 to 1) that the float network predicts correctly, minus that of the machine",
        [](const PredictionQuality& quality) { return quality.float_accuracy - quality.machine_accuracy; });
    add("nats_per_label", "cross-entropy", "nats", Better::low, "mean cross-entropy of the label on the machine",
        [](const PredictionQuality& quality) { return quality.machine_nats.value_or(kNotKnown); });
    add("bits_per_label", "cross-entropy", "bits", Better::low, "the same in bits; for a text, bits per character",
        [](const PredictionQuality& quality) { return kBitsPerNat * quality.machine_nats.value_or(kNotKnown); });
    add("nats_increase", "cross-entropy added", "nats", Better::low,
        "cross-entropy on the machine minus that of the float network", [](const PredictionQuality& quality) {
            return quality.machine_nats.value_or(kNotKnown) - quality.float_nats.value_or(kNotKnown);
        });
}

void add_capacity(std::vector<Metric>& all) {
    const auto streams = [](const PointFacts& facts) {
        return facts.capacity ? real(facts.capacity->streams_served) : kNotKnown;
    };
    all.push_back(
        metric("streams_served", "streams served", "streams", Better::high,
               "the largest number of streams that all cores serve within the deadline, as bru capacity finds "
               "it; at most bru.streams per core",
               streams));
    all.back().needs_demand = true;
    all.push_back(metric("streams_per_w", "streams per watt", "streams/W", Better::high,
                         "streams_served over power_w, which is the power of the busy machine",
                         [streams](const PointFacts& facts) { return streams(facts) / facts.power().watts(); }));
    all.back().needs_demand = true;
}

std::vector<Metric> make_metrics() {
    std::vector<Metric> all;
    add_timing(all);
    add_resources(all);
    add_predictions(all);
    add_capacity(all);
    return all;
}

} // namespace

const std::vector<Metric>& metrics() {
    static const std::vector<Metric> all = make_metrics();
    return all;
}

std::size_t metric_index(const std::string& key) {
    std::vector<std::string> keys;
    for (const Metric& metric : metrics()) {
        if (metric.key == key) return keys.size();
        keys.push_back(metric.key);
    }
    std::string meant = did_you_mean(key, keys);
    for (const std::string& known : keys) // "cycles": the first that begins so
        if (meant.empty() && !key.empty() && known.rfind(key + "_", 0) == 0)
            meant = fmt::format(". Did you mean '{}'?", known);
    for (const std::string& known : keys) // "minimize lut": the metric itself says which direction is better
        if (meant.empty() && match_groups(key, R"((?:.*\s)?)" + known + R"((?:\s.*)?)"))
            meant = fmt::format(". Did you mean '{}' alone?", known);
    throw InputError(fmt::format("unknown metric '{}'{}", key.substr(0, 60),
                                 meant.empty() ? fmt::format(". Known are {}", fmt::join(keys, ", "))
                                               : meant + " docs/sweeps.md lists all metrics"));
}

const char* better_name(Better better) {
    switch (better) {
    case Better::low: return "low";
    case Better::high: return "high";
    case Better::none: break;
    }
    return "none";
}

MetricValues metric_values(const PointFacts& facts) {
    MetricValues values;
    for (const Metric& known : metrics()) values.push_back(known.value(facts));
    return values;
}

Constraint Constraint::parse(const std::string& text) {
    const std::string pattern =
        R"(^\s*([a-z0-9_]+)\s*(?:(<=|>=|==|=|<|>)\s*(-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?)\s*)?$)";
    const auto groups = match_groups(text, pattern); // metric, comparison, number
    Constraint constraint;
    constraint.text_ = text;
    if (!groups)
        throw InputError(
            fmt::format("constraint '{}': allowed is a metric with <, <=, >, >= or = and a number, as in "
                        "latency_us < 5, or a yes-or-no metric alone, as in fits; several constraints have "
                        "commas between them{}",
                        text.substr(0, 80), bound_remark(text)));
    constraint.metric_ = metric_index((*groups)[1]);
    if ((*groups)[2].empty()) {
        if (!metrics()[constraint.metric_].is_flag)
            throw InputError(fmt::format("constraint '{}': {} is a number, so a comparison is missing, as in {} < 5",
                                         text, metrics()[constraint.metric_].key, metrics()[constraint.metric_].key));
        return constraint;
    }
    const std::string sign = (*groups)[2];
    constraint.comparison_ = sign == "<"    ? Comparison::less
                             : sign == "<=" ? Comparison::less_or_equal
                             : sign == ">"  ? Comparison::greater
                             : sign == ">=" ? Comparison::greater_or_equal
                                            : Comparison::equal;
    const auto bound = parse_real((*groups)[3]);
    if (!bound)
        throw InputError(fmt::format("constraint '{}': {} is beyond the range of numbers; allowed is a number from "
                                     "-1e308 to 1e308",
                                     text.substr(0, 80), (*groups)[3].substr(0, 40)));
    constraint.bound_ = *bound;
    return constraint;
}

bool Constraint::compare(double value) const {
    switch (comparison_) {
    case Comparison::less: return value < bound_;
    case Comparison::less_or_equal: return value <= bound_;
    case Comparison::greater: return value > bound_;
    case Comparison::greater_or_equal: return value >= bound_;
    case Comparison::equal: break;
    }
    return value == bound_;
}

double Constraint::violation(const MetricValues& values) const {
    const double value = values[metric_];
    if (std::isnan(value)) return std::numeric_limits<double>::infinity();
    if (compare(value)) return 0;
    // At least a little, where the value is the very bound that must not be reached.
    return std::max(std::fabs(value - bound_) / std::max(std::fabs(bound_), 1e-9), 1e-9);
}

} // namespace bru
