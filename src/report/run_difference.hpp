// Two runs, metric by metric: what bru diff prints.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace bru {

/// One value that differs between the two files. A value that one file lacks is null.
struct ChangedValue {
    std::string name; ///< its place: "cycles.per_step", "blocks.sequencer.lut"
    nlohmann::ordered_json before;
    nlohmann::ordered_json after;

    /// In percent of `before`; infinite from 0, and for what is no number in both.
    double change_percent() const;
};

/// Metrics are what a run gives; inputs are what was asked for (the manifest, the steps, and the limits of the device).
/// The speed of the host, the synthesis evidence and hints are neither: they are no figures of the run. Figures of the
/// whole run, such as its total of cycles, are compared where both runs have the same steps and sequences.
struct RunDifference {
    std::size_t metrics = 0; ///< compared
    bool same_steps = true;
    std::vector<ChangedValue> headline; ///< of a step on the machine, changed or not
    std::vector<ChangedValue> changed_inputs;
    std::vector<ChangedValue> changed_metrics; ///< in the order of the file

    /// Metrics that changed by more than this, up or down.
    std::size_t above(double percent) const;
};

/// Of two files of bru run --json. Throws InputError where one has another "schema".
RunDifference compare_runs(const nlohmann::ordered_json& before, const std::string& before_file,
                           const nlohmann::ordered_json& after, const std::string& after_file);

/// The table; `allowed_percent` marks the metrics above it.
std::string difference_table(const RunDifference& difference, double allowed_percent);

/// "schema": "bru-diff-1".
nlohmann::ordered_json difference_json(const RunDifference& difference, double allowed_percent);

} // namespace bru
