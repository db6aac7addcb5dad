// The memory behind the DMAs. Contract: it completes a burst when the burst is sent, which may be ahead of its request
// cycle: it returns TLM_COMPLETED with the cycles of the data beats (tlm/axi_burst.hpp), and no later burst changes
// them. The processors' own view takes no time.
#pragma once

#include <cstddef>
#include <cstdint>

#include <systemc>
#include <tlm>

namespace bru {

class Memory : public sc_core::sc_module {
public:
    using sc_module::sc_module;

    /// Bursts of the DMA of a core, in both directions. A memory may serve core 0 alone.
    virtual tlm::tlm_target_socket<64>& port(std::size_t core) = 0;

    virtual void write(std::uint64_t address, const void* data, std::size_t bytes) = 0;
    virtual void read(std::uint64_t address, void* data, std::size_t bytes) = 0;
    /// From here on these bytes of the caller are the memory at `address`. Address and size are multiples of 64 KiB.
    virtual void share(std::uint64_t address, unsigned char* data, std::size_t bytes) = 0;
};

} // namespace bru
