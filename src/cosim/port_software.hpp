// What the software of a case at the pins does right, as operations of a script: it loads networks, selects one, and
// takes the steps of a run.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "cosim/cosim_case.hpp"
#include "cosim/draws.hpp"
#include "cosim/port_network.hpp"
#include "cosim/port_script.hpp"
#include "machine/core_registers.hpp"
#include "machine/core_shape.hpp"
#include "machine/registers.hpp"
#include "machine/stream_format.hpp"
#include "rtl_core/rtl_core.hpp"

namespace bru {

class PortSoftware : protected Draws {
protected:
    static constexpr std::uint32_t kDescribeCycles = 8; ///< from a write to a descriptor or to MODE to `start`

    /// Throws InputError as prepare().
    PortSoftware(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes);

    using Writes = std::vector<std::pair<std::uint32_t, std::uint32_t>>; ///< addresses and values

    void add(const PortStep& step) { script_.steps.push_back(step); }
    void write(std::uint32_t address, std::uint32_t value) { add({PortOperation::write, address, value, 0, nullptr}); }
    /// Of CONTROL, the other bits have no effect.
    void control(std::uint32_t commands) {
        write(reg::kControl, commands | (one_in(8) ? static_cast<std::uint32_t>(any()) &
                                                         ~(kControlStart | kControlCount | kControlFreeze)
                                                   : 0));
    }
    void wait(std::uint32_t cycles) { add({PortOperation::wait, 0, cycles, 0, nullptr}); }
    void plain(PortOperation operation) { add({operation, 0, 0, 0, nullptr}); }
    void send(std::vector<std::uint64_t> beats) {
        script_.beats.push_back(std::move(beats));
        add({PortOperation::send, 0, 0, 0, &script_.beats.back()});
    }

    static std::uint32_t field_address(std::uint32_t descriptor, std::uint32_t field) {
        return reg::kDescriptor + reg::kDescriptorBytes * descriptor + 4 * field;
    }
    /// In any order: registers become effective with the start. In a wild case with other shifts than before.
    void select();
    const NetworkImage& image() const { return networks_[selected_]->image(); }
    const std::vector<LoadRegion>& loads() const { return networks_[selected_]->loads(); }
    static CoreRegisters registers_of(const NetworkImage& image);
    static std::uint32_t input_register(const NetworkImage& image);
    std::uint32_t load_moment();
    void load();
    void begin_load(LoadTarget target, std::uint32_t first_word);
    /// A load that ends in the middle of a word.
    void begin_in_vain(const LoadRegion& region);
    void select(const Descriptor* descriptors);
    static std::uint32_t field_value(const Descriptor& descriptor, std::uint32_t field);
    std::uint32_t field_value(std::uint32_t descriptor, std::uint32_t field) const {
        return field_value(image().descriptors[descriptor], field);
    }
    /// Values at the limits of fields, which are no mistake; the right ones follow.
    Writes limit_writes();
    /// Registers hold what is written, and read as what they hold; the right values follow.
    void scribble();
    /// All but the descriptors, which a reset leaves as they are.
    void select_registers();
    void write_all(const Writes& writes);
    Writes register_writes();
    /// Fewer, where no sequence must arrive whole; more than the memory holds, where a step takes one word.
    std::uint32_t input_slots();
    /// FLAGS is written before the other fields.
    static bool is_flags(std::uint32_t address);
    /// Small, or a little above a power of two: what a counter with too few bits would take for a small one.
    std::uint32_t packet_vectors();
    /// In many runs with whole sequences of a step, the last sequence comes one cycle later from run to run: in one of
    /// them it ends as the core goes on to another sequence.
    bool one_comes_late() const;
    void reset();
    /// Behind a reset, the first step of each stream with a layer is the first of a sequence, wherever the run begins.
    void open_streams(std::vector<std::uint64_t>& beats);
    /// The sequences are shared among the runs; where there are more runs, they are used again.
    std::vector<std::uint64_t> steps_of_run();

    PortTraffic traffic_;
    CoreShape shape_;
    std::vector<std::unique_ptr<PortNetwork>> networks_;
    std::size_t selected_ = 0;
    std::bitset<kHeaderStreamMask + 1> opened_streams_;
    PortScript script_;
};

} // namespace bru
