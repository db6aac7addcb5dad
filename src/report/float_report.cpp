#include "report/float_report.hpp"

#include <functional>

#include <fmt/format.h>

namespace bru {

std::vector<PredictionMeasure> prediction_measures(const PredictionScore& machine, const FloatComparison& floating) {
    using Of = std::function<std::optional<double>(const PredictionScore&)>;
    std::vector<PredictionMeasure> measures;
    const auto add = [&](const char* name, const char* unit, const Of& of) {
        const std::optional<double> of_machine = of(machine);
        const std::optional<double> of_float = of(floating.score);
        if (!of_machine || !of_float) return;
        PredictionMeasure measure{name, unit, *of_machine, *of_float, std::nullopt, machine.scored};
        if (floating.quantized) measure.quantized = of(*floating.quantized);
        measures.push_back(measure);
    };
    const Of nats = [](const PredictionScore& score) { return score.nats; };
    if (machine.labels_every_step) {
        add("nats_per_character", "nats", nats);
        add("bits_per_character", "bits", [](const PredictionScore& score) { return score.bits(); });
    } else {
        add("nats_per_label", "nats", nats);
    }
    add("accuracy_percent", "%", [](const PredictionScore& score) -> std::optional<double> {
        if (!score.accuracy()) return std::nullopt;
        return 100 * *score.accuracy();
    });
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
