// Does a training repeat, resume exactly, and learn?
#include <cstdio>
#include <fstream>
#include <memory>

#include "catch_and_torch.hpp"

#include "base/error.hpp"
#include "tasks.hpp"
#include "train/training.hpp"

using namespace bru::train;

namespace {

void run(Training& training, std::int64_t steps) {
    for (std::int64_t k = 0; k < steps; ++k) training.step(0);
}

bool same_curve(const Training& one, const Training& other) {
    if (one.curve().size() != other.curve().size() || one.curve().empty()) return false;
    for (std::size_t k = 0; k < one.curve().size(); ++k) {
        const CurveRow& a = one.curve()[k];
        const CurveRow& b = other.curve()[k];
        if (a.step != b.step || a.training_nats != b.training_nats || a.validation.nats != b.validation.nats ||
            a.rate != b.rate)
            return false;
    }
    return true;
}

bool same_parameters(const Training& one, const Training& other) {
    for (std::size_t k = 0; k < one.network().parameters().size(); ++k)
        if (!at::equal(one.network().parameters()[k].value, other.network().parameters()[k].value)) return false;
    return true;
}

const std::string kPath = "train_test.checkpoint";

} // namespace

TEST_CASE("a resumed training is the uninterrupted one, bit for bit") {
    const bool binary = GENERATE(false, true);
    Settings settings = small_settings(120);
    settings.scale_rule = GENERATE("learned", "loss-aware");
    settings.batch_norm = settings.scale_rule == "learned" && GENERATE(false, true);
    settings.layers = 2;
    TextTask task = text_task();
    Training whole(settings, binary, task);
    run(whole, 120);

    Training before(settings, binary, task);
    run(before, 73); // in the middle of an epoch and between validations
    write_checkpoint(kPath, before.checkpoint());
    TextTask again = text_task();
    Training after(settings, binary, again);
    after.restore(read_checkpoint(kPath));
    run(after, 47);

    CHECK(after.finished());
    CHECK(same_curve(whole, after));
    CHECK(same_parameters(whole, after));
    CHECK(whole.best_score().nats == after.best_score().nats);
    std::remove(kPath.c_str());
}

TEST_CASE("a training whose steps are smaller than --batch is resumed, too") {
    // A short text has room for fewer places; the last step of an epoch has the sequences that are left.
    const bool of_text = GENERATE(true, false);
    Settings settings = small_settings(60);
    settings.batch = 64;
    const auto task = [&]() -> std::unique_ptr<Task> {
        if (of_text) return std::make_unique<TextTask>(text_task(3000, 64, 20));
        return std::make_unique<SequenceTask>(made_up_sequences(60, 2), SequenceOptions{64, 0, 1});
    };
    const std::unique_ptr<Task> first = task();
    Training whole(settings, true, *first);
    run(whole, 60);
    Training before(settings, true, *first);
    run(before, 31);
    write_checkpoint(kPath, before.checkpoint());
    const std::unique_ptr<Task> second = task();
    Training after(settings, true, *second);
    after.restore(read_checkpoint(kPath));
    run(after, 29);
    CHECK(same_curve(whole, after));
    CHECK(same_parameters(whole, after));
    std::remove(kPath.c_str());
}

TEST_CASE("the same seed repeats, another one does not") {
    TextTask task = text_task();
    Settings settings = small_settings(60);
    Training one(settings, true, task);
    Training two(settings, true, task);
    run(one, 60);
    run(two, 60);
    CHECK(same_curve(one, two));
    settings.seed = 2;
    Training other(settings, true, task);
    run(other, 60);
    CHECK_FALSE(same_curve(one, other));
}

TEST_CASE("both kinds learn a text's rule") {
    TextTask task = text_task(20000);
    Settings settings = small_settings(300);
    for (const bool binary : {false, true}) {
        Training training(settings, binary, task);
        run(training, 300);
        INFO((binary ? "binarized" : "full precision"));
        CHECK(training.curve().front().validation.nats > training.best_score().nats);
        CHECK(training.best_score().nats < 0.75); // log(6) / 5.5 characters per word is 0.33
    }
}

TEST_CASE("both kinds learn to tell sequences apart, of several lengths and both ways") {
    SequenceTask task(made_up_sequences(1000, 3), {50, 0, 1});
    Settings settings = small_settings(600);
    settings.task = "csv";
    settings.batch = 50;
    settings.bidirectional = GENERATE(false, true);
    for (const bool binary : {false, true}) {
        Training training(settings, binary, task);
        run(training, 600);
        INFO((binary ? "binarized" : "full precision"));
        CHECK(training.best_score().accuracy > 0.8);
    }
}

TEST_CASE("a damaged checkpoint is refused and stays as it is") {
    TextTask task = text_task();
    Training training(small_settings(50), true, task);
    run(training, 50);
    write_checkpoint(kPath, training.checkpoint());
    std::string bytes;
    {
        std::ifstream file(kPath, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    const auto store = [](const std::string& content) {
        std::ofstream file(kPath, std::ios::binary);
        file << content;
    };
    std::string flipped = bytes;
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
    for (const std::string& damaged :
         {flipped, bytes.substr(0, bytes.size() - 1), bytes.substr(0, 30), std::string("x"), std::string()}) {
        store(damaged);
        CHECK_THROWS_AS(read_checkpoint(kPath), bru::InputError);
        std::ifstream file(kPath, std::ios::binary);
        CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == damaged);
    }
    store(bytes);
    CHECK_NOTHROW(read_checkpoint(kPath));
    Settings other = small_settings(50);
    other.hidden = 12;
    Training smaller(other, true, task);
    CHECK_THROWS_AS(smaller.restore(read_checkpoint(kPath)), bru::InputError);
    TextTask other_text = text_task(7000);
    Training elsewhere(small_settings(50), true, other_text);
    CHECK_THROWS_WITH(elsewhere.restore(read_checkpoint(kPath)), Catch::Matchers::ContainsSubstring("other data"));
    std::remove(kPath.c_str());
}

TEST_CASE("a training that diverges says so") {
    TextTask task = text_task();
    Settings settings = small_settings(200);
    settings.schedule.peak = 1;
    settings.optimizer.gradient_norm = 1e6;
    Training training(settings, false, task);
    try {
        run(training, 200); // it may also survive
    } catch (const bru::InputError& error) {
        CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("--rate"));
    }
}

TEST_CASE("the rate rises, falls, and ends at its end") {
    Schedule schedule;
    schedule.peak = 1;
    schedule.warmup = 0.1;
    schedule.end = 0.01;
    CHECK(schedule.rate(0.05) == Approx(0.5));
    CHECK(schedule.rate(0.1) == Approx(1));
    CHECK(schedule.rate(0.55) == Approx(0.505));
    CHECK(schedule.rate(1) == Approx(0.01));
    CHECK(schedule.rate(2) == Approx(0.01));
}

TEST_CASE("what is left open is chosen by task, what is given stays") {
    const auto chosen = [](const Task& task, double rate) {
        Settings settings;
        settings.steps = 1000;
        settings.schedule.peak = rate;
        resolve_settings(settings, task.shape(), task.training_items());
        return settings;
    };
    const Settings text = chosen(text_task(), 0);
    CHECK(text.schedule.peak == 0.02);
    CHECK((text.latent_rate == 2 && text.scale_rate == 0.5));
    CHECK((text.hidden == 256 && text.batch == 64));
    const Settings sequences = chosen(SequenceTask(made_up_sequences(40, 2), {}), 0);
    CHECK(sequences.schedule.peak == 0.005);
    CHECK((sequences.latent_rate == 4 && sequences.scale_rate == 1));
    CHECK(sequences.hidden == 128);
    CHECK(sequences.dropout > 0);
    CHECK(chosen(text_task(), 0.03).schedule.peak == 0.03);
}
