// A case of the co-simulation: a built shape, a network's structure, the sequences that it runs over, and how memory,
// DMA and host stall. Plain data of a few lines, which a JSON file holds; weights and inputs follow from `seed`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "config/load_configuration.hpp"
#include "model/network.hpp"

namespace bru {

enum class Directions { forward, reverse, bidirectional };

/// How the numbers of a kind are drawn.
enum class Magnitude {
    plain,   ///< as a trained network has them; inputs a little beyond the format's range
    large,   ///< gates, cells and logits saturate
    extreme, ///< all the least or the greatest value
    zero     ///< scales, biases, inputs or states 0
};

struct CaseLayer {
    int hidden = 1;
    Directions directions = Directions::forward;
    int input_planes = 1;
    int recurrent_planes = 1;
    CellKind cell = CellKind::lstm;
};

constexpr int kMostSize = 1 << 14; ///< inputs, units of a layer, dense outputs
constexpr int kMostNetworks = 8;   ///< of a case at the pins
constexpr int kManyRuns = 100;     ///< of a case at the pins, at least, where there are many
constexpr int kLateSequences = 4; ///< of each of these runs in sequence mode: the last one comes late (port_script.cpp)

/// A case at the pins of the core: software, source and receiver are those of port_host.hpp, without DMA, memory and
/// driver.
struct PortTraffic {
    int runs = 1;                 ///< starts, one after the other
    int networks = 1;             ///< that take turns between starts: its own, and others that follow from its seed
    int resets = 0;               ///< at random moments
    int mistakes = 0;             ///< of software, which the status must tell and the machine survive
    bool wild = false;            ///< any shifts and biases, as no trained network has them
    bool inside = false;          ///< signals inside the core are compared, too; not with resets
    bool channels_apart = false;  ///< AXI4-Lite: pauses on every channel, reads and writes at once
    int access_percent = 0;       ///< cycles in which a register access begins that the run does not need
    int input_pause_percent = 0;  ///< cycles without TVALID although there is a beat
    int output_stall_percent = 0; ///< the receiver: 0 always takes a beat, 100 sometimes takes none for long
    bool presets_counters = false;
};

struct CosimCase {
    std::string shape; ///< a name in rtl/shapes.txt
    std::uint64_t seed = 1;
    int inputs = 1;
    bool one_hot = false;
    int input_exponent = 0;
    std::vector<CaseLayer> layers;
    int dense_outputs = 0; ///< 0: no dense layer
    int dense_planes = 1;
    OutputMode mode;
    Magnitude weights = Magnitude::plain;
    Magnitude steps = Magnitude::plain;    ///< of the inputs
    Magnitude states = Magnitude::zero;    ///< initial h and c
    std::vector<int> sequences;            ///< steps of each
    int streams = 1;                       ///< that take turns with the sequences; as many as the shape has, or fewer
    int arrival_gap_cycles = 0;            ///< > 0: steps arrive in time, so many cycles apart on average
    std::optional<int> start_delay_cycles; ///< the first inputs are sent so many cycles before `start`
    std::optional<PortTraffic> port;       ///< absent: the core stands in the whole system
    std::vector<Override> parameters;      ///< of memory, DMA and host, and input_words, max_sequence_steps

    bool needs_whole_sequence() const;
    int longest_sequence() const;
    int step_count() const;
};

/// What `CosimCase::parameters` may hold.
bool is_case_parameter(const std::string& key);

nlohmann::ordered_json to_json(const CosimCase& cosim_case);
/// Throws InputError where a field is missing, unknown, or has a value that is not allowed.
CosimCase case_from_json(const nlohmann::ordered_json& json);

/// Reads and writes the JSON file of a case. Throw InputError that names the file.
CosimCase read_case(const std::string& path);
void write_case(const std::string& path, const CosimCase& cosim_case);

} // namespace bru
