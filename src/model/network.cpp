#include "model/network.hpp"

#include <algorithm>
#include <utility>

namespace bru {

namespace {

/// The matrix with rows of zeros for one row of every unit.
WeightMatrix without_row(WeightMatrix matrix, int row) {
    const std::ptrdiff_t units = matrix.rows / kGates;
    const std::ptrdiff_t first = row * units;
    std::fill_n(matrix.scales.begin() + first, units, 0.0);
    if (matrix.planes > 1)
        std::fill_n(matrix.values.begin() + first * matrix.columns, units * matrix.columns, std::int8_t{0});
    return matrix;
}

} // namespace

LstmDirection as_gru(LstmDirection direction) {
    direction.input = without_row(std::move(direction.input), GruCell::kCandidateH);
    direction.recurrent = without_row(std::move(direction.recurrent), GruCell::kCandidateX);
    direction.initial_c.clear();
    return direction;
}

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

bool Network::has_cell(CellKind kind) const {
    return std::any_of(layers.begin(), layers.end(), [kind](const LstmLayer& layer) { return layer.cell == kind; });
}

} // namespace bru
