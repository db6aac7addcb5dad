// A timeline per core of a chip; together they hold as many events as the timeline of one core.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <vector>

#include "observe/timeline.hpp"
#include "run/run.hpp"

namespace bru::cli {

class CoreTimelines {
public:
    explicit CoreTimelines(std::size_t cores, Cycle begin = 0, Cycle end = Timeline::kNoEnd,
                           TimelineDetail detail = TimelineDetail::row_groups) {
        for (std::size_t core = 0; core < cores; ++core)
            timelines_.emplace_back(begin, end, detail, Timeline::kMostEvents / cores);
    }

    void observe(RunObservers& observers) {
        observers.timeline = &timelines_.front();
        observers.other_cores.resize(std::max(observers.other_cores.size(), timelines_.size() - 1));
        for (std::size_t core = 1; core < timelines_.size(); ++core)
            observers.other_cores[core - 1].timeline = &timelines_[core];
    }

    std::vector<const Timeline*> all() const {
        std::vector<const Timeline*> all;
        for (const Timeline& timeline : timelines_) all.push_back(&timeline);
        return all;
    }

private:
    std::deque<Timeline> timelines_;
};

} // namespace bru::cli
