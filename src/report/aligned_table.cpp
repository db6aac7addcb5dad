#include "report/aligned_table.hpp"

#include <algorithm>

#include "base/printable.hpp"
#include "base/text_layout.hpp"

namespace bru {

namespace {

constexpr std::size_t kMostCellColumns = 34; ///< two such columns and their gaps have room in a line

/// The text, shortened where it has more than kMostCellColumns.
std::string cell_of(const std::string& text) {
    std::string cell = text;
    for (std::size_t characters = kMostCellColumns - 3; columns_of(cell) > kMostCellColumns; --characters)
        cell = printable(text, characters);
    return cell;
}

} // namespace

void AlignedTable::add(std::vector<std::string> row) {
    for (std::string& cell : row) cell = cell_of(cell);
    rows_.push_back(std::move(row));
}

std::string AlignedTable::text() const {
    const std::vector<std::size_t> widths = column_widths();
    std::string text;
    for (std::size_t first = 1; first < widths.size();) {
        std::size_t width = widths[0];
        std::size_t end = first;
        do width += widths[end++];
        while (end < widths.size() && width + widths[end] <= kTextColumns);
        text += (text.empty() ? "" : "\n") + block(widths, first, end);
        first = end;
    }
    return text;
}

/// With the gap in front of a column, and the indent of the first.
std::vector<std::size_t> AlignedTable::column_widths() const {
    std::vector<std::size_t> widths = layout_.least_columns;
    for (const auto& row : rows_) {
        widths.resize(std::max(widths.size(), row.size()), 0);
        for (std::size_t k = 0; k < row.size(); ++k)
            widths[k] = std::max(widths[k], columns_of(row[k]) + (k == 0 ? layout_.indent : layout_.gap));
    }
    return widths;
}

/// The first column, and columns [first, end).
std::string AlignedTable::block(const std::vector<std::size_t>& widths, std::size_t first, std::size_t end) const {
    std::string text;
    const std::string indent(layout_.indent, ' ');
    for (const auto& row : rows_) {
        const std::string blanks(widths[0] - layout_.indent - columns_of(row[0]), ' ');
        std::string line = indent + (layout_.names_left ? row[0] + blanks : blanks + row[0]);
        for (std::size_t k = first; k < std::min(end, row.size()); ++k)
            line += std::string(widths[k] - columns_of(row[k]), ' ') + row[k];
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

} // namespace bru
