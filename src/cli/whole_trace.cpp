#include "cli/whole_trace.hpp"

#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/printable.hpp"
#include "report/text.hpp"

namespace bru::cli {

WholeTrace::WholeTrace(const WholeUse* use, const Network& network, TraceOptions& options) : use_(use) {
    if (use == nullptr) return;
    if (options.streams > 1)
        throw InputError(fmt::format("--streams {}: each call of {} is one run of its whole graph, and calls of "
                                     "several streams cannot interleave; cut the model with `bru partition`",
                                     options.streams, use->name));
    // One-hot inputs are symbols of a vocabulary, which the readers of the trace know; no front makes them.
    const bool takes_symbols = network.input_encoding == InputEncoding::one_hot && !use->model.front;
    if (takes_symbols && !use->model.around.empty())
        throw InputError(fmt::format("{}: its back reads input '{}' again, which a trace of symbols does not hold; cut "
                                     "the model with `bru partition`",
                                     use->name, printable(use->model.around.front())));
    if (!takes_symbols && options.source == TraceSource::sample)
        throw InputError("--sample: the host makes what enters the machine, so the model cannot write its own input");
    if (use->model.batch > 1 && takes_symbols)
        throw InputError(fmt::format("{} takes {} sequences of symbols together; export it with batch 1", use->name,
                                     use->model.batch));
    if (use->model.batch > 1 && !options.indices_path.empty())
        throw InputError(fmt::format("--indices: each call of {} takes {} sequences together, so none can be left out; "
                                     "choose them in the data",
                                     use->name, use->model.batch));
    if (!takes_symbols) {
        std::unique_ptr<CallSource> data = open_calls(options.source, options.path, data_input(*use), use->name);
        front_ = std::make_shared<FrontSteps>(
            *use, with_other_inputs(std::move(data), use->model.inputs, use->inputs, use->name), network.input_size());
        options.data = front_;
    }
    calls_ = std::make_unique<CallsWriter>(options.out_path, calls_fingerprint(*use, network));
    options.on_step = [this](const Step& step) { on_step(step); };
}

/// A call is written with its last step, so that a trace that --steps cut has whole calls alone.
void WholeTrace::on_step(const Step& step) {
    ++steps_in_call_;
    const bool ends_call = front_ ? steps_in_call_ == front_->call().steps : step.last;
    if (!ends_call) return;
    calls_->write(front_ ? front_->call() : GraphCall{steps_in_call_, {}});
    steps_in_call_ = 0;
}

void WholeTrace::finish(const Network& network) {
    if (use_ == nullptr) return;
    calls_->commit(front_ ? front_->front_us() : 0);
    if (!front_ || !use_->model.front) return;
    fmt::print("{}", report_line("front", fmt::format("{} us on the host, in {}", short_number(front_->front_us()),
                                                      host_runtime_name())));
    const double largest = front_->largest_input();
    const int exponent = largest > 0 ? static_cast<int>(std::ceil(std::log2(largest))) : 0;
    if (exponent > network.input_exponent)
        note(fmt::format("the front makes numbers up to {:.3g}, and inputs of the machine are limited to {}; add "
                         "--input-exponent {} to this command and to bru run",
                         largest, std::ldexp(1.0, network.input_exponent), exponent));
}

} // namespace bru::cli
