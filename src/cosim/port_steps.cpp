#include "cosim/port_steps.hpp"

#include <algorithm>

#include "machine/descriptor.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

std::size_t beats_of_step(const NetworkImage& image) { return narrow<std::size_t>(image.beats_per_input_step); }

void append_ignored_step(std::vector<std::uint64_t>& beats, const NetworkImage& image, const CoreShape& shape,
                         Draws& draws) {
    const std::int64_t beyond = kHeaderStreamMask + 1 - narrow<std::uint64_t>(shape.shape.streams);
    if (beyond == 0) return;
    const auto stream =
        narrow<std::uint64_t>(shape.shape.streams + (draws.one_in(2) ? 0 : draws.below(narrow<std::size_t>(beyond))));
    beats.push_back((draws.any() & ~(kHeaderStreamMask << kHeaderStreamShift)) | stream << kHeaderStreamShift);
    for (int beat = 1; beat < image.beats_per_input_step; ++beat) beats.push_back(draws.any());
}

void spoil_one_hot(std::uint64_t& header, const NetworkImage& image, const CoreShape& shape, Draws& draws) {
    const bool chunk = draws.one_in(2);
    const int shift = chunk ? kHeaderChunkShift : kHeaderColumnShift;
    const std::uint64_t limit = chunk ? image.descriptors[0].x_words : narrow<std::uint64_t>(shape.lane_width);
    const std::uint64_t value =
        std::min<std::uint64_t>(limit + (draws.one_in(2) ? 0 : draws.between(0, 0xFFFF)), 0xFFFF);
    header = (header & ~(std::uint64_t{0xFFFF} << shift)) | value << shift;
}

} // namespace

void fill_headers(std::vector<std::uint64_t>& beats, const NetworkImage& image, Draws& draws) {
    constexpr std::uint64_t kOneHot = std::uint64_t{0xFFFF'FFFF} << kHeaderChunkShift;
    constexpr std::uint64_t kUsed =
        kHeaderFirst | kHeaderLast | kHeaderEnd | kHeaderStreamMask << kHeaderStreamShift | kOneHot;
    for (std::size_t step = 0; step < beats.size(); step += beats_of_step(image))
        beats[step] |= draws.any() & ~(image.one_hot ? kUsed : kUsed & ~kOneHot);
}

std::vector<std::uint64_t> with_mistakes(const std::vector<std::uint64_t>& beats, const NetworkImage& image,
                                         const CoreShape& shape, Draws& draws) {
    const std::size_t step_beats = beats_of_step(image);
    std::vector<std::uint64_t> result;
    for (std::size_t step = 0; step < beats.size(); step += step_beats) {
        if (draws.one_in(4)) append_ignored_step(result, image, shape, draws);
        const auto begin = beats.begin() + narrow<std::ptrdiff_t>(step);
        result.insert(result.end(), begin, begin + narrow<std::ptrdiff_t>(step_beats));
        if (image.one_hot && draws.one_in(4))
            spoil_one_hot(*(result.end() - narrow<std::ptrdiff_t>(step_beats)), image, shape, draws);
    }
    return result;
}

} // namespace bru
