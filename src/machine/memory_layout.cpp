#include "machine/memory_layout.hpp"

namespace bru {

std::int64_t MemoryLayout::word_bits_of(LoadTarget target) const {
    switch (target) {
    case LoadTarget::scales: return shape_.scale_word_bits();
    case LoadTarget::biases: return shape_.bias_word_bits();
    case LoadTarget::tables: return shape_.table_word_bits();
    case LoadTarget::state: return shape_.state_word_bits();
    case LoadTarget::cell: return shape_.cell_word_bits();
    case LoadTarget::run:
    case LoadTarget::weights: break;
    }
    return shape_.weight_word_bits();
}

} // namespace bru
