// Damerau-Levenshtein distance (optimal string alignment) over the few dozen names that the program knows.
#include "base/nearest.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

#include "base/integers.hpp"

namespace bru {

namespace {
/// Longer words than this are no slips of the keyboard; the bound keeps garbage input cheap.
constexpr std::size_t kLongestWord = 80;

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower;
}

/// Characters of the longer name that tell the two apart: neither dashes in front, nor a section or an ending that both
/// have.
std::size_t telling_characters(std::string_view a, std::string_view b) {
    std::size_t shared = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()) && a[i] == b[i]; ++i)
        if (a[i] == '.' || (a[i] == '-' && i == shared)) shared = i + 1;
    a.remove_prefix(shared);
    b.remove_prefix(shared);
    const std::size_t ending_of_a = a.rfind('.');
    const std::size_t ending_of_b = b.rfind('.');
    if (ending_of_a != std::string_view::npos && ending_of_b != std::string_view::npos &&
        a.substr(ending_of_a) == b.substr(ending_of_b)) {
        a = a.substr(0, ending_of_a);
        b = b.substr(0, ending_of_b);
    }
    return std::max(a.size(), b.size());
}

/// No distance is less than this: the characters that one has and the other lacks. Most names are ruled out by it.
std::size_t least_distance(std::string_view a, std::string_view b) {
    std::array<std::uint8_t, 256> left{}; // of a, by character; a is shorter than 256
    for (const char c : a) ++left[static_cast<unsigned char>(c)];
    std::size_t shared = 0;
    for (const char c : b) {
        std::uint8_t& count = left[static_cast<unsigned char>(c)];
        if (count == 0) continue;
        --count;
        ++shared;
    }
    return std::max(a.size(), b.size()) - shared;
}

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
    const std::string given = lower_case(name);
    std::string best;
    int best_distance = 0;
    for (const std::string& candidate : candidates) {
        const std::string known = lower_case(candidate);
        if (least_distance(given, known) > std::max(given.size(), known.size()) / 3 + 1) continue;
        const int distance = edit_distance(given, known);
        if (distance > std::max(1, narrow<int>(telling_characters(given, known)) / 3)) continue;
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
