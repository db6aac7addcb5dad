// Everything a training depends on beside its data. One table declares each setting with its name, range and help;
// the command line, checkpoints and model cards derive from it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/command_line/option_table.hpp"
#include "train/network.hpp"
#include "train/optimizer.hpp"

namespace bru::train {

struct Settings {
    std::string task;   ///< text, images or csv
    std::string data;   ///< path; "" is the kernel headers (text)
    std::string labels; ///< images: IDX label file
    std::string out;    ///< folder for everything that is written
    std::string only = "both";

    std::int64_t steps = 0; ///< training steps of each kind; 0: minutes decide
    double minutes = 0;     ///< wall-clock time of each kind; 0: steps decide
    std::uint64_t seed = 1;
    std::string arithmetic = "auto";

    int hidden = 0; ///< 0, here and below: chosen by resolve_settings
    int layers = 1;
    bool bidirectional = false;
    std::string cell = "lstm";
    double dropout = -1; ///< negative: chosen
    std::int64_t batch = 0;
    std::int64_t window = 100;
    Schedule schedule{0}; ///< a peak of 0: chosen
    OptimizerOptions optimizer;
    std::string scale_rule = "learned";
    bool batch_norm = false;
    int dense_bits = 6;
    double latent_range = 1;
    double latent_rate = -1;      ///< of latent weights, as a multiple of the rate; negative, here and below: chosen
    double scale_rate = -1;       ///< the same of learned scales
    int shift = 2;                ///< images: random shifts of so many pixels
    std::int64_t trace_steps = 0; ///< 0: chosen

    CellKind cell_kind() const { return cell == "gru" ? CellKind::gru : CellKind::lstm; }
    Binarization binarization(bool binary) const;
};

struct Setting {
    Option option;
    std::string tasks; ///< "text images csv" or fewer
    std::function<std::string(const Settings&)> get;
    std::function<void(Settings&, const std::string&)> set; ///< throws InputError that names value and range
};

const std::vector<Setting>& settings_table();

/// Fills in what was left to choose, from the task's shape, its characters or sequences to learn from, and the speed of
/// this host.
void resolve_settings(Settings& settings, const NetworkShape& task_shape, std::int64_t training_items);

} // namespace bru::train
