// Greedy: every way of making the case smaller is tried in turn, again and again; one after which it still fails is
// kept. When a whole round keeps nothing, the case is as small as these ways make it.
#include "cosim/shrinker.hpp"

#include <algorithm>

namespace bru {

namespace {

using Change = std::function<void(CosimCase&)>;

/// Smaller values of a number, the boldest first: least, half way, one less.
void add_smaller(std::vector<Change>& changes, int value, int least, const std::function<void(CosimCase&, int)>& set) {
    for (const int smaller : {least, least + (value - least) / 2, value - 1})
        if (smaller >= least && smaller < value) changes.push_back([set, smaller](CosimCase& c) { set(c, smaller); });
}

void add_sequence_changes(std::vector<Change>& changes, const CosimCase& c) {
    add_smaller(changes, c.streams, 1, [](CosimCase& s, int streams) { s.streams = streams; });
    const std::size_t count = c.sequences.size();
    if (count > 1) {
        const std::ptrdiff_t half = count / 2;
        changes.push_back([half](CosimCase& s) { s.sequences.erase(s.sequences.begin() + half, s.sequences.end()); });
        changes.push_back([half](CosimCase& s) { s.sequences.erase(s.sequences.begin(), s.sequences.begin() + half); });
        for (std::size_t k = 0; k < count; ++k)
            changes.push_back([k](CosimCase& s) { s.sequences.erase(s.sequences.begin() + k); });
    }
    for (std::size_t k = 0; k < count; ++k)
        add_smaller(changes, c.sequences[k], 1, [k](CosimCase& s, int steps) { s.sequences[k] = steps; });
}

void add_layer_changes(std::vector<Change>& changes, const CosimCase& c) {
    for (std::size_t k = 0; k < c.layers.size(); ++k) {
        const CaseLayer& layer = c.layers[k];
        if (c.layers.size() > 1) changes.push_back([k](CosimCase& s) { s.layers.erase(s.layers.begin() + k); });
        if (layer.directions == Directions::bidirectional)
            changes.push_back([k](CosimCase& s) { s.layers[k].directions = Directions::reverse; });
        if (layer.directions != Directions::forward)
            changes.push_back([k](CosimCase& s) { s.layers[k].directions = Directions::forward; });
        if (layer.cell != CellKind::lstm) changes.push_back([k](CosimCase& s) { s.layers[k].cell = CellKind::lstm; });
        add_smaller(changes, layer.hidden, 1, [k](CosimCase& s, int size) { s.layers[k].hidden = size; });
        add_smaller(changes, layer.input_planes, 1,
                    [k](CosimCase& s, int planes) { s.layers[k].input_planes = planes; });
        add_smaller(changes, layer.recurrent_planes, 1,
                    [k](CosimCase& s, int planes) { s.layers[k].recurrent_planes = planes; });
    }
}

void add_network_changes(std::vector<Change>& changes, const CosimCase& c) {
    add_layer_changes(changes, c);
    if (c.dense_outputs > 0)
        changes.push_back([](CosimCase& s) {
            s.dense_outputs = 0;
            s.dense_planes = 1;
            s.mode.kind = OutputKind::hidden;
        });
    if (c.mode.kind == OutputKind::argmax) changes.push_back([](CosimCase& s) { s.mode.kind = OutputKind::logits; });
    add_smaller(changes, c.dense_outputs, 1, [](CosimCase& s, int size) { s.dense_outputs = size; });
    add_smaller(changes, c.dense_planes, 1, [](CosimCase& s, int planes) { s.dense_planes = planes; });
    add_smaller(changes, c.inputs, 1, [](CosimCase& s, int size) { s.inputs = size; });
    if (c.mode.steps != OutputSteps::every) changes.push_back([](CosimCase& s) { s.mode.steps = OutputSteps::every; });
    if (!c.one_hot)
        changes.push_back([](CosimCase& s) {
            s.one_hot = true;
            s.input_exponent = 0;
        });
}

void add_number_changes(std::vector<Change>& changes, const CosimCase& c) {
    if (c.weights != Magnitude::plain) changes.push_back([](CosimCase& s) { s.weights = Magnitude::plain; });
    if (c.steps != Magnitude::plain) changes.push_back([](CosimCase& s) { s.steps = Magnitude::plain; });
    if (c.states != Magnitude::zero) changes.push_back([](CosimCase& s) { s.states = Magnitude::zero; });
    if (c.input_exponent != 0) changes.push_back([](CosimCase& s) { s.input_exponent = 0; });
}

void add_stall_changes(std::vector<Change>& changes, const CosimCase& c) {
    if (c.arrival_gap_cycles > 0) changes.push_back([](CosimCase& s) { s.arrival_gap_cycles = 0; });
    if (c.start_delay_cycles) changes.push_back([](CosimCase& s) { s.start_delay_cycles.reset(); });
    if (c.parameters.size() > 1) changes.push_back([](CosimCase& s) { s.parameters.clear(); });
    for (std::size_t k = 0; k < c.parameters.size(); ++k)
        changes.push_back([k](CosimCase& s) { s.parameters.erase(s.parameters.begin() + k); });
}

void add_port_changes(std::vector<Change>& changes, const PortTraffic& port) {
    add_smaller(changes, port.runs, 1, [](CosimCase& s, int runs) { s.port->runs = runs; });
    add_smaller(changes, port.resets, 0, [](CosimCase& s, int resets) { s.port->resets = resets; });
    changes.push_back([](CosimCase& s) { s.port.reset(); });
    add_smaller(changes, port.mistakes, 0, [](CosimCase& s, int mistakes) { s.port->mistakes = mistakes; });
    if (port.inside) changes.push_back([](CosimCase& s) { s.port->inside = false; });
    if (port.wild) changes.push_back([](CosimCase& s) { s.port->wild = false; });
    add_smaller(changes, port.networks, 1, [](CosimCase& s, int networks) { s.port->networks = networks; });
    if (port.presets_counters) changes.push_back([](CosimCase& s) { s.port->presets_counters = false; });
    if (port.channels_apart) changes.push_back([](CosimCase& s) { s.port->channels_apart = false; });
    for (const auto percent :
         {&PortTraffic::access_percent, &PortTraffic::input_pause_percent, &PortTraffic::output_stall_percent})
        if (port.*percent > 0) changes.push_back([percent](CosimCase& s) { (*s.port).*percent = 0; });
}

std::vector<Change> changes_of(const CosimCase& c) {
    std::vector<Change> changes;
    add_sequence_changes(changes, c);
    add_stall_changes(changes, c);
    if (c.port) add_port_changes(changes, *c.port);
    add_network_changes(changes, c);
    add_number_changes(changes, c);
    return changes;
}

} // namespace

CosimCase shrink(CosimCase failing, const std::function<bool(const CosimCase&)>& fails, int most_attempts) {
    int attempts = 0;
    bool kept = true;
    while (kept) {
        kept = false;
        std::vector<Change> changes = changes_of(failing);
        for (std::size_t next = 0; next < changes.size();) {
            if (attempts++ >= most_attempts) return failing;
            CosimCase smaller = failing;
            changes[next](smaller);
            if (!fails(smaller)) {
                ++next;
                continue;
            }
            failing = std::move(smaller);
            kept = true;
            changes = changes_of(failing); // what can be made smaller has changed
        }
    }
    return failing;
}

} // namespace bru
