#include "cli/report_timelines.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "cli/core_timelines.hpp"
#include "cli/shared_options.hpp"
#include "config/run_keys.hpp"
#include "report/checked_json.hpp"
#include "report/run_report.hpp"
#include "report/timeline_page.hpp"
#include "run/run.hpp"

namespace bru::cli {

namespace {

constexpr std::uint64_t kStepsRun =
    32; ///< by each core: enough to be in steady state, and for the host to have served the inputs
constexpr std::uint64_t kStepsFirst = 24; ///< the first one shown
constexpr std::uint64_t kStepsShown = 2;

/// What one timeline is made of.
struct Subject {
    std::string title;
    std::vector<CheckedJson> keys; ///< objects of configuration keys with their texts
    std::string directory;         ///< from which their paths count
    std::string fingerprint;       ///< of the model that was measured; "" where it is not known
    bool is_run = false;           ///< which may be one of random steps
};

std::string optional_text(const CheckedJson& object, const std::string& key) {
    const auto found = object.find(key);
    return found ? found->text() : std::string();
}

std::vector<Subject> subjects_of(const CheckedJson& input) {
    const CheckedJson manifest = input.at("manifest");
    if (input.at("schema").text() == kRunSchema)
        return {
            {"This run", {manifest, manifest.at("config")}, "", optional_text(manifest, "model_fingerprint"), true}};
    std::vector<Subject> subjects;
    const auto add = [&](const CheckedJson& point, const std::string& title) {
        if (point.at("status").text() != "ok") return;
        std::vector<CheckedJson> keys;
        if (const auto fixed = input.find("fixed")) keys.push_back(*fixed);
        keys.push_back(point.at("parameters"));
        subjects.push_back({title, keys, optional_text(manifest, "directory"), ""});
    };
    if (const auto baseline = input.find("baseline")) add(*baseline, "Default");
    const auto chosen = input.find("chosen");
    const CheckedJson points = input.at("points");
    for (std::size_t i = 0; chosen && i < points.size(); ++i) {
        const auto number = points.item(i).find("number");
        if (number && number->number() == chosen->number())
            add(points.item(i), fmt::format("Chosen #{}", chosen->number()));
    }
    return subjects;
}

/// The subject's keys as a command line would say them: options of [run], and parameters of the machine. A run's
/// manifest names options without their section, beside facts that are neither.
Arguments arguments_of(const Subject& subject) {
    Arguments arguments;
    for (const CheckedJson& keys : subject.keys) {
        keys.check_object();
        for (const auto& member : keys.value().items()) {
            if (!member.value().is_string()) continue;
            const std::string text = member.value();
            if (text.empty()) continue; // the trace of a run of random steps
            const auto is_named = [&](const RunKey& key) {
                return member.key() == key.key() || member.key() == key.name || "run." + member.key() == key.key();
            };
            const auto run = std::find_if(run_keys().begin(), run_keys().end(), is_named);
            if (run != run_keys().end()) {
                arguments.set(run->name, run_value(*run, text, subject.directory));
            } else if (member.key().find('.') != std::string::npos) {
                arguments.overrides.push_back({member.key(), text});
            }
        }
    }
    return arguments;
}

nlohmann::ordered_json recorded(const Subject& subject) {
    const Arguments arguments = arguments_of(subject);
    const std::string model = arguments.text_or("model", "");
    const std::string trace = arguments.text_or("trace", "");
    if (model.empty()) throw InputError("the model is not named");
    RunSpecification specification = specification_from(arguments, model);
    const std::uint64_t steps = kStepsRun * narrow<std::uint64_t>(specification.configuration.platform.cores);
    specification.trace = {trace, steps};
    if (trace.empty()) specification.trace.random_steps = steps;
    NotingLibrary library;
    const Run run(library, std::move(specification));
    if (!subject.fingerprint.empty() && run.network().fingerprint != subject.fingerprint)
        throw InputError(fmt::format("{} is another model by now", model));
    CoreTimelines timelines(narrow<std::size_t>(run.configuration().platform.cores));
    RunObservers observers;
    timelines.observe(observers);
    run.execute(observers);
    return timeline_page_json(subject.title, timelines.all(), run.configuration().clock_mhz,
                              timelines.all().front()->step_window(kStepsFirst, kStepsShown));
}

} // namespace

ReportTimelines timelines_of(const nlohmann::ordered_json& input) {
    ReportTimelines timelines = {nlohmann::ordered_json::array(), ""};
    for (const Subject& subject : subjects_of(CheckedJson(input, "timelines"))) {
        try {
            timelines.list.push_back(recorded(subject));
        } catch (const InputError& error) {
            const auto* const refused = dynamic_cast<const SystemError*>(&error);
            if (refused != nullptr && refused->error_number() != ENOENT) throw; // it is there, and cannot be read now
            timelines.note = fmt::format("{} could not be simulated again: {}", subject.title, error.what());
        }
    }
    return timelines;
}

} // namespace bru::cli
