// Names of output modes, as files and options write them.
#pragma once

#include <optional>
#include <string>

#include "model/network.hpp"

namespace bru {

const char* output_kind_name(OutputKind kind);    ///< hidden, logits, argmax
const char* output_steps_name(OutputSteps steps); ///< every, last, final

/// What the graph puts out, with kind and steps replaced where given. Throws InputError where the network has no dense
/// layer for it. The names must be ones of the above.
OutputMode choose_output(const Network& network, const std::optional<std::string>& kind,
                         const std::optional<std::string>& steps);

} // namespace bru
