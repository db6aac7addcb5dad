// bru capacity: how many streams a machine serves in time.
#include <limits>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "cli/shared_options.hpp"
#include "report/capacity_report.hpp"
#include "run/run.hpp"

namespace bru::cli {

namespace {

constexpr double kPercent = 99;

double required_us(const Arguments& arguments, const char* name, double longest) {
    arguments.required(name);
    return *arguments.real(name, kShortestDemandUs, longest);
}

Demand demand_from(const Arguments& arguments) {
    Demand demand;
    const bool poisson = arguments.text_or("arrival", "periodic") == "poisson";
    demand.arrival = {poisson ? Arrival::Kind::poisson : Arrival::Kind::periodic,
                      required_us(arguments, "period-us", kLongestPeriodUs)};
    demand.deadline_us = required_us(arguments, "deadline-us", kLongestDeadlineUs);
    demand.fraction = arguments.real("percent", 1, 100).value_or(kPercent) / 100;
    demand.seed = arguments.integer("seed", 0, std::numeric_limits<std::int32_t>::max()).value_or(1);
    return demand;
}

int run_capacity(const Arguments& arguments) {
    const std::string model_path = model_path_from(arguments, "bru capacity");
    refuse_overwriting({arguments.text_or("json", "")}, {model_path, arguments.text_or("config", "")});
    NotingLibrary library;
    const RunSpecification specification = specification_from(arguments, model_path);
    const Run run(library, specification);
    CapacityReport report;
    report.model_path = model_path;
    report.network = &run.network();
    report.configuration = run.configuration();
    report.demand = demand_from(arguments);
    report.capacity = measure_capacity(library, specification, report.demand);
    if (const auto path = arguments.text("json")) write_json_file(*path, capacity_json(report));
    print_report({arguments.text("json")}, capacity_table(report));
    return kGood;
}

} // namespace

Command capacity_command() {
    Command command;
    command.name = "capacity";
    command.summary = "how many streams of a given period and deadline the machine serves";
    command.usage = "MODEL --period-us US --deadline-us US [--config FILE] [options] [parameters]";
    command.details = "Finds the largest number of streams, up to bru.streams in each of platform.cores, of which 99 % "
                      "of the steps are answered "
                      "within the deadline and no queue grows. Tries numbers of streams by bisection, each with "
                      "arrival times that are drawn anew until it is clear whether they are served, with the software "
                      "of [host] in front of the machine.\n"
                      "docs/figures.md defines what is counted.";
    command.example = "bru capacity models/warpeace_h256.onnx --period-us 1000 --deadline-us 500 --bru.streams=256";
    command.positional = {"MODEL", {Completion::Files::any, {}, false, ShippedKind::model}};
    command.options =
        join({config_options(),
              model_options(),
              {value("period-us", "US", "time between two steps of a stream"),
               value("deadline-us", "US", "longest time from the arrival of a step to its answer"),
               choice("arrival", {"periodic", "poisson"},
                      "periodic: each stream begins at a random time of its period (default); poisson: at random, with "
                      "the mean distance --period-us"),
               value("percent", "P", "share of the steps that must meet the deadline (default: 99)"),
               value("seed", "N", "seed of phases and of Poisson arrivals (default: 1)")},
              {choice("output", {"hidden", "logits", "argmax"},
                      "what leaves the machine after every step (default: the output of the graph)"),
               file("json", "write the result and every number that was tried as JSON")}});
    command.parameters = parameter_options();
    command.run = run_capacity;
    return command;
}

} // namespace bru::cli
