// What a machine makes of a network, however long a run is and whenever its steps arrive: cycles in steady state, layer
// by layer, and the response to one step. Found by simulations of timing alone, with steps of their own.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "base/integers.hpp"
#include "machine/cycle_class.hpp"
#include "run/library.hpp"
#include "run/specification.hpp"

namespace bru {

inline std::uint64_t sum_of(const ClassCycles& classes) {
    return std::accumulate(classes.begin(), classes.end(), std::uint64_t{0});
}

inline ClassCycles sum_of(ClassCycles a, const ClassCycles& b) {
    for (std::size_t k = 0; k < a.size(); ++k) a[k] += b[k];
    return a;
}

struct LayerFigures {
    std::string name;      ///< "layer 0", "layer 0 reverse", "dense"
    ClassCycles classes{}; ///< in steady state: its chunks, and what it waited for
    std::uint64_t cycles() const { return sum_of(classes); }
};

/// A steady state is counted over so many steps at least.
inline constexpr std::uint64_t kLeastSteadySteps = 1024; // whole transfers of the default host, in and out

/// What a core of a chip with several did in its stretch.
struct CoreSteadyState {
    std::uint64_t steps = 0;
    ClassCycles classes{};
    std::uint64_t cycles() const { return sum_of(classes); }
};

/// A stretch of steps in the middle of a long run, back to back. Everything is counted over the stretch, so that sums
/// are exact. All cores of a chip are busy; steps, layers and classes are those of core 0.
struct SteadyState {
    bool reached = false;         ///< false: after the longest run that is tried, a buffer still fills or empties
    std::uint64_t fill_steps = 0; ///< of the run before the stretch
    std::uint64_t steps = 0;
    double sequences = 0; ///< that end in the stretch; 0: sequences have no end
    std::uint64_t outputs = 0;
    std::vector<LayerFigures> layers;        ///< in the order of work
    std::uint64_t streams = 1;               ///< of all cores; those of a core take turns, step by step
    std::vector<CoreSteadyState> cores = {}; ///< that are busy, of a chip with several

    ClassCycles classes() const;
    std::uint64_t cycles() const { return sum_of(classes()); }
    double per_step(std::uint64_t cycles) const { return steps > 0 ? ratio(cycles, steps) : 0; }
    double cycles_per_step() const { return per_step(cycles()); } ///< of a step on its core
    /// From one step to the next, whatever core it leaves: 1 over the throughput of the chip.
    double chip_cycles_per_step() const;
    double steps_per_sequence() const { return sequences > 0 ? real(steps) / sequences : 0; }
};

/// One request on an idle, loaded machine. A request is a step; where a layer is reverse or bidirectional, it is a
/// whole sequence, since the machine cannot begin before the sequence is there.
struct Response {
    std::uint64_t steps = 1; ///< of a request
    double cycles = 0;       ///< from its arrival in memory to the last beat of its output
    double service = 0;      ///< of these, from the issue of its first chunk on: without host, DMA and memory
};

struct MachineFigures {
    SteadyState steady;
    Response response;
};

/// Takes model, output and configuration from the specification. Throws InputError as Run does.
MachineFigures measure_figures(Library& library, const RunSpecification& specification, const SequencePattern& pattern);

/// The steady state alone, which is cheaper.
SteadyState measure_steady_state(Library& library, const RunSpecification& specification,
                                 const SequencePattern& pattern);

} // namespace bru
