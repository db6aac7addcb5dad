// The sections of a golden file as runs, and writing them anew.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "run/run.hpp"
#include "trace/golden_writer.hpp"

namespace bru {

/// A specification for each section of the golden file beside the trace of `base`: `base` with the number formats and
/// the output of the section. Sections of other weights are left out, and so are those that do not agree with the
/// output that `base` names. Throws InputError where the file is damaged.
std::vector<RunSpecification> golden_runs(Library& library, const RunSpecification& base);

/// Writes outputs, from the reference execution, and cycles, from the machine, of each run into the golden file beside
/// the trace. The runs have one trace. `on_step` sees every step that one of the executions gets, and may be empty.
std::vector<GoldenChange> update_golden(Library& library, const std::vector<RunSpecification>& runs,
                                        const std::function<void(const Step&)>& on_step);

} // namespace bru
