// Databases of sweeps, as bru report reads them. A database that is damaged as a file is SQLite's to refuse, so the
// input changes what is in a good one. Each line of it is one change:
//   KEY=VALUE        a fact, KEY as in the table `facts`
//   COLUMN#VALUE     the column with that number (in decimal) of all points
//   !SQL             whatever SQLite takes
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "explore/export.hpp"
#include "fuzz/fuzz_input.hpp"
#include "report/report_page.hpp"

namespace {

using namespace bru;

const std::string& path() {
    static const std::string path = "/dev/shm/bru-fuzz-" + std::to_string(::getpid()) + ".db";
    return path;
}

/// The bytes of a small database, made as a sweep makes it.
std::string good_database() {
    std::filesystem::remove(path());
    SweepPlan plan;
    plan.file = "s.ini";
    plan.directory = "/nowhere";
    plan.objectives = {metric_index("cycles_per_step"), metric_index("lut")};
    plan.population = 64;
    plan.points = 2;
    plan.axes.push_back({{"bru.lanes"}, {{"32"}, {"64"}}});
    SweepFacts facts;
    facts.plan_json = plan_json(plan).dump();
    facts.plan_text = plan.text();
    facts.version = "fuzz";
    {
        ResultStore store(path(), facts, plan);
        for (const std::int64_t number : {kBaseline, std::int64_t{0}, std::int64_t{1}}) {
            StoredPoint point;
            point.number = number;
            point.key = std::to_string(number);
            point.parameters = {number == 1 ? "64" : "32"};
            point.values.assign(metrics().size(), 1.0);
            point.configuration = "[bru]\n";
            store.add(point);
        }
        // No best point: its margins would be read from a device and its calibration each time. Inputs name one.
        store.finish({{}, {0}, std::nullopt}, facts.plan_json, true);
    }
    std::atexit([] { std::filesystem::remove(path()); });
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class Database {
public:
    Database() { sqlite3_open(path().c_str(), &handle_); }
    ~Database() { sqlite3_close(handle_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void run(const std::string& sql, const std::string& value = "", const std::string& key = "") {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK) {
            sqlite3_bind_text(statement, 1, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
            sqlite3_bind_text(statement, 2, key.data(), static_cast<int>(key.size()), SQLITE_TRANSIENT);
            sqlite3_step(statement);
        }
        sqlite3_finalize(statement);
    }

    std::string column_name(int number) {
        sqlite3_stmt* statement = nullptr;
        std::string name;
        if (sqlite3_prepare_v2(handle_, "SELECT * FROM points", -1, &statement, nullptr) == SQLITE_OK && number >= 0 &&
            number < sqlite3_column_count(statement))
            name = sqlite3_column_name(statement, number);
        sqlite3_finalize(statement);
        return name;
    }

private:
    sqlite3* handle_ = nullptr;
};

void change(Database& database, const std::string& line) {
    if (line[0] == '!' && line.find("ATTACH") == std::string::npos) return database.run(line.substr(1));
    const std::size_t place = line.find_first_of("=#");
    if (place == std::string::npos) return;
    const std::string value = line.substr(place + 1);
    if (line[place] == '=')
        return database.run("UPDATE facts SET value = ? WHERE key = ?", value, line.substr(0, place));
    const std::string column = database.column_name(std::atoi(line.c_str()));
    database.run("UPDATE points SET \"" + column + "\" = ?", value);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string good = good_database();
    std::filesystem::remove(path() + "-journal");
    std::ofstream(path(), std::ios::binary) << good;
    {
        Database database;
        database.run("PRAGMA journal_mode = OFF");
        database.run("PRAGMA synchronous = OFF");
        std::istringstream lines{std::string(fuzz::text_of(data, size))};
        for (std::string line; std::getline(lines, line);)
            if (!line.empty()) change(database, line);
    }
    return fuzz::try_to_read([] { script_json(page_data(sweep_json(ResultStore(path())), "sweep.db")); });
}

// The library of SystemC, which the layers below are linked with, asks every program for this.
extern "C" int sc_main(int, char*[]) { return 0; }
