#include "fleet/fleet_plan.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/piped_input.hpp"
#include "config/ini_file.hpp"

namespace bru::fleet {

namespace {

std::string section_of(std::size_t kind) { return kind == 0 ? "board" : fmt::format("board_{}", kind + 1); }

/// Of all kinds of boards.
std::vector<std::string> known_keys() {
    std::vector<std::string> keys;
    for (const FleetKey& key : fleet_keys()) keys.push_back(key.key);
    for (std::size_t kind = 1; kind < kMostKinds; ++kind)
        for (const FleetKey& key : fleet_keys())
            if (key.key.rfind("board.", 0) == 0) keys.push_back(section_of(kind) + key.key.substr(5));
    return keys;
}

/// Boards of all sections, given or not, while a file is read.
class Reader {
public:
    explicit Reader(const std::string& path) {
        plan_.file = path;
        if (!is_pipe(path)) plan_.directory = std::filesystem::path(path).parent_path().string();
        for (std::size_t kind = 0; kind < kMostKinds; ++kind) {
            kinds_.emplace_back();
            kinds_.back().section = section_of(kind);
        }
    }

    void set(const std::string& key, const std::string& value) {
        const std::string section = key.substr(0, key.find('.'));
        const std::string name = key.substr(key.find('.'));
        BoardKind* kind = &kinds_.front();
        for (BoardKind& each : kinds_)
            if (each.section == section) kind = &each;
        const bool is_of_board = section.rfind("board", 0) == 0;
        if (is_of_board) kind->is_given = true;
        plan_.given[key] = value;
        const std::string wanted = is_of_board ? "board" + name : key;
        for (const FleetKey& entry : fleet_keys())
            if (entry.key == wanted) entry.set(plan_, *kind, value);
    }

    FleetPlan finished() {
        for (const BoardKind& kind : kinds_)
            if (kind.is_given) plan_.kinds.push_back(kind);
        check();
        return plan_;
    }

private:
    [[noreturn]] void refuse(const std::string& message) const { throw InputError({plan_.file}, message); }

    void check() const {
        if (plan_.kinds.empty()) refuse("has no boards; give a section [board] with config = FILE, or with step_us");
        for (const BoardKind& kind : plan_.kinds)
            if (kind.config.empty() && !kind.step_us)
                refuse(
                    fmt::format("[{}] says neither its machine nor its figures; give config = FILE and model = FILE, "
                                "or step_us and response_us",
                                kind.section));
        if (plan_.board_count() > kMostBoards)
            refuse(
                fmt::format("has {} boards; allowed are {} of all kinds together", plan_.board_count(), kMostBoards));
        const SessionsPlan& sessions = plan_.sessions;
        if (sessions.arrivals.empty() && sessions.per_s <= 0 && sessions.permanent == 0)
            refuse("has no sessions; give sessions.permanent, sessions.per_s or sessions.arrivals");
        if (!sessions.arrivals.empty() && sessions.per_s > 0)
            refuse("sessions.arrivals and sessions.per_s are both given; keep one of them");
        if (sessions.period_ms <= 0 && (sessions.arrivals.empty() || sessions.permanent > 0))
            refuse("sessions.period_ms is missing: the time between two steps of a session");
        if (sessions.deadline_ms <= 0)
            refuse("sessions.deadline_ms is missing: the longest time from a step to its answer");
        if (plan_.warm_up_s >= plan_.duration_s)
            refuse(fmt::format("fleet.warm_up_s = {}: not allowed; allowed is less than fleet.duration_s = {}",
                               plan_.warm_up_s, plan_.duration_s));
        if (!plan_.loads.empty() && !sessions.arrivals.empty())
            refuse(
                "target.loads and sessions.arrivals are both given; a trace of sessions has the load that it has, so "
                "remove one of them");
        if (plan_.network.jitter_ms > 0 && plan_.network.range_ms > 0)
            refuse("network.jitter_ms and network.range_ms are both given; keep one of them");
    }

    FleetPlan plan_;
    std::vector<BoardKind> kinds_;
};

/// The value of an option: its paths start in the current folder, not in that of the file.
std::string from_here(const Override& option) {
    const std::string name = option.key.substr(option.key.find('.') + 1);
    const bool is_path = name == "config" || name == "model" || name == "arrivals";
    std::error_code ignored;
    if (!is_path || !std::filesystem::exists(option.value, ignored)) return option.value;
    return std::filesystem::absolute(option.value).string();
}

FleetPlan plan_of(const std::vector<IniEntry>& entries, const std::string& path,
                  const std::vector<Override>& overrides) {
    Reader reader(path);
    for (const IniEntry& entry : entries) {
        const bool is_replaced = std::any_of(overrides.begin(), overrides.end(),
                                             [&entry](const Override& each) { return each.key == entry.key; });
        if (!is_replaced) in_place(entry.place(path), [&] { reader.set(entry.key, entry.value); });
    }
    for (const Override& each : overrides) in_place({"--" + each.key}, [&] { reader.set(each.key, from_here(each)); });
    return reader.finished();
}

} // namespace

Network NetworkPlan::network() const {
    return {of_ms(delay_ms), of_ms(jitter_ms), of_ms(range_ms), loss_percent / 100};
}

std::int64_t FleetPlan::board_count() const {
    std::int64_t count = 0;
    for (const BoardKind& kind : kinds) count += kind.count;
    return count;
}

FleetPlan load_fleet_plan(const std::string& path, const std::vector<Override>& overrides) {
    return plan_of(read_ini_file(path, known_keys()), path, overrides);
}

FleetPlan read_fleet_plan(const std::string& text, const std::string& path, const std::vector<Override>& overrides) {
    return plan_of(read_ini_text(text, path, known_keys()), path, overrides);
}

} // namespace bru::fleet
