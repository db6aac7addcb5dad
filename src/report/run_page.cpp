// A run's report as the page shows it: the parts of bru-run-2 that it needs, checked.
#include "report/checked_json.hpp"

#include "report/report_page.hpp"
#include <nlohmann/json.hpp>

namespace bru {

namespace {

using Json = nlohmann::ordered_json;

/// Members of the object that are numbers.
Json numbers_at(const CheckedJson& object, std::initializer_list<const char*> keys) {
    Json result = Json::object();
    for (const char* key : keys) result[key] = object.at(key).checked_number();
    return result;
}

template <typename Convert>
Json members_of(const CheckedJson& object, const Convert& convert) {
    object.check_object();
    Json result = Json::object();
    for (const auto& member : object.value().items()) result[member.key()] = convert(object.at(member.key()));
    return result;
}

Json texts_of(const CheckedJson& object) {
    object.check_object();
    Json result = Json::object();
    for (const auto& [key, value] : object.value().items())
        if (value.is_string()) result[key] = value;
    return result;
}

Json blocks_of(const CheckedJson& blocks) {
    Json result = Json::array();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const CheckedJson block = blocks.item(i);
        Json item = numbers_at(block, {"lut", "memory_lut", "ff", "bram36", "dsp", "path_ns"});
        item["block"] = block.at("block").text();
        result.push_back(std::move(item));
    }
    return result;
}

/// Cycles of the layers of a step, each by class.
Json steady_state_of(const CheckedJson& steady) {
    const auto number = [](const CheckedJson& value) { return value.checked_number(); };
    Json result = numbers_at(steady, {"steps", "cycles"});
    result["classes"] = members_of(steady.at("classes"), number);
    result["layers"] = Json::array();
    const CheckedJson layers = steady.at("layers");
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const CheckedJson layer = layers.item(i);
        result["layers"].push_back(
            {{"name", layer.at("name").text()}, {"classes", members_of(layer.at("classes"), number)}});
    }
    return result;
}

Json hints_of(const CheckedJson& hints) {
    Json result = Json::array();
    for (std::size_t i = 0; i < hints.size(); ++i) {
        const CheckedJson hint = hints.item(i);
        Json item = numbers_at(hint, {"cycles_per_step", "saved_percent", "added_luts"});
        item["parameter"] = hint.at("parameter").text();
        item["value"] = hint.at("value").text();
        result.push_back(std::move(item));
    }
    return result;
}

/// Streams with the latencies of a trace that has arrival times; absent without these.
Json streams_of(const CheckedJson& streams) {
    Json result = numbers_at(streams, {"fairness", "best", "median", "worst"});
    if (const auto late = streams.find("late")) result["late"] = late->checked_number();
    result["each"] = Json::array();
    const CheckedJson each = streams.at("each");
    for (std::size_t i = 0; i < each.size(); ++i) {
        const CheckedJson stream = each.item(i);
        Json item = numbers_at(stream, {"stream", "steps", "outputs"});
        item["latency_us"] = numbers_at(stream.at("latency_us"), {"mean", "p50", "p99", "max"});
        if (const auto missed = stream.find("missed")) item["missed"] = missed->checked_number();
        result["each"].push_back(std::move(item));
    }
    return result;
}

Json timing_of(const CheckedJson& timing) {
    Json result = numbers_at(timing, {"path_ns", "clock_mhz", "reachable_mhz"});
    result["met"] = timing.at("met").boolean();
    result["limiting"] = timing.at("limiting").text();
    return result;
}

} // namespace

Json run_page_data(const Json& input, const std::string& file) {
    const CheckedJson run(input, file);
    const auto number = [](const CheckedJson& value) { return value.checked_number(); };
    Json shown = numbers_at(run, {"time_us", "clock_mhz", "steps"});
    if (run.find("dma_clock_mhz")) shown["dma_clock_mhz"] = run.at("dma_clock_mhz").checked_number();
    const CheckedJson cycles = run.at("cycles");
    shown["cycles"] = numbers_at(cycles, {"total", "per_step"});
    shown["cycles"]["classes"] = members_of(cycles.at("classes"), number);
    const CheckedJson latency = run.at("latency_us");
    shown["latency_us"] = numbers_at(latency, {"response", "service", "request_steps"});
    if (latency.find("p50"))
        shown["trace_latency_us"] = numbers_at(latency, {"mean", "queueing_mean", "p50", "p99", "max"});
    shown["throughput"] = numbers_at(run.at("throughput"), {"steps_per_s", "gops"});
    shown["golden"] = numbers_at(run.at("golden"), {"checked", "mismatches"});
    shown["resources"] = members_of(run.at("resources"), [](const CheckedJson& resource) {
        return numbers_at(resource, {"used", "available", "limit"});
    });
    shown["fits"] = run.at("fits").boolean();
    if (const auto steady = run.find("steady_state")) shown["steady_state"] = steady_state_of(*steady);
    if (const auto hints = run.find("hints")) shown["hints"] = hints_of(*hints);
    if (const auto streams = run.find("streams"); streams && streams->find("fairness"))
        shown["streams"] = streams_of(*streams);
    if (const auto timing = run.find("timing")) shown["timing"] = timing_of(*timing);
    if (const auto power = run.find("power")) shown["power"] = numbers_at(*power, {"static_w", "dynamic_w"});
    if (const auto energy = run.find("energy")) shown["energy"] = numbers_at(*energy, {"step_uj", "loading_uj"});
    if (const auto blocks = run.find("blocks")) shown["blocks"] = blocks_of(*blocks);
    if (const auto deadline = run.find("deadline"))
        shown["deadline"] = numbers_at(*deadline, {"us", "missed", "outputs"});
    if (const auto saturated = run.find("saturated_inputs")) shown["saturated_inputs"] = saturated->checked_number();
    if (const auto predictions = run.find("predictions"))
        shown["predictions"] = members_of(*predictions, [](const CheckedJson& measure) {
            return numbers_at(measure, {"machine", "float", "count"});
        });
    const CheckedJson manifest = run.at("manifest");
    Json data = {{"kind", "run"}, {"source", file}, {"manifest", texts_of(manifest)}, {"run", std::move(shown)}};
    data["config"] = texts_of(manifest.at("config"));
    return data;
}

} // namespace bru
