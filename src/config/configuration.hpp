// Every parameter of a simulation, declared once: type, default, range, unit and help text. The INI reader,
// --help, error messages, the manifest of a report and docs/configuration.md all derive from parameters().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/number_formats.hpp"

namespace bru {

/// 0 in a memory depth stands for `auto`: what the network (and max_sequence_steps) needs.
inline constexpr std::int64_t kAuto = 0;

/// The static shape: what a bitstream fixes.
struct Shape {
    std::int64_t lanes = 64;            ///< L = 4U
    std::int64_t lane_width = 16;       ///< W
    std::int64_t update_width = 2;      ///< E
    std::int64_t activation_bits = 8;   ///< A
    std::int64_t lut_address_bits = 10; ///< N
    std::int64_t scale_bits = 16;
    std::int64_t weight_words = kAuto;     ///< of L*W bits
    std::int64_t scale_words = kAuto;      ///< of 4E*16 bits
    std::int64_t bias_words = kAuto;       ///< of 4E*48 bits
    std::int64_t state_words = kAuto;      ///< chunks of W activations
    std::int64_t cell_words = kAuto;       ///< slices of E values of 16 bits
    std::int64_t input_words = kAuto;      ///< chunks of W activations
    std::int64_t max_sequence_steps = 128; ///< of reverse and bidirectional layers
    std::int64_t output_fifo_beats = 512;

    std::int64_t units_per_group() const { return lanes / 4; }                         ///< U
    std::int64_t slices_per_group() const { return units_per_group() / update_width; } ///< D
    NumberFormats formats() const;
};

/// AXI DMA (PG021 v7.1, direct register mode). Cycles of the PL clock.
struct DmaTiming {
    std::int64_t burst_beats = 16;         ///< AXI3 on AXI_HP: at most 16
    std::int64_t outstanding_bursts = 4;   ///< per direction
    std::int64_t fifo_beats = 512;         ///< per direction
    std::int64_t mm2s_latency_cycles = 6;  ///< ARVALID to first stream TVALID, on top of the memory's latency [PG021]
    std::int64_t s2mm_latency_cycles = 39; ///< first stream TVALID to AWVALID [PG021]
};

/// DDR behind one AXI_HP port.
struct DdrTiming {
    std::int64_t latency_cycles = 30;            ///< request to first data beat
    std::int64_t bandwidth_mb_per_s = 1200;      ///< per direction [UG585 table 22-8]
    std::int64_t refresh_interval_cycles = 1560; ///< 7.8 us at 200 MHz; 0: none
    std::int64_t refresh_cycles = 32;            ///< no data is moved meanwhile
};

/// The processing system and its software.
struct HostTiming {
    std::int64_t register_access_cycles = 25;    ///< one AXI4-Lite access
    std::int64_t interrupt_latency_cycles = 200; ///< line to the handler's first access
    std::int64_t input_transfer_steps = 1024;    ///< most steps of one MM2S transfer
    std::int64_t output_packet_vectors =
        kAuto; ///< output vectors of one S2MM transfer; auto: 256 back to back, 1 with arrival times
};

struct Configuration {
    Shape shape;
    DmaTiming dma;
    DdrTiming ddr;
    HostTiming host;
    double clock_mhz = 200;
    std::string device = "xc7z020"; ///< a name under configs/devices or a file
    std::map<std::string, std::string>
        run;               ///< [run] of the INI file by option (run_keys.hpp): what runs, not the machine
    std::string file;      ///< the INI file it came from, "" for none: for messages
    std::string directory; ///< of the INI file it came from ("" for none): devices are searched here first

    double us(double cycles) const { return cycles / clock_mhz; }
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
