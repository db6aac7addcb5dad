#include "schedule/work_order.hpp"

#include <algorithm>

#include "machine/descriptor.hpp"
#include "machine/timing.hpp"

namespace bru {

void WorkOrder::reset() {
    place_ = Place();
    slots_.assign(slots_.size(), 0);
}

void WorkOrder::start(Cycle start_ready) {
    place_.start_ready = start_ready;
    place_.parity_base = place_.step;
    place_.descriptor = 0;
}

std::optional<VectorPlan> WorkOrder::next(const ArrivedSteps& input) {
    return registers_.sequence_mode() ? next_of_sequence(input) : next_in_stream(input);
}

VectorPlan WorkOrder::blank_plan() const {
    VectorPlan plan;
    plan.descriptor = &descriptor();
    plan.descriptor_index = place_.descriptor;
    return plan;
}

std::optional<VectorPlan> WorkOrder::next_in_stream(const ArrivedSteps& input) const {
    const InputStep* step = input.input_step(place_.step);
    if (step == nullptr) return std::nullopt;
    VectorPlan plan = blank_plan();
    plan.first_step = step->first;
    plan.stream = step->stream;
    plan.input_step = place_.step;
    plan.one_hot_index = step->one_hot_index;
    if (plan.descriptor->x_from_input()) {
        plan.header_ready = std::max(place_.start_ready, step->header_cycle + kInputCycles);
        plan.release_below = place_.step + 1;
    }
    plan.emit = leaves(step->last, step->last);
    plan.end_of_run = plan.emit && step->end && place_.descriptor + 1 == registers_.descriptor_count;
    const std::uint64_t slot = stream_slot(*step);
    return placed(plan, slot, 1 - slot);
}

/// Stream mode: the slots of a stream take turns. Of one stream, the first step after a start has slot 0; of several,
/// the first step of each sequence.
std::uint64_t WorkOrder::stream_slot(const InputStep& step) const {
    if (shape_.streams == 1) return (place_.step - place_.parity_base) % 2;
    return step.first ? 0 : 1 - slots_[step.stream];
}

/// Looks for the sequence's last step among those that have arrived.
bool WorkOrder::discover_sequence(const ArrivedSteps& input) {
    if (place_.sequence_steps != 0) return true;
    for (std::uint64_t number = place_.step + place_.time;; ++number) {
        const InputStep* step = input.input_step(number);
        if (step == nullptr) return false;
        if (!step->last) continue;
        place_.sequence_steps = number - place_.step + 1;
        place_.sequence_end = step->end;
        return true;
    }
}

std::optional<VectorPlan> WorkOrder::next_of_sequence(const ArrivedSteps& input) {
    VectorPlan plan = blank_plan();
    const bool reverse = plan.descriptor->reverse();
    if (reverse && place_.sequence_steps == 0) { // a reverse first layer begins with the last step
        if (!discover_sequence(input)) return std::nullopt;
        place_.time = place_.sequence_steps - 1;
        plan.header_ready = input.input_step(place_.step + place_.time)->header_cycle + kInputCycles;
    }
    plan.input_step = place_.step + place_.time;
    bool last_step = place_.time + 1 == place_.sequence_steps;
    if (plan.descriptor->x_from_input()) {
        const InputStep* step = input.input_step(plan.input_step);
        if (step == nullptr) return std::nullopt;
        plan.header_ready = std::max({plan.header_ready, place_.start_ready, step->header_cycle + kInputCycles});
        plan.one_hot_index = step->one_hot_index;
        if (step->last) discover_sequence(input);
        last_step = step->last;
    }
    plan.first_step = reverse ? last_step : place_.time == 0;
    const bool processing_last = reverse ? place_.time == 0 : last_step;
    const std::uint32_t next = place_.descriptor + 1;
    const bool last_reader = next == registers_.descriptor_count || !registers_.descriptors[next].x_from_input();
    if (plan.descriptor->x_from_input() && processing_last && last_reader)
        plan.release_below = place_.step + place_.sequence_steps;
    plan.emit = leaves(last_step, processing_last);
    plan.end_of_run = plan.emit && place_.sequence_end && ends_run(processing_last);
    return placed(plan, place_.time, reverse ? place_.time + 1 : place_.time - 1);
}

/// The plan with the addresses of a vector whose h goes to `slot` and whose earlier h lies in `previous_slot`.
VectorPlan WorkOrder::placed(VectorPlan plan, std::uint64_t slot, std::uint64_t previous_slot) const {
    const Descriptor& vector = *plan.descriptor;
    const auto at = [](std::uint32_t base, std::uint64_t number, std::uint32_t stride) {
        return base + static_cast<std::uint32_t>(number) * stride;
    };
    std::uint64_t first_slot = slot;
    std::uint64_t second_slot = slot;
    if (registers_.sequence_mode() && vector.dense() && registers_.output_steps() == OutputSteps::final_state) {
        first_slot = registers_.descriptors[vector.source].reverse() ? 0 : place_.sequence_steps - 1;
        second_slot = 0;
    }
    plan.x_address = at(vector.x_base, first_slot, vector.x_stride);
    plan.x_second_address = at(vector.x_base, second_slot, vector.x_stride) + vector.source_chunks;
    plan.h_read_address = plan.first_step ? vector.h_initial : at(vector.h_base, previous_slot, vector.h_stride);
    plan.h_write_address = at(vector.h_base, slot, vector.h_stride);
    plan.cell_read_address = plan.first_step ? vector.cell_initial : vector.cell_base;
    plan.cell_write_address = vector.cell_base;
    if (plan.stream > 0) move_to_area(plan);
    return plan;
}

/// The addresses of stream 0 become those of the vector's stream; initial values have one place for all streams.
void WorkOrder::move_to_area(VectorPlan& plan) const {
    const std::uint32_t state_area = plan.stream * narrow<std::uint32_t>(shape_.state_area_words());
    const std::uint32_t cell_area = plan.stream * narrow<std::uint32_t>(shape_.cell_area_words());
    plan.x_address += state_area;
    plan.x_second_address += state_area;
    plan.h_write_address += state_area;
    plan.cell_write_address += cell_area;
    if (plan.first_step) return;
    plan.h_read_address += state_area;
    plan.cell_read_address += cell_area;
}

/// Whether the vector leaves the machine.
bool WorkOrder::leaves(bool last_step, bool processing_last) const {
    if (descriptor().dense()) return true;
    const OutputSteps steps = registers_.output_steps();
    const bool wanted = steps == OutputSteps::every || (steps == OutputSteps::last ? last_step : processing_last);
    return descriptor().emit() && registers_.output_kind() == OutputKind::hidden && wanted;
}

/// Sequence mode: whether the vector is the last one that leaves, in a sequence that holds the step marked `end`.
bool WorkOrder::ends_run(bool processing_last) const {
    if (place_.descriptor + 1 != registers_.descriptor_count) return false;
    if (registers_.output_steps() != OutputSteps::every) return true;
    return descriptor().dense() ? place_.time + 1 == place_.sequence_steps : processing_last;
}

WorkOrder::Progress WorkOrder::finish_vector(const ArrivedSteps& input) {
    if (registers_.sequence_mode()) return advance_in_sequence();
    if (++place_.descriptor == registers_.descriptor_count) return end_stream_step(input);
    const bool dense_does_not_leave =
        descriptor().dense() && registers_.output_steps() != OutputSteps::every && !input.input_step(place_.step)->last;
    return dense_does_not_leave ? end_stream_step(input) : Progress{}; // what would not leave is not computed
}

WorkOrder::Progress WorkOrder::end_stream_step(const ArrivedSteps& input) {
    const InputStep& step = *input.input_step(place_.step);
    const bool run_done = step.end;
    const bool has_layer = !registers_.descriptors[0].dense(); // else no h is written
    if (has_layer) slots_[step.stream] = static_cast<std::uint8_t>(stream_slot(step));
    ++place_.step;
    place_.descriptor = 0;
    return {true, run_done};
}

WorkOrder::Progress WorkOrder::advance_in_sequence() {
    const bool once = registers_.output_steps() != OutputSteps::every; // dense
    const bool single = descriptor().dense() && once;
    const bool reverse = descriptor().reverse();
    const bool done = single || (reverse ? place_.time == 0 : place_.time + 1 == place_.sequence_steps);
    if (!done) {
        place_.time = reverse ? place_.time - 1 : place_.time + 1;
        return {};
    }
    if (++place_.descriptor == registers_.descriptor_count) return end_sequence();
    const bool from_last = descriptor().reverse() || (descriptor().dense() && once);
    place_.time = from_last ? place_.sequence_steps - 1 : 0;
    return {};
}

WorkOrder::Progress WorkOrder::end_sequence() {
    const bool run_done = place_.sequence_end;
    place_.step += place_.sequence_steps;
    place_.sequence_steps = 0;
    place_.sequence_end = false;
    place_.time = 0;
    place_.descriptor = 0;
    return {true, run_done};
}

} // namespace bru
