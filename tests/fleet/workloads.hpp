// Fleets for tests, as their files would say.
#pragma once

#include <string>

#include "fleet/fleet_run.hpp"

namespace bru::fleet {

/// Plain boards: one machine each that takes a step at once, with an answer after `response_us`.
inline Workload plain_workload(const std::string& text) {
    Workload workload;
    workload.plan = read_fleet_plan(text, "fleet.ini", {});
    for (const BoardKind& kind : workload.plan.kinds) {
        BoardGroup group;
        group.count = kind.count;
        group.service.streams = kind.streams.value_or(1);
        group.service.interval = group.service.stream_interval = of_us(*kind.step_us);
        group.service.answer = of_us(kind.response_us.value_or(*kind.step_us));
        group.service.software_step = of_us(kind.step_software_us.value_or(0));
        group.service.software_transfer = of_us(kind.transfer_software_us.value_or(0));
        workload.groups.push_back(group);
    }
    return workload;
}

inline FleetResult run_whole(const Workload& workload) {
    Simulation simulation(workload);
    simulation.advance(of_s(workload.plan.warm_up_s) - 1);
    simulation.begin_counting();
    simulation.advance(of_s(workload.plan.duration_s));
    return result_of(workload, simulation);
}

} // namespace bru::fleet
