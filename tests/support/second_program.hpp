// A second program for a core that has run: the software writes descriptors anew and starts again, without a load.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/integers.hpp"
#include "machine/descriptor.hpp"
#include "machine/registers.hpp"
#include "support/core_bench.hpp"

namespace bru::test {

/// What the second program writes into the descriptors: of two layers of the same size, and of the dense layer.
struct DescriptorRewrite {
    std::string fields;
    std::function<void(std::vector<Descriptor>&, const CoreShape&)> apply;
};

inline const std::vector<DescriptorRewrite>& descriptor_rewrites() {
    static const std::vector<DescriptorRewrite> rewrites = {
        {"SCALE_BASE",
         [](auto& descriptors, const CoreShape&) { descriptors[1].scale_base = descriptors[0].scale_base; }},
        {"SCALE_BASE of the dense layer",
         [](auto& descriptors, const CoreShape&) { descriptors[2].scale_base = descriptors[1].scale_base; }},
        {"BIAS_BASE", [](auto& descriptors, const CoreShape&) { descriptors[1].bias_base = descriptors[0].bias_base; }},
        {"WEIGHT_BASE",
         [](auto& descriptors, const CoreShape&) { descriptors[1].weight_base = descriptors[0].weight_base; }},
        {"X_PLANES", [](auto& descriptors, const CoreShape&) { descriptors[1].x_planes = 1; }},
        {"H_PLANES", [](auto& descriptors, const CoreShape&) { descriptors[1].h_planes = 1; }},
        {"chunks, SIZE and GROUPS of the second layer",
         [](auto& descriptors, const CoreShape& shape) {
             Descriptor& layer = descriptors[1];
             Descriptor& dense = descriptors[2];
             --layer.h_chunks;
             layer.size = layer.h_chunks * static_cast<std::uint32_t>(shape.lane_width);
             layer.groups = divide_up(layer.size, static_cast<std::uint32_t>(shape.units_per_group));
             dense.x_chunks = dense.x_words = dense.source_chunks = layer.h_chunks;
             dense.source_size = layer.size;
         }},
        {"SHIFT", [](auto& descriptors, const CoreShape&) { descriptors[1].shift = 1; }},
        {"SIZE of the dense layer", [](auto& descriptors, const CoreShape&) { descriptors[2].size = 3; }},
    };
    return rewrites;
}

inline NetworkRecipe two_equal_layers() {
    NetworkRecipe recipe;
    recipe.inputs = 9;
    recipe.hidden_sizes = {9, 9};
    recipe.lstm_planes = 2;
    recipe.dense_outputs = 5;
    return recipe;
}

inline constexpr Cycle kSecondProgramCycle = 20000;

/// Both programs on one core. Each has the steps of `network`.
inline BenchRecord run_both_programs(BenchNetwork network, const DescriptorRewrite& rewrite, CoreKind kind,
                                     bool computes_values = true) {
    BenchPlan plan;
    const std::size_t steps = network.steps.size();
    const std::vector<std::vector<std::uint64_t>> once = network.steps;
    network.steps.insert(network.steps.end(), once.begin(), once.end());
    plan.valid = [steps](std::size_t step, std::size_t) { return step < steps ? Cycle{10} : kSecondProgramCycle + 10; };
    plan.give_up_cycle = 2 * kSecondProgramCycle;
    plan.writes = {{kSecondProgramCycle - 200, reg::kInterruptStatus, 1}};
    std::vector<Descriptor> rewritten = network.image.descriptors;
    rewrite.apply(rewritten, CoreShape(network.shape));
    constexpr Cycle kAccessCycles = 4; // more than an access takes on the RTL
    Cycle cycle = kSecondProgramCycle - 100;
    for (std::size_t index = 0; index < rewritten.size(); ++index) {
        const auto* before = reinterpret_cast<const std::uint32_t*>(&network.image.descriptors[index]);
        const auto* after = reinterpret_cast<const std::uint32_t*>(&rewritten[index]);
        const auto base = reg::kDescriptor + static_cast<std::uint32_t>(index) * reg::kDescriptorBytes;
        for (std::uint32_t field = 0; field < kDescriptorFields; ++field)
            if (before[field] != after[field]) {
                plan.writes.push_back({cycle, base + 4 * field, after[field]});
                cycle += kAccessCycles;
            }
    }
    plan.writes.push_back({kSecondProgramCycle + 100, reg::kControl, kControlStart});
    return run_core(network, plan, kind, computes_values);
}

/// The second program alone, on a core that has run nothing before.
inline BenchRecord run_second_program(BenchNetwork network, const DescriptorRewrite& rewrite,
                                      bool computes_values = true) {
    rewrite.apply(network.image.descriptors, CoreShape(network.shape));
    return run_core(network, {}, CoreKind::systemc, computes_values);
}

} // namespace bru::test
