#include "explore/sweep_plan.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <unordered_set>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/ini_value.hpp"
#include "base/integers.hpp"
#include "base/nearest.hpp"
#include "base/numbers.hpp"
#include "base/piped_input.hpp"
#include "base/text_list.hpp"
#include "config/ini_file.hpp"
#include "config/run_keys.hpp"
#include "explore/value_list.hpp"

namespace bru {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostPoints = 100'000'000;
constexpr std::uint64_t kMostPopulation = 100'000;
constexpr const char* kSweepSection = "sweep.";
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

bool is_sweep_key(const std::string& key) { return key.rfind(kSweepSection, 0) == 0; }

const Parameter* find_parameter(const std::string& key) {
    for (const Parameter& parameter : parameters())
        if (parameter.key == key) return &parameter;
    return nullptr;
}

std::vector<std::string> known_keys() {
    std::vector<std::string> keys;
    for (const SweepKey& key : sweep_keys()) keys.push_back(kSweepSection + key.key);
    for (const RunKey& key : run_keys()) keys.push_back(key.key());
    for (const Parameter& parameter : parameters()) keys.push_back(parameter.key);
    return keys;
}

/// A key, what was written, and where.
struct Given {
    std::string key;
    std::string text;
    InputPlace place;
};

/// The file's entries with the overrides in their places, and those that the file does not have behind it.
std::vector<Given> all_given(const std::string& path, const std::vector<Override>& overrides) {
    static const std::vector<std::string> known = known_keys();
    std::vector<Given> all;
    for (const IniEntry& entry : read_ini_file(path, known))
        all.push_back({entry.key, entry.written, entry.place(path)});
    for (const Override& given : overrides) {
        if (std::find(known.begin(), known.end(), given.key) == known.end())
            throw InputError(fmt::format("--{}: unknown parameter{}", given.key, did_you_mean(given.key, known)));
        const Given replacement{given.key, given.value, {"command line"}};
        const auto place =
            std::find_if(all.begin(), all.end(), [&](const Given& each) { return each.key == given.key; });
        if (place == all.end())
            all.push_back(replacement);
        else
            *place = replacement;
    }
    return all;
}

/// A sweep may go on later, and its best point names its inputs.
[[noreturn]] void refuse_pipe(const std::string& key, const std::string& value) {
    throw InputError(
        fmt::format("{} = {}: is a pipe; a sweep may be continued, so its inputs must be files", key, value));
}

/// The value as the configuration writes it. Each value on its own must be one that the key can have; what does not go
/// together is a failing point.
std::string checked_value(const Given& given, const std::string& value, const std::string& directory) {
    const RunKey* const run = find_run_key(given.key);
    if (run == nullptr) {
        Configuration configuration;
        const Parameter& parameter = *find_parameter(given.key);
        parameter.set(configuration, value);
        if (given.key == "bru.device" && is_pipe(find_device_file(value, directory))) refuse_pipe(given.key, value);
        return parameter.get(configuration);
    }
    const std::string checked = run_value(*run, value, directory);
    std::error_code ignored;
    if (run->is_path && is_pipe(checked)) refuse_pipe(given.key, value);
    if (run->is_path && !fs::is_regular_file(checked, ignored)) {
        find_input_file(run->kind, value, directory); // says where it looked
        throw InputError(fmt::format("{} = {}: {} is no file", given.key, value, checked));
    }
    return value;
}

/// Of a range without a step, a value that is not allowed is no slip in the value.
std::string value_in_list(const Given& given, const std::string& written, const std::string& directory) {
    try {
        return checked_value(given, written, directory);
    } catch (const InputError& error) {
        const std::size_t dots = given.text.find("..");
        const bool counts_by_one = dots != std::string::npos && given.text.find("step") == std::string::npos &&
                                   parse_integer(written) && given.text.find(written + ".") == std::string::npos;
        if (!counts_by_one) throw;
        throw InputError(
            fmt::format("{}; the range counts by one: give a step, as in 32..128 step 32", error.message()));
    }
}

/// A list that cannot be read is named by its key, which is all that tells options of the command line apart.
std::vector<std::string> values_written(const Given& given) {
    try {
        return expand_value_list(given.text);
    } catch (const InputError& error) {
        throw InputError(error.place(), fmt::format("{}: {}", given.key, error.message()));
    }
}

void add_values(SweepPlan& plan, const Given& given) {
    const std::vector<std::string> values = in_place(given.place, [&] {
        std::vector<std::string> list;
        std::unordered_set<std::string> seen;
        std::unordered_set<std::string> repeated;
        for (const std::string& written : values_written(given)) {
            const std::string value = value_in_list(given, written, plan.directory);
            if (seen.insert(value).second)
                list.push_back(value);
            else if (repeated.insert(value).second)
                plan.remarks.push_back(fmt::format("{}: {} is named twice, and counts once", given.key, value));
        }
        return list;
    });
    if (values.size() == 1) {
        plan.fixed.push_back({given.key, values.front()});
        return;
    }
    Axis axis{{given.key}, {}};
    for (const std::string& value : values) axis.values.push_back({value});
    plan.axes.push_back(std::move(axis));
}

/// As many traces as models: each model has its own.
void pair_models_with_traces(SweepPlan& plan) {
    const auto axis_of = [&plan](const char* key) {
        return std::find_if(plan.axes.begin(), plan.axes.end(),
                            [key](const Axis& axis) { return axis.keys[0] == key; });
    };
    const auto trace = axis_of("run.trace");
    if (trace == plan.axes.end()) return;
    const auto model = axis_of("run.model");
    if (model == plan.axes.end() || model->values.size() != trace->values.size())
        throw InputError({plan.file},
                         fmt::format("run.trace has {} values, run.model {}; a trace belongs to a model, so give as "
                                     "many, in the same order",
                                     trace->values.size(), model == plan.axes.end() ? 1 : model->values.size()));
    model->keys.push_back("run.trace");
    for (std::size_t place = 0; place < model->values.size(); ++place)
        model->values[place].push_back(trace->values[place][0]);
    plan.axes.erase(trace);
}

std::uint64_t whole_number(const Given& given, std::uint64_t low, std::uint64_t high) {
    const auto number = parse_integer(in_place(given.place, [&] { return ini_text(given.text); }), low, high);
    if (!number)
        throw InputError(given.place, fmt::format("{} = {}: not allowed; allowed is a whole number from {}{}",
                                                  given.key, given.text.substr(0, 60), low,
                                                  (high == kNoLimit ? "" : fmt::format(" to {}", high)) +
                                                      whole_number_remark(given.text)));
    return *number;
}

std::string one_of(const Given& given, const std::vector<std::string>& allowed) {
    const std::string text = in_place(given.place, [&] { return ini_text(given.text); });
    if (std::find(allowed.begin(), allowed.end(), text) == allowed.end())
        throw InputError(given.place,
                         fmt::format("{} = {}: not allowed; allowed is {}{}", given.key, given.text.substr(0, 60),
                                     fmt::join(allowed, ", "), did_you_mean(given.text, allowed)));
    return text;
}

double number_of_us(const Given& given, double longest) {
    const auto number =
        parse_real(in_place(given.place, [&] { return ini_text(given.text); }), kShortestDemandUs, longest);
    if (!number)
        throw InputError(given.place, fmt::format("{} = {}: not allowed; allowed is a number of microseconds from "
                                                  "{} to {}",
                                                  given.key, given.text.substr(0, 60), kShortestDemandUs, longest));
    return *number;
}

/// What the keys say about the demand of a stream, as far as they are given.
struct GivenDemand {
    std::optional<double> period_us;
    std::optional<double> deadline_us;
    bool poisson = false;
};

/// What the file gives before the keys are looked at together.
struct GivenSweep {
    std::string predictions = "auto";
    GivenDemand demand;
    bool has_seed = false;
    bool has_population = false;
};

void read_objectives(SweepPlan& plan, const Given& given) {
    plan.objectives.clear();
    for (const std::string& key : comma_list(given.text)) {
        const std::size_t index = in_place(given.place, [&] { return metric_index(key); });
        if (metrics()[index].better == Better::none)
            throw InputError(given.place,
                             fmt::format("{} cannot be an objective, since neither less nor more of it is better; "
                                         "use cycles_per_step or another metric of docs/sweeps.md",
                                         key));
        if (std::find(plan.objectives.begin(), plan.objectives.end(), index) != plan.objectives.end())
            throw InputError(given.place,
                             fmt::format("{}: {} is named twice; name each objective once", given.key, key));
        plan.objectives.push_back(index);
    }
}

void read_sweep_key(SweepPlan& plan, GivenSweep& sweep, const Given& given) {
    const std::string key = given.key.substr(std::string(kSweepSection).size());
    if (key == "sampling") {
        const std::string name = one_of(given, {"grid", "random", "lhs", "nsga2"});
        for (const Sampling sampling : {Sampling::grid, Sampling::random, Sampling::lhs, Sampling::nsga2})
            if (name == sampling_name(sampling)) plan.sampling = sampling;
    } else if (key == "points") {
        plan.points = whole_number(given, 1, kMostPoints);
    } else if (key == "seed") {
        plan.seed = whole_number(given, 0, kNoLimit);
        sweep.has_seed = true;
    } else if (key == "population") {
        plan.population = whole_number(given, 4, kMostPopulation);
        sweep.has_population = true;
    } else if (key == "accuracy_steps") {
        plan.accuracy_steps = whole_number(given, 1, kNoLimit);
    } else if (key == "predictions") {
        sweep.predictions = one_of(given, {"auto", "yes", "no"});
    } else if (key == "period_us") {
        sweep.demand.period_us = number_of_us(given, kLongestPeriodUs);
    } else if (key == "deadline_us") {
        sweep.demand.deadline_us = number_of_us(given, kLongestDeadlineUs);
    } else if (key == "arrival") {
        sweep.demand.poisson = one_of(given, {"periodic", "poisson"}) == "poisson";
    } else if (key == "objectives") {
        read_objectives(plan, given);
    } else {
        for (const std::string& text : comma_list(given.text))
            plan.constraints.push_back(in_place(given.place, [&] { return Constraint::parse(text); }));
    }
}

/// A metric of an objective or of a constraint that needs what the flag says.
template <class Need>
const Metric* metric_that(const SweepPlan& plan, Need needs) {
    std::vector<std::size_t> all = plan.objectives;
    for (const Constraint& constraint : plan.constraints) all.push_back(constraint.metric());
    const auto found =
        std::find_if(all.begin(), all.end(), [needs](std::size_t metric) { return metrics()[metric].*needs; });
    return found == all.end() ? nullptr : &metrics()[*found];
}

/// Both keys say what a stream asks for; one alone says nothing.
void set_demand(SweepPlan& plan, const GivenDemand& given) {
    const Metric* const wanted = metric_that(plan, &Metric::needs_demand);
    if (given.period_us && given.deadline_us) {
        plan.demand.emplace();
        plan.demand->arrival = {given.poisson ? Arrival::Kind::poisson : Arrival::Kind::periodic, *given.period_us};
        plan.demand->deadline_us = *given.deadline_us;
        plan.demand->seed = 1; // of the arrivals: the same for all points
        return;
    }
    if (wanted == nullptr && !given.period_us && !given.deadline_us && !given.poisson) return;
    const char* const missing = given.period_us     ? "deadline_us"
                                : given.deadline_us ? "period_us"
                                                    : "period_us and deadline_us";
    throw InputError({plan.file},
                     fmt::format("{} needs {} under [sweep]: the time between two steps of a stream, and the time "
                                 "within which a step is answered, both in microseconds",
                                 wanted != nullptr ? wanted->key : "the demand of streams", missing));
}

/// Keys that the sampling, or a sweep without predictions, passes over.
void remark_unused_keys(SweepPlan& plan, const GivenSweep& given) {
    const auto unused = [&plan](const char* key, const std::string& where) {
        plan.remarks.push_back(fmt::format("{} has no effect: {}", key, where));
    };
    const std::string sampling = fmt::format("sampling = {}", sampling_name(plan.sampling));
    if (given.has_seed && plan.sampling == Sampling::grid) unused("seed", sampling + " draws nothing at random");
    if (given.has_population && plan.sampling != Sampling::nsga2)
        unused("population", sampling + " has no generations, which nsga2 has");
    if (plan.accuracy_steps && !plan.predictions)
        unused("accuracy_steps", "no objective and no constraint is about predictions; predictions = yes scores them");
}

/// What the keys say together.
void check_together(SweepPlan& plan, const GivenSweep& given) {
    const std::string& predictions = given.predictions;
    set_demand(plan, given.demand);
    const bool needed = metric_that(plan, &Metric::needs_predictions) != nullptr;
    if (needed && predictions == "no")
        throw InputError({plan.file}, "an objective or a constraint is about predictions, but predictions = no; "
                                      "leave that out");
    plan.predictions = needed || predictions == "yes";
    remark_unused_keys(plan, given);
    const auto has = [&plan](const std::string& key) {
        return std::any_of(plan.fixed.begin(), plan.fixed.end(),
                           [&](const Override& each) { return each.key == key; }) ||
               std::any_of(plan.axes.begin(), plan.axes.end(), [&](const Axis& axis) {
                   return std::find(axis.keys.begin(), axis.keys.end(), key) != axis.keys.end();
               });
    };
    if (!has("run.model")) throw InputError({plan.file}, "no run.model; name one under [run], or with --model");
    if (plan.predictions && !has("run.trace"))
        throw InputError({plan.file}, "no run.trace, and predictions are scored over the labels of one; name one under "
                                      "[run], or with --trace");
    if (plan.sampling != Sampling::grid && plan.points == 0)
        throw InputError({plan.file},
                         fmt::format("sampling = {} needs points = N: how many of the grid's {} points to {}",
                                     sampling_name(plan.sampling), plan.grid_size(),
                                     plan.sampling == Sampling::nsga2 ? "evaluate" : "take"));
    if (plan.sampling == Sampling::grid && plan.points != 0)
        throw InputError(
            {plan.file},
            fmt::format("sampling = grid takes all points; for points = {} choose random, lhs or nsga2", plan.points));
    if (plan.sampling == Sampling::grid && plan.grid_size() > kMostPoints)
        throw InputError({plan.file},
                         fmt::format("the grid has {} points, at most {} are allowed; use sampling = nsga2, random or "
                                     "lhs with points = N",
                                     plan.grid_size(), kMostPoints));
    if (plan.points > plan.grid_size())
        plan.remarks.push_back(
            fmt::format("points = {}: the grid has {}, and all of them are evaluated", plan.points, plan.grid_size()));
    plan.points = std::min(plan.sampling == Sampling::grid ? kNoLimit : plan.points, plan.grid_size());
}

} // namespace

const char* sampling_name(Sampling sampling) {
    switch (sampling) {
    case Sampling::grid: return "grid";
    case Sampling::random: return "random";
    case Sampling::lhs: return "lhs";
    case Sampling::nsga2: break;
    }
    return "nsga2";
}

const std::vector<SweepKey>& sweep_keys() {
    static const std::vector<SweepKey> keys = {
        {"sampling", "grid",
         "how points are chosen; grid: every point; random; lhs: Latin hypercube; nsga2: search guided by the "
         "objectives"},
        {"points", "all of a grid", "number of points to take; for nsga2, number of points to evaluate"},
        {"seed", "1", "seed of random, lhs and nsga2"},
        {"population", "64", "points per generation of nsga2"},
        {"objectives", "cycles_per_step, lut",
         "metrics by which points are compared; the first one decides which point is best"},
        {"constraints", "none", "conditions that a point must meet to be chosen, for example `fits, latency_us < 5`"},
        {"predictions", "auto",
         "whether predictions are scored; auto: only if an objective or a constraint needs them; yes; no"},
        {"accuracy_steps", "the whole trace", "steps over which predictions are scored"},
        {"period_us", "none",
         "time between two steps of a stream, for streams_served and streams_per_w; these are measured only if "
         "period_us and deadline_us are given"},
        {"deadline_us", "none", "time within which 99 % of the steps of the streams are answered"},
        {"arrival", "periodic", "how the steps of a stream arrive: periodic with a random phase; poisson: at random"},
    };
    return keys;
}

std::optional<std::string> PointSetup::run_option(const std::string& name) const {
    const auto found = run.find(name);
    if (found == run.end()) return std::nullopt;
    return found->second;
}

std::uint64_t SweepPlan::grid_size() const {
    std::uint64_t size = 1;
    for (const Axis& axis : axes) {
        if (size > kNoLimit / axis.values.size()) return kNoLimit;
        size *= axis.values.size();
    }
    return size;
}

Assignment SweepPlan::grid_assignment(std::uint64_t number) const {
    Assignment assignment(axes.size());
    for (std::size_t axis = axes.size(); axis-- > 0; number /= axes[axis].values.size())
        assignment[axis] = narrow<std::uint32_t>(number % axes[axis].values.size());
    return assignment;
}

namespace {

void set_key(PointSetup& point, const std::string& key, const std::string& value, const std::string& directory) {
    if (const RunKey* const run = find_run_key(key))
        point.run[run->name] = run_value(*run, value, directory);
    else
        find_parameter(key)->set(point.configuration, value);
}

PointSetup fixed_part(const SweepPlan& plan) {
    PointSetup point;
    point.configuration.directory = plan.directory;
    point.configuration.file = plan.file;
    for (const Override& fixed : plan.fixed) set_key(point, fixed.key, fixed.value, plan.directory);
    return point;
}

} // namespace

PointSetup SweepPlan::setup(const Assignment& assignment) const {
    PointSetup point = fixed_part(*this);
    for (std::size_t axis = 0; axis < axes.size(); ++axis)
        for (std::size_t key = 0; key < axes[axis].keys.size(); ++key)
            set_key(point, axes[axis].keys[key], axes[axis].values[assignment[axis]][key], directory);
    return point;
}

PointSetup SweepPlan::baseline() const {
    PointSetup point = fixed_part(*this);
    for (const Axis& axis : axes)
        for (std::size_t key = 0; key < axis.keys.size(); ++key)
            if (find_run_key(axis.keys[key]) != nullptr) // a parameter has its default already
                set_key(point, axis.keys[key], axis.values[0][key], directory);
    return point;
}

std::string SweepPlan::text() const {
    std::string text = fmt::format("sampling = {}\npoints = {}\nseed = {}\npopulation = {}\n", sampling_name(sampling),
                                   points, seed, population);
    if (predictions) text += fmt::format("predictions = yes\naccuracy_steps = {}\n", accuracy_steps);
    if (demand)
        text +=
            fmt::format("period_us = {}\ndeadline_us = {}\narrival = {}\n", demand->arrival.interval_us,
                        demand->deadline_us, demand->arrival.kind == Arrival::Kind::poisson ? "poisson" : "periodic");
    for (const Override& each : fixed) text += fmt::format("{} = {}\n", each.key, each.value);
    for (const Axis& axis : axes) {
        text += fmt::format("{} =", fmt::join(axis.keys, " and "));
        for (const auto& values : axis.values) text += fmt::format(" {};", fmt::join(values, " and "));
        text += "\n";
    }
    return text;
}

SweepPlan load_sweep_plan(const std::string& path, const std::vector<Override>& overrides) {
    SweepPlan plan;
    plan.file = path;
    // Absolute, so that rows do not depend on how the file's name was spelt.
    plan.directory = is_pipe(path) ? fs::current_path().string()
                                   : fs::absolute(fs::path(path)).lexically_normal().parent_path().string();
    plan.objectives = {metric_index("cycles_per_step"), metric_index("lut")};
    plan.population = 64;
    GivenSweep sweep;
    bool has_sweep_section = false;
    for (const Given& given : all_given(path, overrides)) {
        if (is_sweep_key(given.key))
            read_sweep_key(plan, sweep, given);
        else
            add_values(plan, given);
        has_sweep_section = has_sweep_section || is_sweep_key(given.key);
    }
    if (plan.axes.empty() && !has_sweep_section)
        throw InputError({path},
                         "has nothing to sweep: no key with several values, and no section [sweep]. A sweep file "
                         "is a configuration with lists, such as 'lanes = 32, 64' under [bru] (docs/sweeps.md); "
                         "bru run takes a configuration of one machine");
    pair_models_with_traces(plan);
    check_together(plan, sweep);
    return plan;
}

} // namespace bru
