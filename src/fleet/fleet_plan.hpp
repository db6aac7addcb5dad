// A fleet file: boards, sessions, and what lies between them. docs/fleet.md lists its keys.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/override.hpp"
#include "fleet/dispatcher.hpp"
#include "fleet/session.hpp"

namespace bru::fleet {

/// Kinds of boards that a file may have: [board], [board_2], ...
inline constexpr std::size_t kMostKinds = 8;
inline constexpr std::int64_t kMostBoards = 1'000'000;

/// Boards of one kind. What is not given is measured in the simulation of the machine.
struct BoardKind {
    std::string section; ///< "board", "board_2"
    bool is_given = false;
    std::string config; ///< configuration of the machine; "": it is given by its figures below
    std::string model;
    std::int64_t count = 1;
    std::optional<std::int64_t> streams;
    std::optional<double> step_us;
    std::optional<double> response_us;
    std::optional<double> step_software_us;
    std::optional<double> transfer_software_us;
    std::optional<double> idle_w;
    std::optional<double> busy_w;
    double other_w = 0;
    double price = 0;
};

enum class Duration : std::uint8_t { fixed, exponential, uniform };

struct SessionsPlan {
    double per_s = 0;
    std::int64_t permanent = 0;
    std::string arrivals; ///< a file of arrivals instead of the two
    Duration duration_kind = Duration::exponential;
    double duration_s = 60;
    StepKind steps = StepKind::periodic;
    double period_ms = 0;
    double deadline_ms = 0;
    std::int64_t clients = 1'000'000;
};

struct NetworkPlan {
    double delay_ms = 0;
    double jitter_ms = 0;
    double range_ms = 0;
    double loss_percent = 0;

    Network network() const;
};

struct FailurePlan {
    double mtbf_h = 0; ///< 0: boards do not fail
    double mttr_min = 10;
    bool move_sessions = true; ///< else they are dropped
    double move_ms = 0;
};

struct FleetPlan {
    std::string file;
    std::string directory; ///< of the file: paths start here
    double duration_s = 60;
    double warm_up_s = 0;
    std::uint64_t seed = 1;
    Dispatch dispatch = Dispatch::least_loaded;
    bool waits_when_full = false;
    std::int64_t waiting_places = 1'000'000;
    std::vector<BoardKind> kinds; ///< given ones
    SessionsPlan sessions;
    NetworkPlan network;
    FailurePlan failures;
    double target_percent = 99;
    double unserved_percent = 0.1;
    std::vector<double> loads; ///< to try, as shares of 1
    double electricity_per_kwh = 0;
    double lifetime_years = 3;
    std::map<std::string, std::string> given; ///< keys as they were written, for reports and state files

    std::int64_t board_count() const;
};

/// One key of a fleet file, declared once: reader, messages, options and docs/fleet.md derive from it. Keys of [board]
/// hold in [board_2] and so on, too.
struct FleetKey {
    std::string key;      ///< "sessions.period_ms"
    std::string standard; ///< default, as it is written; "": none
    std::string allowed;
    std::string help;
    /// Throws InputError: value and what is allowed. `kind` is the board of the section.
    std::function<void(FleetPlan& plan, BoardKind& kind, const std::string& value)> set;
};
const std::vector<FleetKey>& fleet_keys();

/// Reads a fleet file; `overrides` replace what it says. Throws InputError with file and line.
FleetPlan load_fleet_plan(const std::string& path, const std::vector<Override>& overrides);
FleetPlan read_fleet_plan(const std::string& text, const std::string& path, const std::vector<Override>& overrides);

/// "0.1:0.9:0.1" or "0.5, 0.8": shares above 0 up to 2, at most 1,000 of them. Throws InputError.
std::vector<double> parse_loads(const std::string& text);

/// The tables of docs/fleet.md.
std::string fleet_keys_markdown();

} // namespace bru::fleet
