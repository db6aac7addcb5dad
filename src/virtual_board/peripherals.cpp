#include "virtual_board/peripherals.hpp"

#include <limits>
#include <utility>

namespace bru {

namespace {

// Offsets of the distributor and of the processor's interface.
constexpr std::uint32_t kSetEnable = 0x100;
constexpr std::uint32_t kClearEnable = 0x180;
constexpr std::uint32_t kSetPending = 0x200;
constexpr std::uint32_t kAcknowledge = 0x0C;
constexpr std::uint32_t kEndOfInterrupt = 0x10;

// Offsets and bits of the UART.
constexpr std::uint32_t kUartEnable = 0x08;
constexpr std::uint32_t kUartDisable = 0x0C;
constexpr std::uint32_t kUartInterrupts = 0x14;
constexpr std::uint32_t kUartStatus = 0x2C;
constexpr std::uint32_t kUartFifo = 0x30;
constexpr std::uint32_t kTransmitterEmpty = 8;
constexpr std::uint32_t kTransmitterFull = 16;
constexpr std::size_t kFifoCharacters = 64;
constexpr double kBitsPerCharacter = 10; ///< a start bit and a stop bit

std::uint32_t bit_of(unsigned number) { return std::uint32_t{1} << number % 32; }

} // namespace

void InterruptController::set_line(unsigned number, bool high) {
    std::uint32_t& word = high_.at(number / 32);
    word = high ? word | bit_of(number) : word & ~bit_of(number);
}

unsigned InterruptController::first_pending() const {
    for (unsigned number = 0; number < 32 * kWords; ++number)
        if ((high_[number / 32] & enabled_[number / 32] & ~active_[number / 32] & bit_of(number)) != 0) return number;
    return kNone;
}

bool InterruptController::asserted() const { return first_pending() != kNone; }

std::uint32_t InterruptController::read_distributor(std::uint32_t offset) const {
    const std::uint32_t word = offset % 0x80 / 4;
    if (word >= kWords) return 0;
    if (offset - offset % 0x80 == kSetPending) return high_[word];
    if (offset - offset % 0x80 == kSetEnable || offset - offset % 0x80 == kClearEnable) return enabled_[word];
    return 0;
}

void InterruptController::write_distributor(std::uint32_t offset, std::uint32_t value) {
    const std::uint32_t word = offset % 0x80 / 4;
    if (word >= kWords) return;
    if (offset - offset % 0x80 == kSetEnable) enabled_[word] |= value;
    if (offset - offset % 0x80 == kClearEnable) enabled_[word] &= ~value;
}

std::uint32_t InterruptController::read_interface(std::uint32_t offset) {
    if (offset != kAcknowledge) return 0;
    const unsigned number = first_pending();
    if (number != kNone) active_[number / 32] |= bit_of(number);
    return number;
}

void InterruptController::write_interface(std::uint32_t offset, std::uint32_t value) {
    if (offset == kEndOfInterrupt && value / 32 < kWords) active_[value / 32] &= ~bit_of(value);
}

Uart::Uart(double baud, std::function<void(char)> output)
    : character_ns_(kBitsPerCharacter * 1e9 / baud), output_(std::move(output)) {}

void Uart::send_until(double now_ns) {
    std::size_t sent = 0;
    while (sent < fifo_.size() && next_sent_ns_ <= now_ns) {
        output_(fifo_[sent++]);
        next_sent_ns_ += character_ns_;
    }
    fifo_.erase(0, sent);
    if (fifo_.empty() && next_sent_ns_ - character_ns_ <= now_ns) empty_seen_ = true;
}

std::uint32_t Uart::read(std::uint32_t offset, double now_ns) {
    send_until(now_ns);
    if (offset == kUartStatus)
        return (fifo_.empty() ? kTransmitterEmpty : 0) | (fifo_.size() >= kFifoCharacters ? kTransmitterFull : 0);
    if (offset == kUartInterrupts) return empty_seen_ ? kTransmitterEmpty : 0;
    return 0;
}

/// A character that does not fit the FIFO is lost, as in the device.
void Uart::write(std::uint32_t offset, std::uint32_t value, double now_ns) {
    send_until(now_ns);
    if (offset == kUartEnable) enabled_ = enabled_ || (value & kTransmitterEmpty) != 0;
    if (offset == kUartDisable) enabled_ = enabled_ && (value & kTransmitterEmpty) == 0;
    if (offset == kUartInterrupts && (value & kTransmitterEmpty) != 0) empty_seen_ = fifo_.empty();
    if (offset != kUartFifo || fifo_.size() >= kFifoCharacters) return;
    if (fifo_.empty()) next_sent_ns_ = now_ns + character_ns_;
    fifo_ += static_cast<char>(value & 0xFF);
    empty_seen_ = false;
}

bool Uart::interrupt(double now_ns) {
    send_until(now_ns);
    return enabled_ && empty_seen_;
}

double Uart::next_interrupt_ns() const {
    if (!enabled_ || fifo_.empty()) return std::numeric_limits<double>::infinity();
    return next_sent_ns_ + character_ns_ * static_cast<double>(fifo_.size() - 1);
}

} // namespace bru
