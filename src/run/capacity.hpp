// How many streams a machine serves in time: its capacity, with the software that feeds it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "run/library.hpp"
#include "run/specification.hpp"
#include "trace/step_sources.hpp"

namespace bru {

/// Periods and deadlines that a demand can have. A trace of 20,000 periods ends before its cycles have no number.
inline constexpr double kShortestDemandUs = 1e-3;
inline constexpr double kLongestPeriodUs = 1e7;
inline constexpr double kLongestDeadlineUs = 1e9;

/// Steps of all streams for a number of streams, beside those of the long run that shows whether the queue grows.
inline constexpr std::uint64_t kStepsOfCapacity = 400'000; ///< for one machine
inline constexpr std::uint64_t kStepsOfSweep = 20'000;     ///< for each of many machines

/// What each stream asks for.
struct Demand {
    Arrival arrival = {Arrival::Kind::periodic, 1000}; ///< periodic streams begin at a random time of a period
    double deadline_us = 1000;                         ///< after the arrival of a step at the software
    double fraction = 0.99;                            ///< of the steps that must be answered by then
    std::uint64_t seed = 1;

    bool is_periodic() const { return arrival.kind == Arrival::Kind::periodic; }
};

/// What so many streams get.
struct CapacityProbe {
    std::int64_t streams = 0;
    std::uint64_t steps = 0;  ///< that were counted, of all draws of arrival times: half of those that ran
    double percentile_us = 0; ///< of the response, at the fraction of the demand
    double median_us = 0;
    double late_share = 0;                  ///< of the steps: answered after the deadline
    std::optional<double> late_share_error; ///< its standard error, of more than one draw
    double machine_share = 0;               ///< of its time that the machine is busy: offered steps over its throughput
    double software_share = 0;              ///< the same of the software, with as many steps per transfer as it can
    bool queue_grows = false;               ///< responses get longer and longer while the steps are counted
    bool served = false;
};

struct Capacity {
    std::int64_t streams_served = 0;
    bool limited_by_streams = false;   ///< all streams of all cores are served: it could serve more if it had them
    std::vector<CapacityProbe> probes; ///< in the order in which they were tried
};

/// What a number of streams, from 1 to those of all cores, gets. Stream s is served by core s mod N. Software takes the
/// steps that have arrived together, each of them in `step_software_ns` and all together in `transfer_software_ns`; the
/// machine gets them then. Every step has an output. Arrival times are drawn again and again, until the share of late
/// steps is at least four standard errors from its limit or `most_steps` ran, at least one draw. Throws InputError
/// where the network takes whole sequences, and as Run does.
CapacityProbe probe_capacity(Library& library, const RunSpecification& specification, const Demand& demand,
                             std::int64_t streams, std::uint64_t most_steps = kStepsOfCapacity);

/// The largest number of streams that is served, by bisection: more streams never get faster answers.
Capacity measure_capacity(Library& library, const RunSpecification& specification, const Demand& demand,
                          std::uint64_t most_steps = kStepsOfCapacity);

} // namespace bru
