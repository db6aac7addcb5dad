// Every parameter of a simulation, declared once: type, default, range, unit and help text. The INI reader,
// --help, error messages, the manifest of a report and docs/configuration.md all derive from parameters().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "machine/crossing_timing.hpp"
#include "machine/cycle.hpp"
#include "machine/dma_timing.hpp"
#include "machine/shape.hpp"

namespace bru {

/// What stands on one chip: accelerators side by side, each with a DMA of its own, and the ports that they share. DDR
/// and the processor are there once for all of them.
struct PlatformShape {
    std::int64_t cores = 1;
    std::int64_t hp_ports = 4;             ///< AXI_HP ports; core c is behind port c mod hp_ports
    std::int64_t hp_port_mb_per_s = kAuto; ///< of a port, per direction; auto: as fast as DDR
};

inline constexpr std::int64_t kMostCores = 16;

/// DDR behind the AXI_HP ports. It has a clock of its own, so its times do not depend on that of the PL.
struct DdrTiming {
    std::int64_t latency_ns = 150;           ///< request to first data beat
    std::int64_t bandwidth_mb_per_s = 1200;  ///< per direction, of all cores together [UG585 table 22-8]
    std::int64_t refresh_interval_ns = 7800; ///< 0: no refresh
    std::int64_t refresh_ns = 160;           ///< no data is moved meanwhile
};

/// Whose figures the software has where none are given (config/software_cost.hpp).
enum class SoftwareKind { bare_metal, linux_uio };

/// The processing system and its software, in their own time, too.
struct HostTiming {
    std::int64_t register_access_ns = 125;    ///< one AXI4-Lite access
    std::int64_t interrupt_latency_ns = 1000; ///< line to the handler's first access
    std::int64_t input_transfer_steps = 1024; ///< most steps of one MM2S transfer
    std::int64_t output_packet_vectors =
        kAuto; ///< output vectors of one S2MM transfer; auto: 256 back to back, 1 with arrival times
    // No cycle depends on these.
    SoftwareKind software = SoftwareKind::bare_metal;
    std::int64_t step_software_ns = kAuto;     ///< encodes a step and decodes its output; auto: as the software has it
    std::int64_t transfer_software_ns = kAuto; ///< of a transfer of inputs and one of outputs; auto: the same
};

/// Output vectors of one S2MM transfer where steps have no arrival times.
std::int64_t back_to_back_packet_vectors(const HostTiming& host);

/// Cycles per second, a whole number.
std::uint64_t clock_hz(double clock_mhz);

/// Cycles of a clock that begin within `ns`.
Cycle cycles_in(std::int64_t ns, double clock_mhz);

/// The refreshes of DDR in cycles of a clock.
struct RefreshCycles {
    Cycle interval = 0; ///< the nearest whole number; 0: no refresh
    Cycle refresh = 0;  ///< rounded up
};
RefreshCycles refresh_cycles(const DdrTiming& timing, double clock_mhz);

struct Configuration {
    Shape shape;
    PlatformShape platform;
    DmaTiming dma;
    DdrTiming ddr;
    HostTiming host;
    double clock_mhz = 150;         ///< of the core
    double dma_clock_mhz = 150;     ///< of DMA, interconnect and AXI_HP ports
    CrossingTiming crossing;        ///< where the two clocks differ
    std::string device = "xc7z020"; ///< a name under configs/devices or a file
    std::map<std::string, std::string>
        run; ///< [run] of the INI file by option (run_keys.hpp): what runs, not the machine
    std::map<std::string, std::uint64_t> run_lines; ///< the line of each of them in the INI file, for messages
    std::string file;                               ///< the INI file it came from, "" for none: for messages
    std::string directory; ///< of the INI file it came from ("" for none): devices are searched here first

    /// Streams of all cores.
    std::int64_t streams() const { return platform.cores * shape.streams; }
    /// Cycles are those of the core, here and wherever nothing else is said.
    double us(double cycles) const { return cycles / clock_mhz; }
    /// What takes `ns` in another clock domain is over at a clock edge: rounded up.
    Cycle cycles(std::int64_t ns) const { return cycles_in(ns, clock_mhz); }
    /// From one refresh of DDR to the next, in cycles of the core: the length of a pattern that repeats itself.
    double refresh_interval_cycles() const;
    /// Cycles of the core in which DDR and the DMA move a beat of 8 bytes, at least one.
    double beat_cycles() const;
    /// Core and DMA have the same clock: there is no crossing.
    bool has_one_clock() const { return clock_hz(clock_mhz) == clock_hz(dma_clock_mhz); }
};

/// One key of the INI file, for example "bru.lanes".
struct Parameter {
    std::string key;
    std::string unit;  ///< "" where it is a plain number
    std::string help;  ///< one line, with the allowed range's reason where there is one
    std::string range; ///< what is allowed, for messages: "4 to 1024, a multiple of 4"
    std::function<std::string(const Configuration&)> get;              ///< value as it is written in an INI file
    std::function<void(Configuration&, const std::string& value)> set; ///< throws InputError: value and what is allowed
};

/// In the order in which the struct above, the manifest and the documentation list them.
const std::vector<Parameter>& parameters();

/// Rules between parameters (E divides U, ...). Throws InputError.
void check_shape(const Configuration& configuration);

} // namespace bru
