#include "train/settings.hpp"

#include <algorithm>
#include <optional>
#include <type_traits>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/numbers.hpp"
#include "base/units.hpp"

namespace bru::train {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& text, const std::string& allowed) {
    const std::string shown = text.size() <= 80 ? text : text.substr(0, 80) + "...";
    throw InputError(fmt::format("--{} {}: not allowed; allowed is {}", name, shown, allowed));
}

template <class Number>
Number number_in(const std::string& name, const std::string& text, Number low, Number high) {
    std::optional<Number> number;
    if constexpr (std::is_integral_v<Number>)
        number = parse_integer(text, low, high);
    else
        number = parse_real(text, low, high);
    if (!number) {
        const std::string unit = is_number(text) ? "" : unit_remark(text, name == "minutes" ? "minutes" : "");
        const char* const kind = std::is_integral_v<Number> ? "a whole number" : "a number";
        refuse(name, text, fmt::format("{} from {} to {}{}", kind, low, high, unit));
    }
    return *number;
}

/// `member` leads from the settings to the variable.
template <class Number, class Member>
Setting number(const std::string& name, const std::string& argument, Member member, Number low, Number high,
               const std::string& help, const std::string& tasks = "text images csv") {
    return {value(name, argument, help), tasks,
            [member](const Settings& s) { return fmt::format("{}", member(const_cast<Settings&>(s))); },
            [=](Settings& s, const std::string& text) {
                member(s) = static_cast<std::decay_t<decltype(member(s))>>(number_in<Number>(name, text, low, high));
            }};
}

template <class Member>
Setting word(const Option& option, Member member, const std::string& tasks = "text images csv") {
    return {option, tasks, [member](const Settings& s) { return member(const_cast<Settings&>(s)); },
            [=](Settings& s, const std::string& text) {
                const std::vector<std::string>& choices = option.choices;
                if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end())
                    refuse(option.name, text, fmt::format("{}", fmt::join(choices, ", ")));
                member(s) = text;
            }};
}

template <class Member>
Setting switched(const Option& option, Member member, const std::string& tasks = "text images csv") {
    return {option, tasks,
            [member](const Settings& s) { return std::string(member(const_cast<Settings&>(s)) ? "1" : "0"); },
            [member](Settings& s, const std::string& text) { member(s) = text != "0"; }};
}

std::vector<Setting> make_table() {
    using S = Settings;
    using I = std::int64_t;
    constexpr I kMost = 1'000'000'000;
    return {
        word(
            file("out", "folder for all output (plot: the SVG file); default: named after the data", "PATH"),
            [](S& s) -> std::string& { return s.out; }, "text images csv plot"),
        word(
            file("labels", "labels of an IDX image file", "PATH"), [](S& s) -> std::string& { return s.labels; },
            "images"),
        word(choice("only", {"both", "full", "binary"},
                    "train in full precision and with one-bit weights (both), or only one of them"),
             [](S& s) -> std::string& { return s.only; }),
        number<double>(
            "minutes", "M", [](S& s) -> double& { return s.minutes; }, 0.01, 100000.0,
            "time for each of the two trainings; the learning rate falls to its end in that time"),
        number<I>(
            "steps", "N", [](S& s) -> I& { return s.steps; }, 1, kMost,
            "training steps for each of the two trainings, in place of a time; such a training repeats bit for bit"),
        number<I>(
            "seed", "N", [](S& s) -> std::uint64_t& { return s.seed; }, 0, kMost,
            "seed of weights, order and dropout; default 1"),
        number<I>(
            "hidden", "N", [](S& s) -> int& { return s.hidden; }, 1, 4096,
            "units per layer; default: what the time allows"),
        number<I>(
            "layers", "N", [](S& s) -> int& { return s.layers; }, 1, 8, "number of stacked layers; default 1"),
        word(choice("cell", {"lstm", "gru"}, "kind of the cells of all layers"),
             [](S& s) -> std::string& { return s.cell; }),
        switched(
            flag("bidirectional", "every layer reads the sequence in both directions"),
            [](S& s) -> bool& { return s.bidirectional; }, "images csv"),
        number<double>(
            "dropout", "P", [](S& s) -> double& { return s.dropout; }, 0.0, 0.95,
            "share of the outputs of a layer that training drops; default: by the size of data and network"),
        number<I>(
            "batch", "N", [](S& s) -> I& { return s.batch; }, 1, 4096,
            "sequences per training step; default 64, or fewer if the time is short"),
        number<I>(
            "window", "N", [](S& s) -> I& { return s.window; }, 2, 10000,
            "characters per sequence in a training step; default 100", "text"),
        number<double>(
            "rate", "R", [](S& s) -> double& { return s.schedule.peak; }, 1e-6, 1.0,
            "peak learning rate of Adam; default 0.02 for a text, else 0.005"),
        number<double>(
            "warmup", "P", [](S& s) -> double& { return s.schedule.warmup; }, 0.0, 1.0,
            "share of the training in which the rate rises"),
        number<double>(
            "end-rate", "P", [](S& s) -> double& { return s.schedule.end; }, 0.0, 1.0,
            "last learning rate, as a share of the peak"),
        number<double>(
            "clip", "G", [](S& s) -> double& { return s.optimizer.gradient_norm; }, 1e-3, 1e6,
            "largest norm of a gradient; longer gradients are shortened to it"),
        number<double>(
            "beta2", "B", [](S& s) -> double& { return s.optimizer.beta2; }, 0.5, 0.99999,
            "decay of the second moments of Adam"),
        word(choice("scales", {"learned", "mean", "loss-aware"}, "how the scale of a binary row comes about"),
             [](S& s) -> std::string& { return s.scale_rule; }),
        switched(flag("batch-norm", "normalize the parts of every one-bit row by running statistics, which the export "
                                    "folds into scales and biases"),
                 [](S& s) -> bool& { return s.batch_norm; }),
        number<double>(
            "latent-rate", "R", [](S& s) -> double& { return s.latent_rate; }, 0.0, 100.0,
            "learning rate of the real weights behind one-bit weights, as a multiple of the rate; default 2 for a "
            "text, else 4"),
        number<double>(
            "latent-range", "R", [](S& s) -> double& { return s.latent_range; }, 1e-4, 1.0,
            "the real weights behind one-bit weights start in -R to R; they stay in -1 to 1"),
        number<double>(
            "scale-rate", "R", [](S& s) -> double& { return s.scale_rate; }, 0.0, 100.0,
            "learning rate of the scale of a one-bit row, as a multiple of the rate; default 0.5 for a text, else 1"),
        number<I>(
            "dense-bits", "N", [](S& s) -> int& { return s.dense_bits; }, 1, 8,
            "bits per weight of the output layer of the one-bit network; default 6"),
        number<I>(
            "shift", "N", [](S& s) -> int& { return s.shift; }, 0, 8,
            "training shifts images by up to N pixels; default 2", "images"),
        number<I>(
            "trace-steps", "N", [](S& s) -> I& { return s.trace_steps; }, 1, kMost,
            "steps of test data in the trace that goes with the model; default 20000 for a text, else all, up to "
            "100000"),
        word(choice("arithmetic", {"auto", "single", "bfloat16"},
                    "arithmetic of matrix products in training; auto: bfloat16 if the processor has it"),
             [](S& s) -> std::string& { return s.arithmetic; }),
    };
}

} // namespace

Binarization Settings::binarization(bool binary) const {
    Binarization result;
    result.binary = binary;
    result.rule = scale_rule == "mean"      ? ScaleRule::mean
                  : scale_rule == "learned" ? ScaleRule::learned
                                            : ScaleRule::loss_aware;
    result.batch_norm = batch_norm;
    result.dense_bits = dense_bits;
    result.latent_range = latent_range;
    return result;
}

const std::vector<Setting>& settings_table() {
    static const std::vector<Setting> table = make_table();
    return table;
}

} // namespace bru::train
