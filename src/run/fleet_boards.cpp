#include "run/fleet_boards.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/shipped_files.hpp"
#include "config/load_configuration.hpp"
#include "config/run_keys.hpp"
#include "run/board_measurement.hpp"

namespace bru {

namespace {

using fleet::BoardKind;
using fleet::BoardService;

RunSpecification specification_of(const BoardKind& kind, const std::string& directory) {
    std::vector<Override> overrides;
    if (kind.streams) overrides.push_back({"bru.streams", std::to_string(*kind.streams)});
    RunSpecification specification;
    specification.configuration =
        resolve_configuration(find_input_file(ShippedKind::configuration, kind.config, directory), overrides);
    const auto& run = specification.configuration.run;
    const auto model = run.find("model");
    if (kind.model.empty() && model == run.end())
        throw InputError("has no model; give model = FILE, or a configuration with a model in [run]");
    specification.model.path =
        kind.model.empty() ? model->second : find_input_file(ShippedKind::model, kind.model, directory);
    const auto number = [&run](const char* key) -> std::optional<int> {
        const auto found = run.find(key);
        if (found == run.end()) return std::nullopt;
        return std::stoi(found->second);
    };
    specification.model.quantization.lstm_weight_bits = number("lstm-weight-bits");
    specification.model.quantization.dense_weight_bits = number("dense-weight-bits");
    specification.model.quantization.input_exponent = number("input-exponent");
    specification.model.quantization.region = number("region");
    if (const auto output = run.find("output"); output != run.end()) specification.output.kind = output->second;
    return specification;
}

/// A board of which the file says no more than its figures: the machine takes each step as it comes.
BoardService plain_board(const BoardKind& kind) {
    BoardService service;
    service.streams = kind.streams.value_or(1);
    service.interval = service.stream_interval = fleet::of_us(*kind.step_us);
    service.answer = fleet::of_us(kind.response_us.value_or(*kind.step_us));
    return service;
}

/// With what the file gives in place of what was measured.
BoardService with_given(BoardService service, const BoardKind& kind) {
    if (!kind.config.empty() && kind.step_us) service.interval = service.stream_interval = fleet::of_us(*kind.step_us);
    if (!kind.config.empty() && kind.response_us)
        service.answer = std::max<fleet::Time>(0, fleet::of_us(*kind.response_us) - 2 * service.register_access -
                                                      service.input_begin - service.input_step);
    if (kind.step_software_us) service.software_step = fleet::of_us(*kind.step_software_us);
    if (kind.transfer_software_us) service.software_transfer = fleet::of_us(*kind.transfer_software_us);
    if (kind.idle_w) service.idle_w = *kind.idle_w;
    if (kind.busy_w) service.busy_w = *kind.busy_w;
    return service;
}

} // namespace

std::vector<fleet::BoardGroup> board_groups(Library& library, const fleet::FleetPlan& plan) {
    std::vector<fleet::BoardGroup> groups;
    for (const BoardKind& kind : plan.kinds) {
        const InputPlace place{plan.file, 0, "[" + kind.section + "]"};
        groups.push_back(in_place(place, [&] {
            fleet::BoardGroup group;
            group.count = kind.count;
            group.service =
                with_given(kind.config.empty() ? plain_board(kind)
                                               : measure_board(library, specification_of(kind, plan.directory)),
                           kind);
            return group;
        }));
    }
    return groups;
}

fleet::Workload fleet_workload(Library& library, const fleet::FleetPlan& plan) {
    fleet::Workload workload;
    workload.plan = plan;
    if (!plan.sessions.arrivals.empty()) {
        const std::filesystem::path path = std::filesystem::path(plan.directory) / plan.sessions.arrivals;
        workload.arrivals =
            std::make_shared<const std::vector<fleet::SessionArrival>>(fleet::read_session_arrivals(path.string()));
    }
    workload.groups = board_groups(library, plan);
    return workload;
}

} // namespace bru
