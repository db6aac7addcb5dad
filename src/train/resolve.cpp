// What a user leaves open, chosen from the time and the data: the network should see its data often enough in the
// time that it has, and not be so large that it only learns it by heart.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/integers.hpp"
#include "train/settings.hpp"
#include "train/task.hpp"

namespace bru::train {
namespace {

constexpr double kEnoughSteps = 2500;      ///< of a time budget, before a larger network or batch is worth it
constexpr double kEnoughStepsLarge = 9000; ///< the same for networks of 512 units
constexpr double kMostDropout = 0.5;
constexpr double kDropoutOfText = 0.35;     ///< of a text: times the root of parameters over characters
constexpr double kDropoutOfSequences = 0.5; ///< the same where there is one label per sequence
constexpr double kTextRate = 0.02;
constexpr double kSequenceRate = 0.005;
constexpr double kManyEpochs = 15; ///< data seen more often is learnt by heart

/// Multiply-adds of a training step: forward, and twice that backward.
double work(const NetworkShape& shape, std::int64_t rows) {
    double cells = 0;
    for (int layer = 0; layer < shape.layers; ++layer) {
        const double inputs =
            layer == 0 && shape.one_hot ? 8 : shape.layer_inputs(layer);                 // a gather is cheap, not free
        cells += 4.0 * shape.hidden * shape.directions() * (inputs + shape.hidden + 60); // 60: the gates themselves
    }
    return 3 * real(rows) * (cells + real(shape.outputs) * shape.hidden * shape.directions());
}

/// Multiply-adds a second that training reaches on this host, now.
double measured_speed(const NetworkShape& like) {
    NetworkShape shape = like;
    shape.hidden = 128;
    shape.layers = 1;
    shape.one_hot = true;
    shape.every_step = true;
    shape.bidirectional = false;
    shape.inputs = shape.outputs = 64;
    const TrainedNetwork network(shape, {}, 1);
    const at::Tensor inputs = at::randint(64, {50, 32}, at::kInt);
    double best = 1e9;
    for (int round = 0; round < 6; ++round) {
        const auto start = std::chrono::steady_clock::now();
        cross_entropy(run_network(shape, network.weights(), inputs, {}, {}).logits, inputs.view(-1)).backward();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return work(shape, inputs.numel()) / best;
}

} // namespace

void resolve_settings(Settings& settings, const NetworkShape& task_shape, std::int64_t training_items) {
    if (settings.steps == 0 && settings.minutes == 0) settings.minutes = 5;
    const bool text = task_shape.every_step;
    const std::int64_t steps_of_sequence = text ? settings.window : 28;
    NetworkShape shape = task_shape;
    shape.layers = settings.layers;
    shape.cell = settings.cell_kind();
    shape.bidirectional = settings.bidirectional;
    const double speed = settings.minutes > 0 ? measured_speed(shape) : 0;
    const auto steps_for = [&](int hidden, std::int64_t batch) {
        if (settings.minutes == 0) return real(settings.steps);
        shape.hidden = hidden;
        return 60 * settings.minutes * speed / work(shape, batch * steps_of_sequence);
    };
    if (settings.hidden == 0) {
        settings.hidden = text ? 256 : 128;
        while (settings.minutes > 0 && settings.hidden > 64 && steps_for(settings.hidden, 32) < kEnoughSteps)
            settings.hidden /= 2;
        if (settings.minutes > 0 && text && training_items > 500'000 && steps_for(512, 64) >= kEnoughStepsLarge)
            settings.hidden = 512;
    }
    // Labels at the end of a sequence make gradients that full precision follows out of bounds at a text's rate; signs
    // and their scales do not, and would come to rest too early.
    if (settings.schedule.peak == 0) settings.schedule.peak = text ? kTextRate : kSequenceRate;
    if (settings.latent_rate < 0) settings.latent_rate = text ? 2 : 4;
    if (settings.scale_rate < 0) settings.scale_rate = text ? 0.5 : 1;
    if (settings.trace_steps == 0) settings.trace_steps = text ? 20'000 : 100'000;
    if (settings.batch == 0)
        settings.batch = settings.minutes == 0 || steps_for(settings.hidden, 64) >= kEnoughSteps ? 64 : 32;
    if (settings.dropout < 0) {
        shape.hidden = settings.hidden;
        const double parameters = real(shape.weight_bits(1, 1));
        const double items = real(training_items) * (text ? 1 : 28);
        const double ratio = parameters / items;
        const double epochs =
            steps_for(settings.hidden, settings.batch) * real(settings.batch * (text ? settings.window : 28)) / items;
        const double most = std::min(kMostDropout, (text ? kDropoutOfText : kDropoutOfSequences) * std::sqrt(ratio));
        settings.dropout = std::round(100 * most * std::min(1.0, epochs / kManyEpochs)) / 100;
    }
}

} // namespace bru::train
