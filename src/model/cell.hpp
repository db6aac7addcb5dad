// The kinds of cells that the machine computes: the rows of a unit in the order of the lanes, the function that each
// row passes, and the update of the kept state and of h. What the blocks, the reference and the float execution know of
// the kind of cell is here; the arithmetic of each line is in number_formats.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "model/number_formats.hpp"

namespace bru {

/// Numbers: the machine's descriptors and fingerprints of networks hold them.
enum class CellKind { lstm = 0, gru = 1 };

constexpr const char* cell_name(CellKind kind) { return kind == CellKind::gru ? "GRU" : "LSTM"; }

inline constexpr int kGates = 4; ///< rows of a unit, of every kind of cell

/// What a unit keeps beside h, and what it puts out.
struct CellState {
    std::int32_t kept = 0;  ///< c of an LSTM, Q4.11; s of a GRU, 15 fraction bits
    std::int32_t h = 0;     ///< an activation
    std::int32_t bound = 0; ///< what may pass its 16 bits, as it was saturated: c', or u of a GRU
};

/// i, f, g, o: c' = f c + i g, h' = o tanh(c').
struct LstmCell {
    enum Row { kInput, kForget, kCandidate, kOutput };

    static constexpr std::optional<TableFunction> function_of(int row) {
        return row == kCandidate ? TableFunction::tanh : TableFunction::sigmoid;
    }

    template <typename TanhOf>
    static CellState update(const std::array<std::int32_t, kGates>& rows, std::int32_t c, int activation_bits,
                            const TanhOf& tanh_of) {
        const std::int32_t next = next_cell(rows[kForget], c, rows[kInput], rows[kCandidate]);
        return {next, next_hidden(rows[kOutput], tanh_of(cell_as_z(next)), activation_bits), next};
    }
};

/// r, the candidate's sums of x and of h, and z: u = x + r h, n = tanh(u), s' = n + z (s - n), h' = s' rounded.
struct GruCell {
    enum Row { kReset, kCandidateX, kCandidateH, kUpdate };

    /// Nothing where the row's sum goes on as it is.
    static constexpr std::optional<TableFunction> function_of(int row) {
        if (row == kCandidateX || row == kCandidateH) return std::nullopt;
        return TableFunction::sigmoid;
    }

    template <typename TanhOf>
    static CellState update(const std::array<std::int32_t, kGates>& rows, std::int32_t s, int activation_bits,
                            const TanhOf& tanh_of) {
        const std::int32_t u = candidate_sum(rows[kCandidateX], rows[kReset], rows[kCandidateH]);
        const std::int32_t next = next_state(tanh_of(u), rows[kUpdate], s);
        return {next, state_as_hidden(next, activation_bits), u};
    }
};

constexpr std::optional<TableFunction> function_of(CellKind kind, int row) {
    return kind == CellKind::gru ? GruCell::function_of(row) : LstmCell::function_of(row);
}

/// The state after a step of one unit. `rows` are in the order of the lanes: table entries with 15 fraction bits, or
/// sums in Q3.12 where the row has no function; `tanh_of` looks up a z in Q3.12.
template <typename TanhOf>
CellState update(CellKind kind, const std::array<std::int32_t, kGates>& rows, std::int32_t kept, int activation_bits,
                 const TanhOf& tanh_of) {
    return kind == CellKind::gru ? GruCell::update(rows, kept, activation_bits, tanh_of)
                                 : LstmCell::update(rows, kept, activation_bits, tanh_of);
}

} // namespace bru
