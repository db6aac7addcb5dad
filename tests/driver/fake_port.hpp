// A port with registers that behave as a test says: the DMA completes a transfer at once, or hangs, or stops with an
// error.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "driver/bru.h"

namespace bru::test {

class FakePort {
public:
    static constexpr std::uintptr_t kCore = 0x4000'0000;
    static constexpr std::uintptr_t kDma = 0x4040'0000;
    enum class Transfers { complete, hang, fail };

    FakePort() {
        registers[kCore + BRU_VERSION] = BRU_VERSION_VALUE;
        port_.context = this;
        port_.ticks_per_s = 1'000'000;
        port_.read32 = [](void* self, std::uintptr_t address) { return static_cast<FakePort*>(self)->read(address); };
        port_.write32 = [](void* self, std::uintptr_t address, std::uint32_t value) {
            static_cast<FakePort*>(self)->write(address, value);
        };
        port_.clean = [](void* self, const bru_buffer*, std::size_t bytes) {
            static_cast<FakePort*>(self)->cleaned_bytes += bytes;
        };
        port_.invalidate = [](void* self, const bru_buffer*, std::size_t bytes) {
            static_cast<FakePort*>(self)->invalidated_bytes += bytes;
        };
        port_.pending = [](void* self) { return static_cast<FakePort*>(self)->lines(); };
        port_.wait = [](void* self, std::uint64_t deadline) { return static_cast<FakePort*>(self)->wait(deadline); };
        port_.now = [](void* self) { return static_cast<FakePort*>(self)->time; };
    }

    bru_device device(unsigned length_bits = 23) {
        bru_device device = {};
        bru_initialise(&device, &port_, {kCore, kDma, length_bits});
        bru_enable(&device);
        device.timeout_ticks = 100;
        writes.clear();
        return device;
    }

    /// The DMA has written a packet.
    void receive(std::uint32_t bytes) {
        registers[kDma + BRU_S2MM_LENGTH] = bytes;
        registers[kDma + BRU_S2MM_DMASR] |= BRU_DMASR_IOC_IRQ;
    }
    void stop_with_error(std::uint32_t status_offset, std::uint32_t error) {
        registers[kDma + status_offset] |= error | BRU_DMASR_ERR_IRQ | BRU_DMASR_HALTED;
    }

    std::vector<std::uint32_t> written(std::uintptr_t address) const {
        std::vector<std::uint32_t> values;
        for (const auto& [place, value] : writes)
            if (place == address) values.push_back(value);
        return values;
    }

    std::map<std::uintptr_t, std::uint32_t> registers;
    std::vector<std::pair<std::uintptr_t, std::uint32_t>> writes;
    Transfers transfers = Transfers::complete; ///< of MM2S
    int reads_until_reset = 3;                 ///< of the control register
    bool has_core_done = false;
    std::uint64_t time = 0;
    std::size_t cleaned_bytes = 0;
    std::size_t invalidated_bytes = 0;
    bru_port port_ = {};

private:
    std::uint32_t read(std::uintptr_t address) {
        ++time;
        if (address == kDma + BRU_MM2S_DMACR && (registers[address] & BRU_DMACR_RESET) != 0 &&
            --reads_until_reset <= 0) {
            registers[kDma + BRU_MM2S_DMACR] = 0;
            registers[kDma + BRU_S2MM_DMACR] = 0;
            registers[kDma + BRU_MM2S_DMASR] = BRU_DMASR_HALTED;
            registers[kDma + BRU_S2MM_DMASR] = BRU_DMASR_HALTED;
        }
        return registers[address];
    }

    void write(std::uintptr_t address, std::uint32_t value) {
        ++time;
        writes.emplace_back(address, value);
        if (address == kDma + BRU_MM2S_DMASR || address == kDma + BRU_S2MM_DMASR)
            registers[address] &= ~(value & (BRU_DMASR_IOC_IRQ | BRU_DMASR_ERR_IRQ));
        else
            registers[address] = value;
        if (address == kCore + BRU_INTERRUPT_STATUS) has_core_done = false;
        if (address != kDma + BRU_MM2S_LENGTH) return;
        if (transfers == Transfers::complete) registers[kDma + BRU_MM2S_DMASR] |= BRU_DMASR_IOC_IRQ;
        if (transfers == Transfers::fail) stop_with_error(BRU_MM2S_DMASR, BRU_DMASR_SLAVE_ERROR);
    }

    bool high(std::uint32_t control, std::uint32_t status) {
        const std::uint32_t interrupts = BRU_DMASR_IOC_IRQ | BRU_DMASR_ERR_IRQ;
        return (registers[kDma + control] & registers[kDma + status] & interrupts) != 0;
    }
    std::uint32_t lines() {
        return (high(BRU_S2MM_DMACR, BRU_S2MM_DMASR) ? std::uint32_t{BRU_LINE_S2MM} : 0) |
               (high(BRU_MM2S_DMACR, BRU_MM2S_DMASR) ? std::uint32_t{BRU_LINE_MM2S} : 0) |
               (has_core_done ? std::uint32_t{BRU_LINE_CORE} : 0);
    }
    std::uint32_t wait(std::uint64_t deadline) {
        if (lines() == 0 || time >= deadline) {
            if (deadline == BRU_FOREVER) throw std::logic_error("the driver waits for ever");
            time = deadline;
            return 0;
        }
        return lines();
    }
};

} // namespace bru::test
