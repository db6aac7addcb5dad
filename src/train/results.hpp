// What a finished training leaves: scores on the test data, the ONNX model with its trace and configuration, a model
// card, and the curve as CSV and plot.
#pragma once

#include <optional>
#include <string>

#include "train/settings.hpp"
#include "train/task.hpp"
#include "train/training.hpp"

namespace bru::train {

/// A network of one of the two kinds, after training.
struct Result {
    bool binary = false;
    NetworkShape shape;
    Weights weights; ///< the best by validation
    Score validation;
    Score test;
    std::int64_t steps = 0;
    double seconds = 0;
};

/// A name that can stand in a configuration: letters, digits, '.', '-' and '_'; others become '_'.
std::string file_stem(const std::string& name);

/// Writes the network as it stands, reads it back as bru does, and removes it again: what could not be run is refused
/// before it is trained. Throws InputError.
void check_export(const Settings& settings, const Task& task, const TrainedNetwork& network);

/// Scores the best weights on the test data, in single precision.
Result result_of(const Training& training, Task& task);

/// curve.csv and curve.svg in the folder, of the trainings that there are.
void write_curve(const std::string& folder, const Training* full, const Training* binary);

/// STEM.onnx, STEM.ini, STEM.trace with its golden file, and STEM.md in the settings' folder; STEM is the folder's
/// name. Any of the results may be missing; without a binarized one only the card is written. Returns what to print.
std::string write_results(const Settings& settings, Task& task, const std::optional<Result>& full,
                          const std::optional<Result>& binary);

} // namespace bru::train
