// The table of a sweep, in SQLite: a row per point, written in transactions, so that whatever is in the file is whole,
// however the program ended. docs/sweeps.md describes tables and columns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "explore/evaluator.hpp"
#include "explore/metrics.hpp"
#include "explore/sweep_plan.hpp"

namespace bru {

inline constexpr const char* kSweepSchema = "bru-sweep-1";

/// The default configuration under the sweep's fixed keys: no point of the sweep, but what points are compared with.
inline constexpr std::int64_t kBaseline = -1;

struct StoredPoint {
    std::int64_t number = 0;
    std::string key;
    std::vector<std::string> parameters; ///< of the keys of all axes
    std::string error;                   ///< "": good
    bool feasible = false;
    std::string violated; ///< constraints that do not hold
    bool front = false;
    MetricValues values; ///< in the order of metrics(); empty for a failed point
    std::string configuration;
};

/// A part of a sweep: points whose number is `index` - 1 modulo `count`.
struct Shard {
    std::uint64_t index = 1;
    std::uint64_t count = 1;

    bool has(std::uint64_t number) const { return number % count == index - 1; }
    std::string text() const { return std::to_string(index) + "/" + std::to_string(count); }
};

/// What Shard::text() writes: I/N with I from 1 to N. Else nullopt.
std::optional<Shard> parse_shard(const std::string& text);

/// What a database says about itself.
struct SweepFacts {
    std::string plan_json; ///< axes, fixed keys, objectives, constraints, sampling...
    std::string plan_text; ///< equal for sweeps that evaluate the same points
    std::string inputs;    ///< digests of the files that are read
    std::string version;   ///< of the program
    Shard shard;
    bool complete = false;
    std::optional<std::int64_t> best; ///< number of the best feasible point
};

/// Whether a point holds the constraints, and which it does not.
struct Judgement {
    std::int64_t number = 0;
    bool feasible = false;
    std::string violated;
};

/// What objectives and constraints made of the points.
struct Ranking {
    std::vector<Judgement> judgements; ///< of all points and the baseline
    std::vector<std::int64_t> front;
    std::optional<std::int64_t> best;
};

class ResultStore {
public:
    /// Opens or creates. Throws InputError where the file is no database of this schema, is in use, or belongs to
    /// another sweep. Other objectives and constraints make no other sweep.
    ResultStore(const std::string& path, const SweepFacts& facts, const SweepPlan& plan);
    /// Opens an existing one for reading.
    explicit ResultStore(const std::string& path);
    ~ResultStore();
    ResultStore(const ResultStore&) = delete;
    ResultStore& operator=(const ResultStore&) = delete;

    const std::string& path() const { return path_; }
    const SweepFacts& facts() const { return facts_; }
    /// SweepFacts::plan_json as a value that has everything that plan_json() writes. Throws InputError where it has
    /// not.
    nlohmann::ordered_json plan() const;
    /// Keys of all axes, in columns' order.
    const std::vector<std::string>& parameter_keys() const { return parameter_keys_; }

    std::vector<std::int64_t> numbers() const; ///< of the points that are there, ascending, without the baseline
    std::optional<StoredPoint> find(std::int64_t number) const;
    std::vector<StoredPoint> points() const; ///< all, in the order of their numbers, without the baseline
    std::uint64_t count() const;

    void add(const StoredPoint& point); ///< within a transaction that save() ends
    void save();
    /// Takes over a ranking, and the plan with the objectives and constraints that it was made with, in one
    /// transaction.
    void finish(const Ranking& ranking, const std::string& plan_json, bool complete);

private:
    struct Connection;
    void open(bool create);
    void create_tables(const SweepPlan& plan);
    void read_facts();
    void check_same(const SweepFacts& expected) const;
    void check_metrics(const std::vector<std::string>& columns) const;
    void set_fact(const std::string& key, const std::string& value);
    void mark(const Ranking& ranking);

    std::string path_;
    SweepFacts facts_;
    std::vector<std::string> parameter_keys_;
    std::unique_ptr<Connection> database_;
    bool in_transaction_ = false;
};

} // namespace bru
