// A case at the pins: the SystemC core and the RTL under the same outside (port_host.hpp), and what differs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosim/comparison.hpp"
#include "cosim/port_monitor.hpp"

namespace bru {

struct PortRun {
    std::vector<PortEvent> events;
    Cycle cycles = 0;
    std::optional<SignalTrace> inside;
    std::string failure; ///< why it did not come to its end; "": it did
};

/// Throws InputError where the shape of the case is not among those given.
const RtlShape& shape_of_case(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes);

/// A case with everything that its runs need.
class PortCase {
public:
    /// Throws InputError as prepare().
    PortCase(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes);
    ~PortCase();

    PortRun run_model(Cycle most_cycles) const;
    PortRun run_pins(CorePins& pins, Cycle most_cycles) const;
    /// The first event that differs, or else the signals inside the core that differ.
    Differences compare(const PortRun& systemc, const PortRun& rtl) const;

private:
    /// Empty where the case does not look inside.
    std::optional<SignalTrace> make_trace() const;

    CosimCase case_;
    RtlShape shape_;
    std::unique_ptr<const struct PortScript> script_;
};

} // namespace bru
