// The text of an event is put together by hand: a timeline has hundreds of thousands, and a JSON library would take
// longer over them than the simulation.
#include "report/timeline_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/enumeration.hpp"
#include "base/integers.hpp"
#include "base/json_text.hpp"
#include "base/output_file.hpp"
#include "base/version.hpp"

namespace bru {

namespace {

/// Processes in the order of the viewer, numbered from 1.
constexpr const char* kProcesses[] = {"bru_core", "axi_dma", "zynq_ps"};
constexpr int kProcessCount = 3;  ///< of a core
constexpr int kSlotThreads = 100; ///< thread numbers that a track with slots has for itself

bool has_slots(TimelineTrack track) { return track == TimelineTrack::mm2s || track == TimelineTrack::s2mm; }

/// Of core 0.
int process_of(TimelineTrack track) {
    const auto is_of_track = [&](const char* process) {
        return std::strcmp(process, timeline_track_info(track).process) == 0;
    };
    return narrow<int>(std::find_if(std::begin(kProcesses), std::end(kProcesses), is_of_track) -
                       std::begin(kProcesses)) +
           1;
}

int thread_of(TimelineTrack track, int slot) {
    const int number = static_cast<int>(track) + 1;
    return has_slots(track) ? number * kSlotThreads + slot : number;
}

/// Text on its way to the file, in a buffer of its own.
class Lines {
public:
    explicit Lines(OutputFile& file) : file_(file), bytes_(kBufferBytes), at_(bytes_.data()) {}

    /// Before a line: there is room for one of kLongestLine.
    void begin_line() {
        if (used() + kLongestLine > bytes_.size()) flush();
    }
    Lines& text(std::string_view characters) {
        std::memcpy(at_, characters.data(), characters.size());
        at_ += characters.size();
        return *this;
    }
    Lines& number(std::uint64_t value) {
        at_ = std::to_chars(at_, at_ + kMostDigits, value).ptr;
        return *this;
    }
    /// Nanoseconds as microseconds.
    Lines& us(std::uint64_t nanoseconds) {
        const auto rest = narrow<unsigned>(nanoseconds % 1000);
        const char decimals[4] = {'.', digit(rest / 100), digit(rest / 10 % 10), digit(rest % 10)};
        return number(nanoseconds / 1000).text({decimals, sizeof decimals});
    }
    Lines& argument(std::string_view name, std::uint64_t value) {
        return text(",\"").text(name).text("\":").number(value);
    }
    void flush() {
        file_.write({bytes_.data(), used()});
        at_ = bytes_.data();
    }

private:
    std::size_t used() const { return narrow<std::size_t>(at_ - bytes_.data()); }
    static constexpr std::size_t kBufferBytes = std::size_t{1} << 18U;
    static constexpr std::size_t kLongestLine = 1024;
    static constexpr std::size_t kMostDigits = 20;
    static char digit(unsigned value) { return static_cast<char>('0' + value); }

    OutputFile& file_;
    std::vector<char> bytes_;
    char* at_;
};

class TimelineWriter {
public:
    /// `prefix`: of the names of its modules.
    TimelineWriter(OutputFile& file, const Timeline& timeline, double clock_mhz, int core, std::string prefix)
        : lines_(file), timeline_(timeline), ns_per_cycle_(1e3 / clock_mhz), first_process_(core * kProcessCount),
          prefix_(std::move(prefix)), names_(kCachedNames) {}

    void write() {
        write_names();
        for (const TimelineEvent& event : timeline_.events()) write_event(event);
        for (const TimelineTrack track : {TimelineTrack::mm2s, TimelineTrack::s2mm}) write_burst_counts(track);
        lines_.flush();
    }

private:
    /// The middle of an event's line, which many events have in common.
    struct CachedName {
        std::optional<std::uint64_t> key;
        std::string text;
    };
    static constexpr int kHashShift = 52;
    static constexpr std::size_t kCachedNames = std::size_t{1} << (64 - kHashShift);

    void write_names() {
        std::array<int, kTimelineTracks> slots{};
        for (const TimelineEvent& event : timeline_.events()) {
            int& most = slots[index_of(event.track)];
            most = std::max(most, int{event.slot});
        }
        for (int k = 0; k < kProcessCount; ++k) {
            const int process = first_process_ + k + 1;
            write_metadata("process_name", process, 0, fmt::format("\"name\":\"{}{}\"", prefix_, kProcesses[k]));
            write_metadata("process_sort_index", process, 0, fmt::format("\"sort_index\":{}", process));
        }
        for (std::size_t k = 0; k < kTimelineTracks; ++k)
            for (int slot = 0; slot <= slots[k]; ++slot) write_thread_name(static_cast<TimelineTrack>(k), slot);
    }

    void write_thread_name(TimelineTrack track, int slot) {
        const int thread = thread_of(track, slot);
        const std::string number = has_slots(track) ? fmt::format(" {}", slot) : "";
        write_metadata("thread_name", process(track), thread,
                       fmt::format("\"name\":\"{}{}\"", timeline_track_info(track).name, number));
        write_metadata("thread_sort_index", process(track), thread, fmt::format("\"sort_index\":{}", thread));
    }

    void write_metadata(const char* name, int process, int thread, const std::string& argument) {
        lines_.begin_line();
        lines_.text(fmt::format(",\n{{\"ph\":\"M\",\"name\":\"{}\",\"pid\":{},\"tid\":{},\"args\":{{{}}}}}", name,
                                process, thread, argument));
    }

    void write_event(const TimelineEvent& event) {
        const std::uint64_t begin_ns = ns(event.begin);
        lines_.begin_line();
        lines_.text(",\n{\"ph\":\"X\",\"ts\":").us(begin_ns).text(",\"dur\":").us(ns(event.end) - begin_ns);
        lines_.text(name(event)).number(event.begin);
        write_arguments(event);
        lines_.text("}}");
    }

    void write_arguments(const TimelineEvent& event) {
        switch (event.kind) {
        case TimelineKind::pass: lines_.argument("step", event.number).argument("chunks", event.count); return;
        case TimelineKind::slices: lines_.argument("step", event.number); return;
        case TimelineKind::vector: lines_.argument("step", event.number).argument("slices", event.count); return;
        case TimelineKind::input_step:
        case TimelineKind::output_vector: lines_.argument("beats", event.count); return;
        case TimelineKind::load: lines_.argument("first_word", event.number).argument("beats", event.count); return;
        case TimelineKind::burst:
            lines_.argument("address", event.number).argument("bytes", event.count);
            lines_.argument("cycles_to_data", event.group);
            return;
        case TimelineKind::register_write:
        case TimelineKind::register_read:
            lines_.argument("address", event.group).argument("value", event.number);
            return;
        case TimelineKind::cycle_class: lines_.argument("cycles", event.end - event.begin); return;
        case TimelineKind::interrupt_latency:
        case TimelineKind::interrupt: return;
        }
    }

    /// All that a name is made of; nullopt where hardly two events have the same.
    static std::optional<std::uint64_t> name_key(const TimelineEvent& event) {
        if (event.kind == TimelineKind::input_step || event.kind == TimelineKind::output_vector) return std::nullopt;
        const auto field = [](std::uint64_t value, unsigned shift) { return value << shift; };
        const std::uint32_t number = event.kind == TimelineKind::burst ? event.count : event.group;
        return field(number, 32) | field(index_of(event.kind), 28) | field(index_of(event.track), 24) |
               field(event.slot, 18) | field(event.vector, 12) | field(event.part, 6) | field(event.plane, 0);
    }

    /// From the process to the beginning of the arguments.
    const std::string& name(const TimelineEvent& event) {
        constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15; // of Fibonacci hashing
        const std::optional<std::uint64_t> key = name_key(event);
        CachedName& cached = names_[key.value_or(0) * kMix >> kHashShift];
        if (key && cached.key == key) return cached.text;
        cached.key = key;
        cached.text = fmt::format(",\"pid\":{},\"tid\":{},\"cat\":\"{}\",\"name\":\"", process(event.track),
                                  thread_of(event.track, event.slot), timeline_kind_name(event.kind));
        timeline_.append_name(cached.text, event);
        cached.text += "\",\"args\":{\"cycle\":";
        return cached.text;
    }

    /// How many bursts are outstanding, wherever that changes.
    void write_burst_counts(TimelineTrack track) {
        std::map<Cycle, int> changes;
        for (const TimelineEvent& event : timeline_.events()) {
            if (event.track != track) continue;
            ++changes[event.begin];
            --changes[event.end];
        }
        const std::string start =
            fmt::format(",\n{{\"ph\":\"C\",\"pid\":{},\"name\":\"{} bursts outstanding\",\"ts\":", process(track),
                        track == TimelineTrack::mm2s ? "mm2s" : "s2mm");
        int outstanding = 0;
        for (const auto& [cycle, change] : changes) {
            if (change == 0) continue;
            outstanding += change;
            lines_.begin_line();
            lines_.text(start).us(ns(cycle)).text(",\"args\":{\"bursts\":");
            lines_.number(outstanding).text("}}");
        }
    }

    int process(TimelineTrack track) const { return first_process_ + process_of(track); }
    std::uint64_t ns(Cycle cycle) const { return narrow<std::uint64_t>(std::llround(real(cycle) * ns_per_cycle_)); }

    Lines lines_;
    const Timeline& timeline_;
    double ns_per_cycle_;
    int first_process_;
    std::string prefix_;
    std::vector<CachedName> names_;
};

} // namespace

void write_timeline(const std::string& path, const std::vector<const Timeline*>& cores,
                    const TimelineSubject& subject) {
    const Timeline& timeline = *cores.front(); // all of them have one window
    const nlohmann::ordered_json about = {
        {"program", "bru"},          {"version", program_version()},   {"model", subject.model},
        {"trace", subject.trace},    {"clock_mhz", subject.clock_mhz}, {"from_cycle", timeline.begin()},
        {"to_cycle", timeline.end()}};
    OutputFile file(path);
    file.write(fmt::format("{{\"displayTimeUnit\":\"ns\",\"otherData\":{},\"traceEvents\":[\n", json_text(about)));
    file.write("{\"ph\":\"M\",\"name\":\"trace\",\"pid\":0,\"tid\":0,\"args\":{}}"); // those behind begin with a comma
    for (int core = 0; core < count_of(cores); ++core)
        TimelineWriter(file, *cores[core], subject.clock_mhz, core,
                       cores.size() > 1 ? fmt::format("core {} ", core) : "")
            .write();
    file.write("\n]}\n");
    file.commit();
}

} // namespace bru
