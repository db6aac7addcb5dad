#include "model/onnx/recurrent_attributes.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/printable.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// Reverse or not, a direction each.
std::vector<bool> directions_of(const Node& node) {
    const std::string direction = node.text("direction", "forward");
    if (direction == "forward") return {false};
    if (direction == "reverse") return {true};
    if (direction == "bidirectional") return {false, true};
    node.fail(fmt::format("attribute 'direction' is '{}'; forward, reverse and bidirectional are allowed",
                          shown_name(direction)));
}

void check_known(const Node& node, CellKind cell) {
    std::set<std::string> known = {"activation_alpha", "activation_beta", "activations", "clip",
                                   "direction",        "hidden_size",     "layout",      "output_sequence"};
    known.insert(cell == CellKind::gru ? "linear_before_reset" : "input_forget");
    for (const std::string& name : node.attribute_names())
        if (known.count(name) == 0) node.fail(fmt::format("attribute '{}' is unknown", shown_name(name)));
}

void check_activations(const Node& node, CellKind cell, std::size_t directions) {
    for (const char* name : {"activation_alpha", "activation_beta"})
        if (node.has(name))
            node.fail(fmt::format(
                "attribute '{}' cannot be run: the machine has plain Sigmoid and Tanh; train with these", name));
    const std::size_t functions = cell == CellKind::gru ? 2 : 3; // of a direction: the gates, then one or two of tanh
    const std::vector<std::string> activations = node.texts("activations");
    if (!activations.empty() && activations.size() != functions * directions)
        node.fail(fmt::format("attribute 'activations' has {} entries instead of {}", activations.size(),
                              functions * directions));
    for (std::size_t i = 0; i < activations.size(); ++i)
        if (lower(activations[i]) != (i % functions == 0 ? "sigmoid" : "tanh"))
            node.fail(fmt::format(
                "attribute 'activations' = [{}] cannot be run: the machine has Sigmoid, Tanh{} per direction; train "
                "with these (Keras: activation='tanh', recurrent_activation='sigmoid', which are its defaults)",
                fmt::join(activations, ", "), functions == 3 ? ", Tanh" : ""));
}

} // namespace

std::vector<bool> checked_directions(const Node& node, CellKind cell) {
    std::vector<bool> directions = directions_of(node);
    check_known(node, cell);
    if (node.has("clip"))
        node.fail(fmt::format("attribute 'clip' = {} cannot be run: the machine does not clip sums; export without it",
                              node.real("clip", 0)));
    if (node.integer("input_forget", 0) != 0)
        node.fail("attribute 'input_forget' = 1 cannot be run: the machine has separate input and forget gates; train "
                  "without coupled gates");
    check_activations(node, cell, directions.size());
    const std::int64_t layout = node.integer("layout", 0);
    if (layout != 0 && layout != 1) node.fail(fmt::format("attribute 'layout' is {}; 0 and 1 are allowed", layout));
    const std::int64_t before_reset = node.integer("linear_before_reset", 0);
    if (cell == CellKind::gru && before_reset != 1)
        node.fail(fmt::format(
            "attribute 'linear_before_reset' = {} cannot be run: the reset gate would have to be known before the "
            "product of h and R, and the machine computes both together; train with linear_before_reset = 1 (nn.GRU of "
            "PyTorch has it; Keras: reset_after=True, which is its default)",
            before_reset));
    return directions;
}

} // namespace bru::onnx_import
