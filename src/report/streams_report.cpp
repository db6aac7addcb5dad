#include "report/streams_report.hpp"

#include <fmt/format.h>

#include "base/integers.hpp"
#include "report/aligned_table.hpp"
#include "report/text.hpp"
#include "run/stream_figures.hpp"

namespace bru {

namespace {

std::vector<std::string> stream_row(const char* which, std::size_t number, const StreamResult& stream,
                                    bool has_deadline) {
    const LatencyStatistics& latency = stream.latency;
    std::vector<std::string> row = {fmt::format("  {}", which),   fmt::format("{}", number),
                                    grouped(stream.steps),        short_number(latency.mean_us),
                                    short_number(latency.p50_us), short_number(latency.p99_us),
                                    short_number(latency.max_us)};
    if (has_deadline) row.push_back(grouped(latency.missed_deadlines));
    return row;
}

} // namespace

std::string streams_table(const RunReport& report) {
    const std::vector<StreamResult>& streams = report.result.streams;
    const auto figures = stream_figures(streams);
    if (!figures || !report.timed_arrivals) return "";
    const bool has_deadline = report.deadline_us > 0;
    AlignedTable table({0, true, 1, {10, 7, 10, 9, 9, 9, 9}});
    std::vector<std::string> heads = {"streams", "stream", "steps", "mean us", "p50 us", "p99 us", "max us"};
    if (has_deadline) heads.emplace_back("missed");
    table.add(heads);
    table.add(stream_row("best", figures->best, streams[figures->best], has_deadline));
    table.add(stream_row("median", figures->median, streams[figures->median], has_deadline));
    table.add(stream_row("worst", figures->worst, streams[figures->worst], has_deadline));
    std::string text = "\n" + table.text();
    if (has_deadline)
        text += report_line("late", fmt::format("{} of {} streams missed the deadline at least once",
                                                grouped(figures->late), grouped(figures->served)));
    return text +
           report_line("fairness", fmt::format("{:.4f} over {} streams (Jain's index of the mean latencies; 1 is "
                                               "even)",
                                               figures->fairness, grouped(figures->served)));
}

nlohmann::ordered_json streams_json(const RunReport& report) {
    const std::vector<StreamResult>& streams = report.result.streams;
    if (streams.empty()) return nullptr;
    nlohmann::ordered_json json = {{"of_machine", streams.size()}};
    const auto figures = stream_figures(streams);
    if (figures && report.timed_arrivals) {
        json["fairness"] = figures->fairness;
        json["best"] = figures->best;
        json["median"] = figures->median;
        json["worst"] = figures->worst;
    }
    if (figures && report.deadline_us > 0) json["late"] = figures->late;
    json["each"] = nlohmann::ordered_json::array();
    for (std::size_t number = 0; number < streams.size(); ++number) {
        const StreamResult& stream = streams[number];
        if (stream.steps == 0) continue;
        const LatencyStatistics& latency = stream.latency;
        nlohmann::ordered_json item = {{"stream", number}, {"steps", stream.steps}, {"outputs", latency.count}};
        if (report.timed_arrivals)
            item["latency_us"] = {
                {"mean", latency.mean_us}, {"p50", latency.p50_us}, {"p99", latency.p99_us}, {"max", latency.max_us}};
        if (report.deadline_us > 0) item["missed"] = latency.missed_deadlines;
        json["each"].push_back(std::move(item));
    }
    return json;
}

} // namespace bru
