#include "cli/whole_use.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/shared_options.hpp"

namespace bru::cli {

std::unique_ptr<const WholeUse> whole_use_from(const Arguments& arguments, const ModelSpecification& model,
                                               const std::optional<std::string>& trace_path, const InputFiles& inputs) {
    if (arguments.has("output") || arguments.has("output-steps")) return nullptr;
    auto use = std::make_unique<WholeUse>();
    use->name = std::filesystem::path(model.path).filename().string();
    use->inputs = inputs;
    use->model = read_whole_model(model.path, model.quantization);
    // A Softmax or Sigmoid at the end stays away where nobody computes it or its calls are unknown; a note has said so.
    const bool lacks_end = use->model.whole_graph && use->model.back &&
                           (!why_no_host_runtime().empty() || (trace_path && !has_calls(*trace_path)));
    if (!use->model.host_has_work || lacks_end) return nullptr;
    if (!use->model.why_not_cut.empty()) {
        if (use->model.host_makes_input || arguments.has("outputs") || arguments.has("predictions"))
            throw InputError({model.path}, use->model.why_not_cut + "; --output hidden or --output logits asks for "
                                                                    "what leaves the machine instead");
        return nullptr;
    }
    if (!use->model.computed_again.empty())
        note(fmt::format("{}: every output of the graph needs '{}', which the machine does not put out; so the host "
                         "computes the layers of the region a second time for it, without the machine's rounding",
                         use->name, shown_name(use->model.computed_again)));
    return use;
}

std::string calls_fingerprint(const WholeUse& use, const Network& network) {
    return fmt::format("{} of {} -> {}", use.model.enters, network.input_size(), use.model.leaves);
}

} // namespace bru::cli
