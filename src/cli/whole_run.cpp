#include "cli/whole_run.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/printable.hpp"
#include "report/float_report.hpp"
#include "trace/output_writer.hpp"

namespace bru::cli {

WholeRun::WholeRun(const WholeUse& use, const Run& run, const std::string& outputs, bool predictions)
    : use_(use), run_(run),
      whole_(use, run.mode(), run.specification().trace.path, calls_fingerprint(use, run.network())) {
    if (!outputs.empty()) writer_.emplace(outputs);
    if (predictions) scorer_.emplace(use);
}

void WholeRun::expect(const Step& step) {
    if (scorer_) scorer_->expect(step);
}

void WholeRun::take(const OutputVector& output) {
    values_.clear();
    for (const std::int32_t value : output.values)
        values_.push_back(output_value(value, run_.mode().kind, run_.quantized().formats.activation_bits));
    whole_.add(values_, [this](const std::vector<HostTensor>& outputs, std::uint64_t steps) {
        if (outputs.empty())
            throw InputError(fmt::format(
                "{}: no output of the graph can be computed; all of them need states inside of the region, "
                "such as '{}', and the machine puts out none. --output hidden gives what leaves the machine",
                use_.name, printable(use_.model.missing)));
        if (writer_) writer_->write(outputs);
        if (scorer_) scorer_->score(outputs.front(), steps);
    });
}

std::vector<PredictionMeasure> WholeRun::predictions() const {
    const auto in_float = [this](FloatWeights weights) {
        return whole_float_predictions(use_, run_.network(), run_.specification().trace.path,
                                       step_limit(run_.specification().trace), calls_fingerprint(use_, run_.network()),
                                       weights);
    };
    FloatComparison comparison;
    comparison.score = in_float(FloatWeights::original);
    if (was_quantized(run_.network())) comparison.quantized = in_float(FloatWeights::quantized);
    return prediction_measures(scorer_->result(), comparison);
}

HostTimes WholeRun::finish() {
    if (!whole_.finish())
        note("the trace ends within a call of the graph, or --steps cut it; only whole calls have outputs");
    if (writer_) writer_->finish();
    return {whole_.calls(), whole_.front_us(), whole_.back_us()};
}

} // namespace bru::cli
