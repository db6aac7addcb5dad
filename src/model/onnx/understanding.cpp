// Finding the sequence axis: which dimension of the graph's inputs changes the number of steps.
#include "model/onnx/understanding.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {
namespace {

/// Sizes that an open sequence axis is walked with. What holds for one length by chance (element 4 is the last of 5)
/// must not be taken for what the graph means, so two successive lengths have to agree. A front of convolutions may
/// need longer sequences to have an output at all.
using Lengths = std::array<std::int64_t, 3>;
constexpr Lengths kShortTrials = {5, 7, 11};
constexpr Lengths kLongTrials = {600, 2000, 4001};

Understanding walked(WalkedModel& model, const Sizes& sizes) {
    Understanding result;
    result.walk = walk_graph(model, sizes);
    result.found = find_regions(result.walk);
    result.sizes = sizes;
    return result;
}

/// What walking with several lengths of one axis shows.
struct AxisTrial {
    bool is_sequence = false; ///< the axis decides how many steps an LSTM has
    Understanding understood; ///< without regions where they depend on how long the sequence is
};

/// Walks with one length of the axis after the other, until two walks agree.
AxisTrial walk_axis(WalkedModel& model, const std::string& axis, const Lengths& lengths) {
    AxisTrial trial{false, walked(model, {{axis, lengths[0]}})};
    Understanding& before = trial.understood;
    for (std::size_t i = 1; i < lengths.size(); ++i) {
        Understanding after = walked(model, {{axis, lengths[i]}});
        if (after.steps() == before.steps()) return trial;
        trial.is_sequence = true;
        if (after.found.same_layers(before.found)) {
            before.other_sizes = after.sizes;
            before.other_walk = std::make_shared<Walk>(std::move(after.walk));
            return trial;
        }
        before = std::move(after);
    }
    before.found = {};
    before.walk.outside = {{"the graph", "", "means something else for each length of the sequence"}};
    return trial;
}

std::ptrdiff_t layers_of_one_step(const Understanding& understood) {
    const std::vector<RawLstm>& lstms = understood.walk.recording.lstms;
    return std::count_if(lstms.begin(), lstms.end(), [](const RawLstm& lstm) { return lstm.steps == 1; });
}

/// A layer of one step leaves open whether the graph means every step or the last one. Where another open dimension is
/// the sequence of such a layer (a model that compares two sequences), it gets the lengths of the first one.
Understanding with_second_sequences(WalkedModel& model, Understanding understood, const std::string& axis) {
    for (const InputDimension& dimension : input_dimensions(model.proto())) {
        const std::ptrdiff_t unclear = layers_of_one_step(understood);
        if (unclear == 0 || understood.other_sizes.empty()) break;
        if (!dimension.open || understood.sizes.count(dimension.name) != 0) continue;
        Sizes sizes = understood.sizes;
        sizes[dimension.name] = sizes[axis];
        Understanding longer = walked(model, sizes);
        if (layers_of_one_step(longer) >= unclear) continue;
        Sizes other_sizes = understood.other_sizes;
        other_sizes[dimension.name] = other_sizes[axis];
        Understanding other = walked(model, other_sizes);
        if (!other.found.same_layers(longer.found)) continue;
        longer.other_sizes = std::move(other_sizes);
        longer.other_walk = std::make_shared<Walk>(std::move(other.walk));
        understood = std::move(longer);
    }
    return understood;
}

/// The first dimension that is the sequence among the open ones, or among the closed ones of size 1.
AxisTrial find_axis(WalkedModel& model, bool open) {
    AxisTrial unreadable;
    std::set<std::string> tried;
    for (const InputDimension& dimension : input_dimensions(model.proto())) {
        if (dimension.open != open || (!open && dimension.size != 1) || !tried.insert(dimension.name).second) continue;
        for (const Lengths& lengths : {kShortTrials, kLongTrials}) {
            AxisTrial trial = walk_axis(model, dimension.name, lengths);
            const bool has_layers = trial.understood.steps() > 0;
            if (!trial.is_sequence && has_layers) break;
            if (!trial.is_sequence) continue; // a front may need longer sequences
            if (!trial.understood.found.regions.empty()) {
                trial.understood = with_second_sequences(model, std::move(trial.understood), dimension.name);
                return trial;
            }
            if (!unreadable.is_sequence) unreadable = std::move(trial);
            break;
        }
    }
    return unreadable;
}

/// Why nothing of the graph can run: what is wrong with a recurrent layer, if it has one, else what comes first.
std::string why_nothing_runs(const std::vector<OutsideNode>& outside) {
    const auto recurrent = std::find_if(outside.begin(), outside.end(), [](const OutsideNode& node) {
        return node.op == "LSTM" || node.op == "GRU" || node.op == "RNN" || node.hides_layers;
    });
    if (outside.empty()) return "the graph has no LSTM or GRU layer whose values reach an output";
    const OutsideNode& named = recurrent != outside.end() ? *recurrent : outside.front();
    std::string text = named.reason;
    if (text.rfind("graph ", 0) != 0 && text.find(named.label) == std::string::npos)
        text = fmt::format("{}{}{}", named.label, named.op.empty() ? " " : ": ", text);
    if (outside.size() > 1)
        text += fmt::format(" (bru inspect lists {} more that the machine cannot run)", outside.size() - 1);
    if (recurrent == outside.end())
        text += "; the model has no LSTM or GRU node, and the machine runs such layers with at most one dense layer "
                "behind them. "
                "Where a cell is written out step by step, export a layer instead: nn.LSTM in place of nn.LSTMCell "
                "(docs/models.md)";
    return text;
}

} // namespace

const FoundRegion& chosen_region(const Understanding& understood, std::optional<int> region) {
    const FoundRegions& found = understood.found;
    if (found.regions.empty()) throw InputError(why_nothing_runs(understood.walk.outside));
    if (!region) return found.regions[found.preferred];
    const auto count = narrow<int>(found.regions.size());
    if (*region < 1 || *region > count)
        throw InputError(
            count == 1 ? fmt::format("--region {}: the model has 1 region; give 1, or leave --region out", *region)
                       : fmt::format("--region {}: the model has {} regions; give 1 to {} (bru inspect lists them)",
                                     *region, count, count));
    return found.regions[*region - 1];
}

std::int64_t Understanding::steps() const {
    if (found.regions.empty()) return walk.recording.steps;
    return walk.recording.lstms[found.regions[found.preferred].plan.lstms.front()].steps;
}

namespace {

/// Finds which open dimension is the sequence and walks with it; a graph without one is walked as it is.
Understanding walked_by_sequence(WalkedModel& model) {
    if (AxisTrial open = find_axis(model, true); open.is_sequence) return std::move(open.understood);
    Understanding fixed = walked(model, {});
    fixed.fixed_steps = true;
    if (fixed.found.regions.empty() || fixed.steps() != 1) return fixed;
    // A graph exported for one step: if it can be read for longer sequences, it is meant so.
    AxisTrial longer = find_axis(model, false);
    return longer.understood.found.regions.empty() ? std::move(fixed) : std::move(longer.understood);
}

} // namespace

Understanding understand_graph(WalkedModel& model, const std::vector<OutsideNode>& outside) {
    Understanding understood = walked_by_sequence(model);
    std::vector<OutsideNode>& all = understood.walk.outside;
    all.insert(all.begin(), outside.begin(), outside.end());
    return understood;
}

} // namespace bru::onnx_import
