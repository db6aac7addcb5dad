// What the firmware meets beside BRU: the interrupt controller, the global timer and the UART of a Zynq-7000, as far as
// it uses them. Times are nanoseconds of the processor. An access takes no time of its own.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

namespace bru {

/// The distributor and the processor's interface of the ARM generic interrupt controller: levels, one priority.
class InterruptController {
public:
    void set_line(unsigned number, bool high);
    bool asserted() const; ///< towards the processor

    std::uint32_t read_distributor(std::uint32_t offset) const;
    void write_distributor(std::uint32_t offset, std::uint32_t value);
    std::uint32_t read_interface(std::uint32_t offset);
    void write_interface(std::uint32_t offset, std::uint32_t value);

private:
    static constexpr unsigned kWords = 3; ///< 96 interrupts
    unsigned first_pending() const;       ///< kNone: none

    static constexpr unsigned kNone = 1023;
    std::array<std::uint32_t, kWords> high_{};
    std::array<std::uint32_t, kWords> enabled_{};
    std::array<std::uint32_t, kWords> active_{};
};

/// The transmitter of a Cadence UART: a FIFO of 64 characters that leave at the baud rate.
class Uart {
public:
    Uart(double baud, std::function<void(char)> output);

    std::uint32_t read(std::uint32_t offset, double now_ns);
    void write(std::uint32_t offset, std::uint32_t value, double now_ns);
    bool interrupt(double now_ns);
    /// When the interrupt rises, if no register is written before; infinity: it does not.
    double next_interrupt_ns() const;

private:
    void send_until(double now_ns);

    double character_ns_;
    std::function<void(char)> output_;
    std::string fifo_;
    double next_sent_ns_ = 0; ///< when the first character of the FIFO has left
    bool enabled_ = false;
    bool empty_seen_ = false; ///< cleared by software
};

} // namespace bru
