// What `bru run` says about a run: the table on the terminal and the JSON of the same facts.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "config/configuration.hpp"
#include "device/power_estimate.hpp"
#include "device/resource_estimate.hpp"
#include "device/synthesis_evidence.hpp"
#include "model/network.hpp"
#include "platform/simulation.hpp"
#include "run/hints.hpp"
#include "run/machine_figures.hpp"
#include "trace/golden_file.hpp"

namespace bru {

/// Output values compared with a golden file.
struct GoldenOutcome {
    std::uint64_t checked = 0;
    std::uint64_t mismatches = 0;
    std::string file;  ///< "" where there is none
    std::string first; ///< first mismatch, or why nothing was checked; "" where all is well
};

/// One measure of what the network says, in fixed point (the machine) and in floating point.
struct PredictionMeasure {
    std::string name; ///< "bits_per_character", "accuracy_percent", ...
    std::string unit;
    double machine = 0;
    double floating = 0;             ///< the network as its file has it
    std::optional<double> quantized; ///< the quantized weights in float, where bru quantized them
    std::uint64_t count = 0;         ///< characters or labels
};

/// The lines of `--predictions`, and the same as JSON.
std::string prediction_table(const std::vector<PredictionMeasure>& measures);
nlohmann::ordered_json predictions_json(const std::vector<PredictionMeasure>& measures);

/// What the host computed of a whole model, apart from the simulated machine.
struct HostTimes {
    std::uint64_t calls = 0; ///< of the graph
    double front_us = 0;     ///< of all calls, when the trace was made
    double back_us = 0;      ///< of all calls
};

struct RunReport {
    Configuration configuration; ///< every depth resolved
    const Network* network = nullptr;
    std::string model_path;
    std::string trace_path;
    OutputMode mode;
    CoreKind core = CoreKind::systemc;
    double deadline_us = 0; ///< 0: none asked for
    SimulationResult result;
    bool timed_arrivals = false;
    MachineFigures figures;
    GoldenOutcome golden;
    ResourceEstimate resources;
    SynthesisEvidence synthesis;  ///< of the versions that synthesized this shape
    bool shows_synthesis = false; ///< in the table; the JSON always has it
    PowerEstimate power;          ///< in steady state
    double loading_uj = 0;        ///< once
    std::vector<Hint> hints;
    std::optional<HostTimes> host_times; ///< of the front and the back, where outputs of the whole graph were asked for
    std::optional<std::vector<PredictionMeasure>> predictions;
    std::optional<std::string> divergence;                     ///< answer to --explain-divergence
    std::vector<std::pair<std::string, std::string>> manifest; ///< further facts: seeds, options

    double steps_per_s() const; ///< of the machine, steady state, all streams together
    double queueing_us() const; ///< the part of the trace's mean latency that is waiting behind other steps
    double gops() const;        ///< 2 x one-bit multiply-accumulates of all planes
};

/// `schema` of the JSON below; a new number where a key changes its meaning.
inline constexpr const char* kRunSchema = "bru-run-2";

/// "86 one-hot -> LSTM 256 -> dense 86 (6 planes)"
std::string network_line(const Network& network);
/// "150 MHz"; "200 MHz (DMA 150 MHz)" where the DMA has a clock of its own.
std::string clock_text(const Configuration& configuration);

nlohmann::ordered_json run_json(const RunReport& report);
std::string run_table(const RunReport& report, bool use_colour);

} // namespace bru
