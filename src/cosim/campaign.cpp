#include "cosim/campaign.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/json_text.hpp"
#include "base/terminal.hpp"
#include "base/text_layout.hpp"
#include "cosim/case_generator.hpp"
#include "cosim/shrinker.hpp"
#include "report/text.hpp"

namespace bru {

namespace {

constexpr int kMostShrinkAttempts = 600;
constexpr std::uint64_t kFailuresShown = 10; ///< the first in full, the others with a line each

std::vector<RtlShape> chosen_shapes(const std::vector<std::string>& names) {
    if (names.empty()) return rtl_shapes();
    std::vector<RtlShape> chosen;
    std::vector<std::string> known;
    for (const RtlShape& shape : rtl_shapes()) {
        known.push_back(shape.name);
        if (std::find(names.begin(), names.end(), shape.name) != names.end()) chosen.push_back(shape);
    }
    for (const std::string& name : names)
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw InputError(
                fmt::format("--shape {}: not built; built are {}", name.substr(0, 80), fmt::join(known, ", ")));
    return chosen;
}

std::string indented(const Differences& differences) {
    std::string text;
    for (const auto* lines : {&differences.cycles, &differences.values})
        for (const std::string& line : *lines) text += wrapped(line, 2);
    return text;
}

/// A line on a terminal that rewrites itself; nothing in a pipe.
class ProgressLine {
public:
    explicit ProgressLine(std::uint64_t total) : total_(total) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(std::uint64_t done, std::uint64_t failures) {
        const auto now = std::chrono::steady_clock::now();
        if (!on_terminal_ || now - last_shown_ < std::chrono::milliseconds(200)) return;
        last_shown_ = now;
        rewrite_line(fmt::format("case {} of {}, {} failed", done, total_, failures));
    }
    void clear() const {
        if (on_terminal_) rewrite_line("");
    }

private:
    std::uint64_t total_;
    bool on_terminal_ = terminal_rewrites_lines();
    std::chrono::steady_clock::time_point last_shown_{};
};

} // namespace

Campaign::Campaign(CampaignOptions options) : options_(std::move(options)), shapes_(chosen_shapes(options_.shapes)) {}

bool Campaign::run() {
    if (!options_.case_file.empty()) {
        run_case(read_case(options_.case_file), options_.case_file, "--case-file " + options_.case_file);
    } else {
        const std::uint64_t first = options_.only_case.value_or(0);
        const std::uint64_t end = options_.only_case ? first + 1 : options_.cases;
        ProgressLine progress(end);
        for (std::uint64_t number = first; number < end && !(options_.stops && failures_ > 0); ++number) {
            if (interrupted()) {
                progress.clear();
                print_summary();
                std::fflush(stdout);
                throw Interrupted();
            }
            progress.show(number, failures_);
            run_case(draw_case(options_.seed, number, shapes_),
                     fmt::format("case {} of seed {}", number, options_.seed), repeat_options(number));
        }
    }
    print_summary();
    return failures_ == 0;
}

std::string Campaign::repeat_options(std::uint64_t number) const {
    std::string text = fmt::format("--seed {} --case {}", options_.seed, number);
    for (const std::string& shape : options_.shapes) text += " --shape " + shape;
    return text;
}

void Campaign::run_case(const CosimCase& cosim_case, const std::string& name, const std::string& repeat) {
    const Comparison comparison = cosimulate(cosim_case, shapes_);
    count(cosim_case, comparison);
    if (comparison.differences.any()) report_failure(cosim_case, comparison.differences, name, repeat);
}

void Campaign::count(const CosimCase& cosim_case, const Comparison& comparison) {
    ++cases_;
    cycle_mismatches_ += comparison.differences.cycles.empty() ? 0 : 1;
    value_mismatches_ += comparison.differences.values.empty() ? 0 : 1;
    failures_ += comparison.differences.any() ? 1 : 0;
    ShapeTally& tally = tallies_[cosim_case.shape];
    ++tally.cases;
    tally.cycles += comparison.systemc.result.total_cycles;
    for (std::size_t k = 0; k < cases_with_class_.size(); ++k)
        cases_with_class_[k] += comparison.systemc.result.class_cycles[k] > 0 ? 1 : 0;
    input_beats_ += comparison.systemc.ports.input_cycles.size();
    output_beats_ += comparison.systemc.ports.output_cycles.size();
    interrupts_ += comparison.systemc.ports.interrupt_cycles.size();
    output_values_ += comparison.output_values;
}

void Campaign::report_failure(const CosimCase& cosim_case, const Differences& differences, const std::string& name,
                              const std::string& repeat) {
    if (failures_ > kFailuresShown) return;
    ProgressLine(0).clear();
    fmt::print("{}, shape {}: differs\n", name, cosim_case.shape);
    if (failures_ > 1) {
        fmt::print("  repeat: {} {}\n", options_.program, repeat);
        return;
    }
    fmt::print("{}  repeat: {} {}\n", indented(differences), options_.program, repeat);
    std::fflush(stdout);
    if (!options_.shrinks) return;
    Differences smallest_differences = differences;
    const CosimCase smallest = shrink(
        cosim_case,
        [&](const CosimCase& smaller) {
            if (interrupted()) return false; // the smallest so far
            try {
                Differences found = cosimulate(smaller, shapes_).differences;
                if (!found.any()) return false;
                smallest_differences = std::move(found);
                return true;
            } catch (const InputError&) { // too small for one of its parameters
                return false;
            }
        },
        kMostShrinkAttempts);
    std::string repeat_smallest = fmt::format("repeat: {} --case-file {}", options_.program, options_.failure_file);
    try {
        write_case(options_.failure_file, smallest);
    } catch (const InputError& error) { // the case is printed, and the others are still to run
        repeat_smallest = error.what();
    }
    fmt::print("smallest case found that differs:\n{}\n{}  {}\n", json_text(to_json(smallest), 2),
               indented(smallest_differences), repeat_smallest);
    std::fflush(stdout);
}

void Campaign::print_summary() const {
    if (failures_ > kFailuresShown) fmt::print("and {} more that differ\n", failures_ - kFailuresShown);
    fmt::print("{:10}{:>8}{:>14}\n", "shape", "cases", "cycles");
    for (const auto& [name, tally] : tallies_)
        fmt::print("{:10}{:>8}{:>14}\n", name, tally.cases, grouped(tally.cycles));
    std::string waited = "cases that waited:";
    for (const CycleClass wait :
         {CycleClass::input_wait, CycleClass::state_wait, CycleClass::update_wait, CycleClass::output_wait})
        waited += fmt::format(" {} {}", cycle_class_name(wait), cases_with_class_[index_of(wait)]);
    fmt::print("{}{}", wrapped(waited),
               wrapped(fmt::format("compared: cycles of {} input beats, {} output beats, {} interrupts; {} output "
                                   "values",
                                   grouped(input_beats_), grouped(output_beats_), grouped(interrupts_),
                                   grouped(output_values_))));
    fmt::print("cases={} cycle_mismatches={} value_mismatches={}\n", cases_, cycle_mismatches_, value_mismatches_);
}

} // namespace bru
