#include "train/session.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "train/folder_lock.hpp"
#include "train/matrix_product.hpp"
#include "train/progress.hpp"
#include "train/refusals.hpp"
#include "train/results.hpp"
#include "train/sequence_task.hpp"
#include "train/text_task.hpp"
#include "train/training.hpp"

namespace bru::train {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kInterrupted = 130;
constexpr double kSecondsBetweenCheckpoints = 120;
constexpr std::chrono::seconds kTimeForCheckpoint{60}; ///< after Ctrl-C

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string checkpoint_path(const Settings& settings, bool binary) {
    return settings.out + (binary ? "/binarized.checkpoint" : "/full.checkpoint");
}

std::string default_folder(const Settings& settings) {
    if (settings.data.empty()) return "kernel_headers";
    const std::string stem = fs::path(settings.data).lexically_normal().stem().string();
    return file_stem(stem) + "_trained";
}

/// Both trainings of a folder, of which one or the other may be unwanted.
class Session {
public:
    Session(const Settings& settings, std::unique_ptr<Task> task) : settings_(settings), task_(std::move(task)) {
        if (settings.only != "binary") full_.emplace(settings, false, *task_);
        if (settings.only != "full") binary_.emplace(settings, true, *task_);
    }

    void restore(bool binary, const Checkpoint& checkpoint) {
        std::optional<Training>& training = binary ? binary_ : full_;
        if (!training) refuse(checkpoint.path, fmt::format("is of a training with --only {}", settings_.only));
        training->restore(checkpoint);
    }

    /// Throws InputError where the binarized network could not be run on BRU.
    void check() const {
        if (binary_) check_export(settings_, *task_, binary_->network());
    }

    int run() {
        set_time_to_end(kTimeForCheckpoint); // a step may take seconds, and its checkpoint, too
        Progress progress;
        progress.say(task_->description());
        if (!task_->remark().empty()) progress.say(task_->remark());
        for (std::optional<Training>* training : {&full_, &binary_}) {
            if (*training && !train(**training, progress)) return kInterrupted;
        }
        progress.say("scoring the test data");
        std::optional<Result> full;
        std::optional<Result> binary;
        if (full_) full = result_of(*full_, *task_);
        if (binary_) binary = result_of(*binary_, *task_);
        write_curves(); // the last checkpoint may have found no room for them
        fmt::print("{}", write_results(settings_, *task_, full, binary));
        return 0;
    }

private:
    /// False: stopped by Ctrl-C.
    bool train(Training& training, Progress& progress) {
        const Clock::time_point start = Clock::now();
        double saved_at = 0;
        while (!training.finished()) {
            training.step(seconds_since(start));
            progress.show(training);
            if (interrupted()) {
                save(training);
                progress.say(fmt::format("stopped at step {}; go on with: bru-train resume {}", training.steps_done(),
                                         settings_.out));
                return false;
            }
            if (seconds_since(start) - saved_at < kSecondsBetweenCheckpoints) continue;
            save_if_possible(training, progress);
            saved_at = seconds_since(start);
        }
        save_if_possible(training, progress);
        return true;
    }

    /// A full disk does not end hours of training: the older checkpoint stays, and the next attempt may succeed.
    void save_if_possible(const Training& training, Progress& progress) {
        try {
            save(training);
        } catch (const InputError& error) {
            progress.say(fmt::format("no checkpoint at step {}: {}. An older one stays as it is; the training goes on",
                                     training.steps_done(), error.what()));
        }
    }

    void save(const Training& training) {
        write_checkpoint(checkpoint_path(settings_, training.binary()), training.checkpoint());
        write_curves();
    }

    void write_curves() const { write_curve(settings_.out, full_ ? &*full_ : nullptr, binary_ ? &*binary_ : nullptr); }

    Settings settings_;
    std::unique_ptr<Task> task_;
    std::optional<Training> full_;
    std::optional<Training> binary_;
};

void use_arithmetic(const Settings& settings) {
    if (settings.arithmetic != "auto")
        set_arithmetic(settings.arithmetic == "single" ? Arithmetic::single : Arithmetic::bfloat16);
}

Settings settings_from(const Checkpoint& checkpoint, const std::string& folder) {
    Settings settings;
    settings.task = checkpoint.state.at("task").get<std::string>();
    settings.data = checkpoint.state.at("data").get<std::string>();
    for (const Setting& setting : settings_table()) {
        const std::string value = checkpoint.state.at("settings").value(setting.option.name, "");
        const bool unset = value.empty() || (value == "0" && setting.get(Settings{}) == "0");
        if (!unset) setting.set(settings, value);
    }
    settings.out = folder;
    return settings;
}

/// The network is made before its values are restored. Its largest matrices must be in the checkpoint.
void check_size(const Settings& settings, const Checkpoint& checkpoint) {
    std::int64_t values = 0;
    for (const auto& [name, tensor] : checkpoint.tensors) values += tensor.numel();
    constexpr std::int64_t kMatrices = 3; // at least: one per gate
    if (kMatrices * settings.hidden * settings.hidden * settings.layers > values)
        refuse(checkpoint.path,
               fmt::format("has fewer values than {} layers of {} units", settings.layers, settings.hidden));
}

} // namespace

std::unique_ptr<Task> open_task(const Settings& settings) {
    if (settings.task == "text") {
        Text text =
            settings.data.empty() ? text_from(kernel_headers(), "the kernel headers") : read_text(settings.data);
        const std::int64_t batch = settings.batch > 0 ? settings.batch : 64;
        return std::make_unique<TextTask>(std::move(text), TextSplit{},
                                          TextBatches{batch, settings.window, settings.seed});
    }
    LabelledSequences data =
        settings.task == "images" ? read_images(settings.data, settings.labels) : read_labelled_csv(settings.data);
    SequenceOptions options;
    options.batch = settings.batch > 0 ? settings.batch : 64;
    options.shift = settings.task == "images" ? settings.shift : 0;
    options.seed = settings.seed;
    return std::make_unique<SequenceTask>(std::move(data), options);
}

namespace {

void refuse_older_training(const Settings& settings) {
    for (const bool binary : {false, true}) {
        if (fs::exists(checkpoint_path(settings, binary)))
            throw InputError(fmt::format(
                "{}: is there already; go on with it: bru-train resume {}, or train elsewhere: --out FOLDER",
                checkpoint_path(settings, binary), settings.out));
    }
}

} // namespace

int start_training(Settings settings) {
    refuse_contradictions(settings);
    refuse_pipes(settings);
    if (settings.out.empty()) settings.out = default_folder(settings);
    while (settings.out.size() > 1 && settings.out.back() == '/') settings.out.pop_back();
    // A training may be resumed from another folder.
    if (!settings.data.empty()) settings.data = fs::absolute(settings.data).string();
    if (!settings.labels.empty()) settings.labels = fs::absolute(settings.labels).string();
    use_arithmetic(settings);
    refuse_older_training(settings);
    std::unique_ptr<Task> task = open_task(settings);
    resolve_settings(settings, task->shape(), task->training_items());
    task = open_task(settings); // with the batch that was chosen
    const bool fresh = make_output_folder(settings.out);
    const FolderLock lock(settings.out);
    refuse_older_training(settings); // of a program that has ended meanwhile
    Session session(settings, std::move(task));
    try {
        session.check();
    } catch (const InputError&) {
        std::error_code ignored;
        if (fresh) fs::remove(settings.out, ignored); // if it is empty
        throw;
    }
    return session.run();
}

int resume_training(const std::string& given) {
    std::string folder = given;
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    refuse_other_than_folder(folder);
    const FolderLock lock(folder);
    std::optional<Checkpoint> found[2];
    for (const bool binary : {false, true}) {
        const std::string path = folder + (binary ? "/binarized.checkpoint" : "/full.checkpoint");
        if (!fs::exists(path)) continue;
        found[binary ? 1 : 0] = read_checkpoint(path);
        checked(path, [&] { refuse_other_kind(*found[binary ? 1 : 0], binary); });
    }
    if (!found[0] && !found[1])
        throw InputError({folder}, "holds no checkpoint of bru-train; give the folder that --out named at the start, "
                                   "or start a training: bru-train text, images or csv");
    if (found[0] && found[1]) checked(found[1]->path, [&] { refuse_mixed_checkpoints(*found[0], *found[1]); });
    const Checkpoint& first = found[0] ? *found[0] : *found[1];
    const Settings settings = checked(first.path, [&] { return settings_from(first, folder); });
    check_size(settings, first);
    refuse_moved_data(settings, first.path);
    use_arithmetic(settings);
    Session session(settings, open_task(settings));
    for (const bool binary : {false, true}) {
        const std::optional<Checkpoint>& from = found[binary ? 1 : 0];
        if (from) checked(from->path, [&] { session.restore(binary, *from); });
    }
    return session.run();
}

} // namespace bru::train
