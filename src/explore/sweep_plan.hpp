// A sweep file: a configuration whose keys may have several values, and under [sweep] how points are chosen and judged.
// docs/sweeps.md describes it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/load_configuration.hpp"
#include "explore/metrics.hpp"

namespace bru {

enum class Sampling { grid, random, lhs, nsga2 };
const char* sampling_name(Sampling sampling);

/// A key with more than one value; or several keys whose values go together, place by place.
struct Axis {
    std::vector<std::string> keys;                ///< "bru.lanes"; "run.model" and "run.trace"
    std::vector<std::vector<std::string>> values; ///< by place, then by key; as written
};

/// A point of the sweep: the place of its value in each axis.
using Assignment = std::vector<std::uint32_t>;

/// What a point is before it is evaluated: a configuration, and what runs on it.
struct PointSetup {
    Configuration configuration;            ///< depths as given; not yet checked
    std::map<std::string, std::string> run; ///< options of what runs (config/run_keys.hpp)

    std::optional<std::string> run_option(const std::string& name) const;
};

struct SweepPlan {
    std::string file;
    std::vector<Axis> axes;
    std::vector<Override> fixed; ///< keys with one value
    std::string directory;       ///< of the file, absolute: paths and devices are from here

    Sampling sampling = Sampling::grid;
    std::uint64_t points = 0; ///< to sample or evaluate; grid: 0, all
    std::uint64_t seed = 1;
    std::uint64_t population = 0;        ///< nsga2
    std::uint64_t accuracy_steps = 0;    ///< of the trace over which predictions are scored; 0: all
    bool predictions = false;            ///< are scored
    std::optional<Demand> demand;        ///< of streams, whose number is measured
    std::vector<std::size_t> objectives; ///< metrics; the first one chooses the best point
    std::vector<Constraint> constraints;
    std::vector<std::string> remarks; ///< what the file says and the sweep leaves out, for the user

    /// Points of the whole grid; saturates.
    std::uint64_t grid_size() const;
    /// The values of the axes for place `number` of the grid, the last axis fastest.
    Assignment grid_assignment(std::uint64_t number) const;
    PointSetup setup(const Assignment& assignment) const;
    /// Every axis at the built-in default where it has one, else at its first value.
    PointSetup baseline() const;
    /// Everything that decides which points are evaluated and what is measured of them, in lines; the same on any
    /// machine. Objectives and constraints are not in it: they rank points, and can be others later.
    std::string text() const;
};

/// Reads a sweep file; `overrides` replace what it says, a list for a list. Throws InputError with file and line.
SweepPlan load_sweep_plan(const std::string& path, const std::vector<Override>& overrides);

/// Keys of [sweep] with what they mean, for docs/sweeps.md and messages.
struct SweepKey {
    std::string key;
    std::string standard; ///< default
    std::string help;
};
const std::vector<SweepKey>& sweep_keys();

} // namespace bru
