// The table of all parameters: the only place where a key, its unit, range, help and member meet.

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/member_of.hpp"
#include "base/numbers.hpp"
#include "base/text_list.hpp"
#include "base/units.hpp"
#include "config/configuration.hpp"
#include "config/software_cost.hpp"
#include "machine/parameter_ranges.hpp"

namespace bru {

namespace {

using Member = std::function<std::int64_t&(Configuration&)>;

/// What an integer parameter may be. 0 is written `auto` where has_auto.
struct Limits {
    std::int64_t low = 0;
    std::int64_t high = 0;
    std::int64_t multiple = 1;
    bool has_auto = false;
    bool power_of_two = false;
    bool or_zero = false;

    std::string text() const {
        std::string result =
            power_of_two ? fmt::format("a power of two from {} to {}", low, high) : whole_number_text(low, high);
        if (multiple > 1) result += fmt::format(", a multiple of {}", multiple);
        if (has_auto) result = "auto, or " + result;
        if (or_zero) result = "0, or " + result;
        return result;
    }

    bool allow(std::int64_t value) const {
        if (or_zero && value == 0) return true;
        return value >= low && value <= high && value % multiple == 0 && (!power_of_two || (value & (value - 1)) == 0);
    }
};

/// `remark`: what is wrong with a value that is not a number with a unit.
[[noreturn]] void refuse(const std::string& key, const std::string& value, const std::string& allowed,
                         const std::string& remark, const std::string& unit = "") {
    const std::string shown = value.size() <= 60 ? value : value.substr(0, 60) + "...";
    const std::string with_unit = unit_remark(value, unit);
    const std::string remedy = with_unit.empty() || is_number(value) ? remark : with_unit;
    const bool is_list = remedy.empty() ? false : value.find(',') != std::string::npos;
    throw InputError(fmt::format("{} = {}: not allowed; allowed is {}{}{}", key, shown, allowed, remedy,
                                 is_list ? "; bru sweep takes several values" : ""));
}

Parameter integer(const std::string& key, const std::string& unit, const Member& member, const Limits& limits,
                  const std::string& help) {
    Parameter parameter{key, unit, help, limits.text(), nullptr, nullptr};
    parameter.get = [member, limits](const Configuration& configuration) {
        Configuration copy = configuration;
        const std::int64_t value = member(copy);
        return limits.has_auto && value == kAuto ? std::string("auto") : std::to_string(value);
    };
    parameter.set = [key, unit, member, limits](Configuration& configuration, const std::string& text) {
        if (limits.has_auto && text == "auto") {
            member(configuration) = kAuto;
            return;
        }
        const auto value = parse_integer(text);
        if (!value || !limits.allow(*value)) refuse(key, text, limits.text(), whole_number_remark(text), unit);
        member(configuration) = *value;
    };
    return parameter;
}

template <class Member>
Parameter clock_parameter(const std::string& key, Member clock, const std::string& help) {
    static const std::string allowed = "a number from 1 to 2000";
    Parameter parameter{key, "MHz", help, allowed, nullptr, nullptr};
    parameter.get = [clock](const Configuration& configuration) { return fmt::format("{}", configuration.*clock); };
    parameter.set = [key, clock](Configuration& configuration, const std::string& text) {
        const auto value = parse_real(text, 1, 2000);
        if (!value) refuse(key, text, allowed, number_remark(text), "MHz");
        configuration.*clock = *value;
    };
    return parameter;
}

Parameter device_parameter() {
    static const std::string key = "bru.device";
    static const std::string allowed = "a name under configs/devices (without .ini) or the path of a device file";
    Parameter parameter{key, "", "FPGA whose resources the machine is compared with", allowed, nullptr, nullptr};
    parameter.get = [](const Configuration& configuration) { return configuration.device; };
    parameter.set = [](Configuration& configuration, const std::string& text) {
        if (text.empty()) refuse(key, text, allowed, number_remark(text));
        configuration.device = text;
    };
    return parameter;
}

Parameter software_parameter() {
    static const std::string key = "host.software";
    static const std::string allowed = "bare-metal or linux";
    Parameter parameter{
        key,     "",      "software whose cost is shown beside the machine alone; no cycle depends on it",
        allowed, nullptr, nullptr};
    parameter.get = [](const Configuration& configuration) { return software_name(configuration.host.software); };
    parameter.set = [](Configuration& configuration, const std::string& text) {
        for (const SoftwareKind software : {SoftwareKind::bare_metal, SoftwareKind::linux_uio})
            if (text == software_name(software)) {
                configuration.host.software = software;
                return;
            }
        refuse(key, text, allowed, number_remark(text));
    };
    return parameter;
}

template <typename Section>
using FieldOf = MemberOf<Section, std::int64_t>;

template <typename Section>
Member member_of(MemberOf<Configuration, Section> section, FieldOf<Section> field) {
    return [section, field](Configuration& configuration) -> std::int64_t& { return configuration.*section.*field; };
}
Member shape(FieldOf<Shape> field) { return member_of(&Configuration::shape, field); }
Member platform(FieldOf<PlatformShape> field) { return member_of(&Configuration::platform, field); }
Member dma(FieldOf<DmaTiming> field) { return member_of(&Configuration::dma, field); }
Member crossing(FieldOf<CrossingTiming> field) { return member_of(&Configuration::crossing, field); }
Member ddr(FieldOf<DdrTiming> field) { return member_of(&Configuration::ddr, field); }
Member host(FieldOf<HostTiming> field) { return member_of(&Configuration::host, field); }

Limits range(std::int64_t low, std::int64_t high) { return Limits{low, high}; }
Limits range(const ParameterRange& allowed) { return Limits{allowed.low, allowed.high}; }
Limits or_auto(Limits limits) {
    limits.has_auto = true;
    return limits;
}
Limits depth(std::int64_t high) { return or_auto(range(1, high)); }

std::vector<Parameter> shape_parameters() {
    using namespace parameter_range;
    Limits fours{kLanes.low, kLanes.high, 4};
    Limits powers = range(kUpdateWidth);
    powers.power_of_two = true;
    return {
        device_parameter(),
        clock_parameter("bru.clock_mhz", &Configuration::clock_mhz,
                        "clock of the core; its cycles are those of every report"),
        integer("bru.lanes", "lanes", shape(&Shape::lanes), fours,
                "rows that the machine computes in parallel: L = 4 gates x U units"),
        integer("bru.lane_width", "activations", shape(&Shape::lane_width), range(kLaneWidth),
                "activations that a lane takes per cycle (W); the size of a chunk"),
        integer("bru.update_width", "units", shape(&Shape::update_width), powers,
                "units that scale_bias and cell_update take per cycle (E); E must divide U = lanes / 4"),
        integer("bru.activation_bits", "bits", shape(&Shape::activation_bits), range(kActivationBits),
                "width of an input and of a hidden value h (A); 1 means +1 or -1"),
        integer("bru.lut_address_bits", "bits", shape(&Shape::lut_address_bits), range(kLutAddressBits),
                "address width of the sigmoid and tanh tables (N)"),
        integer("bru.scale_bits", "bits", shape(&Shape::scale_bits), range(kScaleBits),
                "mantissa width of the weight scales"),
        integer("bru.cell_kinds", "kinds", shape(&Shape::cell_kinds), or_auto(range(kCellKinds)),
                "kinds of cells that cell_update computes: 1: LSTM; 2: LSTM and GRU; auto: what the network needs"),
        integer("bru.streams", "streams", shape(&Shape::streams), range(kStreams),
                "independent sequences whose state lies in the machine (K); the header of a step names its stream. "
                "Reverse and bidirectional layers take 1"),
        integer("bru.weight_words", "words", shape(&Shape::weight_words), or_auto(range(kWeightWords)),
                "depth of the weight memory, L*W bits per word; auto: what the network needs"),
        integer("bru.scale_words", "words", shape(&Shape::scale_words), or_auto(range(kMemoryWords)),
                "depth of the scale memory, 4E*16 bits per word; auto: what the network needs"),
        integer("bru.bias_words", "words", shape(&Shape::bias_words), or_auto(range(kMemoryWords)),
                "depth of the bias memory, 4E*48 bits per word; auto: what the network needs"),
        integer("bru.state_words", "chunks", shape(&Shape::state_words), or_auto(range(kMemoryWords)),
                "depth of the state memory (h), W activations per chunk; auto: what the network and max_sequence_steps "
                "need"),
        integer("bru.cell_words", "slices", shape(&Shape::cell_words), or_auto(range(kMemoryWords)),
                "depth of the cell memory (c), E values of 16 bits per slice; auto: what the network needs"),
        integer(
            "bru.input_words", "chunks", shape(&Shape::input_words), or_auto(range(kMemoryWords)),
            "depth of the input memory, W activations per chunk; auto: what the network and max_sequence_steps need"),
        integer("bru.max_sequence_steps", "steps", shape(&Shape::max_sequence_steps), range(1, 65536),
                "longest sequence that a reverse or bidirectional layer accepts; longer ones are refused"),
        integer("bru.output_fifo_beats", "beats", shape(&Shape::output_fifo_beats), range(kOutputFifoBeats),
                "depth of the FIFO in front of the output stream, 64 bits per beat"),
    };
}

std::vector<Parameter> platform_parameters() {
    return {
        integer(
            "platform.cores", "cores", platform(&PlatformShape::cores), range(1, kMostCores),
            "accelerators on the chip, each with a DMA and bru.streams streams; they share DDR, the AXI_HP ports and "
            "the processor"),
        integer("platform.hp_ports", "ports", platform(&PlatformShape::hp_ports), range(1, kMostCores),
                "AXI_HP ports; core c is behind port c mod hp_ports (the Zynq Z7020 has 4)"),
        integer("platform.hp_port_mb_per_s", "MB/s", platform(&PlatformShape::hp_port_mb_per_s), depth(1'000'000),
                "bandwidth per direction of one AXI_HP port, for the cores behind it; auto: that of DDR"),
    };
}

std::vector<Parameter> timing_parameters() {
    using namespace parameter_range;
    Limits refresh{50, 1'000'000'000};
    refresh.or_zero = true;
    return {
        clock_parameter("dma.clock_mhz", &Configuration::dma_clock_mhz,
                        "clock of the DMA, its registers, its port to memory and the interconnect; where it is not "
                        "bru.clock_mhz, FIFOs cross between the two"),
        integer(
            "dma.burst_beats", "beats", dma(&DmaTiming::burst_beats), range(kBurstBeats),
            "length of the longest AXI burst to DDR; AXI3 on AXI_HP allows 16, and AXI DMA has 2, 4, 8 and 16 (PG021)"),
        integer("dma.outstanding_bursts", "bursts", dma(&DmaTiming::outstanding_bursts), range(kOutstandingBursts),
                "bursts that may be outstanding at the same time, per direction"),
        integer("dma.fifo_beats", "beats", dma(&DmaTiming::fifo_beats), range(kDmaFifoBeats),
                "depth of the data FIFO, per direction; it holds at least one burst"),
        integer("dma.mm2s_latency_cycles", "cycles", dma(&DmaTiming::mm2s_latency_cycles), range(kDmaLatencyCycles),
                "from ARVALID to the first TVALID of the stream, in addition to the latency of the memory (PG021); "
                "cycles of dma.clock_mhz"),
        integer("dma.s2mm_latency_cycles", "cycles", dma(&DmaTiming::s2mm_latency_cycles), range(kDmaLatencyCycles),
                "from the first TVALID of the stream to AWVALID (PG021); cycles of dma.clock_mhz"),
        integer("dma.length_bits", "bits", dma(&DmaTiming::length_bits), range(kLengthBits),
                "width of the LENGTH registers; a transfer has at most 2^length_bits - 8 bytes, and the host splits "
                "longer ones; Vivado's default is 14"),
        integer("dma.crossing_stages", "stages", crossing(&CrossingTiming::stages), range(kCrossingStages),
                "registers of a synchronizer between the clocks of core and DMA; of no effect where they are equal"),
        integer("dma.crossing_beats", "beats", crossing(&CrossingTiming::beats), range(kCrossingBeats),
                "places of the FIFO that crosses between the clocks, per stream; of no effect where they are equal"),
        integer("ddr.latency_ns", "ns", ddr(&DdrTiming::latency_ns), range(1, 1'000'000),
                "from a request to its first data beat"),
        integer("ddr.bandwidth_mb_per_s", "MB/s", ddr(&DdrTiming::bandwidth_mb_per_s), range(1, 1'000'000),
                "bandwidth per direction, which all cores share; about 1200 in practice for one AXI_HP port (UG585, "
                "table 22-8)"),
        integer("ddr.refresh_interval_ns", "ns", ddr(&DdrTiming::refresh_interval_ns), refresh,
                "from one refresh to the next; 0: no refresh"),
        integer("ddr.refresh_ns", "ns", ddr(&DdrTiming::refresh_ns), range(0, 10'000'000),
                "length of a refresh, during which no data moves; less than the interval"),
        integer("host.register_access_ns", "ns", host(&HostTiming::register_access_ns), range(1, 1'000'000),
                "duration of one AXI4-Lite access by the processor"),
        integer("host.interrupt_latency_ns", "ns", host(&HostTiming::interrupt_latency_ns), range(1, 100'000'000),
                "from the interrupt line to the first access of the handler"),
        integer("host.input_transfer_steps", "steps", host(&HostTiming::input_transfer_steps), range(1, 1'000'000),
                "largest number of steps in one transfer to the machine"),
        integer("host.output_packet_vectors", "vectors", host(&HostTiming::output_packet_vectors), depth(1'000'000),
                "output vectors per transfer to memory; auto: 256 if steps come back to back, 1 if they have arrival "
                "times"),
        software_parameter(),
        integer("host.step_software_ns", "ns", host(&HostTiming::step_software_ns), depth(1'000'000'000),
                "software encodes a step and decodes its output; auto: figure of host.software"),
        integer("host.transfer_software_ns", "ns", host(&HostTiming::transfer_software_ns), depth(1'000'000'000),
                "software of a transfer of inputs and one of outputs: driver, caches, interrupts; auto: figure of "
                "host.software"),
    };
}

} // namespace

const std::vector<Parameter>& parameters() {
    static const std::vector<Parameter> table = [] {
        std::vector<Parameter> all = shape_parameters();
        for (Parameter& parameter : platform_parameters()) all.push_back(std::move(parameter));
        for (Parameter& parameter : timing_parameters()) all.push_back(std::move(parameter));
        return all;
    }();
    return table;
}

} // namespace bru
