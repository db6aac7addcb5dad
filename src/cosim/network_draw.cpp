#include "cosim/network_draw.hpp"

#include <algorithm>

#include "base/integers.hpp"
#include "cosim/large_sizes.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"

namespace bru {

namespace {

constexpr int kLargestSize = 64;
constexpr int kFollowingSequences = 150; ///< of all runs

} // namespace

NetworkDraw::NetworkDraw(std::uint64_t seed, const std::vector<RtlShape>& shapes)
    : Draws(seed), shape_(shapes[narrow<std::size_t>(below(shapes.size()))]), largest_(kLargestSize) {}

void NetworkDraw::smaller_layers() { largest_ = std::max(largest_ * 3 / 4, 1); }

void NetworkDraw::draw_network(CosimCase& c) {
    grows_ = nullptr;
    all_extreme_ = false;
    c.one_hot = one_in(3);
    c.inputs = one_in(4) ? between(1, 4) : size();
    if (many_runs_ || largest_ < kLargestSize || !draw_special(c)) draw_stack(c);
}

bool NetworkDraw::draw_special(CosimCase& c) {
    const Shape& shape = shape_.shape;
    if (widest_layer(shape) > 0 && one_in(4))
        draw_wide_layer(c);
    else if (units_of_wide_directions(shape) > 0 && one_in(4))
        draw_wide_directions(c);
    else if (inputs_of_large_sums(shape) > 0 && one_in(6))
        draw_large_sums(c);
    else if (pressure_)
        return false;
    else if (several_streams() && one_in(3))
        draw_short_round(c);
    else if (shape.streams == 1 && one_in(10))
        draw_following_sequences(c);
    else if (shape.streams == 1 && one_in(10))
        draw_many_descriptors(c);
    else if (one_in(4))
        draw_lopsided(c);
    else
        return false;
    return true;
}

void NetworkDraw::draw_stack(CosimCase& c) {
    const bool several = several_streams();
    // Vectors of a few chunks, one right behind the other; of several streams, so that many are under way.
    const bool tiny = many_runs_ || (!pressure_ && one_in(several ? 2 : 4));
    const bool many = !pressure_ && !many_runs_ && one_in(several ? 8 : 16);
    const int layers = many && one_in(2)               ? pick({5, 9}) // the last one's number is 0 in two bits
                       : many                          ? between(4, 15)
                       : tiny && several && !one_in(4) ? 1
                                                       : pick({1, 1, 2, 2, 3});
    const bool forward = shape_.shape.streams > 1 || one_in(many_runs_ ? 4 : 2);
    for (int k = 0; k < layers; ++k) {
        CaseLayer layer;
        layer.hidden = tiny || many ? tiny_size() : size();
        layer.directions = forward ? Directions::forward : static_cast<Directions>(below(3));
        layer.input_planes = tiny ? 1 : planes();
        layer.recurrent_planes = one_in(3) ? planes() : layer.input_planes;
        c.layers.push_back(layer);
    }
    draw_cells(c);
    if (tiny) c.inputs = between(1, 6);
    if (one_in(3)) return;
    c.dense_outputs = tiny        ? (one_in(2) ? between(1, 5) : between(1, 3 * narrow<int>(shape_.shape.lanes)))
                      : one_in(3) ? between(1, 4) * narrow<int>(shape_.shape.lanes) + between(-1, 1)
                                  : size();
    c.dense_planes = tiny ? 1 : planes();
}

void NetworkDraw::draw_short_round(CosimCase& c) {
    c.one_hot = false;
    c.inputs = between(1, narrow<int>(shape_.shape.lane_width));
    CaseLayer layer;
    layer.hidden = between(1, narrow<int>(std::min(shape_.shape.units_per_group(), shape_.shape.lane_width)));
    c.layers.push_back(layer);
    draw_cells(c);
    c.streams = std::min(between(kSeveralStreams, kSeveralStreams + 1), narrow<int>(shape_.shape.streams));
    c.sequences.assign(narrow<std::size_t>(c.streams) * 2, between(2, 8));
}

void NetworkDraw::draw_following_sequences(CosimCase& c) {
    c.one_hot = true;
    c.inputs = between(1, 6);
    for (int k = pick({1, 1, 2}); k > 0; --k) {
        CaseLayer layer;
        layer.hidden = between(1, 4);
        layer.directions = one_in(2) ? Directions::reverse : Directions::bidirectional;
        c.layers.push_back(layer);
    }
    draw_cells(c);
    c.sequences.assign(kFollowingSequences, 1);
    if (one_in(4)) c.sequences[narrow<std::size_t>(below(kFollowingSequences))] = 2;
}

void NetworkDraw::draw_lopsided(CosimCase& c) {
    CaseLayer layer;
    layer.hidden = between(1, 4);
    layer.input_planes = pick({1, 1, 2, 8});
    layer.recurrent_planes = pick({1, 1, 2, 8});
    c.inputs = between(1, 4);
    c.layers.push_back(layer);
    c.one_hot = false;
    switch (below(7)) {
    case 0:
    case 1:
        if (shape_.shape.streams == 1) c.layers[0].directions = static_cast<Directions>(below(3));
        if (one_in(2)) c.dense_outputs = between(1, 4);
        grows_ = [](CosimCase& grown) -> int& { return grown.layers[0].hidden; };
        break;
    case 2:
    case 3:
        c.dense_outputs = 1;
        c.dense_planes = pick({1, 1, 2, 8});
        grows_ = [](CosimCase& grown) -> int& { return grown.dense_outputs; };
        break;
    case 4:
        c.one_hot = true;
        grows_ = [](CosimCase& grown) -> int& { return grown.inputs; };
        break;
    default:
        grows_ = [](CosimCase& grown) -> int& { return grown.inputs; };
        all_extreme_ = one_in(2); // the largest sums there are
        if (all_extreme_) c.layers[0].input_planes = 8;
        break;
    }
    draw_cells(c);
    c.sequences = {between(1, 2), between(1, 2)};
    if (shape_.shape.streams > 1 && one_in(2)) c.streams = 2;
}

void NetworkDraw::draw_wide_directions(CosimCase& c) {
    CaseLayer layer;
    layer.hidden = units_of_wide_directions(shape_.shape);
    layer.directions = Directions::bidirectional;
    c.layers.push_back(layer);
    draw_cells(c);
    c.dense_outputs = between(2, 4);
    c.mode = {OutputKind::logits, OutputSteps::final_state};
    c.inputs = between(1, narrow<int>(shape_.shape.lane_width));
    c.sequences = {2, between(1, 3)};
}

void NetworkDraw::draw_large_sums(CosimCase& c) {
    all_extreme_ = true;
    c.one_hot = false;
    const int inputs = inputs_of_large_sums(shape_.shape);
    c.inputs = between(inputs, inputs * 5 / 4);
    for (int k = between(1, 2); k > 0; --k) {
        CaseLayer layer;
        layer.hidden = between(1, 4);
        layer.input_planes = layer.recurrent_planes = kMostPlanes;
        c.layers.push_back(layer);
    }
    draw_cells(c);
    c.sequences = {between(1, 2), between(1, 2)};
}

void NetworkDraw::draw_wide_layer(CosimCase& c) {
    CaseLayer layer;
    layer.hidden = between(kLeastBeyondByte, widest_layer(shape_.shape));
    if (shape_.shape.streams == 1 && one_in(4)) layer.directions = Directions::reverse;
    c.layers.push_back(layer);
    layer.hidden = between(1, 4);
    switch (below(4)) {
    case 0: c.layers.push_back(layer); break;
    case 1: c.dense_outputs = between(1, 4); break;
    default: break;
    }
    draw_cells(c);
    c.inputs = between(1, narrow<int>(shape_.shape.lane_width));
    c.sequences = {between(1, 3), between(2, 3)};
}

void NetworkDraw::draw_many_descriptors(CosimCase& c) {
    int left = one_in(2) ? kMaxDescriptors : between(kMaxDescriptors / 2 + 1, kMaxDescriptors);
    const bool dense = !one_in(3);
    if (dense) {
        --left;
        c.dense_outputs = between(1, 4);
        if (!one_in(3)) c.mode = {one_in(2) ? OutputKind::logits : OutputKind::argmax, OutputSteps::final_state};
    }
    for (const int directions = below(5); left > 0;) { // 0 to 2: of all layers
        CaseLayer layer;
        layer.hidden = between(1, 3);
        layer.directions = static_cast<Directions>(directions < 3 ? directions : below(3));
        if (left == 1 && layer.directions == Directions::bidirectional) layer.directions = Directions::reverse;
        left -= layer.directions == Directions::bidirectional ? 2 : 1;
        c.layers.push_back(layer);
    }
    draw_cells(c);
    c.sequences = {between(1, 3), between(1, 3)};
}

void NetworkDraw::draw_cells(CosimCase& c) {
    if (shape_.shape.cell_kinds == 1) return;
    const int mixture = below(6);
    for (CaseLayer& layer : c.layers)
        if (mixture == 1 || (mixture >= 2 && one_in(2))) layer.cell = CellKind::gru;
}

int NetworkDraw::size() {
    const auto boundary = [&](std::int64_t width) { return narrow<int>(width) * between(1, 3) + between(-1, 1); };
    const Shape& shape = shape_.shape;
    int size = between(1, largest_);
    switch (below(5)) {
    case 0: size = boundary(shape.units_per_group()); break;
    case 1: size = boundary(shape.lane_width); break;
    case 2: size = between(1, 8); break;
    default: break;
    }
    return std::clamp(size, 1, largest_);
}

int NetworkDraw::tiny_size() {
    return one_in(4) ? std::min(narrow<int>(shape_.shape.units_per_group()), largest_) : between(1, 4);
}

int NetworkDraw::planes() { return one_in(20) ? between(5, 8) : pick({1, 1, 1, 2, 3, 4}); }

bool NetworkDraw::several_streams() const { return shape_.shape.streams >= kSeveralStreams; }

} // namespace bru
