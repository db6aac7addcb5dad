// Trials of several exponents walk over the data side by side, each with a reference execution of its own, beside the
// float network.
#include "run/quantization.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "model/quantized_network.hpp"
#include "reference/float_execution.hpp"
#include "reference/reference.hpp"
#include "trace/output_writer.hpp"

namespace bru {

namespace {

/// Of the inputs that the first exponent tried may leave outside: outliers do not decide for all others.
constexpr double kMostOutside = 0.001;

std::size_t place_of_largest(const std::vector<double>& values) {
    return narrow<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

/// Sums up how far outputs are from those expected.
class ErrorSum {
public:
    explicit ErrorSum(OutputKind kind) : compares_largest_(kind == OutputKind::logits) {}

    void add(const std::vector<double>& values, const std::vector<double>& expected) {
        for (std::size_t k = 0; k < values.size(); ++k) {
            const double difference = std::fabs(values[k] - expected[k]);
            error_.largest = std::max(error_.largest, difference);
            squares_ += difference * difference;
        }
        count_ += values.size();
        if (compares_largest_ && place_of_largest(values) == place_of_largest(expected)) ++error_.same_largest;
    }

    OutputError result() const {
        OutputError error = error_;
        if (count_ > 0) error.rms = std::sqrt(squares_ / real(count_));
        return error;
    }

private:
    bool compares_largest_;
    OutputError error_;
    double squares_ = 0;
    std::uint64_t count_ = 0;
};

std::optional<PredictionScorer> scorer_for(OutputMode mode) {
    if (mode.kind != OutputKind::logits) return std::nullopt;
    return PredictionScorer(mode);
}

PredictionScore score_of(const std::optional<PredictionScorer>& scorer) {
    return scorer ? scorer->result() : PredictionScore{};
}

using Outputs = std::vector<FloatOutputVector>; ///< those that became known with one step

/// The machine with one input exponent.
class MachineTrial {
public:
    MachineTrial(const Network& network, int exponent, const NumberFormats& formats, OutputMode mode)
        : network_(with_exponent(network, exponent)), quantized_(quantize(network_, formats)),
          reference_(quantized_, mode), mode_(mode), error_(mode.kind), scorer_(scorer_for(mode)) {}

    void step(const Step& step, const Outputs& expected) {
        if (scorer_) scorer_->expect(step);
        auto next = expected.begin();
        reference_.step(step, [&](const OutputVector& output) {
            if (scorer_) scorer_->score(output);
            values_.clear();
            for (const std::int32_t value : output.values)
                values_.push_back(output_value(value, mode_.kind, quantized_.formats.activation_bits));
            error_.add(values_, (next++)->values);
        });
    }

    ExponentTrial result() const {
        return {network_.input_exponent, reference_.saturations().inputs.saturated, error_.result(), score_of(scorer_)};
    }

private:
    static Network with_exponent(Network network, int exponent) {
        network.input_exponent = exponent;
        return network;
    }

    Network network_;
    QuantizedNetwork quantized_;
    Reference reference_;
    OutputMode mode_;
    ErrorSum error_;
    std::optional<PredictionScorer> scorer_;
    std::vector<double> values_;
};

/// The float network, with the score of its predictions.
class FloatTrial {
public:
    FloatTrial(const Network& network, FloatWeights weights, OutputMode mode)
        : execution_(network, mode, weights), scorer_(scorer_for(mode)) {}

    /// What becomes known with the step; valid until the next one.
    const Outputs& step(const Step& step) {
        if (scorer_) scorer_->expect(step);
        outputs_.clear();
        execution_.step(step, [&](const FloatOutputVector& output) {
            if (scorer_) scorer_->score(output);
            outputs_.push_back(output);
        });
        return outputs_;
    }

    PredictionScore score() const { return score_of(scorer_); }

private:
    FloatExecution execution_;
    std::optional<PredictionScorer> scorer_;
    Outputs outputs_;
};

/// How large inputs are: their number per power of two that is just large enough.
struct InputRange {
    std::map<int, std::uint64_t> count_of_power;
    double largest = 0;
    std::uint64_t values = 0;

    void add(double value) {
        const double magnitude = std::fabs(value);
        largest = std::max(largest, magnitude);
        ++values;
        int power = 0;
        if (std::frexp(magnitude, &power) == 0.5) --power; // a power of two is enough for itself
        ++count_of_power[magnitude == 0 ? -kMaxInputExponent : power];
    }

    /// The smallest exponent whose range leaves at most kMostOutside of the inputs outside.
    int first_exponent() const {
        const auto allowed = static_cast<std::uint64_t>(kMostOutside * real(values));
        std::uint64_t outside = 0;
        for (auto entry = count_of_power.rbegin(); entry != count_of_power.rend(); ++entry) {
            outside += entry->second;
            if (outside > allowed) return std::clamp(entry->first, -kMaxInputExponent, kMaxInputExponent);
        }
        return 0;
    }
};

class Measurement {
public:
    Measurement(const Network& network, const QuantizationOptions& options) : network_(network), options_(options) {
        const OutputMode graph = network.graph_output;
        figures_.mode = {graph.kind == OutputKind::hidden ? OutputKind::hidden : OutputKind::logits, graph.steps};
    }

    QuantizationFigures run() {
        if (network_.input_encoding == InputEncoding::one_hot) {
            try_exponents({0});
            finish(0);
            return std::move(figures_);
        }
        const InputRange range = input_range();
        figures_.largest_input = range.largest;
        int exponent = options_.exponent.value_or(range.first_exponent());
        try_exponents({exponent, exponent - 1, exponent + 1});
        while (!options_.exponent) {
            const int better = better_neighbour(exponent);
            if (better == exponent) break;
            exponent = better;
            try_exponents({exponent - 1, exponent + 1});
        }
        finish(exponent);
        return std::move(figures_);
    }

private:
    InputRange input_range() {
        InputRange range;
        DataSteps steps(options_.data, network_);
        std::uint64_t count = 0;
        while (const Step* const step = steps.next()) {
            tell("inputs", ++count);
            for (const double value : step->values) range.add(value);
        }
        return range;
    }

    /// Tries those that were not tried yet. A neighbour that the machine's numbers have no place for is left out.
    void try_exponents(const std::vector<int>& exponents) {
        std::vector<std::unique_ptr<MachineTrial>> machines;
        for (const int exponent : exponents) {
            if (trials_.count(exponent) != 0 || std::abs(exponent) > kMaxInputExponent) continue;
            try {
                machines.push_back(std::make_unique<MachineTrial>(network_, exponent, options_.formats, figures_.mode));
            } catch (const InputError&) {
                if (exponent == exponents.front() && trials_.empty()) throw;
            }
        }
        if (!machines.empty()) walk(machines);
        for (const auto& machine : machines) {
            const ExponentTrial trial = machine->result();
            trials_[trial.exponent] = trial;
        }
    }

    void walk(const std::vector<std::unique_ptr<MachineTrial>>& machines) {
        const bool is_first = trials_.empty();
        FloatTrial original(network_, FloatWeights::original, figures_.mode);
        std::optional<FloatTrial> quantized;
        if (is_first && was_quantized(network_)) quantized.emplace(network_, FloatWeights::quantized, figures_.mode);
        ErrorSum quantized_error(figures_.mode.kind);
        ErrorSum size(OutputKind::hidden); // the distance to zero is the size
        const std::vector<double> zeros(narrow<std::size_t>(network_.output_size(figures_.mode.kind)), 0.0);
        DataSteps steps(options_.data, network_);
        std::uint64_t count = 0;
        std::uint64_t sequences = 0;
        std::uint64_t outputs = 0;
        while (const Step* const step = steps.next()) {
            tell(is_first ? "quantize" : "other exponents", ++count);
            sequences += step->first ? 1 : 0;
            const Outputs& expected = original.step(*step);
            for (const auto& machine : machines) machine->step(*step, expected);
            for (const FloatOutputVector& output : expected) size.add(output.values, zeros);
            outputs += expected.size();
            if (!quantized) continue;
            const Outputs& rounded = quantized->step(*step);
            for (std::size_t k = 0; k < rounded.size(); ++k) quantized_error.add(rounded[k].values, expected[k].values);
        }
        if (!is_first) return;
        figures_.steps = count;
        figures_.sequences = sequences;
        figures_.input_values = count * narrow<std::uint64_t>(network_.input_size());
        figures_.outputs = outputs;
        figures_.float_rms = size.result().rms;
        figures_.original = original.score();
        figures_.remark = steps.remark();
        if (!quantized) return;
        figures_.quantized_error = quantized_error.result();
        figures_.quantized = quantized->score();
    }

    /// The exponent itself where no neighbour has a smaller error.
    int better_neighbour(int exponent) const {
        int best = exponent;
        for (const int neighbour : {exponent - 1, exponent + 1}) {
            const auto trial = trials_.find(neighbour);
            if (trial != trials_.end() && trial->second.error.rms < trials_.at(best).error.rms) best = neighbour;
        }
        return best;
    }

    void finish(int exponent) {
        figures_.exponent = exponent;
        for (const auto& [tried, trial] : trials_)
            if (std::abs(tried - exponent) <= 1) figures_.trials.push_back(trial);
    }

    void tell(const char* phase, std::uint64_t steps) const {
        if (options_.progress) options_.progress(phase, steps);
    }

    const Network& network_;
    const QuantizationOptions& options_;
    QuantizationFigures figures_;
    std::map<int, ExponentTrial> trials_;
};

} // namespace

const ExponentTrial& QuantizationFigures::chosen() const {
    return *std::find_if(trials.begin(), trials.end(),
                         [this](const ExponentTrial& trial) { return trial.exponent == exponent; });
}

QuantizationFigures measure_quantization(const Network& network, const QuantizationOptions& options) {
    return Measurement(network, options).run();
}

} // namespace bru
