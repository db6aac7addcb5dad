// The memory behind the DMA. Contract: it completes a burst when the burst is sent, which may be ahead of its request
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

    virtual tlm::tlm_target_socket<64>& port() = 0; ///< bursts of the DMA, in both directions

    virtual void write(std::uint64_t address, const void* data, std::size_t bytes) = 0;
    virtual void read(std::uint64_t address, void* data, std::size_t bytes) = 0;
    /// From here on these bytes of the caller are the memory at `address`. Address and size are multiples of 64 KiB.
    virtual void share(std::uint64_t address, unsigned char* data, std::size_t bytes) = 0;
};

} // namespace bru
