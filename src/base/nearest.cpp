// Damerau-Levenshtein distance (optimal string alignment) over the few dozen names that the program knows.
#include "base/nearest.hpp"

#include <algorithm>

#include "base/integers.hpp"

namespace bru {

namespace {
/// Longer words than this are no slips of the keyboard; the bound keeps garbage input cheap.
constexpr std::size_t kLongestWord = 80;
} // namespace

int edit_distance(std::string_view a, std::string_view b) {
    const std::size_t columns = b.size() + 1;
    std::vector<int> table((a.size() + 1) * columns);
    for (std::size_t i = 0; i <= a.size(); ++i) table[i * columns] = narrow<int>(i);
    for (std::size_t j = 0; j <= b.size(); ++j) table[j] = narrow<int>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const int replace = table[(i - 1) * columns + j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            int best = std::min({replace, table[(i - 1) * columns + j] + 1, table[i * columns + j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = std::min(best, table[(i - 2) * columns + j - 2] + 1);
            table[i * columns + j] = best;
        }
    }
    return table.back();
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
    if (name.empty() || name.size() > kLongestWord) return "";
    std::string best;
    int best_distance = 0;
    for (const std::string& candidate : candidates) {
        const int distance = edit_distance(name, candidate);
        const auto longer = narrow<int>(std::max(name.size(), candidate.size()));
        if (distance > std::max(1, longer / 3)) continue;
        if (best.empty() || distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
    const std::string nearest = nearest_name(name, candidates);
    return nearest.empty() ? "" : ". Did you mean '" + nearest + "'?";
}

} // namespace bru
