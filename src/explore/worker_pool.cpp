#include "explore/worker_pool.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <deque>

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "explore/result_store.hpp"
#include "trace/golden_file.hpp"

namespace bru {

namespace {

constexpr int kPollMilliseconds = 200;
constexpr double kBatchSeconds = 0.02; ///< of work in a batch: few messages, and yet all workers end together
constexpr std::size_t kMostBatchTasks = 64;
constexpr std::size_t kBatchesUnderWay = 2; ///< of a worker: it has work while the sweep writes its database

/// Numbers and texts one after the other; both ends are the same program on the same machine.
class Message {
public:
    Message() = default;
    explicit Message(std::string bytes) : bytes_(std::move(bytes)) {}

    void put(const void* data, std::size_t size) { bytes_.append(static_cast<const char*>(data), size); }
    template <typename Number>
    void put(Number number) {
        put(&number, sizeof number);
    }
    void put(const std::string& text) {
        put(std::uint64_t{text.size()});
        put(text.data(), text.size());
    }
    template <typename Number>
    Number get() {
        Number number{};
        std::memcpy(&number, bytes_.data() + read_, sizeof number);
        read_ += sizeof number;
        return number;
    }
    std::string get_text() {
        const auto size = get<std::uint64_t>();
        std::string text = bytes_.substr(read_, size);
        read_ += size;
        return text;
    }
    bool at_end() const { return read_ == bytes_.size(); }
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
    std::size_t read_ = 0;
};

bool write_all(int descriptor, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t written = write(descriptor, data, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        data += written;
        size -= written;
    }
    return true;
}

bool read_all(int descriptor, char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t got = read(descriptor, data, size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        data += got;
        size -= got;
    }
    return true;
}

bool send_message(int descriptor, const Message& message) {
    const std::uint64_t size = message.bytes().size();
    std::string frame(reinterpret_cast<const char*>(&size), sizeof size);
    frame += message.bytes();
    return write_all(descriptor, frame.data(), frame.size());
}

std::optional<Message> receive_message(int descriptor) {
    std::uint64_t size = 0;
    if (!read_all(descriptor, reinterpret_cast<char*>(&size), sizeof size)) return std::nullopt;
    std::string bytes(size, '\0');
    if (!read_all(descriptor, bytes.data(), size)) return std::nullopt;
    return Message(std::move(bytes));
}

void put_evaluation(Message& message, const Evaluation& evaluation) {
    message.put(evaluation.number);
    message.put(evaluation.key);
    message.put(evaluation.error);
    message.put(evaluation.failure);
    message.put(evaluation.configuration);
    message.put(std::uint64_t{evaluation.values.size()});
    for (const double value : evaluation.values) message.put(value);
}

Evaluation get_evaluation(Message& message) {
    Evaluation evaluation;
    evaluation.number = message.get<std::int64_t>();
    evaluation.key = message.get_text();
    evaluation.error = message.get_text();
    evaluation.failure = message.get_text();
    evaluation.configuration = message.get_text();
    const auto values = message.get<std::uint64_t>();
    for (std::uint64_t k = 0; k < values; ++k) evaluation.values.push_back(message.get<double>());
    return evaluation;
}

PointSetup setup_of(const SweepPlan& plan, const Task& task) {
    return task.number == kBaseline ? plan.baseline() : plan.setup(task.assignment);
}

/// A worker's life: until the pipe with the tasks ends.
[[noreturn]] void work(const SweepPlan& plan, int tasks, int results) {
    Evaluator evaluator(plan);
    while (auto message = receive_message(tasks)) {
        Message answer;
        while (!message->at_end()) {
            Task task;
            task.number = message->get<std::int64_t>();
            for (std::size_t axis = 0; axis < plan.axes.size(); ++axis)
                task.assignment.push_back(message->get<std::uint32_t>());
            put_evaluation(answer, evaluator.evaluate(task.number, setup_of(plan, task)));
        }
        if (!send_message(results, answer)) break;
    }
    _exit(0); // nothing of the parent's is flushed or closed here
}

std::string how_it_ended(int status) {
    if (WIFSIGNALED(status)) return fmt::format("signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return fmt::format("exit status {}", WEXITSTATUS(status));
}

} // namespace

struct WorkerPool::Worker {
    pid_t process = -1;
    int tasks = -1;
    int results = -1;
    std::deque<std::vector<Task>> batches;       ///< under way, the first one evaluated now
    std::chrono::steady_clock::time_point begun; ///< of the first one, not before it was sent

    ~Worker() {
        if (tasks >= 0) close(tasks);
        if (results >= 0) close(results);
        if (process > 0) {
            kill(process, SIGKILL);
            waitpid(process, nullptr, 0);
        }
    }
};

WorkerPool::WorkerPool(const SweepPlan& plan, unsigned processes) : plan_(plan) {
    std::signal(SIGPIPE, SIG_IGN); // a worker that died is noticed where it is written to
    for (unsigned k = 0; k < std::max(processes, 1U); ++k) workers_.push_back(start());
}

WorkerPool::~WorkerPool() = default;

std::unique_ptr<WorkerPool::Worker> WorkerPool::start() {
    std::array<int, 2> tasks{};
    std::array<int, 2> results{};
    if (pipe(tasks.data()) != 0) throw InputError(fmt::format("no pipe to a worker: {}", std::strerror(errno)));
    if (pipe(results.data()) != 0) {
        close(tasks[0]);
        close(tasks[1]);
        throw InputError(fmt::format("no pipe from a worker: {}", std::strerror(errno)));
    }
    auto worker = std::make_unique<Worker>();
    const pid_t parent = getpid();
    worker->process = fork();
    if (worker->process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // never outlives the sweep, however that ends
        if (getppid() != parent) _exit(0);
        std::signal(SIGINT, SIG_IGN); // Ctrl-C goes to the whole group; the sweep itself ends its workers
        std::signal(SIGTERM, SIG_DFL);
        close(tasks[1]);
        close(results[0]);
        for (const auto& other : workers_) {
            close(other->tasks);
            close(other->results);
        }
        try {
            work(plan_, tasks[0], results[1]);
        } catch (...) {
            _exit(1); // the stack below is the sweep's, and none of its objects may end here
        }
    }
    close(tasks[0]);
    close(results[1]);
    worker->tasks = tasks[1];
    worker->results = results[0];
    if (worker->process < 0) throw InputError(fmt::format("no process for a worker: {}", std::strerror(errno)));
    return worker;
}

std::vector<Task> WorkerPool::next_batch(const Source& source) {
    std::vector<Task> batch;
    if (!again_.empty()) {
        batch.push_back(again_.back());
        again_.pop_back();
        return batch;
    }
    while (!exhausted_ && batch.size() < batch_tasks_) {
        auto task = source();
        if (task)
            batch.push_back(std::move(*task));
        else
            exhausted_ = true;
    }
    return batch;
}

void WorkerPool::send(Worker& worker, std::vector<Task> tasks) {
    Message message;
    for (const Task& task : tasks) {
        message.put(task.number);
        for (const std::uint32_t place : task.assignment) message.put(place);
        for (std::size_t axis = task.assignment.size(); axis < plan_.axes.size(); ++axis) message.put(std::uint32_t{0});
    }
    if (worker.batches.empty()) worker.begun = std::chrono::steady_clock::now();
    worker.batches.push_back(std::move(tasks));
    // Where it fails, the worker is replaced when its results end. It may have got a part of the message.
    if (!send_message(worker.tasks, message)) kill(worker.process, SIGKILL);
}

void WorkerPool::receive(Worker& worker, const Sink& sink) {
    auto message = receive_message(worker.results);
    if (!message) {
        close(worker.results);
        worker.results = -1; // dead
        return;
    }
    while (!message->at_end()) sink(get_evaluation(*message));
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - worker.begun).count();
    const double fitting = kBatchSeconds * real(worker.batches.front().size()) / std::max(seconds, 1e-6);
    batch_tasks_ =
        std::clamp(static_cast<std::size_t>(fitting), std::size_t{1}, std::min(2 * batch_tasks_, kMostBatchTasks));
    worker.batches.pop_front();
    worker.begun = now;
}

/// Another worker for one that died. A task that was alone in its batch when that happened twice is what killed it; all
/// others are tried again, each alone. Batches behind that one had not begun, and are tried again, too.
void WorkerPool::replace(std::unique_ptr<Worker>& worker, const Sink& sink) {
    int status = 0;
    waitpid(worker->process, &status, 0);
    worker->process = -1;
    if (!worker->batches.empty() && worker->batches.front().size() == 1 &&
        !died_alone_.insert(worker->batches.front().front().number).second) {
        const Task task = worker->batches.front().front();
        worker->batches.pop_front();
        Evaluation failed;
        failed.number = task.number;
        failed.configuration = point_configuration(setup_of(plan_, task));
        failed.key = text_digest(failed.configuration);
        failed.error = fmt::format("the process that evaluated this point ended with {}", how_it_ended(status));
        sink(std::move(failed));
    }
    for (const std::vector<Task>& batch : worker->batches) again_.insert(again_.end(), batch.begin(), batch.end());
    close(worker->tasks);
    worker->tasks = -1;
    worker = start();
}

void WorkerPool::run(const Source& source, const Sink& sink, const std::function<void()>& idle) {
    exhausted_ = false;
    while (true) {
        std::vector<pollfd> waiting;
        std::vector<std::size_t> whose;
        for (std::size_t k = 0; k < workers_.size(); ++k) {
            Worker& worker = *workers_[k];
            while (worker.batches.size() < kBatchesUnderWay) {
                std::vector<Task> batch = next_batch(source);
                if (batch.empty()) break;
                send(worker, std::move(batch));
            }
            if (worker.batches.empty()) continue;
            waiting.push_back({worker.results, POLLIN, 0});
            whose.push_back(k);
        }
        if (waiting.empty()) return;
        const int ready = poll(waiting.data(), static_cast<nfds_t>(waiting.size()), kPollMilliseconds);
        for (std::size_t k = 0; ready > 0 && k < waiting.size(); ++k) {
            if (waiting[k].revents == 0) continue;
            receive(*workers_[whose[k]], sink);
            if (workers_[whose[k]]->results < 0) replace(workers_[whose[k]], sink);
        }
        idle();
    }
}

} // namespace bru
