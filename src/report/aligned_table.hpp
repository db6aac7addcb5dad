// A table of texts with aligned columns.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace bru {

/// How a table is laid out where its cells leave the choice.
struct TableLayout {
    std::size_t indent = 2;                      ///< blanks before the first column
    bool names_left = true;                      ///< the first column is aligned at its left side
    std::size_t gap = 2;                         ///< blanks between columns, at least
    std::vector<std::size_t> least_columns = {}; ///< of each column, indent and gap included
};

/// The first row has the heads. Columns that a line has no room for go below, in a further block that repeats the first
/// column; no number is cut. A text of others that is too long for any table is shortened and ends with "...".
class AlignedTable {
public:
    explicit AlignedTable(TableLayout layout = {}) : layout_(std::move(layout)) {}

    void add(std::vector<std::string> row);
    std::string text() const;

private:
    std::vector<std::size_t> column_widths() const;
    std::string block(const std::vector<std::size_t>& widths, std::size_t first, std::size_t end) const;

    TableLayout layout_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace bru
