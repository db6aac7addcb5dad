// What scripts of cases at the pins contain, so that each rule of the core is met often.
#include "support/catch.hpp"

#include <algorithm>
#include <vector>

#include "base/integers.hpp"
#include "cosim/port_script.hpp"
#include "cosim/shapes.hpp"
#include "cosim/stretched_strides.hpp"
#include "machine/descriptor.hpp"
#include "machine/registers.hpp"
#include "machine/stream_format.hpp"

using namespace bru;
using namespace bru::test;

namespace {

CosimCase port_case(Directions directions) {
    CosimCase c;
    c.shape = "small";
    c.inputs = 3;
    c.layers = {{5, directions, 1, 1}};
    c.sequences = std::vector<int>(12, 2);
    c.port = PortTraffic{};
    c.port->runs = 2;
    return c;
}

bool writes(const PortStep& step, std::uint32_t address) {
    return step.operation == PortOperation::write && step.address == address;
}

bool starts(const PortStep& step) { return writes(step, reg::kControl) && (step.value & kControlStart) != 0; }

/// A network of two layers, the first one with two directions, and a dense one; the words of its state region are
/// numbered.
NetworkImage layers_image(std::uint32_t slots) {
    NetworkImage image;
    Descriptor forward, reverse, second, dense;
    forward.flags = Descriptor::kXFromInput;
    reverse.flags = Descriptor::kXFromInput | Descriptor::kReverse;
    dense.flags = Descriptor::kDense;
    forward.h_stride = reverse.h_stride = second.x_stride = 4;
    reverse.h_base = 2;
    forward.h_initial = 4 * slots;
    reverse.h_initial = 4 * slots + 2;
    second.h_base = dense.x_base = 4 * slots + 4;
    second.h_stride = dense.x_stride = 1;
    second.h_initial = second.h_base + slots;
    image.descriptors = {forward, reverse, second, dense};
    LoadRegion& state = image.regions[4];
    state.target = LoadTarget::state;
    state.beats_per_word = 2;
    for (std::uint32_t word = 0; word <= second.h_initial; ++word) state.beats.insert(state.beats.end(), {word, ~word});
    state.beat_count = state.beats.size();
    return image;
}

} // namespace

TEST_CASE("strides become larger, and every word stays where its descriptors find it") {
    constexpr std::uint32_t kSlots = 3;
    constexpr std::uint32_t kMostWords = 1000;
    const NetworkImage before = layers_image(kSlots);
    int beyond_a_byte = 0, first_alone = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        NetworkImage image = before;
        Draws draws(seed);
        stretch_strides(image, kSlots, kMostWords, draws);
        const LoadRegion& state = image.regions[4];
        REQUIRE(state.beats.size() <= std::size_t{2} * kMostWords);
        REQUIRE(state.beat_count == state.beats.size());
        const auto same = [&](std::uint32_t from, std::uint32_t to) {
            return state.beats[2 * to] == from && state.beats[2 * to + 1] == ~from;
        };
        for (std::size_t d = 0; d < image.descriptors.size(); ++d) {
            const Descriptor& old = before.descriptors[d];
            const Descriptor& now = image.descriptors[d];
            for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
                if (!old.x_from_input())
                    REQUIRE(same(old.x_base + slot * old.x_stride, now.x_base + slot * now.x_stride));
                if (!old.dense()) REQUIRE(same(old.h_base + slot * old.h_stride, now.h_base + slot * now.h_stride));
            }
            if (!old.dense()) REQUIRE(same(old.h_initial, now.h_initial));
        }
        CHECK(image.descriptors[0].h_stride == image.descriptors[1].h_stride);
        beyond_a_byte += image.descriptors[0].h_stride >= 256;
        first_alone += image.descriptors[0].h_stride > 4 && image.descriptors[2].h_stride == 1;
    }
    CHECK(beyond_a_byte > 10);
    CHECK(first_alone > 3);
}

TEST_CASE("after a third of the resets the next run begins at once") {
    CosimCase c = port_case(Directions::forward);
    c.port->resets = 10;
    int resets = 0, at_once = 0;
    for (c.seed = 1; c.seed <= 100; ++c.seed) {
        const std::vector<PortStep> steps = make_port_script(c, some_shapes()).steps;
        for (std::size_t k = 0; k < steps.size(); ++k) {
            if (steps[k].operation != PortOperation::reset) continue;
            ++resets;
            std::size_t next = k + 1; // five registers, a wait and the start, or a reset in what follows
            while (next < steps.size() && steps[next].operation == PortOperation::write && !starts(steps[next])) ++next;
            if (next + 1 >= steps.size() || next - k > 6 || steps[next].operation != PortOperation::wait) continue;
            const auto start =
                std::find_if(steps.begin() + narrow<std::ptrdiff_t>(next) + 1, steps.end(),
                             [](const PortStep& step) { return step.operation == PortOperation::write; });
            at_once += start != steps.end() && starts(*start);
        }
    }
    CHECK(4 * at_once > resets);
    CHECK(at_once < resets / 2);
}

TEST_CASE("in sequence mode, too, more steps wait than INPUT_SLOTS says, and a sequence always fits") {
    CosimCase c = port_case(Directions::reverse);
    int fewer = 0;
    for (c.seed = 1; c.seed <= 200; ++c.seed) {
        const std::vector<PortStep> steps = make_port_script(c, some_shapes()).steps;
        for (std::size_t k = 3; k < steps.size(); ++k) { // steps, and then fewer slots
            if (!writes(steps[k], reg::kInputSlots) || steps[k - 2].operation != PortOperation::sent ||
                steps[k - 3].operation != PortOperation::send)
                continue;
            CHECK(steps[k].value >= 2);
            fewer += 2 * steps[k].value < steps[k - 3].beats->size(); // each is a header and a beat
        }
    }
    CHECK(fewer > 10);
}

TEST_CASE("steps of one beat in sequence mode mostly come in bursts, as outputs leave") {
    CosimCase c = port_case(Directions::reverse);
    c.one_hot = true;
    c.sequences.assign(40, 1);
    int scripts = 0, long_ones = 0;
    for (c.seed = 1; c.seed <= 100; ++c.seed) {
        const std::vector<PortStep> steps = make_port_script(c, some_shapes()).steps;
        std::size_t waits = 0;
        for (std::size_t k = 1; k < steps.size(); ++k) {
            waits += steps[k].operation == PortOperation::wait_output;
            if (steps[k].operation == PortOperation::send && steps[k - 1].operation == PortOperation::wait)
                long_ones += steps[k].beats->size() > 3;
        }
        scripts += waits > 10;
    }
    CHECK(scripts > 40);
    CHECK(long_ones > 20); // all at once
}

TEST_CASE(
    "of several streams, the first step with a layer is the first of a sequence; a dense layer alone opens none") {
    std::vector<RtlShape> shapes = some_shapes();
    shapes[0].shape.streams = 2;
    shapes[0].shape.state_words = shapes[0].shape.cell_words = 3 * 256;
    CosimCase c = port_case(Directions::forward);
    c.streams = 2;
    c.port->runs = 6;
    c.port->networks = 2;
    int behind_dense = 0;
    for (c.seed = 1; c.seed <= 400; ++c.seed) {
        bool loads = false, dense = false, one_hot = false;
        bool opened[2] = {}, used[2] = {};
        for (const PortStep& step : make_port_script(c, shapes).steps) {
            if (writes(step, reg::kLoadTarget)) loads = step.value != static_cast<std::uint32_t>(LoadTarget::run);
            if (writes(step, reg::kInput)) one_hot = (step.value & kInputOneHot) != 0;
            if (writes(step, reg::kDescriptor)) dense = (step.value & Descriptor::kDense) != 0;
            if (step.operation != PortOperation::send || loads) continue;
            for (std::size_t beat = 0; beat < step.beats->size(); beat += one_hot ? 1 : 2) { // with a beat of data
                const std::uint64_t header = (*step.beats)[beat];
                const auto stream = static_cast<std::size_t>(header >> kHeaderStreamShift & kHeaderStreamMask);
                REQUIRE(stream < 2);
                const bool first = (header & kHeaderFirst) != 0;
                if (!dense) {
                    CHECK((opened[stream] || first));
                    behind_dense += used[stream] && !opened[stream];
                    opened[stream] = true;
                }
                used[stream] = true;
            }
        }
    }
    CHECK(behind_dense > 3);
}
