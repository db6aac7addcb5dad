#include "fleet/fleet_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/fnv.hpp"
#include "base/integers.hpp"
#include "fleet/archive.hpp"
#include "fleet/state_file.hpp"

namespace bru::fleet {

namespace {

constexpr Time kSlices = 200; ///< of a run: in between it tells its progress and saves its state

using Clock = std::chrono::steady_clock;

/// Runs workloads one after the other, and keeps what is finished.
class Runner {
public:
    Runner(const Workload& workload, const FleetRunOptions& options)
        : options_(options), fingerprint_(options.state_file.empty() ? 0 : fingerprint_of(workload)) {
        if (!options.state_file.empty()) state_ = read_state(options.state_file, fingerprint_);
        was_continued_ = !state_.finished.empty() || state_.running != 0;
    }

    FleetResult run(const Workload& workload, const std::string& what) {
        const std::uint64_t key = key_of(workload);
        const auto known = state_.finished.find(key);
        if (known != state_.finished.end()) return known->second;
        Simulation simulation(workload);
        if (state_.running == key) resume(simulation);
        const Time end = of_s(workload.plan.duration_s);
        const Time warm_up = of_s(workload.plan.warm_up_s);
        if (simulation.now() < warm_up || (warm_up == 0 && simulation.now() == 0)) {
            advance(simulation, warm_up - 1, key, what, end);
            simulation.begin_counting();
        }
        advance(simulation, end, key, what, end);
        const FleetResult result = result_of(workload, simulation);
        state_.finished[key] = result;
        state_.running = 0;
        state_.simulation.clear();
        save();
        return result;
    }

    bool was_continued() const { return was_continued_; }

private:
    static std::uint64_t key_of(const Workload& workload) {
        std::string text = fmt::format("{}", workload.scale);
        for (const BoardGroup& group : workload.groups) text += fmt::format(" {}", group.count);
        return fnv1a(kFnvStart, text) | 1U;
    }

    void advance(Simulation& simulation, Time until, std::uint64_t key, const std::string& what, Time end) {
        const Time slice = std::max<Time>(end / kSlices, 1);
        while (simulation.now() < until) {
            simulation.advance(std::min(until, (simulation.now() / slice + 1) * slice));
            const auto ms = [](Time time) { return static_cast<std::uint64_t>(in_s(time) * 1000); };
            const double since_save = std::chrono::duration<double>(Clock::now() - last_save_).count();
            if (!options_.state_file.empty() && simulation.now() < until &&
                since_save >= options_.seconds_between_saves)
                save_running(simulation, key);
            if (options_.on_progress) options_.on_progress(what, ms(simulation.now()), ms(end));
        }
    }

    void resume(Simulation& simulation) const {
        in_place({options_.state_file}, [&] {
            StateReader reader(state_.simulation);
            reader(simulation);
            if (!reader.at_end()) throw InputError("is the state of a fleet of another size");
        });
    }

    void save_running(Simulation& simulation, std::uint64_t key) {
        StateWriter writer;
        writer(simulation);
        state_.running = key;
        state_.simulation = writer.bytes();
        save();
    }

    void save() {
        if (!options_.state_file.empty()) write_state(options_.state_file, fingerprint_, state_);
        last_save_ = Clock::now();
    }

    const FleetRunOptions& options_;
    std::uint64_t fingerprint_;
    FleetState state_;
    bool was_continued_ = false;
    Clock::time_point last_save_ = Clock::now();
};

Workload with_boards(const Workload& workload, std::int64_t boards) {
    Workload result = workload;
    result.groups.front().count = boards;
    return result;
}

struct BoardSearch {
    std::vector<BoardTrial> trials;
    std::optional<std::int64_t> needed;
};

/// Doubles the boards until they hold the target, and then halves the distance to the last number that did not.
BoardSearch find_boards(const Workload& workload, Runner& runner) {
    constexpr double kIdleLoad = 0.02; ///< more boards change nothing any more
    BoardSearch search;
    const auto holds = [&](std::int64_t boards) {
        const Workload tried = with_boards(workload, boards);
        search.trials.push_back({boards, runner.run(tried, fmt::format("fleet of {} boards", boards))});
        return search.trials.back().result.holds;
    };
    const double needed = real(workload.groups.front().count) * offered_load(workload).load();
    std::int64_t bad = 0;
    std::int64_t good = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(needed)), 1, kMostBoards);
    while (!holds(good)) {
        if (offered_load(with_boards(workload, good)).load() < kIdleLoad || good >= kMostBoards) return search;
        bad = good;
        good = std::min(2 * good, kMostBoards);
    }
    while (good - bad > 1) {
        const std::int64_t middle = bad + (good - bad) / 2;
        (holds(middle) ? good : bad) = middle;
    }
    search.needed = good;
    return search;
}

} // namespace

OfferedLoad offered_load(const Workload& workload) {
    const SessionsPlan& sessions = workload.plan.sessions;
    double alive = std::round(real(sessions.permanent) * workload.scale);
    double steps_per_s = sessions.period_ms > 0 ? alive / sessions.period_ms * 1000 : 0;
    if (workload.arrivals) {
        for (const SessionArrival& arrival : *workload.arrivals) {
            const double share = in_s(arrival.duration) / workload.plan.duration_s;
            alive += share;
            steps_per_s += share / in_s(arrival.period);
        }
    } else {
        const double come = sessions.per_s * workload.scale * sessions.duration_s;
        alive += come;
        if (come > 0) steps_per_s += come / sessions.period_ms * 1000;
    }
    double streams = 0;
    double answered_per_s = 0;
    for (const BoardGroup& group : workload.groups) {
        streams += real(group.count) * real(group.service.streams);
        const double interval_us = saturated_interval_us(group.service);
        answered_per_s += real(group.count) * 1e6 / interval_us;
    }
    return {alive / streams, steps_per_s / answered_per_s};
}

std::optional<std::size_t> knee_of(const std::vector<LoadPoint>& loads) {
    if (loads.size() < 3) return std::nullopt;
    const auto power = [](const LoadPoint& point) {
        return point.result.response.mean_us > 0 ? point.load / point.result.response.mean_us : 0;
    };
    const auto best = std::max_element(
        loads.begin(), loads.end(), [&power](const LoadPoint& a, const LoadPoint& b) { return power(a) < power(b); });
    if (best + 1 == loads.end()) return std::nullopt; // the curve does not bend up to the last load
    return static_cast<std::size_t>(best - loads.begin());
}

FleetAnswer run_fleet(const Workload& workload, const FleetRunOptions& options) {
    Runner runner(workload, options);
    FleetAnswer answer;
    const OfferedLoad offered = offered_load(workload);
    answer.load = offered.load();
    answer.limited_by_streams = offered.of_streams >= offered.of_steps;
    answer.result = runner.run(workload, "fleet");
    std::vector<double> loads = workload.plan.loads;
    std::sort(loads.begin(), loads.end());
    for (const double load : loads) {
        Workload tried = workload;
        tried.scale = workload.scale * load / offered.load();
        answer.loads.push_back({load, runner.run(tried, fmt::format("fleet at load {:.4g}", load))});
    }
    if (options.find_boards) {
        BoardSearch search = find_boards(workload, runner);
        answer.trials = std::move(search.trials);
        answer.boards_needed = search.needed;
    }
    answer.was_continued = runner.was_continued();
    return answer;
}

} // namespace bru::fleet
