// A whole training: the full-precision network, then the binarized one, with checkpoints, curve, export and scores.
#pragma once

#include <memory>
#include <string>

#include "train/settings.hpp"
#include "train/task.hpp"

namespace bru::train {

/// Reads the data that the settings name. Throws InputError.
std::unique_ptr<Task> open_task(const Settings& settings);

/// Trains in settings.out, a folder that holds no training yet. Returns the exit status: 0, or 130 after Ctrl-C, with
/// checkpoints that resume_training takes. Throws InputError.
int start_training(Settings settings);

/// Goes on with the training in that folder, with the settings that it was started with.
int resume_training(const std::string& folder);

} // namespace bru::train
