// Chains of LSTM records, and which of the tensors that others read leaves the machine.
#include "model/onnx/regions.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

namespace bru::onnx_import {
namespace {

/// A tensor that can leave, with who reads it.
struct Candidate {
    Plan plan;
    Exit::Reader reader = Exit::Reader::outside;
    int place = 0; ///< of the node that makes the tensor
};

/// What the readers of the machine's values take, as far as it can leave. Softmax and ArgMax stay with the host,
/// where the host has work to do anyway.
std::vector<Candidate> candidates(Walk& walk) {
    std::vector<Candidate> all;
    for (const Exit& exit : walk.exits) {
        const Source& source = walk.recording.sources[exit.value.tokens->front().source];
        if (source.squashed || source.kind == Source::Kind::argmax) continue;
        try {
            all.push_back({understand(walk.recording, exit.value, exit.tensor), exit.reader, exit.place});
        } catch (const std::invalid_argument&) { // the host takes the whole output of the layer, and makes this of it
        }
    }
    return all;
}

/// The LSTM records whose values reach an output of the graph or a node that is no layer.
std::set<std::size_t> read_layers(const Walk& walk, const std::vector<Candidate>& all) {
    const Recording& recording = walk.recording;
    std::set<std::uint32_t> sources;
    for (const Exit& exit : walk.exits)
        for (const Token& token : *exit.value.tokens)
            if (sources.empty() || *sources.begin() != token.source) sources.insert(token.source);
    std::set<std::size_t> read;
    for (const std::uint32_t source : sources) {
        const Source& known = recording.sources[source];
        if (known.kind == Source::Kind::hidden || known.kind == Source::Kind::cell) read.insert(known.record);
        if (known.kind == Source::Kind::dense || known.kind == Source::Kind::argmax)
            read.insert(recording.denses[known.record].lstm);
    }
    for (const Candidate& candidate : all) read.insert(candidate.plan.lstms.back());
    return read;
}

/// The LSTM records that no other layer reads: the ends of the chains.
std::vector<std::size_t> last_layers(const Recording& recording) {
    std::vector<bool> is_read(recording.lstms.size(), false);
    for (const RawLstm& lstm : recording.lstms)
        if (!lstm.starts) is_read[recording.sources[lstm.from].record] = true;
    std::vector<std::size_t> last;
    for (std::size_t record = 0; record < is_read.size(); ++record)
        if (!is_read[record] && !recording.lstms[record].part_of_joined) last.push_back(record);
    return last;
}

int rank(OutputSteps steps) { return steps == OutputSteps::every ? 2 : steps == OutputSteps::last ? 1 : 0; }

/// More steps, or the same of an earlier tensor: the host can make the later one of it.
bool is_better(const Candidate& a, const Candidate& b) {
    const int more = rank(a.plan.output.steps) - rank(b.plan.output.steps);
    return more != 0 ? more > 0 : a.place < b.place;
}

/// The tensor that leaves behind the layers `lstms`. One dense layer leaves where it is all that the rest of the graph
/// reads; final states that are nothing but outputs of the graph are those of a stream, which the machine keeps.
Plan leaving(const Recording& recording, const std::vector<Candidate>& all, std::vector<std::size_t> lstms) {
    std::set<std::size_t> dense_layers;
    bool hidden_is_read = false;
    const Candidate* dense = nullptr;
    const Candidate* hidden = nullptr;
    for (const Candidate& candidate : all) {
        if (candidate.plan.lstms != lstms) continue;
        const Candidate*& best = candidate.plan.dense ? dense : hidden;
        if (best == nullptr || is_better(candidate, *best)) best = &candidate;
        if (candidate.plan.dense)
            dense_layers.insert(recording.denses[*candidate.plan.dense].root);
        else if (candidate.reader == Exit::Reader::outside || candidate.plan.output.steps == OutputSteps::every)
            hidden_is_read = hidden_is_read || candidate.reader != Exit::Reader::dense;
    }
    if (dense != nullptr && dense_layers.size() == 1 && !hidden_is_read) return dense->plan;
    if (hidden != nullptr) return hidden->plan;
    Plan plan;
    plan.output_tensor = recording.lstms[lstms.back()].output_tensor;
    plan.lstms = std::move(lstms);
    return plan;
}

std::string layers_text(const Recording& recording, const Plan& plan) {
    std::string text = fmt::format("{}", recording.lstms[plan.lstms.front()].input_size);
    for (const std::size_t record : plan.lstms) {
        const RawLstm& lstm = recording.lstms[record];
        text += fmt::format(" -> {} {}{}", cell_name(lstm.cell), lstm.directions.size() > 1 ? "2 x " : "",
                            lstm.hidden_size);
    }
    if (plan.dense) text += fmt::format(" -> dense {}", recording.denses[*plan.dense].bias.size());
    return text;
}

double work(const Recording& recording, const Plan& plan) {
    double sum = 0;
    for (const std::size_t record : plan.lstms) {
        const RawLstm& lstm = recording.lstms[record];
        const double rows_per_unit = lstm.cell == CellKind::gru ? 3 : 4;
        sum += static_cast<double>(lstm.batch * lstm.steps) * static_cast<double>(lstm.width()) * rows_per_unit *
               static_cast<double>(lstm.input_size + lstm.hidden_size);
    }
    if (!plan.dense) return sum;
    const RawDense& dense = recording.denses[*plan.dense];
    const RawLstm& last = recording.lstms[dense.lstm];
    const std::int64_t rows = last.batch * (dense.steps == OutputSteps::every ? last.steps : 1);
    return sum + static_cast<double>(rows * dense.weights.rows) * static_cast<double>(dense.weights.columns);
}

FoundRegion region_of(const Recording& recording, Plan plan) {
    FoundRegion region;
    const Source& feed = recording.sources[recording.lstms[plan.lstms.front()].from];
    region.layers = layers_text(recording, plan);
    region.input_tensor = feed.tensor;
    region.input_dims = feed.dims;
    region.host_makes_input = feed.kind != Source::Kind::graph_input;
    region.output_tensor = plan.output_tensor;
    region.leaving_tensor = plan.before_squash.empty() ? plan.output_tensor : plan.before_squash;
    region.multiply_accumulates = work(recording, plan);
    region.plan = std::move(plan);
    return region;
}

} // namespace

double FoundRegions::share(const FoundRegion& region) const {
    return multiply_accumulates > 0 ? std::min(1.0, region.multiply_accumulates / multiply_accumulates) : 1.0;
}

bool FoundRegions::same_layers(const FoundRegions& other) const {
    return whole_graph == other.whole_graph && preferred == other.preferred &&
           std::equal(regions.begin(), regions.end(), other.regions.begin(), other.regions.end(),
                      [](const FoundRegion& a, const FoundRegion& b) { return a.plan == b.plan; });
}

FoundRegions find_regions(Walk& walk) {
    FoundRegions found;
    found.multiply_accumulates = walk.multiply_accumulates;
    const std::optional<Plan> whole = plan_graph_output(walk);
    const std::vector<Candidate> all = candidates(walk);
    const std::set<std::size_t> read = read_layers(walk, all);
    for (const std::size_t last : last_layers(walk.recording)) {
        if (read.count(last) == 0) continue;
        std::vector<std::size_t> lstms = layers_up_to(walk.recording, last);
        const bool is_whole = whole && whole->lstms == lstms;
        Plan plan = is_whole ? *whole : leaving(walk.recording, all, std::move(lstms));
        found.regions.push_back(region_of(walk.recording, std::move(plan)));
        const std::size_t index = found.regions.size() - 1;
        const bool larger =
            found.regions[index].multiply_accumulates > found.regions[found.preferred].multiply_accumulates;
        if (is_whole || (larger && !found.whole_graph)) found.preferred = index;
        found.whole_graph = found.whole_graph || is_whole;
    }
    if (whole && !found.whole_graph) { // the graph's output is that of a layer in the middle of a chain
        found.regions.push_back(region_of(walk.recording, *whole));
        found.preferred = found.regions.size() - 1;
        found.whole_graph = true;
    }
    return found;
}

} // namespace bru::onnx_import
