#include "explore/result_store.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/numbers.hpp"
#include "explore/database_problem.hpp"
#include "explore/stored_plan.hpp"

namespace bru {

namespace {

constexpr std::int64_t kApplicationId = 0x42525553; ///< "BRUS", in the file's header
constexpr int kFixedColumns = 8;                    ///< before parameters and metrics
constexpr std::uint64_t kMostShards = 1'000'000;
constexpr std::size_t kShownBytes = 60; ///< of a wrong value, in a message
constexpr double kLargestMetric = 1e18; ///< fits 64 bits as a whole number

const char* const kColumnsBefore =
    "number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, status TEXT NOT NULL, error TEXT, "
    "feasible INTEGER NOT NULL, violated TEXT, front INTEGER NOT NULL DEFAULT 0, "
    "configuration TEXT NOT NULL";

std::string sql_identifier(const std::string& name) { return "\"" + name + "\""; }

/// A prepared statement.
class Statement {
public:
    Statement(sqlite3* database, const std::string& sql, const std::string& path) : path_(path), database_(database) {
        if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) fail();
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    void bind(const std::string& text) {
        sqlite3_bind_text(statement_, ++bound_, text.data(), narrow<int>(text.size()), SQLITE_TRANSIENT);
    }
    void bind(std::int64_t number) { sqlite3_bind_int64(statement_, ++bound_, number); }
    void bind(double number) {
        if (std::isnan(number))
            sqlite3_bind_null(statement_, ++bound_);
        else
            sqlite3_bind_double(statement_, ++bound_, number);
    }
    void bind_null() { sqlite3_bind_null(statement_, ++bound_); }

    /// True: a row is there.
    bool step() {
        const int result = sqlite3_step(statement_);
        if (result != SQLITE_ROW && result != SQLITE_DONE) fail();
        return result == SQLITE_ROW;
    }
    void run_and_reset() {
        step();
        sqlite3_reset(statement_);
        bound_ = 0;
    }
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
    double real(int column) const {
        if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::numeric_limits<double>::quiet_NaN();
        return sqlite3_column_double(statement_, column);
    }
    std::string text(int column) const {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return bytes == nullptr ? "" : std::string(bytes, sqlite3_column_bytes(statement_, column));
    }

private:
    [[noreturn]] void fail() const { throw InputError({path_}, database_problem(database_, path_)); }

    const std::string& path_;
    sqlite3* database_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
};

} // namespace

std::optional<Shard> parse_shard(const std::string& text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos) return std::nullopt;
    const std::string_view whole = text;
    const auto count = parse_integer<std::uint64_t>(whole.substr(slash + 1), 1, kMostShards);
    const auto index = parse_integer<std::uint64_t>(whole.substr(0, slash), 1, count.value_or(0));
    if (!count || !index) return std::nullopt;
    return Shard{*index, *count};
}

struct ResultStore::Connection {
    sqlite3* handle = nullptr;
    std::unique_ptr<Statement> insert;

    ~Connection() {
        insert.reset();
        sqlite3_close(handle);
    }
};

ResultStore::~ResultStore() {
    // What was added since the last save() is not lost where the program ends in order.
    if (in_transaction_) sqlite3_exec(database_->handle, "COMMIT", nullptr, nullptr, nullptr);
}

void ResultStore::open(bool create) {
    if (path_ == "-")
        throw InputError({path_}, "a database cannot be standard output; name a file (./- is a file of that name)");
    database_ = std::make_unique<Connection>();
    // To read, too, it is opened for writing where that is allowed: a sweep that was killed while it wrote has left a
    // journal, which must be rolled back first.
    const int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(path_.c_str(), &database_->handle, flags, nullptr) != SQLITE_OK)
        throw InputError({path_}, database_problem(database_->handle, path_));
    if (!create) return;
    sqlite3_exec(database_->handle, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL", nullptr, nullptr,
                 nullptr);
    const int result = sqlite3_exec(database_->handle, "BEGIN EXCLUSIVE; COMMIT", nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) throw InputError({path_}, database_problem(database_->handle, path_));
}

ResultStore::ResultStore(const std::string& path, const SweepFacts& facts, const SweepPlan& plan) : path_(path) {
    open(true);
    Statement has_tables(database_->handle, "SELECT count(*) FROM sqlite_master", path_);
    has_tables.step();
    if (has_tables.integer(0) == 0) {
        facts_ = facts;
        create_tables(plan);
    }
    read_facts();
    check_same(facts);
}

ResultStore::ResultStore(const std::string& path) : path_(path) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored))
        throw InputError({path}, "there is no such file; name a database that bru sweep wrote");
    open(false);
    read_facts();
}

void ResultStore::create_tables(const SweepPlan& plan) {
    std::string columns = kColumnsBefore;
    for (const Axis& axis : plan.axes)
        for (const std::string& key : axis.keys) columns += fmt::format(", {} TEXT", sql_identifier(key));
    for (const Metric& metric : metrics()) columns += fmt::format(", {} REAL", sql_identifier(metric.key));
    Statement(database_->handle, "BEGIN", path_).step();
    Statement(database_->handle, fmt::format("PRAGMA application_id = {}", kApplicationId), path_).step();
    Statement(database_->handle, "CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL)", path_).step();
    Statement(database_->handle, fmt::format("CREATE TABLE points ({})", columns), path_).step();
    // The default configuration, one row: apart, so that every row of `points` is a point of the sweep.
    Statement(database_->handle, fmt::format("CREATE TABLE baseline ({})", columns), path_).step();
    set_fact("schema", kSweepSchema);
    set_fact("version", facts_.version);
    set_fact("plan", facts_.plan_json);
    set_fact("plan_text", facts_.plan_text);
    set_fact("inputs", facts_.inputs);
    set_fact("shard", facts_.shard.text());
    set_fact("complete", "no");
    Statement(database_->handle, "COMMIT", path_).step();
}

void ResultStore::set_fact(const std::string& key, const std::string& value) {
    Statement statement(database_->handle, "INSERT OR REPLACE INTO facts VALUES (?, ?)", path_);
    statement.bind(key);
    statement.bind(value);
    statement.step();
}

void ResultStore::read_facts() {
    const auto refuse = [&](const std::string& why) {
        throw InputError({path_}, fmt::format("{}; give the database of a `bru sweep`", why));
    };
    Statement tables(
        database_->handle,
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('facts', 'points', 'baseline')", path_);
    if (!tables.step() || tables.integer(0) != 3) refuse("is no sweep database");
    std::string schema;
    Statement statement(database_->handle, "SELECT key, value FROM facts", path_);
    while (statement.step()) {
        const std::string key = statement.text(0);
        const std::string value = statement.text(1);
        if (key == "schema") schema = value;
        if (key == "version") facts_.version = value;
        if (key == "plan") facts_.plan_json = value;
        if (key == "plan_text") facts_.plan_text = value;
        if (key == "inputs") facts_.inputs = value;
        if (key == "complete") facts_.complete = value == "yes";
        if (key == "best" && !(facts_.best = parse_integer(value)))
            refuse(fmt::format("names '{}' as its best point, which is no number", value.substr(0, kShownBytes)));
        if (key == "shard") {
            const auto shard = parse_shard(value);
            if (!shard) refuse(fmt::format("names '{}' as its shard", value.substr(0, kShownBytes)));
            facts_.shard = *shard;
        }
    }
    if (schema != kSweepSchema) refuse(fmt::format("has schema '{}', this program reads {}", schema, kSweepSchema));
    std::vector<std::string> columns;
    Statement information(database_->handle, "SELECT name FROM pragma_table_info('points') ORDER BY cid", path_);
    while (information.step()) columns.push_back(information.text(0));
    check_metrics(columns);
    parameter_keys_.assign(columns.begin() + kFixedColumns, columns.end() - metrics().size());
}

void ResultStore::check_metrics(const std::vector<std::string>& columns) const {
    const auto has = [&](const std::string& key) {
        return std::find(columns.begin(), columns.end(), key) != columns.end();
    };
    std::vector<std::string> missing;
    for (const Metric& metric : metrics())
        if (!has(metric.key)) missing.push_back(metric.key);
    const std::size_t others = kFixedColumns + metrics().size();
    const bool same_order =
        columns.size() >= others &&
        std::equal(metrics().begin(), metrics().end(), columns.end() - metrics().size(),
                   [](const Metric& metric, const std::string& column) { return metric.key == column; });
    if (!missing.empty() || !same_order)
        throw InputError(
            {path_},
            fmt::format("was written by bru {}, whose metrics are others{}; sweep again into "
                        "another file",
                        facts_.version,
                        missing.empty() ? "" : fmt::format(" (it did not measure {})", fmt::join(missing, ", "))));
}

nlohmann::ordered_json ResultStore::plan() const { return checked_plan(facts_.plan_json, path_); }

void ResultStore::check_same(const SweepFacts& expected) const {
    const auto scores_predictions = [this](const SweepFacts& facts) {
        return checked_plan(facts.plan_json, path_).at("predictions").get<bool>();
    };
    if (scores_predictions(expected) && !scores_predictions(facts_))
        throw InputError({path_}, "predictions were not measured for these points, so accuracy and cross-entropy "
                                  "are not known; give another name with --db to evaluate the points again");
    if (facts_.plan_text != expected.plan_text)
        throw InputError({path_}, "holds the results of another sweep (other values, points or seed than now); "
                                  "give another name with --db, or remove the file");
    if (facts_.inputs != expected.inputs)
        throw InputError({path_}, "a model, a trace or a device file has changed since these results were made; "
                                  "give another name with --db, or remove the file");
    if (facts_.shard.text() != expected.shard.text())
        throw InputError({path_}, fmt::format("holds shard {}, asked for is {}; give each shard its own --db",
                                              facts_.shard.text(), expected.shard.text()));
}

std::vector<std::int64_t> ResultStore::numbers() const {
    std::vector<std::int64_t> result;
    Statement statement(database_->handle, "SELECT number FROM points ORDER BY number", path_);
    while (statement.step()) result.push_back(statement.integer(0));
    return result;
}

std::uint64_t ResultStore::count() const {
    Statement statement(database_->handle, "SELECT count(*) FROM points", path_);
    statement.step();
    return statement.integer(0);
}

namespace {

StoredPoint row(const Statement& statement, std::size_t parameters, const std::string& path) {
    StoredPoint point;
    point.number = statement.integer(0);
    point.key = statement.text(1);
    const bool good = statement.text(2) == "ok";
    point.error = statement.text(3);
    point.feasible = statement.integer(4) != 0;
    point.violated = statement.text(5);
    point.front = statement.integer(6) != 0;
    point.configuration = statement.text(7);
    int column = kFixedColumns;
    for (std::size_t k = 0; k < parameters; ++k) point.parameters.push_back(statement.text(column++));
    for (std::size_t k = 0; good && k < metrics().size(); ++k) point.values.push_back(statement.real(column++));
    for (std::size_t k = 0; k < point.values.size(); ++k)
        if (std::fabs(point.values[k]) > kLargestMetric)
            throw InputError({path},
                             fmt::format("point {} has {} = {}, which no sweep writes; sweep again into another "
                                         "file",
                                         point.number, metrics()[k].key, point.values[k]));
    return point;
}

const char* table_of(std::int64_t number) { return number == kBaseline ? "baseline" : "points"; }

} // namespace

std::optional<StoredPoint> ResultStore::find(std::int64_t number) const {
    Statement statement(database_->handle, fmt::format("SELECT * FROM {} WHERE number = ?", table_of(number)), path_);
    statement.bind(number);
    if (!statement.step()) return std::nullopt;
    return row(statement, parameter_keys_.size(), path_);
}

std::vector<StoredPoint> ResultStore::points() const {
    std::vector<StoredPoint> result;
    Statement statement(database_->handle, "SELECT * FROM points ORDER BY number", path_);
    while (statement.step()) result.push_back(row(statement, parameter_keys_.size(), path_));
    return result;
}

void ResultStore::add(const StoredPoint& point) {
    if (!in_transaction_) {
        Statement(database_->handle, "BEGIN", path_).step();
        in_transaction_ = true;
    }
    const auto prepared = [&](const char* table) {
        std::string places = "?";
        for (std::size_t k = 1; k < kFixedColumns + point.parameters.size() + metrics().size(); ++k) places += ", ?";
        return std::make_unique<Statement>(database_->handle, fmt::format("INSERT INTO {} VALUES ({})", table, places),
                                           path_);
    };
    std::unique_ptr<Statement> other;
    if (point.number == kBaseline)
        other = prepared("baseline");
    else if (!database_->insert)
        database_->insert = prepared("points");
    Statement& statement = other ? *other : *database_->insert;
    const auto text_or_null = [&](const std::string& text) {
        if (text.empty())
            statement.bind_null();
        else
            statement.bind(text);
    };
    statement.bind(point.number);
    statement.bind(point.key);
    statement.bind(std::string(point.error.empty() ? "ok" : "error"));
    text_or_null(point.error);
    statement.bind(std::int64_t{point.feasible ? 1 : 0});
    text_or_null(point.violated);
    statement.bind(std::int64_t{point.front ? 1 : 0});
    statement.bind(point.configuration);
    for (const std::string& parameter : point.parameters) statement.bind(parameter);
    for (std::size_t k = 0; k < metrics().size(); ++k) {
        if (point.values.empty())
            statement.bind_null();
        else
            statement.bind(point.values[k]);
    }
    statement.run_and_reset();
}

void ResultStore::save() {
    if (!in_transaction_) return;
    Statement(database_->handle, "COMMIT", path_).step();
    in_transaction_ = false;
}

void ResultStore::mark(const Ranking& ranking) {
    for (const char* const table : {"points", "baseline"}) {
        Statement judge(database_->handle,
                        fmt::format("UPDATE {} SET feasible = ?, violated = ? WHERE number = ?", table), path_);
        for (const Judgement& each : ranking.judgements) {
            if (table_of(each.number) != std::string(table)) continue;
            judge.bind(std::int64_t{each.feasible ? 1 : 0});
            if (each.violated.empty())
                judge.bind_null();
            else
                judge.bind(each.violated);
            judge.bind(each.number);
            judge.run_and_reset();
        }
    }
    Statement(database_->handle, "UPDATE points SET front = 0 WHERE front <> 0", path_).step();
    Statement mark(database_->handle, "UPDATE points SET front = 1 WHERE number = ?", path_);
    for (const std::int64_t number : ranking.front) {
        mark.bind(number);
        mark.run_and_reset();
    }
}

void ResultStore::finish(const Ranking& ranking, const std::string& plan_json, bool complete) {
    save();
    Statement(database_->handle, "BEGIN", path_).step();
    mark(ranking);
    Statement(database_->handle, "DELETE FROM facts WHERE key = 'best'", path_).step();
    if (ranking.best) set_fact("best", std::to_string(*ranking.best));
    set_fact("plan", plan_json);
    set_fact("complete", complete ? "yes" : "no");
    Statement(database_->handle, "COMMIT", path_).step();
    facts_.best = ranking.best;
    facts_.plan_json = plan_json;
    facts_.complete = complete;
}

} // namespace bru
