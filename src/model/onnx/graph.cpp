// The walk over an ONNX graph.
#include "model/onnx/graph.hpp"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/printable.hpp"
#include "model/onnx/arithmetic.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/host_shapes.hpp"
#include "model/onnx/layers.hpp"
#include "model/onnx/movement.hpp"
#include "model/onnx/protobuf.hpp"
#include "model/onnx/quant.hpp"
#include "model/onnx/subgraphs.hpp"

namespace bru::onnx_import {
namespace {

std::unordered_set<std::string> initializer_names(const onnx::GraphProto& graph) {
    std::unordered_set<std::string> names;
    for (const onnx::TensorProto& tensor : graph.initializer()) names.insert(tensor.name());
    return names;
}

std::vector<InputDimension> dimensions_of(const onnx::ValueInfoProto& input) {
    std::vector<InputDimension> dimensions;
    for (const auto& dimension : input.type().tensor_type().shape().dim()) {
        const bool open = !dimension.has_dim_value() || dimension.dim_value() < 1;
        const std::string unnamed = fmt::format("{}#{}", input.name(), dimensions.size());
        const bool named = open && dimension.has_dim_param() && !dimension.dim_param().empty();
        dimensions.push_back({named ? dimension.dim_param() : unnamed, open, open ? 0 : dimension.dim_value()});
    }
    return dimensions;
}

/// Opset of the default operator domain.
int opset_of(const onnx::ModelProto& model) {
    for (const auto& opset : model.opset_import())
        if (opset.domain().empty() || opset.domain() == "ai.onnx") return static_cast<int>(opset.version());
    return 1;
}

/// Whether an input says how the model is used: an integer, a truth or a single number is no sequence.
bool is_side_input(const onnx::ValueInfoProto& input) {
    const auto& tensor = input.type().tensor_type();
    const int type = tensor.elem_type();
    const bool is_real = type == onnx::TensorProto::FLOAT || type == onnx::TensorProto::DOUBLE ||
                         type == onnx::TensorProto::FLOAT16 || type == onnx::TensorProto::BFLOAT16;
    return !is_real || tensor.shape().dim_size() == 0;
}

constexpr std::int64_t kWorkPerNode = 200; ///< what looking at a node costs, in elements

class Walker {
public:
    Walker(WalkedModel& model, const Sizes& sizes)
        : walked_(model), model_(model.proto()), sizes_(sizes), budget_(model.budget()), opset_(opset_of(model_)) {}

    Walk run() {
        Walk walk;
        Scope scope;
        read_inputs(scope);
        if (sizes_.empty()) stated_ = closed_shapes(model_.graph());
        walk_nodes(model_.graph(), scope, 0);
        for (const onnx::ValueInfoProto& output : model_.graph().output()) {
            walk.output_names.push_back(shown_name(output.name()));
            walk.output_tensors.push_back(output.name());
            walk.outputs.push_back(look_up(scope, output.name()));
            note_exit(Exit::Reader::graph_output, output.name(), walk.outputs.back());
            if (const auto* value = std::get_if<Value>(&walk.outputs.back())) budget_.spend(4 * value->size());
        }
        walk.recording = std::move(recording_);
        walk.outside = std::move(outside_);
        walk.exits = std::move(exits_);
        walk.multiply_accumulates = multiply_accumulates_;
        walk.values = std::move(scope.values);
        walk.branches = std::move(branches_);
        return walk;
    }

private:
    struct Scope {
        const Scope* outer = nullptr;
        std::unordered_map<std::string, Evaluated> values;
    };

    static const Evaluated* find(const Scope& scope, const std::string& name) {
        for (const Scope* here = &scope; here != nullptr; here = here->outer)
            if (const auto found = here->values.find(name); found != here->values.end()) return &found->second;
        return nullptr;
    }

    static Evaluated look_up(const Scope& scope, const std::string& name) {
        if (const Evaluated* found = find(scope, name)) return *found;
        return Problem{fmt::format("'{}' is used, but no node before its use makes it: the graph is damaged", name)};
    }

    void read_inputs(Scope& scope) {
        const auto constants = initializer_names(model_.graph());
        for (const onnx::ValueInfoProto& input : model_.graph().input()) {
            budget_.spend(kWorkPerNode);
            if (constants.count(input.name()) == 0) scope.values[input.name()] = input_tokens(input);
        }
    }

    Evaluated input_tokens(const onnx::ValueInfoProto& input) {
        const std::string label = fmt::format("graph input '{}'", shown_name(input.name()));
        if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape())
            return Problem{label + " has no shape; export the model with input shapes"};
        Dims dims;
        for (const InputDimension& dimension : dimensions_of(input)) {
            const auto given = sizes_.find(dimension.name);
            dims.push_back(given != sizes_.end() ? given->second : dimension.open ? 1 : dimension.size);
        }
        try {
            budget_.spend(budget_.count(dims));
            std::vector<Token> tokens(budget_.count(dims));
            Source made{Source::Kind::graph_input, 0, false, label, signed_size(tokens), input.name(), dims};
            if (is_side_input(input)) made.side.name = input.name();
            const std::uint32_t source = recording_.add_source(std::move(made));
            for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = {source, narrow<std::uint32_t>(i)};
            charge(signed_size(tokens));
            return make_tokens(dims, std::move(tokens));
        } catch (const std::length_error& error) {
            return Problem{fmt::format("{}: {}", label, error.what())};
        }
    }

    void walk_nodes(const onnx::GraphProto& graph, Scope& scope, int depth) {
        for (const onnx::TensorProto& tensor : graph.initializer()) {
            scope.values[tensor.name()] = walked_.constant(tensor);
            budget_.spend(kWorkPerNode);
        }
        for (const auto& tensor : graph.sparse_initializer())
            scope.values[tensor.values().name()] = Problem{
                fmt::format("initializer '{}' is sparse, which cannot be read", shown_name(tensor.values().name()))};
        for (const onnx::NodeProto& node : graph.node()) {
            if (depth == 0) ++place_;
            const std::vector<Evaluated> outputs = evaluate(node, scope, depth);
            for (int i = 0; i < node.output_size(); ++i) {
                if (node.output(i).empty()) continue;
                if (depth == 0) made_at_.emplace(node.output(i), place_);
                const std::size_t place = i;
                if (place < outputs.size())
                    scope.values[node.output(i)] = outputs[place];
                else
                    scope.values[node.output(i)] = Problem{fmt::format(
                        "{}: its output {} ('{}') is not supported", node_label(node), i, shown_name(node.output(i)))};
            }
        }
    }

    std::vector<Evaluated> evaluate(const onnx::NodeProto& proto, const Scope& scope, int depth) {
        const std::size_t outputs = proto.output_size();
        budget_.spend(kWorkPerNode + proto.input_size() + proto.output_size() + proto.attribute_size());
        if (total_elements_ > budget_.most_elements_together())
            return std::vector<Evaluated>(
                outputs, Problem{fmt::format("{}: the graph's tensors are too large", node_label(proto))});
        std::vector<Value> inputs;
        for (const std::string& name : proto.input()) {
            if (name.empty()) {
                inputs.emplace_back();
                continue;
            }
            const Evaluated* const known = find(scope, name);
            if (const auto* value = known != nullptr ? std::get_if<Value>(known) : nullptr) {
                inputs.push_back(*value);
                continue;
            }
            const Problem problem = std::get<Problem>(look_up(scope, name));
            note_exits(proto, scope);
            if (told_.insert(problem.text).second)
                outside_.push_back({node_label(proto), proto.op_type(), problem.text, hides_layers(proto)});
            return host_outputs(proto, stated_shapes(proto), SideInput(), problem);
        }
        const Node node(proto, opset_, std::move(inputs), budget_);
        try {
            if (node.op() == "If" && node.is_standard()) return branch(node, scope, depth);
            const std::optional<std::vector<Value>> computed = compute(node);
            if (!computed) return outside(node, scope, unknown_operation(node));
            const std::vector<Value>& values = *computed;
            charge_new(node, values);
            multiply_accumulates_ += multiply_accumulates(node);
            return {values.begin(), values.end()};
        } catch (const NodeError& error) {
            return outside(node, scope, shortened(error.problem));
        } catch (const std::logic_error& error) {
            return outside(node, scope, {fmt::format("{}: {}", node.label(), error.what())});
        }
    }

    /// Everything that depends on a node repeats its problem.
    static Problem shortened(Problem problem) {
        constexpr std::size_t kMostBytes = 1000;
        if (problem.text.size() > kMostBytes) problem.text = problem.text.substr(0, kMostBytes) + " ...";
        return problem;
    }

    /// A node that the machine does not compute: its outputs become tensors that the host makes, where their shapes
    /// are known.
    std::vector<Evaluated> outside(const Node& node, const Scope& scope, const Problem& problem) {
        const std::string label = node.label();
        const std::string prefix = label + ": ";
        const bool names_itself = problem.text.rfind(prefix, 0) == 0;
        outside_.push_back({label, node.op(), names_itself ? problem.text.substr(prefix.size()) : problem.text,
                            hides_layers(node.proto())});
        note_exits(node.proto(), scope);
        multiply_accumulates_ += multiply_accumulates(node);
        std::vector<Dims> shapes =
            node.input_count() > 0 ? host_shapes(node).value_or(std::vector<Dims>()) : std::vector<Dims>();
        if (shapes.empty()) shapes = stated_shapes(node.proto());
        std::vector<Evaluated> outputs = host_outputs(node.proto(), shapes, side_of(node), problem);
        for (const Evaluated& output : outputs)
            if (const auto* told = std::get_if<Problem>(&output)) told_.insert(told->text);
        return outputs;
    }

    /// Tensors that the host makes, as far as their shapes are given; the problem in the place of the others.
    std::vector<Evaluated> host_outputs(const onnx::NodeProto& node, const std::vector<Dims>& shapes,
                                        const SideInput& side, const Problem& problem) {
        const std::size_t count = static_cast<std::size_t>(node.output_size());
        const std::string label = node_label(node);
        std::vector<Evaluated> outputs(count, problem);
        try {
            for (std::size_t i = 0; i < std::min(count, shapes.size()); ++i) {
                const std::string& tensor = node.output(static_cast<int>(i));
                if (tensor.empty()) continue;
                const std::int64_t elements = budget_.count(shapes[i]);
                budget_.spend(elements);
                charge(elements);
                outputs[i] = recording_.host_value("the output of " + label, tensor, shapes[i], side);
            }
        } catch (const std::length_error& error) {
            outputs.assign(count, Problem{fmt::format("{}: {}", label, error.what())});
        }
        return outputs;
    }

    /// What the file says of the shapes of a node's outputs: of all of them, for the sizes that the file has.
    std::vector<Dims> stated_shapes(const onnx::NodeProto& node) const {
        std::vector<Dims> shapes;
        for (const std::string& output : node.output()) {
            const auto stated = stated_.find(output);
            if (!sizes_.empty() || stated == stated_.end()) return {};
            shapes.push_back(stated->second);
        }
        return shapes;
    }

    /// Of every tensor that the node reads.
    void note_exits(const onnx::NodeProto& node, const Scope& scope) {
        for (const std::string& name : names_read(node))
            if (const Evaluated* value = find(scope, name)) note_exit(Exit::Reader::outside, name, *value);
    }

    void note_exit(Exit::Reader reader, const std::string& tensor, const Evaluated& evaluated) {
        const Value* value = std::get_if<Value>(&evaluated);
        if (value == nullptr || !value->is_tokens() || value->size() == 0) return;
        if (const auto* rounded = roundings_.before(value->tokens->front().source)) { // the host rounds, too
            exits_.push_back({Exit::Reader::outside, rounded->tensor, rounded->value});
            return;
        }
        if (!has_layers_values(*value)) return;
        const auto made = made_at_.find(tensor);
        exits_.push_back({reader, tensor, *value, made == made_at_.end() ? place_ : made->second});
    }

    /// Whether any of the elements comes from a layer of the machine: others may stand beside it.
    bool has_layers_values(const Value& value) {
        budget_.spend(value.size());
        return std::any_of(value.tokens->begin(), value.tokens->end(), [this](const Token& token) {
            const Source::Kind kind = recording_.sources[token.source].kind;
            return kind != Source::Kind::graph_input && kind != Source::Kind::host;
        });
    }

    static Problem unknown_operation(const Node& node) {
        return {
            fmt::format("{}: {} is no operation of the machine, which has LSTM or GRU layers and then one dense layer",
                        node.label(), shown_name(node.op()))};
    }

    /// Nothing where the machine has no such operation, which is no error and common.
    std::optional<std::vector<Value>> compute(const Node& node) {
        if (is_qonnx_quant(node))
            return std::vector<Value>{node.any_tokens() ? roundings_.rounded(node) : fold_quant(node)};
        if (!node.is_standard())
            node.fail("operators outside the ONNX standard cannot be run; export the model without them, and before "
                      "another program optimizes or quantizes it");
        spend_inputs(node);
        if (const std::optional<CellKind> cell = cell_of(node.op())) {
            std::vector<Value> values = record_recurrent(node, *cell, recording_);
            charge_records();
            if (recording_.lstms.back().starts) note_exit(Exit::Reader::outside, node.proto().input(0), node.input(0));
            return values;
        }
        if (node.op() == "RNN")
            node.fail(
                "RNN layers cannot be run: the machine has LSTM and GRU cells only; train with LSTM or GRU layers");
        if (hides_layers(node.proto()) && node.op() != "If") node.fail(hidden_layers_text(node.proto()));
        if (node.op() == "QuantizeLinear" || node.op() == "DequantizeLinear")
            if (std::optional<Value> value = roundings_.quantized(node)) return std::vector<Value>{*std::move(value)};
        if (std::optional<Value> value = fold_constants(node)) return std::vector<Value>{*std::move(value)};
        if (std::optional<std::vector<Value>> values = move_elements(node)) {
            const bool repeats = node.op() == "Expand" || node.op() == "Tile";
            if (repeats && values->front().size() > node.input(0).size()) // an autoencoder's vector leaves as it is
                note_exit(Exit::Reader::outside, node.proto().input(0), node.input(0));
            return values;
        }
        if (node.any_tokens())
            if (std::optional<std::vector<Value>> values = record_dense(node, recording_)) {
                if (node.op() == "MatMul" || node.op() == "Gemm")
                    note_exit(Exit::Reader::dense, node.proto().input(0), node.input(0));
                else if (node.op() != "Add") // seen through at the end, and the host's work elsewhere
                    note_exit(Exit::Reader::outside, node.proto().input(0), node.input(0));
                charge_records();
                return values;
            }
        return std::nullopt;
    }

    /// An If whose condition is known (PyTorch writes one for squeeze()): the branch taken.
    std::vector<Evaluated> branch(const Node& node, const Scope& scope, int depth) {
        constexpr int kMaxDepth = 16;
        const Value& condition = node.required(0);
        if (!condition.is_constant() || condition.size() != 1) node.fail(describe_condition(condition));
        if (depth >= kMaxDepth) node.fail("is nested too deeply");
        if (depth == 0) branches_[place_] = condition.number(0) != 0;
        const onnx::GraphProto& graph = node.graph(condition.number(0) != 0 ? "then_branch" : "else_branch");
        Scope inner;
        inner.outer = &scope;
        walk_nodes(graph, inner, depth + 1);
        std::vector<Evaluated> outputs;
        for (const onnx::ValueInfoProto& output : graph.output()) outputs.push_back(look_up(inner, output.name()));
        return outputs;
    }

    /// Why the branch that an If takes is not known, and what to do.
    std::string describe_condition(const Value& condition) const {
        const SideInput side = condition.is_tokens() ? side_of(condition) : SideInput();
        if (side.name.empty())
            return "which of its branches runs is known only when the model runs; export the model without the branch";
        return fmt::format("graph input '{0}' decides which of its branches runs; give the input as a constant, with "
                           "--input {0}={1}",
                           shown_name(side.name), side.value.empty() ? "VALUE" : side.value);
    }

    /// The input of the graph that all of the value is made of, where that is no sequence.
    SideInput side_of(const Value& value) const {
        if (value.size() == 0) return {};
        const std::uint32_t source = value.tokens->front().source;
        for (const Token& token : *value.tokens)
            if (token.source != source) return {};
        return recording_.sources[source].side;
    }

    /// The same of what the node makes of constants and of one such input.
    SideInput side_of(const Node& node) const {
        SideInput side;
        if (node.op() == "Gather") return side; // of a table: an embedding
        for (std::size_t i = 0; i < node.input_count(); ++i) {
            const Value& input = node.input(i);
            if (!input.is_tokens()) continue;
            side = side_of(input);
            if (side.name.empty()) return side;
        }
        for (std::size_t i = 0; node.op() == "Equal" && i < node.input_count(); ++i)
            if (node.input(i).is_constant() && node.input(i).size() == 1)
                side.value = fmt::format("{}", node.input(i).number(0));
        return side;
    }

    void spend_inputs(const Node& node) {
        for (std::size_t i = 0; i < node.input_count(); ++i) budget_.spend(node.input(i).size());
        if (cell_of(node.op()) || node.op() == "MatMul" || node.op() == "Gemm")
            budget_.spend(static_cast<std::int64_t>(recording_.sources.size())); // layers are looked up among them
    }

    /// Counts the weights that the records since the last call have copied.
    void charge_records() {
        std::size_t copied = 0;
        for (; charged_lstms_ < recording_.lstms.size(); ++charged_lstms_)
            for (const RawDirection& each : recording_.lstms[charged_lstms_].directions)
                copied += each.input.values.size() + each.recurrent.values.size();
        for (; charged_denses_ < recording_.denses.size(); ++charged_denses_)
            copied += recording_.denses[charged_denses_].weights.values.size();
        charge(static_cast<std::int64_t>(copied));
    }

    /// Counts what a node made anew; outputs that share an input's data are free.
    void charge_new(const Node& node, const std::vector<Value>& values) {
        for (const Value& value : values) {
            if (value.dims.size() > kMaxRank) throw std::length_error("makes a tensor of too many dimensions");
            bool shared = false;
            for (std::size_t i = 0; i < node.input_count(); ++i) {
                const Value& input = node.input(i);
                shared = shared || (input.kind == value.kind && input.floats == value.floats &&
                                    input.integers == value.integers && input.tokens == value.tokens);
            }
            if (!shared) charge(value.size());
        }
    }

    void charge(std::int64_t elements) {
        total_elements_ += elements;
        if (total_elements_ > budget_.most_elements_together())
            throw std::length_error(
                fmt::format("the tensors of this graph have more than {} elements together, which is "
                            "more than a file of this size may ask for",
                            budget_.most_elements_together()));
    }

    WalkedModel& walked_;
    const onnx::ModelProto& model_;
    const Sizes& sizes_;
    Budget& budget_;
    int opset_;
    Recording recording_;
    std::vector<OutsideNode> outside_;
    std::unordered_set<std::string> told_; ///< problems that `outside_` has
    std::vector<Exit> exits_;
    SeenRoundings roundings_{recording_};
    std::map<int, bool> branches_;
    std::unordered_map<std::string, Dims> stated_; ///< by name, where the graph is walked with the sizes of the file
    int place_ = -1;                               ///< of the node of the graph itself that is walked
    std::unordered_map<std::string, int> made_at_; ///< the places of the nodes that make tensors
    double multiply_accumulates_ = 0;
    std::int64_t total_elements_ = 0;
    std::size_t charged_lstms_ = 0;
    std::size_t charged_denses_ = 0;
};

} // namespace

std::vector<InputDimension> input_dimensions(const onnx::ModelProto& model) {
    const auto constants = initializer_names(model.graph());
    std::vector<InputDimension> all;
    for (const onnx::ValueInfoProto& input : model.graph().input()) {
        if (constants.count(input.name()) != 0) continue;
        for (InputDimension& dimension : dimensions_of(input)) all.push_back(std::move(dimension));
    }
    return all;
}

namespace {

/// Names that `graph` gives to values. In ONNX each is given once.
void check_names_of(const onnx::GraphProto& graph) {
    std::unordered_set<std::string> names;
    const auto give = [&names](const std::string& name) {
        if (!name.empty() && !names.insert(name).second)
            throw InputError(fmt::format("'{}' names two values of the graph, so what it stands for is not known; the "
                                         "file is damaged, or the program that wrote it is at fault: export it again",
                                         shown_name(name)));
    };
    for (const onnx::TensorProto& tensor : graph.initializer()) give(tensor.name());
    for (const auto& tensor : graph.sparse_initializer()) give(tensor.values().name());
    const std::unordered_set<std::string> initializers = names; // which may be inputs, too: their defaults
    for (const onnx::ValueInfoProto& input : graph.input())
        if (initializers.count(input.name()) == 0) give(input.name());
    for (const onnx::NodeProto& node : graph.node()) {
        for (const std::string& output : node.output()) give(output);
        for (const onnx::AttributeProto& attribute : node.attribute())
            if (attribute.has_g()) check_names_of(attribute.g()); // protobuf limits the levels
    }
}

} // namespace

WalkedModel::WalkedModel(const onnx::ModelProto& model) : proto_(&model), budget_(model.ByteSizeLong()) {
    check_names_of(model.graph());
}

const Evaluated& WalkedModel::constant(const onnx::TensorProto& tensor) {
    const auto [place, is_new] = constants_.try_emplace(&tensor);
    if (!is_new) return place->second;
    try {
        Value value = value_of(tensor);
        budget_.spend(value.size());
        place->second = std::move(value);
    } catch (const std::logic_error& error) {
        place->second = Problem{fmt::format("initializer '{}' {}", shown_name(tensor.name()), error.what())};
    }
    return place->second;
}

Walk walk_graph(WalkedModel& model, const Sizes& sizes) { return Walker(model, sizes).run(); }

} // namespace bru::onnx_import
