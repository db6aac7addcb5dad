// The core by itself between a stream driver, a stream receiver and a register master, all of which do what a test
// says in the cycle that it says. Cycles of a plan and of its record count from the end of loading.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "accelerator/accelerator.hpp"
#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/registers.hpp"
#include "modules/core.hpp"
#include "platform/network_image.hpp"
#include "platform/simulation.hpp"
#include "platform/step_encoder.hpp"
#include "rtl_core/rtl_core.hpp"
#include "support/random_network.hpp"
#include "support/register_access.hpp"
#include "support/test_kernel.hpp"
#include "tlm/axi_stream.hpp"

namespace bru::test {

/// When the receiver has TREADY: the first ready cycle >= the given one.
using ReadyRule = std::function<Cycle(Cycle)>;

namespace ready {
inline ReadyRule always() {
    return [](Cycle cycle) { return cycle; };
}
/// Not before `first`, then always.
inline ReadyRule from(Cycle first) {
    return [first](Cycle cycle) { return std::max(cycle, first); };
}
/// In the cycles that `period` divides.
inline ReadyRule every(Cycle period) {
    return [period](Cycle cycle) { return (cycle + period - 1) / period * period; };
}
/// Without pattern: in about one of `period` cycles.
inline ReadyRule scattered(Cycle period) {
    return [period](Cycle cycle) {
        while ((cycle * 0x9E3779B97F4A7C15ULL >> 40) % period != 0) ++cycle;
        return cycle;
    };
}
} // namespace ready

struct RegisterWrite {
    Cycle cycle = 0;
    std::uint32_t offset = 0;
    std::uint32_t value = 0;
};

struct BenchPlan {
    Cycle count_cycle = 0;
    Cycle start_cycle = 100;
    /// TVALID of a step's beat; beats still come one per cycle and in order. Default: all offered in cycle 10.
    std::function<Cycle(std::size_t step, std::size_t beat)> valid = [](std::size_t, std::size_t) { return Cycle{10}; };
    ReadyRule ready = ready::always();
    std::uint32_t input_slots = 0; ///< 0: what the input memory holds
    std::uint32_t packet_vectors = 1;
    std::vector<std::size_t> end_steps; ///< steps marked end, beside the last
    std::vector<RegisterWrite> writes;  ///< in order of their cycles, with those of the bench
    Cycle freeze_after_interrupt = 20;
    Cycle give_up_cycle = 200000; ///< freezes here where no interrupt comes
    bool offer_late = false;      ///< the driver offers a beat in kernel time of its TVALID, not all at once
    bool answer_late = false;     ///< the receiver answers in kernel time of the transfer
};

struct BenchOutput {
    Cycle valid_cycle = 0; ///< TVALID
    Cycle cycle = 0;       ///< transfer
    std::uint64_t data = 0;
    bool last = false;
};

struct BenchRecord {
    std::vector<Cycle> input_cycles; ///< transfers of the input beats
    std::vector<BenchOutput> outputs;
    std::vector<Cycle> interrupt_cycles; ///< rising edges
    std::array<std::uint64_t, reg::kCounters> counters{};
    Cycle freeze_cycle = 0;
    int beats_per_step = 0;
    int beats_per_vector = 0;

    std::uint64_t classes(CycleClass cycle_class) const { return counters[static_cast<std::size_t>(cycle_class)]; }
    Cycle interrupt() const { return interrupt_cycles.empty() ? 0 : interrupt_cycles.front(); }
    /// Transfer of a step's header.
    Cycle header(std::size_t step) const { return input_cycles[step * static_cast<std::size_t>(beats_per_step)]; }
    /// Transfer of the last beat of an output vector.
    Cycle vector(std::size_t number) const {
        return outputs[(number + 1) * static_cast<std::size_t>(beats_per_vector) - 1].cycle;
    }
    std::vector<std::uint64_t> data() const {
        std::vector<std::uint64_t> values;
        for (const BenchOutput& output : outputs) values.push_back(output.data);
        return values;
    }
};

inline std::shared_ptr<Core> make_core(CoreKind kind, const CoreShape& shape) {
    return kind == CoreKind::rtl ? make_rtl_core("core", shape, CycleClock())
                                 : make_systemc_core("core", shape, CycleClock());
}

class CoreBench : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(CoreBench);
    CoreBench(const sc_core::sc_module_name& name, const CoreShape& shape, const NetworkImage& image,
              const std::vector<std::vector<std::uint64_t>>& steps, const BenchPlan& plan,
              CoreKind kind = CoreKind::systemc)
        : sc_module(name), core(make_core(kind, shape)), axi_lite("axi_lite"), input("input"), output("output"),
          interrupt("interrupt"), image_(image), steps_(steps), plan_(plan) {
        axi_lite.bind(core->axi_lite());
        input.bind(core->input_stream());
        core->output_stream().bind(output);
        core->interrupt()(interrupt);
        input.on_nb_transport_bw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
            for (std::size_t beat = 0; beat < transfer.count; ++beat)
                if (loaded_) {
                    record.input_cycles.push_back(transfer.transfer_cycles[beat] - base_);
                } else {
                    load_end_ = transfer.transfer_cycles[beat] + 1;
                    --load_beats_left_;
                }
            if (!loaded_) load_event_.notify(sc_core::SC_ZERO_TIME);
            return tlm::TLM_ACCEPTED;
        };
        output.on_nb_transport_fw = [this](StreamTransfer& transfer, tlm::tlm_phase&, sc_core::sc_time&) {
            receive(transfer);
            return tlm::TLM_ACCEPTED;
        };
        SC_THREAD(drive_registers);
        SC_METHOD(offer_due);
        sensitive << offer_event_;
        dont_initialize();
        SC_METHOD(answer_due);
        sensitive << answer_event_;
        dont_initialize();
        SC_METHOD(watch_due);
        sensitive << watch_event_;
        dont_initialize();
        SC_METHOD(note_interrupt);
        sensitive << interrupt.posedge_event();
        dont_initialize();
    }

    std::shared_ptr<Core> core;
    tlm_utils::simple_initiator_socket<CoreBench> axi_lite;
    StreamInitiatorSocket input;
    StreamTargetSocket output;
    sc_core::sc_signal<bool> interrupt;
    BenchRecord record;
    std::deque<Cycle> watch; ///< on_cycle is called in these cycles, in order
    std::function<void(Cycle)> on_cycle;

    std::uint32_t access(tlm::tlm_command command, std::uint32_t offset, std::uint32_t value = 0) {
        return access_register(axi_lite, command, offset, value).value;
    }
    void write(std::uint32_t offset, std::uint32_t value) { access(tlm::TLM_WRITE_COMMAND, offset, value); }
    std::uint32_t read(std::uint32_t offset) { return access(tlm::TLM_READ_COMMAND, offset); }

private:
    /// Returns behind the cycle in which the write takes effect.
    void finish_write(std::uint32_t offset, std::uint32_t value) {
        const Cycle taken = current_cycle() + kWriteEffectCycles;
        write(offset, value);
        sc_core::wait(time_until(taken + 1));
    }

    void drive_registers() {
        load();
        configure();
        base_ = std::max(load_end_, current_cycle()) + 10;
        loaded_ = true;
        if (!watch.empty()) watch_event_.notify(time_until(base_ + watch.front()));
        std::vector<RegisterWrite> writes = plan_.writes;
        writes.push_back({plan_.count_cycle, reg::kControl, kControlCount});
        writes.push_back({plan_.start_cycle, reg::kControl, kControlStart});
        std::stable_sort(writes.begin(), writes.end(),
                         [](const RegisterWrite& a, const RegisterWrite& b) { return a.cycle < b.cycle; });
        bool offered = false;
        for (const RegisterWrite& each : writes) {
            sc_core::wait(time_until(base_ + each.cycle - kWriteEffectCycles));
            finish_write(each.offset, each.value);
            if (!offered && each.cycle >= plan_.count_cycle) { // headers count from the write of `count` on
                offer();
                offered = true;
            }
        }
        if (!interrupt.read()) sc_core::wait(time_until(base_ + plan_.give_up_cycle), interrupt.posedge_event());
        if (interrupt.read()) sc_core::wait(time_until(current_cycle() + plan_.freeze_after_interrupt));
        record.freeze_cycle = current_cycle() + kWriteEffectCycles - base_;
        finish_write(reg::kControl, kControlFreeze);
        for (std::uint32_t k = 0; k < reg::kCounters; ++k)
            record.counters[k] = read(reg::kCounter + 8 * k) | std::uint64_t{read(reg::kCounter + 8 * k + 4)} << 32;
        sc_core::sc_stop();
    }

    void load() {
        for (const LoadRegion& region : image_.regions) {
            finish_write(reg::kLoadAddress, region.first_word);
            finish_write(reg::kLoadTarget, static_cast<std::uint32_t>(region.target));
            std::vector<StreamBeat> beats;
            for (const std::uint64_t data : region.beats) beats.push_back({data, 0, false});
            load_beats_left_ = beats.size();
            if (!beats.empty()) offer_beats(input, beats.data(), beats.size());
            while (load_beats_left_ > 0) sc_core::wait(load_event_); // the RTL takes its cycles
        }
        finish_write(reg::kLoadTarget, static_cast<std::uint32_t>(LoadTarget::run));
    }

    void configure() {
        for (std::size_t index = 0; index < image_.descriptors.size(); ++index) {
            const auto* fields = reinterpret_cast<const std::uint32_t*>(&image_.descriptors[index]);
            const auto base = reg::kDescriptor + static_cast<std::uint32_t>(index) * reg::kDescriptorBytes;
            for (std::uint32_t field = 0; field < kDescriptorFields; ++field)
                finish_write(base + 4 * field, fields[field]);
        }
        finish_write(reg::kDescriptors, static_cast<std::uint32_t>(image_.descriptors.size()));
        finish_write(reg::kMode, mode_register(image_.sequence_mode, image_.mode));
        finish_write(reg::kInput, image_.input_chunks | (image_.one_hot ? kInputOneHot : 0));
        finish_write(reg::kInputSlots, plan_.input_slots != 0 ? plan_.input_slots : image_.input_slots);
        finish_write(reg::kPacketVectors, plan_.packet_vectors);
        finish_write(reg::kInterruptEnable, 1);
    }

    void offer() {
        for (std::size_t step = 0; step < steps_.size(); ++step)
            for (std::size_t beat = 0; beat < steps_[step].size(); ++beat)
                to_offer_.push_back({steps_[step][beat], base_ + plan_.valid(step, beat), false});
        if (!plan_.offer_late) {
            const std::vector<StreamBeat> beats(to_offer_.begin(), to_offer_.end());
            to_offer_.clear();
            offer_beats(input, beats.data(), beats.size());
            return;
        }
        offer_due();
    }

    void offer_due() {
        while (!to_offer_.empty() && to_offer_.front().valid_cycle <= current_cycle()) {
            const StreamBeat beat = to_offer_.front();
            to_offer_.pop_front();
            offer_beats(input, &beat, 1);
        }
        if (!to_offer_.empty()) offer_event_.notify(time_until(to_offer_.front().valid_cycle));
    }

    void receive(const StreamTransfer& transfer) {
        std::vector<Cycle> cycles;
        for (std::size_t k = 0; k < transfer.count; ++k) {
            const StreamBeat& beat = transfer.beats[k];
            const Cycle cycle = plan_.ready(std::max(beat.valid_cycle, next_receive_) - base_) + base_;
            next_receive_ = cycle + 1;
            record.outputs.push_back({beat.valid_cycle - base_, cycle - base_, beat.data, beat.last});
            cycles.push_back(cycle);
        }
        if (!plan_.answer_late) {
            answer_beats(output, cycles.data(), cycles.size());
            return;
        }
        to_answer_.insert(to_answer_.end(), cycles.begin(), cycles.end());
        answer_event_.notify(time_until(to_answer_.front()));
    }

    void answer_due() {
        while (!to_answer_.empty() && to_answer_.front() <= current_cycle()) {
            const Cycle cycle = to_answer_.front();
            to_answer_.pop_front();
            answer_beats(output, &cycle, 1);
        }
        if (!to_answer_.empty()) answer_event_.notify(time_until(to_answer_.front()));
    }

    void watch_due() {
        on_cycle(watch.front());
        watch.pop_front();
        if (!watch.empty()) watch_event_.notify(time_until(base_ + watch.front()));
    }

    void note_interrupt() { record.interrupt_cycles.push_back(current_cycle() - base_); }

    const NetworkImage& image_;
    const std::vector<std::vector<std::uint64_t>>& steps_;
    const BenchPlan& plan_;
    Cycle base_ = 0;
    Cycle load_end_ = 0;
    std::size_t load_beats_left_ = 0; ///< of the region that is being loaded
    sc_core::sc_event load_event_;
    bool loaded_ = false;
    Cycle next_receive_ = 0;
    std::deque<StreamBeat> to_offer_;
    std::deque<Cycle> to_answer_;
    sc_core::sc_event offer_event_;
    sc_core::sc_event answer_event_;
    sc_core::sc_event watch_event_;
};

/// A network and its steps as the core takes them.
struct BenchNetwork {
    Shape shape;
    NetworkImage image;
    std::vector<std::vector<std::uint64_t>> steps; ///< beats of each
};

/// Quantizes the network for the shape and encodes the steps.
inline BenchNetwork bench_network(const Network& network, const Configuration& configuration, OutputMode mode,
                                  const std::vector<Step>& steps, const BenchPlan& plan) {
    const QuantizedNetwork quantized = quantize(network, configuration.shape.formats());
    const NetworkPlacement placement = resolved_placement(configuration, quantized, mode);
    BenchNetwork result;
    result.shape = placement.shape;
    result.image = make_network_image(placement, quantized, mode);
    StepEncoder encoder(placement.shape, network, result.image);
    result.steps.resize(steps.size());
    for (std::size_t k = 0; k < steps.size(); ++k) {
        const bool marked = std::find(plan.end_steps.begin(), plan.end_steps.end(), k) != plan.end_steps.end();
        encoder.append(steps[k], marked || k + 1 == steps.size(), result.steps[k]);
    }
    return result;
}

/// Runs the steps through a core as the plan says.
inline BenchRecord run_core(const BenchNetwork& network, const BenchPlan& plan, CoreKind kind = CoreKind::systemc,
                            bool computes_values = true) {
    const TestKernel kernel;
    CoreBench bench("bench", CoreShape(network.shape, computes_values), network.image, network.steps, plan, kind);
    bench.record.beats_per_step = network.image.beats_per_input_step;
    bench.record.beats_per_vector = network.image.beats_per_output_vector;
    sc_core::sc_start();
    return bench.record;
}

inline BenchRecord run_core(const Network& network, const Configuration& configuration, OutputMode mode,
                            const std::vector<Step>& steps, const BenchPlan& plan) {
    return run_core(bench_network(network, configuration, mode, steps, plan), plan);
}

/// The same for a random network; the schedule does not depend on its numbers.
inline BenchRecord run_core(const NetworkRecipe& recipe, const Configuration& configuration, OutputMode mode,
                            const std::vector<int>& lengths, const BenchPlan& plan = {}) {
    const Network network = random_network(recipe, 7);
    return run_core(network, configuration, mode, random_steps(network, lengths, 8), plan);
}

inline Configuration core_shape(int lanes, int lane_width, int update_width, int activation_bits = 8) {
    Configuration configuration;
    configuration.shape.lanes = lanes;
    configuration.shape.lane_width = lane_width;
    configuration.shape.update_width = update_width;
    configuration.shape.activation_bits = activation_bits;
    return configuration;
}

} // namespace bru::test
