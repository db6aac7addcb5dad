#include "accelerator/accelerator.hpp"

#include "modules/bru_core.hpp"

namespace bru {

std::unique_ptr<Core> make_systemc_core(const char* name, const CoreShape& shape) {
    return std::make_unique<BruCore>(name, shape);
}

Accelerator::Accelerator(const sc_core::sc_module_name& name, const AcceleratorParameters& parameters)
    : sc_module(name), core(parameters.core("bru_core", parameters.shape)), axi_dma("axi_dma", parameters.dma) {
    axi_dma.mm2s.stream_socket.bind(core->input_stream());
    core->output_stream().bind(axi_dma.s2mm.stream_socket);
}

} // namespace bru
