#include "virtual_board/processor.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>
#include <unicorn/unicorn.h>

#include "virtual_board/registers.hpp"

namespace bru {

namespace {

constexpr std::uint32_t kWaitForInterrupt = 0xE320F003;
constexpr std::uint32_t kModeMask = 0x1F;
constexpr std::uint32_t kInterruptMode = 0x12;
constexpr std::uint32_t kThumb = 1U << 5;
constexpr std::uint32_t kInterruptsMasked = 1U << 7;
constexpr std::uint32_t kInterruptVector = 0x18;
constexpr std::uint32_t kInstructionBytes = 4;

void check(uc_err error, const char* what) {
    if (error != UC_ERR_OK) throw std::runtime_error(fmt::format("Unicorn: {}: {}", what, uc_strerror(error)));
}

} // namespace

struct Processor::Engine {
    Engine() { check(uc_open(UC_ARCH_ARM, UC_MODE_ARM, &uc), "the processor cannot be made"); }
    ~Engine() { uc_close(uc); }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    std::uint32_t read(int number) const {
        std::uint32_t value = 0;
        check(uc_reg_read(uc, number, &value), "a register cannot be read");
        return value;
    }
    void write(int number, std::uint32_t value) const {
        check(uc_reg_write(uc, number, &value), "a register cannot be written");
    }

    uc_engine* uc = nullptr;
    uc_hook code_hook = 0;
    struct Window {
        Processor* processor;
        std::uint32_t address;
    };
    std::vector<std::unique_ptr<Window>> windows;
};

/// Exceptions of the surroundings wait in failure_ until Unicorn has returned.
struct Processor::Hooks {
    static void code(uc_engine* uc, std::uint64_t address, std::uint32_t, void* self) {
        if (!static_cast<Processor*>(self)->may_execute(static_cast<std::uint32_t>(address))) uc_emu_stop(uc);
    }
    static std::uint64_t read(uc_engine*, std::uint64_t offset, unsigned, void* window) {
        const auto* const place = static_cast<Engine::Window*>(window);
        return place->processor->access(place->address + static_cast<std::uint32_t>(offset), false, 0);
    }
    static void write(uc_engine*, std::uint64_t offset, unsigned, std::uint64_t value, void* window) {
        const auto* const place = static_cast<Engine::Window*>(window);
        place->processor->access(place->address + static_cast<std::uint32_t>(offset), true,
                                 static_cast<std::uint32_t>(value));
    }
};

Processor::Processor(const ElfFile& firmware, unsigned char* ram, std::uint32_t ram_bytes,
                     const ProcessorTiming& timing, Surroundings& surroundings)
    : engine_(std::make_unique<Engine>()), ram_(ram), ram_bytes_(ram_bytes), surroundings_(surroundings),
      profile_(firmware.functions), instruction_ns_(timing.cycles_per_instruction * 1000 / timing.clock_mhz),
      quantum_instructions_(
          static_cast<std::uint64_t>(std::max(1.0, std::floor(timing.quantum_ns / instruction_ns_)))) {
    uc_engine* const uc = engine_->uc;
    check(uc_ctl_set_cpu_model(uc, UC_CPU_ARM_CORTEX_A9), "it has no Cortex-A9");
    check(uc_mem_map_ptr(uc, 0, ram_bytes, UC_PROT_ALL, ram), "the memory cannot be mapped");
    for (const RegisterWindow& window : kRegisterWindows) {
        engine_->windows.push_back(std::make_unique<Engine::Window>(Engine::Window{this, window.address}));
        void* const place = engine_->windows.back().get();
        check(uc_mmio_map(uc, window.address, window.bytes, Hooks::read, place, Hooks::write, place),
              "registers cannot be mapped");
    }
    check(uc_hook_add(uc, &engine_->code_hook, UC_HOOK_CODE, reinterpret_cast<void*>(Hooks::code), this, 1, 0),
          "instructions cannot be counted");
    engine_->write(UC_ARM_REG_CPSR, 0x1D3); // supervisor mode, interrupts masked, as after a reset
    engine_->write(UC_ARM_REG_PC, firmware.entry);
}

Processor::~Processor() = default;

void Processor::run() {
    while (!surroundings_.finished()) {
        surroundings_.advance_to(now_ns_);
        now_ns_ = std::max(now_ns_, surroundings_.now_ns());
        if (sleeps_) sleep();
        asserted_ = surroundings_.interrupt();
        if (asserted_ && !interrupts_masked()) take_interrupt();
        run_quantum();
    }
}

void Processor::run_quantum() {
    left_ = quantum_instructions_;
    stops_ = false;
    // Unicorn takes the state of the processor (ARM or Thumb) from the lowest bit of the address.
    const bool thumb = (engine_->read(UC_ARM_REG_CPSR) & kThumb) != 0;
    const std::uint32_t begin = engine_->read(UC_ARM_REG_PC) | (thumb ? 1 : 0);
    const uc_err error = uc_emu_start(engine_->uc, begin, ~std::uint64_t{0}, 0, 0);
    if (failure_) std::rethrow_exception(failure_);
    if (error != UC_ERR_OK)
        throw std::runtime_error(fmt::format("the firmware stopped at address 0x{:08X}: {}",
                                             engine_->read(UC_ARM_REG_PC), uc_strerror(error)));
}

bool Processor::may_execute(std::uint32_t address) {
    if (left_ == 0 || stops_ || address + kInstructionBytes > ram_bytes_) return false;
    if (asserted_ && !interrupts_masked()) return false; // the instruction before has let it through
    std::uint32_t instruction = 0;
    std::memcpy(&instruction, ram_ + address, sizeof instruction);
    if (instruction == kWaitForInterrupt) {
        sleeps_ = true;
        return false;
    }
    --left_;
    profile_.count(address);
    now_ns_ += instruction_ns_;
    return true;
}

/// The instruction that waits counts when it ends.
void Processor::sleep() {
    sleeps_ = false;
    if (!surroundings_.interrupt()) surroundings_.sleep_until_interrupt();
    sleep_ns_ += std::max(0.0, surroundings_.now_ns() - now_ns_);
    now_ns_ = std::max(now_ns_, surroundings_.now_ns());
    const std::uint32_t address = engine_->read(UC_ARM_REG_PC);
    profile_.count(address);
    now_ns_ += instruction_ns_;
    engine_->write(UC_ARM_REG_PC, address + kInstructionBytes);
}

bool Processor::interrupts_masked() const { return (engine_->read(UC_ARM_REG_CPSR) & kInterruptsMasked) != 0; }

/// As the architecture describes the entry to an interrupt.
void Processor::take_interrupt() {
    const std::uint32_t status = engine_->read(UC_ARM_REG_CPSR);
    const std::uint32_t next = engine_->read(UC_ARM_REG_PC);
    engine_->write(UC_ARM_REG_CPSR, (status & ~(kModeMask | kThumb)) | kInterruptMode | kInterruptsMasked);
    engine_->write(UC_ARM_REG_SPSR, status);
    engine_->write(UC_ARM_REG_LR, next + kInstructionBytes);
    engine_->write(UC_ARM_REG_PC, kInterruptVector);
    ++interrupts_;
}

std::uint64_t Processor::access(std::uint32_t address, bool write, std::uint32_t value) {
    if (failure_) return 0;
    try {
        surroundings_.advance_to(now_ns_);
        const double begin = std::max(now_ns_, surroundings_.now_ns());
        if (write)
            surroundings_.write(address, value);
        else
            value = surroundings_.read(address);
        const double end = std::max(begin, surroundings_.now_ns());
        access_ns_ += end - now_ns_;
        now_ns_ = end;
        ++accesses_;
        asserted_ = surroundings_.interrupt();
        stops_ = surroundings_.finished();
    } catch (...) {
        failure_ = std::current_exception();
        stops_ = true;
    }
    return value;
}

} // namespace bru
