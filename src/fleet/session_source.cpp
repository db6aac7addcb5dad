#include "fleet/session_source.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/line_reader.hpp"
#include "base/numbers.hpp"
#include "base/text_list.hpp"

namespace bru::fleet {

namespace {

SessionArrival arrival_of(const std::vector<std::string>& fields, bool has_client) {
    const auto number = [&fields](std::size_t column, const char* name, double low, double high) {
        const auto value = parse_real(fields[column], low, high);
        if (!value)
            throw InputError(fmt::format("{} = {}: not allowed; allowed is a number from {} to {}{}", name,
                                         bru::quoted(fields[column]), low, high, number_remark(fields[column])));
        return *value;
    };
    SessionArrival arrival;
    arrival.start = of_s(number(0, "start_s", 0, kMostSeconds));
    arrival.duration = of_s(number(1, "duration_s", 1e-6, kMostSeconds));
    arrival.period = of_ms(number(2, "period_ms", 1e-6, 1e9));
    if (has_client) {
        const auto client = parse_integer<std::uint64_t>(fields[3]);
        if (!client)
            throw InputError(
                fmt::format("client = {}: not allowed; allowed is a whole number, 0 or more", bru::quoted(fields[3])));
        arrival.client = *client;
    }
    return arrival;
}

} // namespace

std::vector<SessionArrival> read_session_arrivals(const std::string& path) {
    LineReader lines(path);
    const auto head = lines.next();
    const std::vector<std::string> names = comma_list(std::string(head.value_or("")));
    const std::vector<std::string> wanted = {"start_s", "duration_s", "period_ms", "client"};
    const bool has_client = names.size() == wanted.size();
    for (std::size_t k = 0; k < wanted.size(); ++k)
        if (names.size() + 1 < wanted.size() || names.size() > wanted.size() ||
            (k < names.size() && names[k] != wanted[k]))
            throw InputError({path, 1}, "the first line has to be start_s,duration_s,period_ms or "
                                        "start_s,duration_s,period_ms,client");
    std::vector<SessionArrival> arrivals;
    while (const auto line = lines.next()) {
        if (trimmed(std::string(*line)).empty()) continue;
        const std::vector<std::string> fields = comma_list(std::string(*line));
        const InputPlace place{path, lines.line_number()};
        if (fields.size() != names.size())
            throw InputError(place, fmt::format("has {} fields; the first line has {}", fields.size(), names.size()));
        arrivals.push_back(in_place(place, [&] { return arrival_of(fields, has_client); }));
        if (arrivals.size() > 1 && arrivals.back().start < arrivals[arrivals.size() - 2].start)
            throw InputError(place, "begins before the session of the line above; sort the lines by start_s");
    }
    if (arrivals.empty()) throw InputError({path}, "has no sessions behind its first line");
    return arrivals;
}

SessionSource::SessionSource(const SessionsPlan& plan, std::uint64_t seed, double scale,
                             std::shared_ptr<const std::vector<SessionArrival>> arrivals)
    : plan_(plan), seed_(seed), permanent_(static_cast<std::uint64_t>(std::llround(real(plan.permanent) * scale))),
      mean_distance_(plan.per_s > 0 ? nearest_time(kPerS / (plan.per_s * scale)) : kForever),
      arrivals_(std::move(arrivals)), random_(seed, Purpose::arrivals, 0) {
    find_next_time();
}

void SessionSource::find_next_time() {
    if (number_ < permanent_) return;
    const std::uint64_t of_file = number_ - permanent_;
    if (arrivals_)
        next_time_ = of_file < arrivals_->size() ? (*arrivals_)[of_file].start : kForever;
    else
        next_time_ =
            mean_distance_ < kForever ? std::min(kForever, next_time_ + random_.exponential(mean_distance_)) : kForever;
}

SessionRequest SessionSource::take() {
    SessionRequest request;
    request.time = next_time_;
    Session& session = request.session;
    session.random = Random(seed_, Purpose::session, number_);
    session.client = session.random.below(narrow<std::uint64_t>(plan_.clients));
    session.kind = plan_.steps;
    session.period = of_ms(plan_.period_ms);
    const Time mean = of_s(plan_.duration_s);
    if (number_ < permanent_) {
        session.end = kForever;
    } else if (arrivals_) {
        const SessionArrival& arrival = (*arrivals_)[number_ - permanent_];
        session.period = arrival.period;
        session.end = arrival.duration;
        session.client = arrival.client.value_or(session.client);
    } else if (plan_.duration_kind == Duration::fixed) {
        session.end = mean;
    } else {
        session.end = plan_.duration_kind == Duration::exponential ? session.random.exponential(mean)
                                                                   : session.random.between(0, 2 * mean);
    }
    session.next_created = session.kind == StepKind::periodic ? session.random.between(0, session.period)
                                                              : session.random.exponential(session.period);
    ++number_;
    find_next_time();
    return request;
}

} // namespace bru::fleet
