#include "report/float_report.hpp"

#include <fmt/format.h>

namespace bru {

std::vector<PredictionMeasure> prediction_measures(const PredictionScore& machine, const PredictionScore& floating) {
    std::vector<PredictionMeasure> measures;
    const auto add = [&](const char* name, const char* unit, const std::optional<double>& of_machine,
                         const std::optional<double>& of_float, double factor) {
        if (of_machine && of_float)
            measures.push_back({name, unit, factor * *of_machine, factor * *of_float, machine.scored});
    };
    if (machine.labels_every_step) {
        add("nats_per_character", "nats", machine.nats, floating.nats, 1);
        add("bits_per_character", "bits", machine.bits(), floating.bits(), 1);
    } else {
        add("nats_per_label", "nats", machine.nats, floating.nats, 1);
    }
    add("accuracy_percent", "%", machine.accuracy(), floating.accuracy(), 100);
    return measures;
}

std::string divergence_text(const Divergence& divergence, OutputKind kind) {
    std::string first = fmt::format("nowhere above {}", divergence.bound);
    if (const auto& value = divergence.first)
        first =
            fmt::format("first above {} in sequence {}, step {}, {} {}: machine {:.6f}, float {:.6f}", divergence.bound,
                        value->sequence, value->step, kind == OutputKind::hidden ? "unit" : "logit unit", value->unit,
                        value->machine, value->floating);
    return fmt::format("{}; largest difference {:.6f}", first, divergence.largest_difference);
}

} // namespace bru
