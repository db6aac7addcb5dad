// Sweep files: INI files with lists, ranges, objectives and constraints.
#include "explore/sampling.hpp"
#include "explore/sweep_plan.hpp"
#include "fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bru;
    const std::string& path = fuzz::file_of(fuzz::text_of(data, size));
    return fuzz::try_to_read([&] {
        const SweepPlan plan = load_sweep_plan(path, {});
        plan.text();
        constexpr std::uint64_t kFewPoints = 1000;
        if (plan.points > kFewPoints) return; // a sweep of many points takes as long as it takes
        const PointList points(plan);
        if (points.size() > 0) plan.setup(points[points.size() - 1]);
    });
}

// The library of SystemC, which the layers below are linked with, asks every program for this.
extern "C" int sc_main(int, char*[]) { return 0; }
