// A case on reference, SystemC core and RTL core, and what differs between them: the cycle of every beat and of every
// interrupt, every beat's data, every output value, all counters.
#pragma once

#include <string>
#include <vector>

#include "cosim/prepared_case.hpp"
#include "platform/simulation.hpp"

namespace bru {

/// What one core did.
struct ComparedRun {
    std::vector<OutputVector> outputs;
    PortRecord ports;
    SimulationResult result;
    std::string failure; ///< why it did not come to its end; "": it did
};

std::vector<OutputVector> run_reference(const PreparedCase& prepared);

/// `most_cycles` 0: no limit. Throws InputError where the machine refuses the case.
ComparedRun run_core(CoreKind core, const PreparedCase& prepared, std::uint64_t most_cycles);

/// What differs, one line per kind of event: how often, and where first. Empty: nothing.
struct Differences {
    std::vector<std::string> cycles;
    std::vector<std::string> values;
    bool any() const { return !cycles.empty() || !values.empty(); }
};

Differences compare(const std::vector<OutputVector>& reference, const ComparedRun& systemc, const ComparedRun& rtl);

/// What a case has been compared over.
struct Comparison {
    Differences differences;
    ComparedRun systemc;
    std::uint64_t output_values = 0;
};

/// Runs a case on all three. Throws InputError as prepare().
Comparison cosimulate(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes);

} // namespace bru
