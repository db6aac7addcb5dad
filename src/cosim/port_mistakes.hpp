// What the software of a case at the pins does wrong, and the machine must refuse.
#pragma once

#include "cosim/port_software.hpp"

namespace bru {

class PortMistakes : protected PortSoftware {
protected:
    using PortSoftware::PortSoftware;

    /// Software does something that the machine refuses; then everything is as before.
    void add_mistake();
    /// By a reset, behind which another mistake must be told anew.
    void clear_error();
    /// The second start comes while the run has no inputs yet, or while its outputs wait.
    void start_twice();
    /// Descriptors were never written, since the power came.
    void start_unwritten();
    /// A few fields of descriptors, mostly just beyond what they can have. What is wrong is put right before the next
    /// one.
    void start_out_of_range();
    /// 0, just too many, or a right number with a bit that is beyond.
    std::uint32_t wrong_descriptor_count();
    /// The start is refused, and the status tells it. The counters begin nevertheless.
    void start_in_vain();
    /// Those that the network does not need, too, so that nothing but their number is wrong.
    void write_all_descriptors();
    void load_all_beyond();
    /// A load that lies beyond its memory, in part or as a whole, or is of no memory.
    void load_beyond(LoadTarget target, bool over_the_end);
    /// Beyond the memory, with the lower bits of a word that the network needs.
    std::uint32_t alias(LoadTarget target, std::uint32_t words);
    /// Descriptors that the SystemC core refuses, and that the RTL takes. Only what comes after the reset is compared.
    void add_contradiction();
};

} // namespace bru
