#include "platform/output_assembler.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/integers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

/// The core gives a vector for which there is no step: it has a fault.
void require_step(bool there) {
    if (!there) throw std::runtime_error("the core gave an output vector for which it got no step");
}

} // namespace

OutputAssembler::OutputAssembler(const NetworkImage& image, int activation_bits, std::optional<Cycle> deadline_cycles,
                                 const OutputSink& sink)
    : image_(image), activation_bits_(activation_bits), deadline_cycles_(deadline_cycles), sink_(sink) {}

void OutputAssembler::expect(const Step& step) {
    steps_.push_back({counter_.count(step), step.last});
    if (!of_streams_.empty()) ++of_streams_.at(step.stream).steps;
    if (image_.mode.steps == OutputSteps::every || step.last) expected_vectors_ += image_.vectors_per_output;
}

void OutputAssembler::put_place(const StepPlace& place) {
    output_.sequence = place.sequence;
    output_.step = place.step;
    output_.stream = place.stream;
}

void OutputAssembler::decode(const std::uint64_t* beats, std::int32_t* values) const {
    if (!sink_) return;
    const std::size_t count = image_.values_per_output_vector;
    if (image_.mode.kind != OutputKind::hidden) {
        const auto* words = reinterpret_cast<const std::int32_t*>(beats); // two per beat, low first
        std::copy(words, words + count, values);
    } else if (hidden_element_bytes(activation_bits_) == 1) {
        const auto* bytes = reinterpret_cast<const std::int8_t*>(beats);
        std::copy(bytes, bytes + count, values);
    } else {
        const auto* halves = reinterpret_cast<const std::int16_t*>(beats);
        std::copy(halves, halves + count, values);
    }
}

void OutputAssembler::take_vector(const std::uint64_t* beats) {
    require_step(taken_vectors_ < expected_vectors_ && !vector_cycles_.empty());
    ++taken_vectors_;
    const Cycle cycle = vector_cycles_.front();
    vector_cycles_.pop_front();
    if (image_.vectors_per_output == 2 || image_.reverse_output)
        take_directions(beats, cycle);
    else
        take_in_order(beats, cycle);
}

/// Vectors that come in step order: one output each.
void OutputAssembler::take_in_order(const std::uint64_t* beats, Cycle cycle) {
    put_place(next_place());
    output_.values.resize(image_.values_per_output_vector);
    decode(beats, output_.values.data());
    record(output_.stream, arrivals_.front(), cycle);
    if (sink_) sink_(output_);
    ++outputs_;
    skip_step();
}

/// Of the next output: the next step, or the last one of the next sequence.
const StepPlace& OutputAssembler::next_place() {
    for (;; skip_step()) {
        require_step(!steps_.empty() && !arrivals_.empty());
        if (image_.mode.steps == OutputSteps::every || steps_.front().last) return steps_.front().place;
    }
}

void OutputAssembler::skip_step() {
    steps_.pop_front();
    arrivals_.pop_front();
}

/// Hidden vectors of a reverse or bidirectional last layer: held until the sequence is complete.
void OutputAssembler::take_directions(const std::uint64_t* beats, Cycle cycle) {
    held_.emplace_back(narrow<std::size_t>(image_.values_per_output_vector));
    decode(beats, held_.back().data());
    held_cycles_.push_back(cycle);
    std::size_t outputs = 1;
    if (image_.mode.steps == OutputSteps::every) {
        const auto last =
            std::find_if(steps_.begin(), steps_.end(), [](const ExpectedStep& step) { return step.last; });
        outputs = last - steps_.begin() + 1;
    }
    if (held_.size() == outputs * image_.vectors_per_output) finish_sequence(cycle);
}

void OutputAssembler::finish_sequence(Cycle last_cycle) {
    const bool every = image_.mode.steps == OutputSteps::every;
    const std::size_t outputs = held_.size() / image_.vectors_per_output;
    for (std::size_t k = 0; k < outputs; ++k) {
        put_place(next_place());
        output_.values.clear();
        if (image_.vectors_per_output == 2) output_.values = held_[k]; // forward vectors came first, in step order
        const std::size_t reverse = held_.size() - 1 - k;              // reverse ones last, from the last step on
        output_.values.insert(output_.values.end(), held_[reverse].begin(), held_[reverse].end());
        record(output_.stream, arrivals_.front(), every ? held_cycles_[reverse] : last_cycle);
        if (sink_) sink_(output_);
        ++outputs_;
        skip_step();
    }
    held_.clear();
    held_cycles_.clear();
}

void OutputAssembler::record(std::uint32_t stream, Cycle arrival, Cycle cycle) {
    const Cycle latency = cycle - arrival;
    latencies_.add(latency, deadline_cycles_);
    if (!of_streams_.empty()) of_streams_.at(stream).latencies.add(latency, deadline_cycles_);
    if (times_ != nullptr) {
        times_->output_arrivals.push_back(arrival);
        times_->outputs.push_back(cycle);
    }
}

} // namespace bru
