// An instruction set simulator (Unicorn) as the processor of the board. Time counts instructions: each takes the cycles
// per instruction of the timing. The processor runs ahead of everything else by a quantum at most, and is in time at
// each access to a register. Interrupts are taken between two quanta and after accesses.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

#include "virtual_board/elf_file.hpp"
#include "virtual_board/instruction_profile.hpp"

namespace bru {

struct ProcessorTiming {
    double clock_mhz = 667;
    double cycles_per_instruction = 1.5;
    double quantum_ns = 1000;
};

/// What is around the processor. Times are nanoseconds since the start.
class Surroundings {
public:
    virtual ~Surroundings() = default;
    virtual std::uint32_t read(std::uint32_t address) = 0; ///< may take time
    virtual void write(std::uint32_t address, std::uint32_t value) = 0;
    virtual void advance_to(double ns) = 0; ///< everything else catches up
    virtual double now_ns() const = 0;
    virtual bool interrupt() = 0; ///< of the controller, towards the processor
    virtual void sleep_until_interrupt() = 0;
    virtual bool finished() const = 0;
};

class Processor {
public:
    /// `ram` lies at address 0 and outlives the processor; the firmware is in it already.
    Processor(const ElfFile& firmware, unsigned char* ram, std::uint32_t ram_bytes, const ProcessorTiming& timing,
              Surroundings& surroundings);
    ~Processor();
    Processor(const Processor&) = delete;
    Processor& operator=(const Processor&) = delete;

    /// Until the surroundings are finished. Throws std::runtime_error where the firmware does what the processor
    /// cannot.
    void run();

    const InstructionProfile& profile() const { return profile_; }
    double busy_ns() const { return static_cast<double>(profile_.total()) * instruction_ns_; }
    double access_ns() const { return access_ns_; }
    double sleep_ns() const { return sleep_ns_; }
    std::uint64_t accesses() const { return accesses_; }
    std::uint64_t interrupts() const { return interrupts_; }

private:
    struct Engine; ///< of Unicorn
    struct Hooks;  ///< what Unicorn calls

    void run_quantum();
    bool interrupts_masked() const;
    void take_interrupt();
    void sleep();
    /// Before an instruction: false where it must wait.
    bool may_execute(std::uint32_t address);
    std::uint64_t access(std::uint32_t address, bool write, std::uint32_t value);

    std::unique_ptr<Engine> engine_;
    unsigned char* ram_;
    std::uint32_t ram_bytes_;
    Surroundings& surroundings_;
    InstructionProfile profile_;
    double instruction_ns_;
    std::uint64_t quantum_instructions_;
    std::uint64_t left_ = 0; ///< of the quantum
    bool sleeps_ = false;
    bool stops_ = false;    ///< before the next instruction
    bool asserted_ = false; ///< an interrupt, as far as the processor has looked
    double now_ns_ = 0;
    double access_ns_ = 0;
    double sleep_ns_ = 0;
    std::uint64_t accesses_ = 0;
    std::uint64_t interrupts_ = 0;
    std::exception_ptr failure_ = nullptr; ///< exceptions must not pass through Unicorn
};

} // namespace bru
