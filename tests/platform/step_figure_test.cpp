// docs/step.svg shows one LSTM step cycle by cycle. The figure is drawn here from the timeline of a simulation, and the
// test compares it with the file. After a change of the timing, `build/test_platform "write docs/step.svg"` draws the
// file again.
#include "support/catch.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "machine/timing.hpp"
#include "platform/simulation.hpp"
#include "support/random_network.hpp"

using namespace bru;
using namespace bru::test;

namespace {

constexpr std::uint64_t kStep = 20; ///< the step shown; by then the machine is in steady state
constexpr int kGroups = 16;
constexpr double kLeft = 14;
constexpr double kBarsLeft = 200;
constexpr double kRight = 1140;
constexpr double kRow = 34;
constexpr double kBar = 24;

constexpr const char* kPartX = "#93c5fd";
constexpr const char* kPartH = "#60a5fa";
constexpr const char* kEndOfGroup = "#3b82f6";
constexpr const char* kStateWait = "#f59e0b";
constexpr const char* kStepBefore = "#a7f3d0";
constexpr const char* kNoStep = "#e2e8f0";
constexpr const char* kDark = "#0f172a";
constexpr const char* kGrey = "#475569";
constexpr const char* kRed = "#b91c1c";

/// Cycles from the first chunk of the step shown; end is behind the last.
struct Range {
    int begin = 0;
    int end = 0;
};

/// What a simulation says of the step.
class RecordedStep {
public:
    RecordedStep() {
        NetworkRecipe recipe; // the network of "One LSTM step, cycle by cycle", on the default shape
        recipe.inputs = 82;
        recipe.one_hot = true;
        recipe.hidden_sizes = {256};
        const Network network = random_network(recipe, 5);
        const Configuration configuration;
        const QuantizedNetwork quantized = quantize(network, configuration.shape.formats());
        const std::vector<Step> list = random_steps(network, {30}, 6);
        StepList steps(list);
        SimulationOptions options;
        options.mode = {OutputKind::hidden, OutputSteps::every};
        options.observers.timeline = &timeline_;
        simulate(configuration, quantized, options, steps, [](const OutputVector&) {});
        window_ = timeline_.step_window(kStep, 1).value();
    }

    int cycles() const { return narrow<int>(window_.end - window_.begin); }

    /// The state_wait of the step.
    Range wait() const {
        return find([&](const TimelineEvent& event) {
            return event.kind == TimelineKind::cycle_class && event.begin >= window_.begin &&
                   timeline_.name(event) == "state_wait";
        });
    }

    /// The chunks or slices of a group on a track; steps_before = 1: those of the step before.
    Range of(TimelineTrack track, const std::string& name, std::uint64_t steps_before = 0) const {
        return find([&](const TimelineEvent& event) {
            return event.track == track && event.number == kStep - steps_before && timeline_.name(event) == name;
        });
    }

private:
    template <class Matches>
    Range find(Matches&& matches) const {
        const auto found = std::find_if(timeline_.events().begin(), timeline_.events().end(), matches);
        REQUIRE(found != timeline_.events().end());
        const auto from_the_first_chunk = [&](Cycle cycle) { return narrow<int>(std::int64_t(cycle - window_.begin)); };
        return {from_the_first_chunk(found->begin), from_the_first_chunk(found->end)};
    }

    Timeline timeline_;
    TimelineWindow window_;
};

class Drawing {
public:
    /// Cycle `first` is at the left end of the bars, and `end` is at the right end.
    void set_scale(int first, int end) {
        first_ = first;
        cycle_width_ = (kRight - kBarsLeft) / (end - first);
    }
    double x(double cycle) const { return kBarsLeft + (cycle - first_) * cycle_width_; }

    void add(const std::string& line) { text_ += line + "\n"; }
    void text(double at, double y, double size, const std::string& words, const char* anchor = "start",
              const char* colour = kDark, bool bold = false) {
        add(fmt::format(R"(<text x="{:.1f}" y="{:.1f}" font-size="{}" text-anchor="{}" fill="{}"{}>{}</text>)", at, y,
                        size, anchor, colour, bold ? R"( font-weight="bold")" : "", words));
    }
    void line(double x1, double y1, double x2, double y2, const char* colour) {
        add(fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" stroke-width="1"/>)", x1,
                        y1, x2, y2, colour));
    }
    void rectangle(double left, double top, double width, double height, const char* colour) {
        add(fmt::format(
            R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}" stroke="#334155" stroke-width="1"/>)",
            left, top, width, height, colour));
    }
    /// The part of a range that the scale shows.
    void bar(Range range, double top, const char* colour, const std::string& words = "", double size = 11) {
        const double left = std::max(x(range.begin), kBarsLeft);
        const double right = std::min(x(range.end), kRight);
        rectangle(left, top, right - left, kBar, colour);
        if (!words.empty()) text((left + right) / 2, top + 16, size, words, "middle");
    }
    void ticks(int end, int every, double top, double bottom, double label_shift) {
        for (int cycle = 0; cycle <= end; cycle += every) {
            line(x(cycle), top, x(cycle), bottom, "#cbd5e1");
            text(x(cycle + label_shift), top - 4, 11, std::to_string(cycle), "middle", kGrey);
        }
    }
    const std::string& result() const { return text_; }

private:
    double first_ = 0;
    double cycle_width_ = 1;
    std::string text_;
};

void draw_row_names(Drawing& svg, double top) {
    constexpr const char* kRows[][2] = {{"sequencer", "issues one chunk per cycle"},
                                        {"scale_bias", "slices enter"},
                                        {"activation_lut", "table address of z visible"},
                                        {"cell_update", "gates visible"},
                                        {"tanh(c)", "tanh(c) visible"},
                                        {"state_registers", "h written at the end of"}};
    for (const auto& [name, remark] : kRows) {
        svg.line(kLeft, top, kRight, top, "#e2e8f0");
        svg.text(kLeft, top + 15, 12.5, name, "start", kDark, true);
        svg.text(kLeft, top + 29, 10.5, remark, "start", kGrey);
        top += kRow;
    }
    svg.line(kLeft, top, kRight, top, "#e2e8f0");
}

/// The slices of one group on the way from scale_bias to the state memory. `top` is that of the row of scale_bias.
void draw_group(Drawing& svg, const RecordedStep& step, int group, std::uint64_t steps_before, double top,
                const char* colour, const std::string& words) {
    const std::string name = fmt::format("layer 0 group {}", group);
    const Range written = step.of(TimelineTrack::state_registers, name, steps_before);
    svg.bar(step.of(TimelineTrack::activation_lut, name, steps_before), top + kRow, colour, words);
    svg.bar(step.of(TimelineTrack::cell_update, name, steps_before), top + 2 * kRow, colour, words);
    svg.bar({written.begin - kHiddenCycles, written.end - kHiddenCycles}, top + 3 * kRow, colour, words);
    svg.bar(written, top + 4 * kRow, colour, words);
}

/// The first cycles of the step, block by block.
void draw_pipeline(Drawing& svg, const RecordedStep& step) {
    constexpr double kTop = 90;
    constexpr int kShown = 65;
    const auto passes = [&](const std::string& part, int group) {
        return step.of(TimelineTrack::dot_product_lanes, fmt::format("layer 0 {} group {}", part, group));
    };
    const Range wait = step.wait();
    const Range x = passes("x", 0);
    const Range h = passes("h", 0);
    const Range next = {passes("x", 1).begin, passes("h", 1).end};
    svg.set_scale(-4, kShown);
    svg.ticks(kShown, 5, kTop - 6, kTop + 6 * kRow, 0.5);
    draw_row_names(svg, kTop);
    svg.bar({-4, x.begin}, kTop + 5, kNoStep, "t-1");
    svg.bar(x, kTop + 5, kPartX);
    svg.bar({h.begin, wait.begin}, kTop + 5, kPartH,
            fmt::format("group 0: h chunks 0 to {}", wait.begin - h.begin - 1));
    svg.bar(wait, kTop + 5, kStateWait, fmt::format("state_wait: {} cycles", wait.end - wait.begin));
    svg.bar({wait.end, h.end}, kTop + 5, kEndOfGroup);
    svg.bar(next, kTop + 5, kPartH, fmt::format("group 1: {} chunks", next.end - next.begin));
    svg.bar({next.end, kShown}, kTop + 5, kPartH, "group 2 ...");
    const double bars = kTop + kRow + 5;
    const auto scale_bias = [&](const std::string& part, int group, std::uint64_t steps_before = 0) {
        return step.of(TimelineTrack::scale_bias, fmt::format("layer 0 {} group {}", part, group), steps_before);
    };
    svg.bar(scale_bias("h", kGroups - 1, 1), bars, kStepBefore, "g 15, t-1");
    for (int group = 0; group < 2; ++group) {
        svg.bar(scale_bias("x", group), bars, kPartX, fmt::format("g {}, part x", group));
        svg.bar(scale_bias("h", group), bars, kEndOfGroup, fmt::format("g {}, part h", group));
    }
    draw_group(svg, step, kGroups - 1, 1, bars, kStepBefore, "g 15, t-1");
    draw_group(svg, step, 0, 0, bars, kEndOfGroup, "group 0");
    const Range written = step.of(TimelineTrack::state_registers, "layer 0 group 15", 1);
    svg.add(fmt::format(
        R"svg(<path d="M{:.1f} {:.1f} L{:.1f} {:.1f}" stroke="{}" stroke-width="1.6" fill="none" marker-end="url(#m)"/>)svg",
        svg.x(written.end), bars + 4 * kRow, svg.x(wait.end + 0.5), kTop + 31, kRed));
    svg.text(svg.x(written.end) + 10, bars + 4 * kRow + 9, 11, "the last slice of h(t-1) is written at the end",
             "start", kRed);
    svg.text(svg.x(written.end) + 10, bars + 4 * kRow + 23, 11,
             fmt::format("of cycle {}: h chunk 15 issues in cycle {}", written.end - 1, wait.end), "start", kRed);
}

void draw_whole_step(Drawing& svg, const RecordedStep& step) {
    constexpr double kTop = 380;
    const Range wait = step.wait();
    svg.text(kLeft, 338, 14,
             fmt::format("The whole step: {} cycles, {} of them compute", step.cycles(),
                         step.cycles() - (wait.end - wait.begin)),
             "start", kDark, true);
    svg.set_scale(0, step.cycles() + 1);
    svg.ticks(step.cycles(), 20, kTop - 6, kTop + kRow, 0);
    svg.line(kLeft, kTop, kRight, kTop, "#e2e8f0");
    svg.text(kLeft, kTop + 21, 12.5, "sequencer", "start", kDark, true);
    svg.line(kLeft, kTop + kRow, kRight, kTop + kRow, "#e2e8f0");
    svg.bar({0, wait.begin}, kTop + 5, kPartH);
    svg.bar(wait, kTop + 5, kStateWait);
    svg.bar({wait.end, step.of(TimelineTrack::dot_product_lanes, "layer 0 h group 0").end}, kTop + 5, kEndOfGroup);
    for (int group = 1; group < kGroups; ++group) {
        const auto pass = [&](const char* part) {
            return step.of(TimelineTrack::dot_product_lanes, fmt::format("layer 0 {} group {}", part, group));
        };
        svg.bar({pass("x").begin, pass("h").end}, kTop + 5, kPartH, fmt::format("group {}", group), 10);
    }
}

void draw_legend(Drawing& svg) {
    constexpr const char* kEntries[][2] = {{kPartX, "part x (one chunk)"},
                                           {kPartH, "part h"},
                                           {kEndOfGroup, "end of group 0 of step t"},
                                           {kStateWait, "state_wait"},
                                           {kStepBefore, "group 15 of step t-1"}};
    double left = kLeft;
    for (const auto& [colour, words] : kEntries) {
        svg.rectangle(left, 454, 16, 14, colour);
        svg.text(left + 22, 466, 12, words);
        left += 215;
    }
}

std::string step_figure() {
    const RecordedStep step;
    Drawing svg;
    svg.add(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1160 480" width="1160" height="480" )"
            R"(font-family="DejaVu Sans, Helvetica, Arial, sans-serif">)");
    svg.add(
        R"(<defs><marker id="m" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">)"
        R"(<path d="M0 0 L10 5 L0 10 z" fill="#b91c1c"/></marker></defs>)");
    svg.add(R"(<rect width="1160" height="480" fill="#f8fafc"/>)");
    svg.text(kLeft, 26, 14,
             "One LSTM step in steady state: War and Peace model (H = 256) on the default machine (L = 64, W = 16, "
             "E = 2)",
             "start", kDark, true);
    svg.text(kLeft, 46, 12,
             "Cycle 0 issues the first chunk of step t. A bar covers the cycles in which the block has the slices or "
             "chunks.",
             "start", kGrey);
    draw_pipeline(svg, step);
    draw_whole_step(svg, step);
    draw_legend(svg);
    svg.add("</svg>");
    return svg.result();
}

} // namespace

TEST_CASE("docs/step.svg shows the step that the machine makes") {
    std::ifstream file(BRU_SOURCE_DIR "/docs/step.svg");
    std::stringstream drawn;
    drawn << file.rdbuf();
    INFO("draw it again with: build/test_platform \"write docs/step.svg\"");
    CHECK(drawn.str() == step_figure());
}

TEST_CASE("write docs/step.svg", "[.write-docs]") { std::ofstream(BRU_SOURCE_DIR "/docs/step.svg") << step_figure(); }
