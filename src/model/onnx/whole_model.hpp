// A model as the machine and the host run it together: what the host computes before the region and behind it, and what
// flows between them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/onnx/import.hpp"
#include "model/onnx/recording.hpp"

namespace bru {

/// An input of the graph that is no constant.
struct GraphInput {
    std::string name;
    int element_type = 0;                ///< as ONNX counts them; 1 is float
    std::vector<std::int64_t> dims;      ///< of one call. 0: the length of the sequence; other open ones are 1
    std::vector<std::size_t> batch_axes; ///< axes that the file leaves open and that are not the sequence
    bool is_state = false;               ///< gives the region's initial states
    bool enters = false;                 ///< the front needs it, or it is what enters the region
};

/// A part of the graph that the host computes, as an ONNX model.
struct HostPart {
    std::string model; ///< bytes of an ONNX file
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
};

struct WholeModel {
    std::vector<GraphInput> inputs;
    std::vector<std::string> outputs;       ///< of the graph, in its order, without those that are not computed
    bool outputs_are_probabilities = false; ///< a Softmax or Sigmoid makes the first output
    std::vector<std::string> not_computed;  ///< outputs of the graph that need states inside of the region
    std::string missing;                    ///< a tensor that they need, such as a state c
    std::string computed_again;    ///< a tensor inside the region that the back makes itself; "" where it makes none
    std::optional<HostPart> front; ///< absent where the region takes an input of the graph
    std::optional<HostPart> back;  ///< absent where nothing has to be computed behind the region
    std::string enters;            ///< the tensor that enters the region
    onnx_import::FeedAxes entering_axes = {}; ///< of that tensor
    std::int64_t batch = 1;                   ///< sequences in each call
    std::string leaves;                       ///< the tensor that leaves the region
    std::vector<std::int64_t> leaving_dims;   ///< of one call; 0 where the number of steps decides
    std::int64_t leaving_run = 0;             ///< numbers of one sequence that stand together in it; 0: all of them
    std::vector<std::string> around; ///< tensors that the back takes beside the region's: of the front, or inputs
    std::int64_t steps_per_call = 0; ///< of the region; 0: the length of the sequence decides
    bool streams = false;            ///< states are inputs and outputs: one call continues the other
    bool whole_graph = false;        ///< the machine computes all of the graph but a Softmax or Sigmoid at its end
    bool host_has_work = false;      ///< false: what leaves the machine is the output of the graph as it is
    bool host_makes_input = false;   ///< what enters the region is no input of the graph
    std::string why_not_cut;         ///< the region cannot be cut out of the graph; "" where it can
};

/// The bytes of one ONNX file: with the tensors that lie in files beside it, and the inputs that are given as
/// constants. Throws InputError where the file is no model.
std::string read_model_bytes(const std::string& path, const GivenInputs& inputs);

/// The model with an open size of this axis of its input. Its nodes must allow that.
std::string with_open_axis(const std::string& model, int axis);

/// Throws InputError where the file is no model, and where it has no region.
WholeModel read_whole_model(const std::string& path, const ImportOptions& options);

} // namespace bru
