#include "model/network.hpp"

#include <algorithm>

namespace bru {

int Network::output_size(OutputKind kind) const {
    switch (kind) {
    case OutputKind::hidden: return layers.back().output_size();
    case OutputKind::logits: return dense ? dense->weights.rows : 0;
    case OutputKind::argmax: break;
    }
    return 1;
}

bool Network::needs_whole_sequence() const {
    return std::any_of(layers.begin(), layers.end(), [](const LstmLayer& layer) { return layer.has_reverse(); });
}

} // namespace bru
