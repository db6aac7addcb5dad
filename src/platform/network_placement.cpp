#include "platform/network_placement.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "machine/descriptor.hpp"

namespace bru {

namespace {

/// Steps in the input memory where `input_words = auto` and no layer is reverse: covers the gap between two DMA
/// transfers.
constexpr std::int64_t kStreamInputSlots = 4;
constexpr std::int64_t kMostWords = std::int64_t{1} << 24;

/// Takes words of a memory one region after the other.
class Allocator {
public:
    std::uint32_t take(std::uint64_t words) {
        const auto first = narrow<std::uint32_t>(next_);
        next_ += words;
        return first;
    }
    std::int64_t used() const { return next_; }

private:
    std::uint64_t next_ = 0;
};

struct Allocators {
    Allocator weights, scales, biases, state, cells;
    Allocator initial_state, initial_cells; ///< several streams: in an area of their own
};

/// The fields that every kind of rows has: parts, groups, places of weights, scales and biases.
Descriptor place_rows(const Shape& shape, const QuantizedRows& rows, int size, int rows_per_group,
                      std::uint32_t x_chunks, Allocators& memory) {
    Descriptor descriptor;
    descriptor.size = size;
    descriptor.groups = divide_up(descriptor.size, rows_per_group);
    const bool one_hot = rows.parts[0].one_hot;
    descriptor.x_chunks = one_hot ? 1 : x_chunks;
    descriptor.x_words = x_chunks;
    descriptor.x_planes = rows.parts[0].planes();
    if (rows.parts.size() == 2) {
        descriptor.h_chunks = chunks_of(rows.parts[1].size(), shape);
        descriptor.h_planes = rows.parts[1].planes();
    }
    if (one_hot) descriptor.flags |= Descriptor::kOneHot;
    const std::uint64_t slices = shape.slices_per_group();
    descriptor.weight_base = memory.weights.take(std::uint64_t{descriptor.groups} * descriptor.words_per_group());
    descriptor.scale_base = memory.scales.take(descriptor.groups * slices * rows.parts.size());
    descriptor.bias_base = memory.biases.take(descriptor.groups * slices);
    return descriptor;
}

/// Where the vectors of a layer are.
struct LayerPlace {
    std::uint32_t first_descriptor = 0;
    std::uint32_t base = 0;
    std::uint32_t stride = 0;
    std::uint32_t chunks = 0; ///< of one direction
    int hidden_size = 0;
    int directions = 0;
};

void read_from(Descriptor& descriptor, const LayerPlace& source) {
    descriptor.x_base = source.base;
    descriptor.x_stride = source.stride;
    descriptor.source = source.first_descriptor;
    descriptor.source_chunks = source.chunks;
    descriptor.source_size = source.hidden_size;
}

void check_descriptor_count(const QuantizedNetwork& network) {
    std::size_t parts = network.dense ? 1 : 0;
    for (const QuantizedLayer& layer : network.layers) parts += layer.directions.size();
    if (parts > kMaxDescriptors)
        throw InputError(fmt::format(
            "{}: {} layer directions (and dense layer), but the core holds {} descriptors; use fewer layers",
            network.network->name, parts, kMaxDescriptors));
}

void check_streams(const Shape& shape, const QuantizedNetwork& network) {
    if (shape.streams > 1 && network.network->needs_whole_sequence())
        throw InputError(fmt::format("bru.streams = {}, but {} has reverse layers, for which the machine keeps one "
                                     "sequence at a time; set --bru.streams=1",
                                     shape.streams, network.network->name));
}

/// Places layer after layer, in processing order.
class Placer {
public:
    Placer(const Shape& shape, bool needs_whole_sequence)
        : slots_(narrow<std::uint32_t>(needs_whole_sequence ? shape.max_sequence_steps : kStreamSlots)) {
        placement_.shape = shape;
    }

    void add(const QuantizedLayer& layer) {
        const Shape& shape = placement_.shape;
        const bool first = placement_.descriptors.empty();
        LayerPlace place;
        place.first_descriptor = narrow<std::uint32_t>(placement_.descriptors.size());
        place.hidden_size = layer.hidden_size;
        place.directions = count_of(layer.directions);
        place.chunks = chunks_of(layer.hidden_size, shape);
        place.stride = place.chunks * static_cast<std::uint32_t>(place.directions);
        place.base = memory_.state.take(std::uint64_t{place.stride} * slots_);
        const std::uint32_t x_chunks = first ? chunks_of(layer.input_size, shape) : previous_.stride;
        if (first) placement_.input_chunks = layer.directions[0].rows.parts[0].one_hot ? 1 : x_chunks;
        for (std::uint32_t direction = 0; direction < layer.directions.size(); ++direction)
            add(layer, direction, place, x_chunks, first);
        previous_ = place;
    }

    void add(const QuantizedRows& dense) {
        const Shape& shape = placement_.shape;
        Descriptor descriptor =
            place_rows(shape, dense, dense.row_count(), narrow<int>(shape.lanes), previous_.stride, memory_);
        descriptor.flags |= Descriptor::kDense;
        read_from(descriptor, previous_);
        descriptor.shift = dense.fraction_bits - kLogitFractionBits;
        placement_.descriptors.push_back(descriptor);
    }

    NetworkPlacement placement() const {
        NetworkPlacement result = placement_;
        result.weight_words = memory_.weights.used();
        result.scale_words = memory_.scales.used();
        result.bias_words = memory_.biases.used();
        result.state_words = memory_.state.used();
        result.cell_words = memory_.cells.used();
        if (streams() > 1) place_areas(result);
        return result;
    }

private:
    static constexpr std::int64_t kStreamSlots = 2; ///< of h where a step is computed when it arrives: old and new

    void add(const QuantizedLayer& layer, std::uint32_t number, const LayerPlace& place, std::uint32_t x_chunks,
             bool first_layer) {
        const Shape& shape = placement_.shape;
        const QuantizedDirection& direction = layer.directions[number];
        Descriptor descriptor = place_rows(shape, direction.rows, layer.hidden_size,
                                           narrow<int>(shape.units_per_group()), x_chunks, memory_);
        if (direction.reverse) descriptor.flags |= Descriptor::kReverse;
        if (layer.cell == CellKind::gru) descriptor.flags |= Descriptor::kGru;
        if (first_layer)
            descriptor.flags |= Descriptor::kXFromInput;
        else
            read_from(descriptor, previous_);
        descriptor.h_base = place.base + number * place.chunks;
        descriptor.h_stride = place.stride;
        descriptor.h_initial = initial(memory_.state, memory_.initial_state).take(place.chunks);
        const std::uint64_t slices = descriptor.groups * shape.slices_per_group();
        descriptor.cell_base = memory_.cells.take(slices);
        descriptor.cell_initial = initial(memory_.cells, memory_.initial_cells).take(slices);
        descriptor.shift = direction.rows.fraction_bits - kZFractionBits;
        placement_.descriptors.push_back(descriptor);
    }

    std::int64_t streams() const { return placement_.shape.streams; }
    Allocator& initial(Allocator& of_stream, Allocator& of_all) { return streams() == 1 ? of_stream : of_all; }

    /// An area of each memory for each stream, and one for the initial values, whose addresses begin behind the others.
    void place_areas(NetworkPlacement& result) const {
        const Shape& shape = placement_.shape;
        const std::int64_t state_area =
            area(shape.state_words, std::max(memory_.state.used(), memory_.initial_state.used()));
        const std::int64_t cell_area =
            area(shape.cell_words, std::max(memory_.cells.used(), memory_.initial_cells.used()));
        result.state_words = (streams() + 1) * state_area;
        result.cell_words = (streams() + 1) * cell_area;
        for (Descriptor& descriptor : result.descriptors) {
            if (descriptor.dense()) continue;
            descriptor.h_initial += narrow<std::uint32_t>(streams() * state_area);
            descriptor.cell_initial += narrow<std::uint32_t>(streams() * cell_area);
        }
    }

    /// The area of a memory of that depth (0: not yet known), or a larger one that the network needs.
    std::int64_t area(std::int64_t depth, std::int64_t needed) const {
        std::int64_t words = depth == kAuto ? 1 : area_words(depth, streams());
        while (words < needed) words *= 2;
        return words;
    }

    std::uint32_t slots_; ///< steps whose h is kept
    Allocators memory_;
    NetworkPlacement placement_;
    LayerPlace previous_;
};

void resolve_depth(std::int64_t& depth, std::int64_t needed, const char* key, const std::string& model) {
    if (depth == kAuto) depth = needed;
    if (depth < needed)
        throw InputError(fmt::format("bru.{} = {} is too small: {} needs {}; set --bru.{}={} or more, or auto", key,
                                     depth, model, needed, key, needed));
    if (depth > kMostWords)
        throw InputError(
            fmt::format("bru.{}: {} needs {} words, more than any device's BRAM holds ({} at most); use a smaller "
                        "network or wider lanes",
                        key, model, needed, kMostWords));
}

void resolve_cell_kinds(std::int64_t& kinds, const Network& network) {
    const std::int64_t needed = network.has_cell(CellKind::gru) ? 2 : 1;
    if (kinds == kAuto) kinds = needed;
    if (kinds < needed)
        throw InputError(fmt::format("bru.cell_kinds = {} computes LSTM cells only, but {} has a GRU layer; set "
                                     "--bru.cell_kinds=2, or auto",
                                     kinds, network.name));
}

void check_mode(const QuantizedNetwork& network, OutputMode mode) {
    if (mode.kind != OutputKind::hidden && !network.dense)
        throw InputError(
            fmt::format("{}: has no dense output layer, so there are no logits and no argmax; use --output hidden",
                        network.network->name));
}

} // namespace

std::uint32_t chunks_of(int size, const Shape& shape) {
    return divide_up(narrow<std::uint32_t>(size), narrow<std::uint32_t>(shape.lane_width));
}

NetworkPlacement place_network(const Shape& shape, const QuantizedNetwork& network) {
    check_descriptor_count(network);
    check_streams(shape, network);
    Placer placer(shape, network.network->needs_whole_sequence());
    for (const QuantizedLayer& layer : network.layers) placer.add(layer);
    if (network.dense) placer.add(*network.dense);
    return placer.placement();
}

NetworkPlacement resolved_placement(const Configuration& configuration, const QuantizedNetwork& network,
                                    OutputMode mode) {
    check_mode(network, mode);
    NetworkPlacement placement = place_network(configuration.shape, network);
    Shape& shape = placement.shape;
    const std::string& model = network.network->name;
    const std::int64_t slots = network.network->needs_whole_sequence() ? shape.max_sequence_steps : kStreamInputSlots;
    resolve_cell_kinds(shape.cell_kinds, *network.network);
    resolve_depth(shape.weight_words, placement.weight_words, "weight_words", model);
    resolve_depth(shape.scale_words, placement.scale_words, "scale_words", model);
    resolve_depth(shape.bias_words, placement.bias_words, "bias_words", model);
    resolve_depth(shape.state_words, placement.state_words, "state_words", model);
    resolve_depth(shape.cell_words, placement.cell_words, "cell_words", model);
    if (shape.input_words == kAuto) shape.input_words = slots * placement.input_chunks;
    resolve_depth(shape.input_words, placement.input_chunks, "input_words", model);
    return placement;
}

std::vector<std::string> vector_names(const QuantizedNetwork& network) {
    std::vector<std::string> names;
    for (std::size_t layer = 0; layer < network.layers.size(); ++layer)
        for (const QuantizedDirection& direction : network.layers[layer].directions)
            names.push_back(fmt::format("layer {}{}", layer, direction.reverse ? " reverse" : ""));
    if (network.dense) names.push_back("dense");
    return names;
}

} // namespace bru
