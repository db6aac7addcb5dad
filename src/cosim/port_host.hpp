// The outside of a core at its pins, cycle by cycle: a master on every AXI4-Lite channel, the source of the input
// stream, the receiver of the output stream, the reset. Contract: what drive() says for a cycle follows from the
// script, the seed and what observe() was told of the cycles before; two cores that behave alike meet the same outside.
#pragma once

#include <cstdint>
#include <deque>
#include <random>

#include "cosim/cosim_case.hpp"
#include "cosim/port_script.hpp"
#include "rtl_core/core_pins.hpp"

namespace bru {

class PortHost {
public:
    PortHost(const PortScript& script, const PortTraffic& traffic, std::uint64_t seed);

    /// The inputs of the next cycle.
    const CoreInputs& drive();
    /// The outputs of that cycle.
    void observe(const CoreOutputs& outputs);
    /// The counters begin with the script's preset in the cycle of the last drive().
    bool presets() const { return presets_; }
    /// Before this cycle nothing is compared.
    Cycle compared_from() const { return compared_from_; }
    bool finished() const { return next_ == script_.steps.size() && reset_cycles_ == 0; }

private:
    struct InputBeat {
        std::uint64_t data = 0;
        bool last = false;
    };
    int below(int count) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(count)); }
    bool percent(int chance) { return below(100) < chance; }
    void follow_script();
    bool do_step(const PortStep& step);
    bool counters_are_free(std::uint32_t address);
    void begin_write(std::uint32_t address, std::uint32_t value);
    void end_write();
    void begin_read(std::uint32_t address);
    void drive_write();
    void drive_read();
    void drive_streams();
    void add_traffic();
    void forget_all();
    std::uint32_t random_register();
    std::uint32_t harmless_address();
    bool write_idle() const { return !write_waits_ && responses_due_ <= (traffic_.channels_apart ? 1 : 0); }

    const PortScript& script_;
    const PortTraffic traffic_;
    std::mt19937_64 engine_;
    CoreInputs inputs_;
    std::size_t next_ = 0; ///< step of the script
    bool presets_ = false;
    Cycle cycle_ = 0; ///< of the next drive()
    Cycle compared_from_ = 0;
    bool count_began_ = false; ///< in the cycle before
    std::uint32_t wait_cycles_ = 0;
    bool wait_ends_with_output_ = false;
    std::uint32_t reset_cycles_ = 0; ///< left
    std::uint32_t cycles_to_reset_ = 0;
    std::uint32_t beats_to_reset_ = 0;
    PortOperation reset_counts_ = PortOperation::reset_at_beat; ///< which beats
    std::uint32_t reset_delay_ = 0;                             ///< from the last of these beats on
    std::size_t reset_target_ = 0;
    // AXI4-Lite. An address and its data are shown after a pause each.
    bool write_waits_ = false;
    int address_pause_ = 0;
    int data_pause_ = 0;
    bool address_taken_ = false;
    bool data_taken_ = false;
    int responses_due_ = 0;
    bool read_waits_ = false;
    int read_pause_ = 0;
    int reads_due_ = 0;
    std::uint32_t read_address_ = 0; ///< of the read whose data is due
    bool old_read_ = false;          ///< and it was read before the start
    bool counters_stand_ = false;    ///< and can be read
    bool old_interrupt_ = false;     ///< the interrupt may be of the run before
    bool done_seen_ = false;
    // Streams.
    std::deque<InputBeat> beats_;
    int receiver_percent_ = 100;
    int receiver_cycles_ = 0;       ///< for which it stays so
    std::uint32_t hold_cycles_ = 0; ///< for which it takes nothing
};

} // namespace bru
