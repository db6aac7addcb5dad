// How the DMA sends bursts to memory. All ways serve every base-protocol memory; a memory model is most exact, and
// fastest, where it gets the calls that it was written for (docs/component.md, "Levels of abstraction").
#pragma once

namespace bru {

enum class MemoryTransport {
    blocking,     ///< b_transport, one thread per outstanding burst
    non_blocking, ///< nb_transport_fw with four phases, of which memory may skip some
    /// The same, and a burst is sent as soon as its cycle is known, with the time until then as annotated delay. This
    /// is fast where memory completes every burst in the call: then no burst needs the kernel.
    sent_ahead
};

} // namespace bru
