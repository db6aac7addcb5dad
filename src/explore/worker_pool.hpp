// Evaluates points in processes of their own: the SystemC kernel is one to a process, and a point that crashes takes no
// other with it. Workers are forked once and keep what they have read; tasks and results go through pipes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "explore/evaluator.hpp"
#include "explore/sweep_plan.hpp"

namespace bru {

struct Task {
    std::int64_t number = 0; ///< kBaseline: the default configuration
    Assignment assignment;
};

class WorkerPool {
public:
    /// The plan must outlive the pool. Throws InputError where no process can be started.
    WorkerPool(const SweepPlan& plan, unsigned processes);
    ~WorkerPool(); ///< ends the workers, whatever they do
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    using Source = std::function<std::optional<Task>()>; ///< nullopt: no more
    using Sink = std::function<void(Evaluation&&)>;

    /// Evaluates all tasks of the source; results come in any order. `idle` is called a few times per second at least;
    /// what it throws ends the run.
    void run(const Source& source, const Sink& sink, const std::function<void()>& idle);

private:
    struct Worker;
    std::unique_ptr<Worker> start();
    void send(Worker& worker, std::vector<Task> tasks);
    void receive(Worker& worker, const Sink& sink);
    void replace(std::unique_ptr<Worker>& worker, const Sink& sink);
    std::vector<Task> next_batch(const Source& source);

    const SweepPlan& plan_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<Task> again_;           ///< tasks of a worker that died, to be tried one by one
    std::set<std::int64_t> died_alone_; ///< numbers of tasks whose worker died while it had no other
    bool exhausted_ = false;
    std::size_t batch_tasks_ = 1;
};

} // namespace bru
