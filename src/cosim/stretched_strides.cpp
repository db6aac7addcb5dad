#include "cosim/stretched_strides.hpp"

#include <algorithm>
#include <vector>

#include "base/integers.hpp"

namespace bru {

namespace {

/// The h of a layer, of all its directions and steps.
struct Area {
    std::uint32_t base = 0;
    std::uint32_t stride = 0;
    std::uint32_t gap = 0; ///< words between two steps, from now on
};

/// In the order of their addresses.
std::vector<Area> areas_of(const std::vector<Descriptor>& descriptors) {
    std::vector<Area> areas;
    for (const Descriptor& descriptor : descriptors) {
        if (descriptor.dense()) continue;
        const bool second = !areas.empty() && descriptor.h_base < areas.back().base + areas.back().stride;
        if (!second) areas.push_back({descriptor.h_base, descriptor.h_stride, 0});
    }
    return areas;
}

/// A few words, or such that the stride is a power of two or a little more. At most `most`.
std::uint32_t draw_gap(std::uint32_t stride, std::uint32_t most, Draws& draws) {
    if (draws.one_in(3)) return std::min<std::uint32_t>(narrow<std::uint32_t>(draws.below(4)), most);
    std::vector<std::uint32_t> gaps;
    for (std::uint32_t power = 1; power <= stride + most; power *= 2)
        if (power >= stride) gaps.push_back(power - stride);
    if (gaps.empty()) return most;
    return std::min(gaps[narrow<std::size_t>(draws.below(gaps.size()))] + draws.between(0, 1), most);
}

std::uint32_t moved(std::uint32_t word, const std::vector<Area>& areas, std::uint32_t slots) {
    std::uint32_t gaps = 0;
    for (const Area& area : areas)
        if (word >= area.base) gaps += std::min((word - area.base) / area.stride, slots) * area.gap;
    return word + gaps;
}

} // namespace

void stretch_strides(NetworkImage& image, std::uint32_t slots, std::uint32_t most_words, Draws& draws) {
    const auto region = std::find_if(image.regions.begin(), image.regions.end(),
                                     [](const LoadRegion& each) { return each.target == LoadTarget::state; });
    const auto beats_per_word = narrow<std::size_t>(region->beats_per_word);
    const auto words = narrow<std::uint32_t>(region->beats.size() / beats_per_word);
    std::vector<Area> areas = areas_of(image.descriptors);
    std::uint32_t room = most_words > words ? most_words - words : 0;
    for (Area& area : areas) {
        area.gap = draw_gap(area.stride, room / slots, draws);
        room -= area.gap * slots;
    }
    std::vector<std::uint64_t> beats(moved(words, areas, slots) * beats_per_word);
    std::generate(beats.begin(), beats.end(), [&draws] { return draws.any(); });
    for (std::uint32_t word = 0; word < words; ++word)
        std::copy_n(region->beats.begin() + narrow<std::ptrdiff_t>(word * beats_per_word), beats_per_word,
                    beats.begin() + narrow<std::ptrdiff_t>(moved(word, areas, slots) * beats_per_word));
    region->beats = std::move(beats);
    region->beat_count = region->beats.size();
    const auto gap_at = [&areas](std::uint32_t word) {
        const auto behind =
            std::find_if(areas.rbegin(), areas.rend(), [word](const Area& area) { return word >= area.base; });
        return behind->gap;
    };
    for (Descriptor& descriptor : image.descriptors) {
        if (!descriptor.x_from_input()) {
            descriptor.x_stride += gap_at(descriptor.x_base);
            descriptor.x_base = moved(descriptor.x_base, areas, slots);
        }
        if (descriptor.dense()) continue;
        descriptor.h_stride += gap_at(descriptor.h_base);
        descriptor.h_base = moved(descriptor.h_base, areas, slots);
        descriptor.h_initial = moved(descriptor.h_initial, areas, slots);
    }
}

} // namespace bru
