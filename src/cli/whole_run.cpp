#include "cli/whole_run.hpp"

#include "trace/output_writer.hpp"

namespace bru::cli {

WholeRun::WholeRun(const WholeUse& use, const Run& run, const std::string& outputs)
    : run_(run),
      whole_(use, run.mode(), calls_path(run.specification().trace.path), calls_fingerprint(use, run.network())) {
    if (!outputs.empty()) writer_.emplace(outputs);
}

void WholeRun::take(const OutputVector& output) {
    values_.clear();
    for (const std::int32_t value : output.values)
        values_.push_back(output_value(value, run_.mode().kind, run_.quantized().formats.activation_bits));
    whole_.add(values_, [this](const std::vector<HostTensor>& outputs, std::uint64_t) {
        if (writer_) writer_->write(outputs);
    });
}

HostTimes WholeRun::finish() {
    if (!whole_.finish())
        note("the trace ends within a call of the graph, or --steps cut it; only whole calls have outputs");
    if (writer_) writer_->finish();
    return {whole_.calls(), whole_.front_us(), whole_.back_us()};
}

} // namespace bru::cli
