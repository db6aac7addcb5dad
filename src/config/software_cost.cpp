#include "config/software_cost.hpp"

#include <algorithm>

namespace bru {

namespace {

struct Preset {
    const char* name;
    double step_ns;
    double transfer_ns;
};

/// docs/virtual-board.md, "What software costs", has the measurement and the sources.
constexpr Preset kBareMetal = {"bare-metal", 290, 2600};
constexpr Preset kLinux = {"linux", 290, 58'000};

const Preset& preset_of(SoftwareKind software) { return software == SoftwareKind::bare_metal ? kBareMetal : kLinux; }

} // namespace

const char* software_name(SoftwareKind software) { return preset_of(software).name; }

SoftwareCost software_cost(const HostTiming& host) {
    const Preset& preset = preset_of(host.software);
    SoftwareCost cost;
    cost.name = preset.name;
    cost.step_ns = host.step_software_ns == kAuto ? preset.step_ns : static_cast<double>(host.step_software_ns);
    cost.transfer_ns =
        host.transfer_software_ns == kAuto ? preset.transfer_ns : static_cast<double>(host.transfer_software_ns);
    cost.transfer_steps = std::min(host.input_transfer_steps, back_to_back_packet_vectors(host));
    return cost;
}

double SoftwareCost::software_step_us() const {
    return (step_ns + transfer_ns / static_cast<double>(transfer_steps)) / 1000;
}

double SoftwareCost::step_us(double machine_us) const { return std::max(machine_us, software_step_us()); }

double SoftwareCost::response_us(double machine_us, double steps) const {
    return machine_us + (steps * step_ns + transfer_ns) / 1000;
}

} // namespace bru
