// What a user asks of bru-train that contradicts itself, and checkpoints that do not belong together.
#pragma once

#include <string>

#include "train/checkpoint.hpp"
#include "train/settings.hpp"

namespace bru::train {

/// Throws InputError where two settings contradict each other, or where one has no effect beside another.
void refuse_contradictions(const Settings& settings);

/// The data are read again when a training is resumed. Throws InputError where they can be read only once.
void refuse_pipes(const Settings& settings);

/// Throws InputError where the data that a checkpoint names are not where they were.
void refuse_moved_data(const Settings& settings, const std::string& checkpoint);

/// Makes the folder of all output; false where it was there. Throws InputError where it cannot be made.
bool make_output_folder(const std::string& folder);

/// Throws InputError where `folder` is none, or is not readable.
void refuse_other_than_folder(const std::string& folder);

/// Throws InputError where the file of one kind of training holds the other kind.
void refuse_other_kind(const Checkpoint& checkpoint, bool binary);

/// Throws InputError where two checkpoints are of trainings with different settings.
void refuse_mixed_checkpoints(const Checkpoint& full, const Checkpoint& binarized);

} // namespace bru::train
