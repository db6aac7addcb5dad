// The table of all keys of a fleet file: the only place where a key, its range, help and member meet.
#include <algorithm>
#include <type_traits>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/nearest.hpp"
#include "base/numbers.hpp"
#include "base/text_list.hpp"
#include "fleet/fleet_plan.hpp"

namespace bru::fleet {

namespace {

constexpr double kMostFigure = 1e9;

struct Range {
    double low = 0;
    double high = 0;
    const char* remark = ""; ///< behind the range
};

[[noreturn]] void refuse(const std::string& key, const std::string& value, const std::string& allowed,
                         const std::string& remedy) {
    throw InputError(fmt::format("{} = {}: not allowed; allowed is {}{}", key, value.substr(0, 60), allowed, remedy));
}

/// `member` gives the place in the plan or in the board of the section.
template <class Member>
FleetKey number(const char* key, const char* standard, const Range& range, const char* help, const Member& member) {
    FleetKey result{key, standard, fmt::format("a number from {} to {}{}", range.low, range.high, range.remark), help,
                    nullptr};
    const std::string allowed = result.allowed;
    result.set = [name = std::string(key), range, allowed, member](FleetPlan& plan, BoardKind& kind,
                                                                   const std::string& text) {
        const auto value = parse_real(text, range.low, range.high);
        const std::string unit_less = number_before_unit(text);
        if (!value)
            refuse(name, text, allowed,
                   unit_less.empty() ? number_remark(text)
                                     : fmt::format("; give the number alone, {}: the key names the unit", unit_less));
        member(plan, kind) = *value;
    };
    return result;
}

template <class Member>
FleetKey count(const char* key, const char* standard, std::int64_t low, std::int64_t high, const char* help,
               const Member& member) {
    FleetKey result{key, standard, whole_number_text(low, high), help, nullptr};
    const std::string allowed = result.allowed;
    result.set = [name = std::string(key), low, high, allowed, member](FleetPlan& plan, BoardKind& kind,
                                                                       const std::string& text) {
        const auto value = parse_integer(text, low, high);
        if (!value) refuse(name, text, allowed, number_remark(text));
        member(plan, kind) = *value;
    };
    return result;
}

/// One of some words, in the order of the enumerators.
template <class Member>
FleetKey word(const char* key, const char* standard, const std::vector<std::string>& words, const char* help,
              const Member& member) {
    FleetKey result{key, standard, fmt::format("{}", fmt::join(words, ", ")), help, nullptr};
    const std::string allowed = result.allowed;
    result.set = [name = std::string(key), words, allowed, member](FleetPlan& plan, BoardKind& kind,
                                                                   const std::string& text) {
        const auto found = std::find(words.begin(), words.end(), text);
        if (found == words.end()) refuse(name, text, allowed, did_you_mean(text, words));
        auto& place = member(plan, kind);
        place = static_cast<std::remove_reference_t<decltype(place)>>(found - words.begin());
    };
    return result;
}

template <class Member>
FleetKey path(const char* key, const char* allowed, const char* help, const Member& member) {
    return {key, "", allowed, help,
            [member](FleetPlan& plan, BoardKind& kind, const std::string& text) { member(plan, kind) = text; }};
}

/// A member of the plan, or a member of its member.
template <class... Members>
auto of_plan(Members... members) {
    return [members...](FleetPlan& plan, BoardKind&) -> decltype(auto) { return (plan.*....*members); };
}

template <class Member>
auto of_board(Member member) {
    return [member](FleetPlan&, BoardKind& kind) -> decltype(auto) { return (kind.*member); };
}

template <class Member>
auto of_sessions(Member member) {
    return of_plan(&FleetPlan::sessions, member);
}

template <class Member>
auto of_network(Member member) {
    return of_plan(&FleetPlan::network, member);
}

template <class Member>
auto of_failures(Member member) {
    return of_plan(&FleetPlan::failures, member);
}

std::vector<FleetKey> keys_of_fleet() {
    return {
        number("fleet.duration_s", "60", {1e-6, kMostSeconds}, "simulated time", of_plan(&FleetPlan::duration_s)),
        number("fleet.warm_up_s", "0", {0, kMostSeconds, ", less than the duration"},
               "sessions and steps that begin earlier run, but are not counted", of_plan(&FleetPlan::warm_up_s)),
        count("fleet.seed", "1", 0, 2'147'483'647, "of all random numbers; the same seed gives the same result",
              of_plan(&FleetPlan::seed)),
        word("fleet.dispatch", "least_loaded", {"round_robin", "least_loaded", "sticky"},
             "which board a session goes to: the next one that has a free stream; the one with the least share of its "
             "streams taken; or the one of its client, and the next with a free stream where that is full",
             of_plan(&FleetPlan::dispatch)),
        word("fleet.full", "reject", {"reject", "wait"},
             "what a session does where no board has a free stream: it is rejected, or it waits, first come, first "
             "served",
             of_plan(&FleetPlan::waits_when_full)),
        count("fleet.waiting_places", "1000000", 1, 100'000'000, "sessions that may wait; one more is rejected",
              of_plan(&FleetPlan::waiting_places))};
}

std::vector<FleetKey> keys_of_board() {
    return {
        path("board.config", "the path of a file, relative to the folder of this file, or a shipped configuration",
             "configuration of the machine; the simulation of this machine gives every figure below that is not given",
             of_board(&BoardKind::config)),
        path("board.model", "the path of a file, relative to the folder of this file, or a shipped model",
             "the network, an ONNX file; default: the one of [run] in the configuration", of_board(&BoardKind::model)),
        count("board.count", "1", 1, kMostBoards, "boards of this kind", of_board(&BoardKind::count)),
        count("board.streams", "bru.streams of the configuration, or 1", 1, 1'000'000,
              "sessions that a board takes at the same time; with a configuration at most its bru.streams",
              of_board(&BoardKind::streams)),
        number("board.step_us", "measured", {1e-6, kMostFigure},
               "the machine answers a step per so many us at best, whatever their streams are",
               of_board(&BoardKind::step_us)),
        number("board.response_us", "measured", {0, kMostFigure},
               "from a step in front of the idle machine to its answer", of_board(&BoardKind::response_us)),
        number("board.step_software_us", "host.step_software_ns of the configuration, or 0", {0, kMostFigure},
               "software per step", of_board(&BoardKind::step_software_us)),
        number("board.transfer_software_us", "host.transfer_software_ns of the configuration, or 0", {0, kMostFigure},
               "software per transfer, which takes all steps that have arrived",
               of_board(&BoardKind::transfer_software_us)),
        number("board.idle_w", "static power of the estimate, or 0", {0, kMostFigure},
               "power of the programmable logic that has nothing to do", of_board(&BoardKind::idle_w)),
        number("board.busy_w", "dynamic power of the estimate, or 0", {0, kMostFigure},
               "what comes on top while the machine works", of_board(&BoardKind::busy_w)),
        number("board.other_w", "0", {0, kMostFigure},
               "processor, memory and power supply of the board, always; no estimate has them",
               of_board(&BoardKind::other_w)),
        number("board.price", "0", {0, kMostFigure}, "of a board, in any currency", of_board(&BoardKind::price))};
}

std::vector<FleetKey> keys_of_sessions() {
    return {
        count("sessions.permanent", "0", 0, 100'000'000,
              "sessions from the begin to the end: microphones that are always on",
              of_sessions(&SessionsPlan::permanent)),
        number("sessions.per_s", "0", {0, kMostFigure}, "sessions that begin per second, at random (Poisson)",
               of_sessions(&SessionsPlan::per_s)),
        path("sessions.arrivals",
             "the path of a CSV file, relative to the folder of this file, with the columns start_s, duration_s, "
             "period_ms and, if wanted, client; sorted by start_s",
             "a trace of sessions instead of per_s", of_sessions(&SessionsPlan::arrivals)),
        word("sessions.duration", "exponential", {"fixed", "exponential", "uniform"},
             "how long sessions of per_s last: all equally long, exponential, or uniform from 0 to twice the mean",
             of_sessions(&SessionsPlan::duration_kind)),
        number("sessions.duration_s", "60", {1e-6, kMostSeconds}, "their mean", of_sessions(&SessionsPlan::duration_s)),
        word("sessions.steps", "periodic", {"periodic", "poisson"},
             "when a session has steps: one per period, from a random time of the first period on; or at random with "
             "that mean distance",
             of_sessions(&SessionsPlan::steps)),
        number("sessions.period_ms", "", {1e-6, kMostFigure},
               "between two steps of a session; must be given, except with "
               "a file of arrivals",
               of_sessions(&SessionsPlan::period_ms)),
        number("sessions.deadline_ms", "", {1e-6, kMostFigure},
               "longest time from a step at the client to its answer there; must be given",
               of_sessions(&SessionsPlan::deadline_ms)),
        count("sessions.clients", "1000000", 1, 1'000'000'000'000,
              "different clients that sessions come from, for sticky", of_sessions(&SessionsPlan::clients))};
}

std::vector<FleetKey> keys_of_surroundings() {
    return {
        number("network.delay_ms", "0", {0, kMostFigure}, "of each way between client and board, always",
               of_network(&NetworkPlan::delay_ms)),
        number("network.jitter_ms", "0", {0, kMostFigure}, "mean of what comes on top, exponential",
               of_network(&NetworkPlan::jitter_ms)),
        number("network.range_ms", "0", {0, kMostFigure}, "what comes on top, uniform from 0 to this",
               of_network(&NetworkPlan::range_ms)),
        number("network.loss_percent", "0", {0, 100}, "steps that are lost on their way, and answers on theirs",
               of_network(&NetworkPlan::loss_percent)),
        number("failures.mtbf_h", "0", {0, kMostFigure},
               "mean time until a board fails, in hours, exponential; 0: boards do not fail",
               of_failures(&FailurePlan::mtbf_h)),
        number("failures.mttr_min", "10", {1e-6, kMostFigure},
               "mean time until it is back with its network loaded, in minutes, exponential",
               of_failures(&FailurePlan::mttr_min)),
        word("failures.sessions", "move", {"drop", "move"},
             "what the sessions of a board that fails do: they end, or they go to other boards, as new sessions would",
             of_failures(&FailurePlan::move_sessions)),
        number("failures.move_ms", "0", {0, kMostFigure}, "so long a session that moves has no steps",
               of_failures(&FailurePlan::move_ms)),
        number("target.percent", "99", {0.001, 100},
               "steps that must be answered within the deadline, of those that "
               "were made",
               of_plan(&FleetPlan::target_percent)),
        number("target.unserved_percent", "0.1", {0, 100},
               "sessions that may be rejected, dropped, or still wait at the end",
               of_plan(&FleetPlan::unserved_percent)),
        {"target.loads", "", "FIRST:LAST:STEP, or numbers with commas, each above 0 and up to 2",
         "loads to try, as shares of what the fleet can take: load against latency",
         [](FleetPlan& plan, BoardKind&, const std::string& text) { plan.loads = parse_loads(text); }},
        number("cost.electricity_per_kwh", "0", {0, kMostFigure}, "in the currency of board.price",
               of_plan(&FleetPlan::electricity_per_kwh)),
        number("cost.lifetime_years", "3", {0.001, 1000}, "after which a board has to be bought again",
               of_plan(&FleetPlan::lifetime_years))};
}

} // namespace

const std::vector<FleetKey>& fleet_keys() {
    static const std::vector<FleetKey> keys = [] {
        std::vector<FleetKey> all = keys_of_fleet();
        for (const auto& part : {keys_of_board(), keys_of_sessions(), keys_of_surroundings()})
            all.insert(all.end(), part.begin(), part.end());
        return all;
    }();
    return keys;
}

std::vector<double> parse_loads(const std::string& text) {
    constexpr std::size_t kMostLoads = 1000;
    constexpr double kLeast = 1e-4;
    constexpr double kMost = 2;
    const auto fail = [&text](const std::string& remedy) {
        refuse("target.loads", text, "FIRST:LAST:STEP, or numbers with commas, each above 0 and up to 2", remedy);
    };
    std::vector<double> loads;
    const std::size_t colon = text.find(':');
    if (colon != std::string::npos) {
        const std::size_t second = text.find(':', colon + 1);
        if (second == std::string::npos) fail("; give the step, too, as in 0.1:0.9:0.1");
        const auto first = parse_real(trimmed(text.substr(0, colon)), kLeast, kMost);
        const auto last = parse_real(trimmed(text.substr(colon + 1, second - colon - 1)), kLeast, kMost);
        const auto step = parse_real(trimmed(text.substr(second + 1)), kLeast, kMost);
        if (!first || !last || !step || *last < *first) fail("");
        const double steps = (*last - *first) / *step;
        for (std::size_t k = 0; static_cast<double>(k) <= steps + 1e-9 && k < kMostLoads; ++k)
            loads.push_back(std::min(*last, *first + static_cast<double>(k) * *step));
        return loads;
    }
    for (const std::string& item : comma_list(text)) {
        const auto load = parse_real(item, kLeast, kMost);
        if (!load) fail(number_remark(item));
        loads.push_back(*load);
    }
    if (loads.size() > kMostLoads) fail("; give at most 1,000 of them");
    return loads;
}

std::string fleet_keys_markdown() {
    std::string text;
    std::string section;
    for (const FleetKey& key : fleet_keys()) {
        const std::size_t dot = key.key.find('.');
        if (key.key.substr(0, dot) != section) {
            section = key.key.substr(0, dot);
            text += fmt::format("{}### [{}]\n\n| key | default | allowed | meaning |\n|---|---|---|---|\n",
                                text.empty() ? "" : "\n", section);
        }
        text += fmt::format("| `{}` | {} | {} | {} |\n", key.key.substr(dot + 1), key.standard, key.allowed, key.help);
    }
    return text;
}

} // namespace bru::fleet
