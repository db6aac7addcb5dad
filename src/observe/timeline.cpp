#include "observe/timeline.hpp"

#include <charconv>

#include "base/enumeration.hpp"
#include "machine/dma_registers.hpp"
#include "machine/registers.hpp"

namespace bru {

namespace {

constexpr const char* kPartNames[] = {" x", " h"};
constexpr const char* kLoadNames[kLoadTargets] = {"inputs", "weights", "scales", "biases", "tables", "state", "cell"};

void append_number(std::string& text, std::uint64_t number) {
    char digits[20];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    text.append(digits, end);
}

const char* core_register_name(std::uint32_t address) {
    switch (address) {
    case reg::kControl: return "control";
    case reg::kStatus: return "status";
    case reg::kInterruptEnable: return "interrupt_enable";
    case reg::kInterruptStatus: return "interrupt_status";
    case reg::kLoadTarget: return "load_target";
    case reg::kLoadAddress: return "load_address";
    case reg::kDescriptors: return "descriptors";
    case reg::kMode: return "mode";
    case reg::kInput: return "input";
    case reg::kInputSlots: return "input_slots";
    case reg::kPacketVectors: return "packet_vectors";
    default: return address >= reg::kDescriptor ? "descriptor" : address >= reg::kCounter ? "counter" : "shape";
    }
}

const char* dma_register_name(std::uint32_t address) {
    switch (address) {
    case dma_reg::kControl: return "mm2s_control";
    case dma_reg::kStatus: return "mm2s_status";
    case dma_reg::kAddress: return "mm2s_address";
    case dma_reg::kLength: return "mm2s_length";
    case dma_reg::kS2mm + dma_reg::kControl: return "s2mm_control";
    case dma_reg::kS2mm + dma_reg::kStatus: return "s2mm_status";
    case dma_reg::kS2mm + dma_reg::kAddress: return "s2mm_address";
    case dma_reg::kS2mm + dma_reg::kLength: return "s2mm_length";
    default: return "address_msb";
    }
}

} // namespace

const TimelineTrackInfo& timeline_track_info(TimelineTrack track) {
    static constexpr TimelineTrackInfo kTracks[kTimelineTracks] = {
        {"bru_core", "sequencer"},     {"bru_core", "dot_product_lanes"},
        {"bru_core", "scale_bias"},    {"bru_core", "activation_lut"},
        {"bru_core", "cell_update"},   {"bru_core", "state_registers"},
        {"bru_core", "stream_input"},  {"bru_core", "stream_output"},
        {"axi_dma", "mm2s burst"},     {"axi_dma", "s2mm burst"},
        {"zynq_ps", "host"},           {"zynq_ps", "core_interrupt"},
        {"zynq_ps", "mm2s_interrupt"}, {"zynq_ps", "s2mm_interrupt"}};
    return kTracks[index_of(track)];
}

const char* timeline_kind_name(TimelineKind kind) {
    static constexpr const char* kNames[] = {
        "cycle_class",   "pass",  "slices",         "vector",        "input_step",        "load",
        "output_vector", "burst", "register_write", "register_read", "interrupt_latency", "interrupt"};
    return kNames[index_of(kind)];
}

void Timeline::append_name(std::string& text, const TimelineEvent& event) const {
    const auto numbered = [&text](const char* what, std::uint64_t number) {
        text += what;
        append_number(text, number);
    };
    switch (event.kind) {
    case TimelineKind::cycle_class: text += cycle_class_name(static_cast<CycleClass>(event.part)); return;
    case TimelineKind::pass:
    case TimelineKind::slices: {
        const TimelineVector& vector = vectors[event.vector];
        text += vector.name;
        if (event.kind == TimelineKind::pass || event.track == TimelineTrack::scale_bias)
            text += kPartNames[event.part];
        numbered(" group ", event.group);
        if (event.kind == TimelineKind::pass && vector.planes[event.part] > 1) numbered(" plane ", event.plane);
        return;
    }
    case TimelineKind::vector: text += vectors[event.vector].name; return;
    case TimelineKind::input_step: return numbered("step ", event.number);
    case TimelineKind::load: text.append("load ").append(kLoadNames[event.part]); return;
    case TimelineKind::output_vector: return numbered("vector ", event.number);
    case TimelineKind::burst:
        numbered(event.track == TimelineTrack::mm2s ? "read " : "write ", event.count);
        text += " B";
        return;
    case TimelineKind::register_write:
    case TimelineKind::register_read:
        text += event.kind == TimelineKind::register_write ? "write " : "read ";
        text += event.part == 0 ? core_register_name(event.group) : dma_register_name(event.group);
        return;
    case TimelineKind::interrupt_latency: text += "interrupt latency"; return;
    case TimelineKind::interrupt: text += "interrupt"; return;
    }
}

std::string Timeline::name(const TimelineEvent& event) const {
    std::string text;
    append_name(text, event);
    return text;
}

std::optional<TimelineWindow> Timeline::step_window(std::uint64_t first, std::uint64_t steps) const {
    const auto begin_of = [this](std::uint64_t step) -> std::optional<Cycle> {
        const auto found = std::find_if(events_.begin(), events_.end(), [&](const TimelineEvent& event) {
            return event.kind == TimelineKind::pass && event.number == step && event.vector == 0 && event.group == 0 &&
                   event.part == 0 && event.plane + 1U == vectors[0].planes[0];
        });
        if (found == events_.end()) return std::nullopt;
        return found->begin;
    };
    const auto from = begin_of(first);
    const auto to = begin_of(first + steps);
    if (!from || !to || *from >= *to) return std::nullopt;
    return TimelineWindow{*from, *to};
}

} // namespace bru
