// Understanding moved tokens as steps of a layer.
#include "model/onnx/recording.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "base/integers.hpp"

namespace bru::onnx_import {

std::uint32_t Recording::add_source(Source source) {
    sources.push_back(std::move(source));
    return narrow<std::uint32_t>(sources.size() - 1);
}

std::uint32_t Recording::add_layer_source(Source::Kind kind, std::size_t record) {
    const RawLstm& lstm = lstms[record];
    Source source{kind, record, false, lstm.label, 0};
    source.batch = lstm.batch;
    source.sequence_size = kind == Source::Kind::cell ? lstm.width() : lstm.sequence_size();
    return add_source(std::move(source));
}

void Recording::say(const std::string& message) {
    if (std::find(messages.begin(), messages.end(), message) == messages.end()) messages.push_back(message);
}

Value Recording::host_value(const std::string& label, const std::string& tensor, Dims dims, SideInput side) {
    std::vector<Token> tokens(static_cast<std::size_t>(element_count(dims)));
    Source made{Source::Kind::host, 0, false, label, signed_size(tokens), tensor, dims};
    made.side = std::move(side);
    const std::uint32_t source = add_source(std::move(made));
    for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = {source, static_cast<std::uint32_t>(i)};
    return make_tokens(std::move(dims), std::move(tokens));
}

std::uint32_t Recording::host_input(const std::string& label, const std::string& tensor, const Value& value) {
    const Token first = value.tokens->front();
    HostInput& known = host_inputs_[{first.source, first.index, value.tokens->size()}];
    if (known.tokens && *known.tokens == *value.tokens) return known.source;
    known = {host_value(label, tensor, value.dims).tokens->front().source, value.tokens};
    return known.source;
}

std::optional<std::uint32_t> Recording::known_host_input(const Value& value) const {
    const std::vector<Token>& tokens = *value.tokens;
    const Token first = tokens.front();
    const auto known = host_inputs_.find({first.source, first.index, tokens.size()});
    if (known != host_inputs_.end() && *known->second.tokens == tokens) return known->second.source;
    const Source& source = sources[first.source];
    if (source.kind != Source::Kind::host || source.size != value.size() || source.dims != value.dims)
        return std::nullopt;
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (!(tokens[i] == Token{first.source, narrow<std::uint32_t>(i)})) return std::nullopt;
    return first.source;
}

bool is_identity(const std::vector<std::int64_t>& order) {
    for (std::size_t place = 0; place < order.size(); ++place)
        if (order[place] != static_cast<std::int64_t>(place)) return false;
    return true;
}

RawMatrix with_columns(const RawMatrix& matrix, const std::vector<std::int64_t>& order) {
    if (is_identity(order)) return matrix;
    RawMatrix moved = matrix;
    const std::size_t columns = matrix.columns;
    for (std::size_t row = 0; row < static_cast<std::size_t>(matrix.rows); ++row)
        for (std::size_t column = 0; column < columns; ++column) {
            const std::size_t to = row * columns + order[column];
            moved.values[to] = matrix.values[row * columns + column];
            if (!matrix.quantized.empty()) moved.quantized[to] = matrix.quantized[row * columns + column];
        }
    return moved;
}

namespace {

/// The source of a bidirectional layer made of two LSTM records; made on first use.
std::uint32_t joined_source(Recording& recording, std::size_t forward, std::size_t reverse) {
    const std::string label = recording.lstms[forward].label + " with " + recording.lstms[reverse].label;
    for (std::size_t source = 0; source < recording.sources.size(); ++source)
        if (recording.sources[source].kind == Source::Kind::hidden && recording.sources[source].label == label)
            return narrow<std::uint32_t>(source);
    RawLstm joined = recording.lstms[forward];
    joined.label = label;
    joined.output_tensor.clear();
    joined.directions.push_back(recording.lstms[reverse].directions.front());
    recording.lstms[forward].part_of_joined = true;
    recording.lstms[reverse].part_of_joined = true;
    recording.lstms.push_back(std::move(joined));
    return recording.add_layer_source(Source::Kind::hidden, recording.lstms.size() - 1);
}

bool can_join(const RawLstm& a, const RawLstm& b) {
    return a.cell == b.cell && a.directions.size() == 1 && b.directions.size() == 1 &&
           a.directions.front().reverse != b.directions.front().reverse && a.hidden_size == b.hidden_size &&
           a.input_size == b.input_size && a.from == b.from && a.steps == b.steps && a.batch == b.batch;
}

std::string describe(const Source& source) {
    switch (source.kind) {
    case Source::Kind::graph_input:
    case Source::Kind::host: return source.label;
    case Source::Kind::cell: return "the cell state of " + source.label;
    default: return "the output of " + source.label;
    }
}

/// The LSTM source whose values these are; throws where they are something else.
std::size_t hidden_source(const Recording& recording, const Value& value) {
    if (!value.is_tokens() || value.size() == 0) throw std::invalid_argument("is no output of an LSTM layer");
    const std::uint32_t source = value.tokens->front().source;
    const Source& known = recording.sources[source];
    for (const Token& token : *value.tokens)
        if (token.source != source)
            throw std::invalid_argument(fmt::format("puts {} and {} together, which is not the output of one layer",
                                                    describe(known), describe(recording.sources[token.source])));
    switch (known.kind) {
    case Source::Kind::hidden: break;
    case Source::Kind::graph_input:
        throw std::invalid_argument(fmt::format("works on {}, without an LSTM between", known.label));
    case Source::Kind::host:
        throw std::invalid_argument(fmt::format("works on {}, which the machine does not compute", known.label));
    case Source::Kind::cell:
        throw std::invalid_argument(fmt::format("uses {}; only hidden values leave a layer", describe(known)));
    default:
        throw std::invalid_argument(fmt::format(
            "follows the dense layer {}; one dense layer, at the end, is what the machine runs", known.label));
    }
    if (known.squashed)
        throw std::invalid_argument(fmt::format(
            "follows a Softmax or Sigmoid behind {}, which is seen through at the very end only", known.label));
    return source;
}

} // namespace

BatchLayout batch_layout(const Recording& recording, const Value& value) {
    const std::vector<Token>& tokens = *value.tokens;
    const Source& source = recording.sources[tokens.front().source];
    const auto count = signed_size(tokens);
    if (source.batch == 1) return {1, 1, count};
    const auto is_second = [&](const Token& token) {
        return static_cast<std::int64_t>(token.index) == tokens.front().index + source.sequence_size;
    };
    const std::int64_t inner = std::find_if(tokens.begin(), tokens.end(), is_second) - tokens.begin();
    const std::int64_t run = inner * source.batch;
    const BatchLayout layout{run > 0 ? count / run : 0, source.batch, inner};
    bool fits = inner < count && layout.outer * run == count;
    for (std::int64_t i = 0; fits && i < count; ++i) {
        const std::int64_t first = i / run * run + i % inner; // the same place in the first sequence
        fits = tokens[i].source == tokens.front().source && tokens[first].index < source.sequence_size &&
               tokens[i].index == tokens[first].index + layout.sequence_of(i) * source.sequence_size;
    }
    if (!fits)
        throw std::invalid_argument(
            fmt::format("takes the {} sequences of the batch of {} apart or mixes them", source.batch, source.label));
    return layout;
}

std::vector<Token> first_sequence(const Recording& recording, const Value& value) {
    const BatchLayout layout = batch_layout(recording, value);
    if (layout.batch == 1) return *value.tokens;
    std::vector<Token> tokens;
    for (std::int64_t outer = 0; outer < layout.outer; ++outer) {
        const auto start = value.tokens->begin() + outer * layout.batch * layout.inner;
        tokens.insert(tokens.end(), start, start + layout.inner);
    }
    return tokens;
}

Value of_source(const Value& value, std::uint32_t source) {
    std::vector<Token> tokens = *value.tokens;
    for (Token& token : tokens) token.source = source;
    return make_tokens(value.dims, std::move(tokens));
}

Value with_joined_directions(Recording& recording, const Value& value) {
    if (!value.is_tokens()) return value;
    std::set<std::uint32_t> used;
    for (const Token& token : *value.tokens) used.insert(token.source);
    if (used.size() != 2) return value;
    std::uint32_t forward = *used.begin();
    std::uint32_t reverse = *used.rbegin();
    for (const std::uint32_t source : used)
        if (recording.sources[source].kind != Source::Kind::hidden || recording.sources[source].squashed) return value;
    const auto lstm = [&](std::uint32_t source) -> const RawLstm& {
        return recording.lstms[recording.sources[source].record];
    };
    if (!can_join(lstm(forward), lstm(reverse))) return value;
    if (lstm(forward).directions.front().reverse) std::swap(forward, reverse);
    const auto units = narrow<std::uint32_t>(lstm(forward).hidden_size);
    const auto size = narrow<std::uint32_t>(lstm(forward).sequence_size());
    const std::uint32_t joined =
        joined_source(recording, recording.sources[forward].record, recording.sources[reverse].record);
    std::vector<Token> tokens = *value.tokens;
    for (Token& token : tokens) {
        const std::uint32_t direction = token.source == reverse ? 1 : 0;
        const std::uint32_t sequence = token.index / size;
        const std::uint32_t place = token.index % size;
        token = {joined, 2 * sequence * size + (place / units * 2 + direction) * units + place % units};
    }
    return make_tokens(value.dims, std::move(tokens));
}

namespace {

/// Whether the sources are dense layers over one step each, which are one but for the step.
bool are_steps_of_one(const Recording& recording, const std::set<std::uint32_t>& sources) {
    const Source& first = recording.sources[*sources.begin()];
    std::set<std::int64_t> steps;
    for (const std::uint32_t each : sources) {
        const Source& source = recording.sources[each];
        if (source.kind != Source::Kind::dense || source.squashed != first.squashed) return false;
        const RawDense& one = recording.denses[first.record];
        const RawDense& dense = recording.denses[source.record];
        if (!dense.step || dense.lstm != one.lstm || !steps.insert(*dense.step).second || dense.bias != one.bias ||
            dense.weights.values != one.weights.values)
            return false;
    }
    return true;
}

/// The source of the dense layer over every step; made on first use.
std::uint32_t source_of_all_steps(Recording& recording, std::uint32_t first, std::size_t count) {
    Source source = recording.sources[first];
    source.label = fmt::format("{} and {} more", source.label, count - 1);
    source.before_squash.clear();
    for (std::size_t known = 0; known < recording.sources.size(); ++known)
        if (recording.sources[known].kind == Source::Kind::dense && recording.sources[known].label == source.label &&
            recording.sources[known].squashed == source.squashed)
            return narrow<std::uint32_t>(known);
    RawDense dense = recording.denses[source.record];
    source.sequence_size = recording.lstms[dense.lstm].steps * signed_size(dense.bias);
    source.record = recording.denses.size();
    dense.label = source.label;
    dense.root = source.record;
    dense.steps = OutputSteps::every;
    dense.step.reset();
    recording.denses.push_back(std::move(dense));
    return recording.add_source(std::move(source));
}

} // namespace

Value with_joined_steps(Recording& recording, const Value& value) {
    if (!value.is_tokens()) return value;
    std::set<std::uint32_t> used;
    for (const Token& token : *value.tokens) used.insert(token.source);
    if (used.size() < 2 || !are_steps_of_one(recording, used)) return value;
    const std::uint32_t all = source_of_all_steps(recording, *used.begin(), used.size());
    const auto size = narrow<std::uint32_t>(recording.sources[all].sequence_size);
    std::vector<Token> tokens = *value.tokens;
    for (Token& token : tokens) {
        const RawDense& dense = recording.denses[recording.sources[token.source].record];
        const auto outputs = narrow<std::uint32_t>(dense.bias.size());
        const auto step = narrow<std::uint32_t>(*dense.step);
        token = {all, token.index / outputs * size + step * outputs + token.index % outputs};
    }
    return make_tokens(value.dims, std::move(tokens));
}

std::int64_t layer_width(Recording& recording, const Value& value) {
    const Value joined = with_joined_directions(recording, value);
    return recording.lstms[recording.sources[hidden_source(recording, joined)].record].width();
}

void refuse_step(std::int64_t step) {
    throw std::invalid_argument(
        fmt::format("takes step {} of the sequence (counted from 0); every step, the last one, or what each "
                    "direction computes last can be used",
                    step));
}

LayerRows read_layer_rows(Recording& recording, const Value& value, std::int64_t width) {
    LayerRows rows = read_rows_or_step(recording, value, width);
    if (rows.steps == OutputSteps::last && *rows.step != recording.lstms[rows.lstm].steps - 1) refuse_step(*rows.step);
    return rows;
}

LayerRows read_rows_or_step(Recording& recording, const Value& value, std::int64_t width) {
    const Value joined = with_joined_directions(recording, value);
    LayerRows rows;
    rows.source = hidden_source(recording, joined);
    rows.lstm = recording.sources[rows.source].record;
    const RawLstm& lstm = recording.lstms[rows.lstm];
    if (width != lstm.width())
        throw std::invalid_argument(
            fmt::format("takes {} values where {} puts out {} per step", width, lstm.label, lstm.width()));

    if (lstm.batch > 1 && batch_layout(recording, joined).inner % width != 0)
        throw std::invalid_argument(fmt::format("puts sequences of the batch of {} together", lstm.label));
    const std::vector<Token> tokens = first_sequence(recording, joined);
    const std::size_t row_width = width;
    if (tokens.size() < row_width)
        throw std::invalid_argument(
            fmt::format("takes {} of the {} outputs of {} alone", tokens.size(), width, lstm.label));
    const auto step_of = [&](std::size_t element) { return tokens[element].index / width; };
    const auto unit_of = [&](std::size_t element) { return tokens[element].index % width; };
    std::vector<bool> seen(row_width, false);
    for (std::size_t place = 0; place < row_width; ++place) {
        rows.order.push_back(unit_of(place));
        if (seen[unit_of(place)])
            throw std::invalid_argument(
                fmt::format("takes some outputs of {} twice and others not at all", lstm.label));
        seen[unit_of(place)] = true;
    }
    const std::size_t count = tokens.size() / row_width;
    const bool every = static_cast<std::int64_t>(count) == lstm.steps;
    bool in_order = tokens.size() == count * row_width;
    bool last = count == 1;
    bool final_state = count == 1;
    bool one_step = count == 1;
    for (std::size_t element = 0; element < tokens.size(); ++element) {
        const std::int64_t row = element / row_width;
        const std::size_t direction = unit_of(element) / lstm.hidden_size;
        in_order = in_order && step_of(element) == row && unit_of(element) == rows.order[element % row_width];
        last = last && step_of(element) == lstm.steps - 1;
        one_step = one_step && step_of(element) == step_of(0);
        final_state = final_state && step_of(element) == (lstm.directions[direction].reverse ? 0 : lstm.steps - 1);
    }
    if (one_step) rows.step = step_of(0);
    if (every && in_order)
        rows.steps = OutputSteps::every;
    else if (final_state && !last)
        rows.steps = OutputSteps::final_state;
    else if (last || one_step)
        rows.steps = OutputSteps::last;
    else
        throw std::invalid_argument(
            fmt::format("reorders or drops steps of {}; every step in order, the last one, or what each direction "
                        "computes last can be used",
                        lstm.label));
    return rows;
}

} // namespace bru::onnx_import
