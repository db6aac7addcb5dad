#include "modules/sequencer.hpp"

#include "machine/core_shape.hpp"
#include "machine/timing.hpp"

namespace bru {

Sequencer::Sequencer(const sc_core::sc_module_name& name, const CoreShape& shape, const CoreRegisters& registers)
    : sc_module(name), run_socket("run_socket"), input("input"), slice_fifo("slice_fifo"), events("events"),
      registers_(registers), order_(shape.shape, registers), scheduler_(shape, !shape.computes_values) {}

void Sequencer::start(Cycle write_cycle) {
    scheduler_.wait_until(write_cycle + 1, ever_started_ ? CycleClass::idle : CycleClass::weight_load);
    ever_started_ = true;
    running_ = true;
    running_from_ = write_cycle + 1;
    order_.start(write_cycle + kStartCycles);
    scheduler_.restart(registers_);
    advance();
}

void Sequencer::reset(Cycle until) {
    order_.reset();
    scheduler_.reset(until);
    running_ = false;
    ever_started_ = false;
    stopped_from_ = 0;
    vector_open_ = false;
    releases_input_ = false;
}

void Sequencer::count_from(Cycle write_cycle) {
    if (ever_started_) scheduler_.wait_until(write_cycle + 1, class_of_now()); // an observer hears of idle cycles, too
    scheduler_.count_from(write_cycle + 1);
}

CycleClass Sequencer::class_of_now() const {
    if (!ever_started_) return CycleClass::weight_load;
    return running_ ? CycleClass::input_wait : CycleClass::idle;
}

std::array<std::uint64_t, kCycleClasses> Sequencer::class_cycles(Cycle cycle) const {
    auto classes = scheduler_.classes();
    const Cycle next = scheduler_.next_cycle();
    if (cycle >= next) classes[index_of(class_of_now())] += cycle + 1 - next;
    return classes;
}

// ---------------------------------------------------------------- work

void Sequencer::advance() {
    if (busy_) {
        again_ = true;
        return;
    }
    busy_ = true;
    do {
        again_ = false;
        while (work()) {
        }
    } while (again_);
    busy_ = false;
}

/// True: a vector was issued, and there may be another.
bool Sequencer::work() {
    if (!running_) return false;
    if (!vector_open_ && !begin_vector()) return false;
    if (!issue_vector()) return false;
    end_vector();
    return running_;
}

bool Sequencer::begin_vector() {
    const auto plan = order_.next(*input.operator->());
    if (!plan) return false;
    plan_ = *plan;
    vector_open_ = true;
    releases_input_ = plan_.release_below > 0;
    scheduler_.begin(plan_, *input.operator->(), *slice_fifo.operator->());
    return true;
}

/// Issues what can be issued, and hands it on: it may be what the outside waits for, and with it the next chunk.
bool Sequencer::issue_vector() {
    while (true) {
        const bool issued = scheduler_.issue(*input.operator->(), *slice_fifo.operator->());
        if (releases_input_ && scheduler_.x_is_issued()) {
            releases_input_ = false;
            input->release_below(plan_.release_below, scheduler_.last_x_cycle());
        }
        const bool dispatched = dispatch();
        if (issued) return true;
        if (!dispatched) return false;
    }
}

/// Sends the row groups that have been issued through the pipeline. False: there are none.
bool Sequencer::dispatch() {
    const IssueScheduler::IssuedGroups groups = scheduler_.take_issued_groups();
    if (groups.count == 0) return false;
    RowGroupRun run{plan_};
    run.first_group = groups.first;
    run.group_count = groups.count;
    run.begin_cycles = groups.begin_cycles;
    run.vector_ends = groups.vector_ends;
    run.end_of_run = plan_.end_of_run && groups.vector_ends;
    run_socket.send(run);
    return true;
}

void Sequencer::end_vector() {
    vector_open_ = false;
    const WorkOrder::Progress progress = order_.finish_vector(*input.operator->());
    if (!progress.steps_done) return;
    if (progress.run_done) finish_run();
    input->discard_below(order_.first_step());
}

/// The last chunk of the step marked `end` was issued.
void Sequencer::finish_run() {
    running_ = false;
    stopped_from_ = scheduler_.next_cycle();
    observers_.tell(&Observer::core_ran, running_from_, stopped_from_);
    events->work_finished(stopped_from_ - 1);
}

// ---------------------------------------------------------------- observation

void Sequencer::observe(Observer& observer) {
    observers_.add(observer);
    scheduler_.observe(observer);
}

void Sequencer::finish_observation(Observer& observer, Cycle end) const {
    if (running_) observer.core_ran(running_from_, end);
    const Cycle next = scheduler_.next_cycle();
    if (next < end) observer.cycles_classified(class_of_now(), next, end);
}

} // namespace bru
