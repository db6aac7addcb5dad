#include "run/stream_figures.hpp"

#include <algorithm>
#include <tuple>

#include "base/integers.hpp"

namespace bru {

std::optional<StreamFigures> stream_figures(const std::vector<StreamResult>& streams) {
    std::vector<std::size_t> order;
    for (std::size_t stream = 0; stream < streams.size(); ++stream)
        if (streams[stream].latency.count > 0) order.push_back(stream);
    if (order.size() < 2) return std::nullopt;
    std::sort(order.begin(), order.end(), [&streams](std::size_t a, std::size_t b) {
        const auto rank = [&streams](std::size_t stream) {
            return std::make_tuple(streams[stream].latency.p99_us, streams[stream].latency.mean_us, stream);
        };
        return rank(a) < rank(b);
    });
    StreamFigures figures;
    figures.served = order.size();
    figures.best = order.front();
    figures.median = order[(order.size() - 1) / 2];
    figures.worst = order.back();
    double sum = 0;
    double squares = 0;
    for (const std::size_t stream : order) {
        const LatencyStatistics& latency = streams[stream].latency;
        figures.late += latency.missed_deadlines > 0 ? 1 : 0;
        sum += latency.mean_us;
        squares += latency.mean_us * latency.mean_us;
    }
    if (squares > 0) figures.fairness = sum * sum / (real(order.size()) * squares);
    return figures;
}

} // namespace bru
