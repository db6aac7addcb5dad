#include "virtual_board/machine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <systemc>

#include "base/interrupt.hpp"
#include "firmware/board.h"
#include "platform/bru_system.hpp"
#include "platform/kernel_scope.hpp"
#include "platform/platform_clocks.hpp"
#include "virtual_board/peripherals.hpp"

namespace bru {

namespace {

constexpr double kPollCycles = 200; ///< between looks at lines of which none is enabled

/// Connects the processor with the platform: registers of BRU through the port of the host, the others here.
class BoardSurroundings : public Surroundings {
public:
    BoardSurroundings(const bru_port& port, const bru_addresses& addresses, const Configuration& configuration,
                      const BoardOptions& options, BoardResult& result)
        : port_(port), addresses_(addresses), clock_(platform_clocks(configuration).core),
          cycle_ns_(1000 / configuration.clock_mhz), timer_mhz_(options.processor.clock_mhz / 2), result_(result),
          uart_(options.baud, [&result](char character) { result.text += character; }) {}

    void watch(const Processor& processor) { processor_ = &processor; }

    std::uint32_t read(std::uint32_t address) override {
        if (of_bru(address)) return port_.read32(port_.context, bru_address(address));
        const std::uint32_t page = address & ~0xFFFU;
        if (page == BOARD_UART) return uart_.read(address - page, now_ns());
        update_lines();
        if (page == BOARD_DISTRIBUTOR) return controller_.read_distributor(address - page);
        if (address >= BOARD_GLOBAL_TIMER) return read_timer(address - BOARD_GLOBAL_TIMER);
        return address >= BOARD_CPU_INTERFACE ? controller_.read_interface(address - BOARD_CPU_INTERFACE) : 0;
    }

    void write(std::uint32_t address, std::uint32_t value) override {
        if (of_bru(address)) return port_.write32(port_.context, bru_address(address), value);
        const std::uint32_t page = address & ~0xFFFU;
        if (page == BOARD_UART) return uart_.write(address - page, value, now_ns());
        if (page == BOARD_DISTRIBUTOR) return controller_.write_distributor(address - page, value);
        if (address == BOARD_PHASE) return begin_phase(value);
        if (address == BOARD_RESET) finished_ = true;
        if (address >= BOARD_CPU_INTERFACE && address < BOARD_GLOBAL_TIMER)
            controller_.write_interface(address - BOARD_CPU_INTERFACE, value);
    }

    void advance_to(double ns) override {
        if (interrupted()) throw Interrupted();
        const auto cycle = static_cast<Cycle>(std::floor(ns / cycle_ns_ + 1e-6));
        if (cycle > port_.now(port_.context)) sc_core::wait(clock_.time_until(cycle));
        ahead_ns_ = std::max(ahead_ns_, ns);
    }

    /// The processor may be within a cycle.
    double now_ns() const override {
        return std::max(ahead_ns_, static_cast<double>(port_.now(port_.context)) * cycle_ns_);
    }

    bool interrupt() override {
        update_lines();
        return controller_.asserted();
    }

    void sleep_until_interrupt() override {
        while (!interrupt()) {
            const double event_ns = uart_.next_interrupt_ns();
            std::uint64_t deadline = BRU_FOREVER;
            if (event_ns < std::numeric_limits<double>::infinity())
                deadline = static_cast<std::uint64_t>(std::ceil(event_ns / cycle_ns_));
            if (port_.pending(port_.context) == 0)
                port_.wait(port_.context, deadline);
            else
                advance_to(now_ns() + kPollCycles * cycle_ns_);
        }
    }

    bool finished() const override { return finished_; }

    void begin_phase(std::uint32_t phase) {
        end_phase();
        phase_ = std::min<std::size_t>(phase, kPhases - 1);
        start_ = snapshot();
    }
    void end_phase() {
        const BoardPhase end = snapshot();
        BoardPhase& phase = result_.phases.at(phase_);
        phase = end;
        phase.begin_ns = start_.end_ns;
        phase.busy_ns -= start_.busy_ns;
        phase.access_ns -= start_.access_ns;
        phase.sleep_ns -= start_.sleep_ns;
        phase.accesses -= start_.accesses;
        phase.interrupts -= start_.interrupts;
        for (std::size_t k = 0; k < start_.instructions.size(); ++k) phase.instructions[k] -= start_.instructions[k];
    }

private:
    static bool of_bru(std::uint32_t address) { return address < BOARD_UART; }
    std::uintptr_t bru_address(std::uint32_t address) const {
        return address >= BOARD_CORE ? addresses_.core + (address - BOARD_CORE)
                                     : addresses_.dma + (address - BOARD_DMA);
    }
    std::uint32_t read_timer(std::uint32_t offset) const {
        const auto ticks = static_cast<std::uint64_t>(now_ns() * timer_mhz_ / 1000);
        return static_cast<std::uint32_t>(offset == 0 ? ticks : offset == 4 ? ticks >> 32 : 1);
    }
    void update_lines() {
        const std::uint32_t lines = port_.pending(port_.context);
        controller_.set_line(BOARD_S2MM_INTERRUPT, (lines & BRU_LINE_S2MM) != 0);
        controller_.set_line(BOARD_MM2S_INTERRUPT, (lines & BRU_LINE_MM2S) != 0);
        controller_.set_line(BOARD_CORE_INTERRUPT, (lines & BRU_LINE_CORE) != 0);
        controller_.set_line(BOARD_UART_INTERRUPT, uart_.interrupt(now_ns()));
    }
    /// What was done since the start.
    BoardPhase snapshot() const {
        BoardPhase sum;
        sum.end_ns = now_ns();
        sum.busy_ns = processor_->busy_ns();
        sum.access_ns = processor_->access_ns();
        sum.sleep_ns = processor_->sleep_ns();
        sum.accesses = processor_->accesses();
        sum.interrupts = processor_->interrupts();
        sum.instructions = processor_->profile().by_work();
        return sum;
    }

    const bru_port& port_;
    const bru_addresses& addresses_;
    CycleClock clock_; ///< of the core, in whose cycles the port counts
    double cycle_ns_;
    double timer_mhz_;
    BoardResult& result_;
    Uart uart_;
    InterruptController controller_;
    const Processor* processor_ = nullptr;
    double ahead_ns_ = 0; ///< of the processor
    bool finished_ = false;
    std::size_t phase_ = 0;
    BoardPhase start_;
};

} // namespace

void run_machine(const Configuration& configuration, CoreKind core, const ElfFile& firmware,
                 std::vector<unsigned char>& ram, const BoardOptions& options, BoardResult& result) {
    std::exception_ptr failure = nullptr;
    bool stopped = false;
    {
        const KernelScope kernel;
        const HostProgram program = [&](const bru_port& port, const bru_addresses& addresses) {
            BoardSurroundings surroundings(port, addresses, configuration, options, result);
            Processor processor(firmware, ram.data(), BOARD_RAM_BYTES, options.processor, surroundings);
            surroundings.watch(processor);
            processor.run();
            surroundings.end_phase();
            stopped = true;
        };
        BruSystem system("bru", configuration, true, core, {program});
        system.memory->share(0, ram.data(), ram.size());
        sc_core::sc_start();
        failure = system.failure();
    }
    if (failure) std::rethrow_exception(failure);
    if (!stopped) throw std::runtime_error("the firmware sleeps, and nothing can wake it");
}

} // namespace bru
