// The walk that shows what a graph means: with the sequence axis found, and the same for sequences of any length.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "model/onnx/graph.hpp"
#include "model/onnx/regions.hpp"

namespace bru::onnx_import {

struct Understanding {
    Walk walk;
    FoundRegions found;
    Sizes sizes;                      ///< that the graph was walked with
    Sizes other_sizes;                ///< the same with another length of the sequence; empty where the length is fixed
    std::shared_ptr<Walk> other_walk; ///< with the other sizes; null where the length is fixed
    bool fixed_steps = false;         ///< the graph itself says how many steps

    std::int64_t steps() const; ///< of the preferred region, or else of the first LSTM node; 0 where there is none
};

/// Throws only where the walks together are more than the budget allows. `outside`: what is known to stand in the way
/// before the graph is walked.
Understanding understand_graph(WalkedModel& model, const std::vector<OutsideNode>& outside);

/// The region that is asked for, counted from 1, or the preferred one. Throws InputError where it does not exist; where
/// there is none, with the reason.
const FoundRegion& chosen_region(const Understanding& understood, std::optional<int> region);

} // namespace bru::onnx_import
