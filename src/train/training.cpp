#include "train/training.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"

namespace bru::train {
namespace {

constexpr std::int64_t kMostValidations = 40;
constexpr std::int64_t kStepsBetweenValidations = 50; ///< at least
constexpr double kValidationShare = 0.07;             ///< of a time budget, at most
constexpr double kRecent = 0.02;                      ///< weight of a step in the loss that is shown

Schedule schedule_of(const Settings& settings) { return settings.schedule; }

OptimizerOptions optimizer_of(const Settings& settings) {
    OptimizerOptions options = settings.optimizer;
    options.latent_factor = settings.latent_rate;
    options.scale_factor = settings.scale_rate;
    return options;
}

NetworkShape shape_of(const Settings& settings, const Task& task) {
    NetworkShape shape = task.shape();
    shape.hidden = settings.hidden;
    shape.layers = settings.layers;
    shape.cell = settings.cell_kind();
    shape.bidirectional = settings.bidirectional;
    return shape;
}

/// Every matrix and vector, with a name.
std::vector<std::pair<std::string, at::Tensor*>> named(Weights& weights) {
    std::vector<std::pair<std::string, at::Tensor*>> result = {{"dense.weight", &weights.dense},
                                                               {"dense.bias", &weights.dense_bias}};
    for (std::size_t layer = 0; layer < weights.layers.size(); ++layer) {
        for (std::size_t direction = 0; direction < weights.layers[layer].size(); ++direction) {
            DirectionWeights& each = weights.layers[layer][direction];
            const std::string name = fmt::format("layer{}.{}", layer, direction);
            result.insert(
                result.end(),
                {{name + ".input", &each.input}, {name + ".recurrent", &each.recurrent}, {name + ".bias", &each.bias}});
        }
    }
    return result;
}

nlohmann::json to_json(const Score& score) { return {score.nats, score.accuracy, score.count}; }
Score score_from(const nlohmann::json& json) {
    return {json.at(0).get<double>(), json.at(1).get<double>(), whole_number(json.at(2))};
}

} // namespace

Training::Training(const Settings& settings, bool binary, Task& task)
    : settings_(settings), binary_(binary), task_(task),
      network_(shape_of(settings, task), settings.binarization(binary), settings.seed),
      adam_(network_.parameters(), optimizer_of(settings)) {}

double Training::progress() const {
    if (settings_.steps > 0) return real(steps_) / real(settings_.steps);
    return seconds_ / (60 * settings_.minutes);
}

double Training::seconds_left() const {
    const double done = progress();
    return done > 0 ? seconds_ / done * (1 - done) : 0;
}

void Training::step(double seconds) {
    seconds_ = seconds_before_ + seconds;
    if (progress() >= 1) {
        if (!finished()) validate();
        return;
    }
    const Batch batch = task_.batch(steps_);
    if (!batch.continues) states_.clear();
    const double rate = schedule_of(settings_).rate(progress());
    const Dropout dropout{settings_.dropout, drawn(settings_.seed + 1, steps_, 1ULL << 62)};
    const NetworkOutput output = run_network(network_.shape(), network_.weights(), batch.inputs, states_, dropout);
    states_ = output.states;
    const at::Tensor loss = cross_entropy(output.logits, batch.labels);
    const double nats = loss.item<double>();
    if (!std::isfinite(nats))
        throw InputError(fmt::format(
            "the training diverged at step {}: the loss is {}; start anew with a smaller --rate (it was {}) or --clip",
            steps_ + 1, nats, settings_.schedule.peak));
    loss.backward();
    adam_.step(rate);
    network_.observe(output.values);
    ++steps_;
    nats_sum_ += nats;
    ++nats_count_;
    recent_nats_ = steps_ == 1 ? nats : recent_nats_ + kRecent * (nats - recent_nats_);
    if (validation_is_due()) validate();
}

bool Training::validation_is_due() const {
    if (settings_.steps > 0) {
        const std::int64_t every =
            std::max(kStepsBetweenValidations, (settings_.steps + kMostValidations - 1) / kMostValidations);
        return steps_ % every == 0 || steps_ == settings_.steps;
    }
    const double since = seconds_ - (curve_.empty() ? 0 : curve_.back().seconds);
    return since > std::max({60 * settings_.minutes / kMostValidations, validation_seconds_ / kValidationShare, 1.0});
}

void Training::validate() {
    const auto start = std::chrono::steady_clock::now();
    const c10::NoGradGuard no_gradients;
    CurveRow row;
    row.step = steps_;
    row.rate = schedule_of(settings_).rate(progress());
    row.training_nats = nats_count_ > 0 ? nats_sum_ / real(nats_count_) : recent_nats_;
    row.seconds = seconds_;
    row.validation = task_.score(network_.shape(), network_.weights(), Split::validation);
    nats_sum_ = 0;
    nats_count_ = 0;
    if (curve_.empty() || task_.better(row.validation, best_score_)) {
        best_score_ = row.validation;
        best_ = network_.weights();
        for (auto& [name, weights] : named(best_)) *weights = weights->detach().clone();
    }
    curve_.push_back(row);
    validation_seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Checkpoint Training::checkpoint() const {
    Checkpoint result;
    auto& self = const_cast<Training&>(*this);
    nlohmann::json options = nlohmann::json::object();
    for (const Setting& setting : settings_table()) options[setting.option.name] = setting.get(settings_);
    nlohmann::json curve = nlohmann::json::array();
    for (const CurveRow& row : curve_)
        curve.push_back({row.step, row.rate, row.training_nats, to_json(row.validation), row.seconds});
    result.state = {{"task", settings_.task},
                    {"data", settings_.data},
                    {"binary", binary_},
                    {"settings", options},
                    {"data_description", task_.description()},
                    {"steps", steps_},
                    {"seconds", seconds_},
                    {"nats_sum", nats_sum_},
                    {"nats_count", nats_count_},
                    {"recent", recent_nats_},
                    {"curve", curve},
                    {"best", to_json(best_score_)},
                    {"states", states_.size()}};
    for (std::size_t k = 0; k < network_.parameters().size(); ++k) {
        const Parameter& parameter = network_.parameters()[k];
        result.tensors.emplace_back(parameter.name, parameter.value);
        result.tensors.emplace_back(parameter.name + ".m", self.adam_.first_moments()[k]);
        result.tensors.emplace_back(parameter.name + ".v", self.adam_.second_moments()[k]);
        if (!parameter.mean.defined()) continue;
        result.tensors.emplace_back(parameter.name + ".mean", parameter.mean);
        result.tensors.emplace_back(parameter.name + ".deviation", parameter.deviation);
    }
    if (!curve_.empty())
        for (const auto& [name, weights] : named(self.best_)) result.tensors.emplace_back("best." + name, *weights);
    for (std::size_t k = 0; k < states_.size(); ++k) {
        result.tensors.emplace_back(fmt::format("state{}.h", k), states_[k].h);
        result.tensors.emplace_back(fmt::format("state{}.c", k), states_[k].c);
    }
    return result;
}

void Training::restore(const Checkpoint& from) {
    if (from.state.at("data_description").get<std::string>() != task_.description())
        throw InputError(fmt::format(
            "{}: was trained on other data ({}; now: {}); give the same file, or start anew with another --out",
            from.path, from.state.at("data_description").get<std::string>(), task_.description()));
    const c10::NoGradGuard no_gradients;
    curve_.clear();
    states_.clear();
    for (const nlohmann::json& row : from.state.at("curve"))
        curve_.push_back({whole_number(row.at(0)), row.at(1).get<double>(), row.at(2).get<double>(),
                          score_from(row.at(3)), row.at(4).get<double>()});
    for (std::size_t k = 0; k < network_.parameters().size(); ++k) {
        Parameter& parameter = network_.parameters()[k];
        const auto shape = parameter.value.sizes();
        parameter.value.copy_(from.tensor(parameter.name, shape));
        adam_.first_moments()[k].copy_(from.tensor(parameter.name + ".m", shape));
        adam_.second_moments()[k].copy_(from.tensor(parameter.name + ".v", shape));
        if (!parameter.mean.defined()) continue;
        parameter.mean.copy_(from.tensor(parameter.name + ".mean", parameter.mean.sizes()));
        parameter.deviation.copy_(from.tensor(parameter.name + ".deviation", parameter.deviation.sizes()));
    }
    if (!curve_.empty()) {
        best_ = network_.weights(); // for the shapes
        for (auto& [name, weights] : named(best_)) *weights = from.tensor("best." + name, weights->sizes()).clone();
    }
    steps_ = from.count("steps");
    adam_.set_steps_done(steps_);
    seconds_before_ = seconds_ = from.state.at("seconds").get<double>();
    nats_sum_ = from.state.at("nats_sum").get<double>();
    nats_count_ = from.count("nats_count");
    recent_nats_ = from.state.at("recent").get<double>();
    best_score_ = score_from(from.state.at("best"));
    const std::int64_t states = from.count("states");
    // A batch that does not go on from the one before needs no states, and may have another size.
    const Batch next = task_.batch(steps_);
    if (!next.continues) return;
    if (states != network_.shape().layers)
        refuse(from.path,
               fmt::format("has the states of {} layers, and the network has {}", states, network_.shape().layers));
    const std::int64_t rows = next.inputs.size(1); // fewer than settings_.batch where the text is short
    const std::int64_t columns = network_.shape().hidden;
    for (std::int64_t k = 0; k < states; ++k) {
        states_.push_back({from.tensor(fmt::format("state{}.h", k), {rows, columns}).clone(),
                           from.tensor(fmt::format("state{}.c", k), {rows, columns}).clone()});
    }
}

} // namespace bru::train
