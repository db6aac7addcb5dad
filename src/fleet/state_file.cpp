#include "fleet/state_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/fnv.hpp"
#include "base/output_file.hpp"
#include "base/version.hpp"
#include "fleet/archive.hpp"

namespace bru::fleet {

namespace {

constexpr std::string_view kMagic = "bru-fleet-state-1\n";

/// Eight bytes at a time: a state has some hundred megabytes.
std::uint64_t digest_of(std::string_view bytes) {
    std::uint64_t digest = fnv1a(kFnvStart, std::uint64_t{bytes.size()});
    for (; bytes.size() >= sizeof digest; bytes.remove_prefix(sizeof digest)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), sizeof word);
        digest = fnv1a(digest, word);
        digest ^= digest >> 29U;
    }
    return fnv1a(digest, bytes);
}

template <class Value>
void add(std::uint64_t& digest, const Value& value) {
    static_assert(std::is_arithmetic_v<Value>);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    digest = fnv1a(digest, bits);
}

void add_service(std::uint64_t& digest, const BoardService& service) {
    for (const std::int64_t figure :
         {service.streams,         service.software_step,     service.software_transfer, service.transfer_steps,
          service.register_access, service.interrupt_latency, service.input_begin,       service.input_step,
          service.answer,          service.interval,          service.stream_interval,   service.packet_drain,
          service.packet_end,      service.packet_least,      service.packet_steps,      service.input_release,
          service.input_places,    service.output_places,     service.output_room,       service.refresh_interval,
          service.refresh,         service.refresh_phase,     service.input_memory,      service.packet_data,
          service.last_data,       service.clock.khz(),       service.clock.dma_khz(),   service.access_cycles,
          service.crossing_places, service.input_pace})
        add(digest, figure);
    add(digest, service.idle_w);
    add(digest, service.busy_w);
}

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw unreadable(path, errno);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

[[noreturn]] void refuse_state(const std::string& path, const std::string& what) {
    throw InputError({path}, what + "; remove the file, or name another one with --state: then the run begins anew");
}

} // namespace

std::uint64_t fingerprint_of(const Workload& workload) {
    std::uint64_t digest = fnv1a(kFnvStart, std::string_view(program_version()));
    for (const auto& [key, value] : workload.plan.given)
        if (key != "target.loads") digest = fnv1a(fnv1a(digest, key), value);
    for (const BoardGroup& group : workload.groups) {
        add_service(digest, group.service);
        add(digest, group.count);
    }
    if (workload.arrivals)
        for (const SessionArrival& arrival : *workload.arrivals)
            for (const Time time : {arrival.start, arrival.duration, arrival.period}) add(digest, time);
    return digest;
}

FleetState read_state(const std::string& path, std::uint64_t fingerprint) {
    FleetState state;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return state;
    const std::string content = content_of(path);
    const std::string_view bytes(content);
    if (bytes.substr(0, kMagic.size()) != kMagic) refuse_state(path, "is no state file of bru fleet");
    std::uint64_t digest = 0;
    if (bytes.size() < kMagic.size() + sizeof digest) refuse_state(path, "ends too soon");
    const std::string_view body = bytes.substr(0, bytes.size() - sizeof digest);
    std::memcpy(&digest, bytes.data() + body.size(), sizeof digest);
    if (digest != digest_of(body)) refuse_state(path, "is damaged");
    return in_place({path}, [&] {
        StateReader reader(body.substr(kMagic.size()));
        std::uint64_t of_file = 0;
        reader(of_file);
        if (of_file != fingerprint) refuse_state(path, "is the state of another fleet, or of another version of bru");
        std::uint64_t count = 0;
        for (reader(count); count > 0; --count) {
            std::uint64_t key = 0;
            reader(key);
            reader(state.finished[key]);
        }
        std::vector<char> simulation;
        reader(state.running);
        reader(simulation);
        state.simulation.assign(simulation.begin(), simulation.end());
        return state;
    });
}

void write_state(const std::string& path, std::uint64_t fingerprint, const FleetState& state) {
    StateWriter writer;
    writer(fingerprint);
    std::uint64_t count = state.finished.size();
    writer(count);
    for (auto [key, result] : state.finished) {
        std::uint64_t number = key;
        writer(number);
        writer(result);
    }
    std::uint64_t running = state.running;
    std::vector<char> simulation(state.simulation.begin(), state.simulation.end());
    writer(running);
    writer(simulation);
    std::string content(kMagic);
    content += writer.bytes();
    const std::uint64_t digest = digest_of(content);
    content.append(reinterpret_cast<const char*>(&digest), sizeof digest);
    OutputFile file(path);
    file.write(content);
    file.commit();
}

} // namespace bru::fleet
