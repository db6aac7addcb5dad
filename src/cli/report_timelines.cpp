#include "cli/report_timelines.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/replay.hpp"
#include "cli/session.hpp"
#include "config/run_keys.hpp"
#include "model/error.hpp"
#include "report/checked_json.hpp"
#include "report/run_report.hpp"
#include "report/timeline_page.hpp"

namespace bru::cli {

namespace {

constexpr std::uint64_t kStepsRun = 8;   ///< enough to be in steady state
constexpr std::uint64_t kStepsFirst = 4; ///< the first one shown
constexpr std::uint64_t kStepsShown = 2;

/// What one timeline is made of, as a command line would say it.
struct Subject {
    std::string title;
    Arguments arguments;
    std::string fingerprint; ///< of the model that was measured; "" where it is not known
};

/// A text of the JSON as an option: keys of [run], else parameters of the machine.
void add_key(Arguments& arguments, const std::string& key, const std::string& text, const std::string& directory) {
    if (const RunKey* const run = find_run_key(key)) {
        arguments.set(run->name, run_value(*run, text, directory));
    } else {
        arguments.overrides.push_back({key, text});
    }
}

void add_keys(Arguments& arguments, const CheckedJson& keys, const std::string& directory) {
    keys.check_object();
    for (const auto& member : keys.value().items())
        if (member.value().is_string()) add_key(arguments, member.key(), member.value(), directory);
}

std::string optional_text(const CheckedJson& object, const char* key) {
    const auto found = object.find(key);
    return found ? found->text() : std::string();
}

Subject run_subject(const CheckedJson& run) {
    const CheckedJson manifest = run.at("manifest");
    Subject subject = {"This run", {}, optional_text(manifest, "model_fingerprint")};
    add_keys(subject.arguments, manifest.at("config"), "");
    for (const RunKey& key : run_keys()) {
        std::string name = key.key().substr(key.key().find('.') + 1); // output_steps
        for (const std::string& spelled : {name, key.name})
            if (const std::string text = optional_text(manifest, spelled.c_str()); !text.empty())
                subject.arguments.set(key.name, text);
    }
    return subject;
}

Subject point_subject(const CheckedJson& sweep, const CheckedJson& point, const std::string& title) {
    const std::string directory = optional_text(sweep.at("manifest"), "directory");
    Subject subject = {title, {}, ""};
    if (const auto fixed = sweep.find("fixed")) add_keys(subject.arguments, *fixed, directory);
    add_keys(subject.arguments, point.at("parameters"), directory);
    return subject;
}

std::vector<Subject> subjects_of(const CheckedJson& input) {
    if (input.at("schema").text() == kRunSchema) return {run_subject(input)};
    std::vector<Subject> subjects;
    const auto runs = [](const CheckedJson& point) { return point.at("status").text() == "ok"; };
    if (const auto baseline = input.find("baseline"); baseline && runs(*baseline))
        subjects.push_back(point_subject(input, *baseline, "Default"));
    const auto chosen = input.find("chosen");
    if (!chosen) return subjects;
    const CheckedJson points = input.at("points");
    for (std::size_t i = 0; i < points.size(); ++i)
        if (points.item(i).at("number").number() == chosen->number())
            subjects.push_back(point_subject(input, points.item(i), fmt::format("Chosen #{}", chosen->number())));
    return subjects;
}

nlohmann::ordered_json recorded(const Subject& subject) {
    const std::string model = subject.arguments.text_or("model", "");
    const std::string trace = subject.arguments.text_or("trace", "");
    if (model.empty() || trace.empty()) throw InputError("model and trace are not named");
    const Session session(subject.arguments, model);
    if (!subject.fingerprint.empty() && session.network.fingerprint != subject.fingerprint)
        throw InputError(fmt::format("{} is another model by now", model));
    Timeline timeline;
    ReplayOptions options;
    options.steps = kStepsRun;
    options.compare_golden = false;
    options.timeline = &timeline;
    replay(session, trace, options);
    return timeline_page_json(subject.title, timeline, session.configuration.clock_mhz,
                              timeline.step_window(kStepsFirst, kStepsShown));
}

} // namespace

ReportTimelines timelines_of(const nlohmann::ordered_json& input) {
    ReportTimelines timelines = {nlohmann::ordered_json::array(), ""};
    for (const Subject& subject : subjects_of(CheckedJson(input, "timelines"))) {
        try {
            timelines.list.push_back(recorded(subject));
        } catch (const InputError& error) {
            timelines.note = fmt::format("{} could not be simulated again: {}", subject.title, error.what());
        }
    }
    return timelines;
}

} // namespace bru::cli
