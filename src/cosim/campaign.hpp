// The work of bru-cosim: one case after the other, what failed, and what the cases have met.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cosim/comparison.hpp"

namespace bru {

struct CampaignOptions {
    std::uint64_t cases = 100;
    std::uint64_t seed = 1;
    std::optional<std::uint64_t> only_case; ///< one case of the seed
    std::string case_file;                  ///< "": drawn cases
    bool stops = false;                     ///< after the first case that differs
    bool shrinks = true;                    ///< the first case that differs is made smaller
    std::string failure_file = "bru-cosim-failure.json";
    std::vector<std::string> shapes;   ///< names; empty: all that are built
    std::string program = "bru-cosim"; ///< as it was called, for the commands that repeat a case
};

class Campaign {
public:
    /// Throws InputError where a shape is not built.
    explicit Campaign(CampaignOptions options);

    /// Runs all cases and prints what differs and the summary. True: nothing differs.
    bool run();

private:
    struct ShapeTally {
        std::uint64_t cases = 0;
        std::uint64_t cycles = 0;
    };
    void run_case(const CosimCase& cosim_case, const std::string& name, const std::string& repeat);
    void count(const CosimCase& cosim_case, const Comparison& comparison);
    void report_failure(const CosimCase& cosim_case, const Differences& differences, const std::string& name,
                        const std::string& repeat);
    void print_summary() const;
    std::string repeat_options(std::uint64_t number) const;

    CampaignOptions options_;
    std::vector<RtlShape> shapes_;
    std::uint64_t cases_ = 0;
    std::uint64_t cycle_mismatches_ = 0; ///< cases with any
    std::uint64_t value_mismatches_ = 0;
    std::uint64_t failures_ = 0;
    std::map<std::string, ShapeTally> tallies_;
    std::array<std::uint64_t, kCycleClasses> cases_with_class_{};
    std::uint64_t input_beats_ = 0;
    std::uint64_t output_beats_ = 0;
    std::uint64_t interrupts_ = 0;
    std::uint64_t output_values_ = 0;
};

} // namespace bru
