#include "modules/weight_bram.hpp"

namespace bru {

WeightBram::WeightBram(const sc_core::sc_module_name& name, const CoreShape& shape)
    : sc_module(name), load_socket("load_socket"), read_socket("read_socket"),
      memory_(shape.kept_words(shape.shape.weight_words), shape.weight_word_bits()) {
    load_socket.on_b_transport = [this](MemoryAccess& access, sc_core::sc_time&) { memory_.access(access); };
    read_socket.on_b_transport = [this](MemoryAccess& access, sc_core::sc_time&) { memory_.access(access); };
}

} // namespace bru
