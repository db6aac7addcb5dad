#include "config/run_keys.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/nearest.hpp"
#include "base/numbers.hpp"
#include "model/network.hpp"
#include "model/onnx/import.hpp"

namespace bru {

namespace {

constexpr std::int64_t kMostBits = 8;

RunKey path(const char* name, ShippedKind kind, const char* help) { return {name, true, {}, 0, 0, help, kind}; }
RunKey choice(const char* name, std::vector<std::string> choices, const char* help) {
    return {name, false, std::move(choices), 0, 0, help, {}};
}
RunKey number(const char* name, std::int64_t low, std::int64_t high, const char* help) {
    return {name, false, {}, low, high, help, {}};
}

} // namespace

std::string RunKey::key() const {
    std::string text = "run." + name;
    std::replace(text.begin(), text.end(), '-', '_');
    return text;
}

std::string RunKey::allowed() const {
    if (is_path) return "the path of a file, relative to the folder of this configuration";
    if (!choices.empty()) return fmt::format("{}", fmt::join(choices, ", "));
    return whole_number_text(low, high);
}

const std::vector<RunKey>& run_keys() {
    static const std::vector<RunKey> keys = {
        path("model", ShippedKind::model, "the network, an ONNX file"),
        path("trace", ShippedKind::trace, "the steps to run, made by `bru trace`"),
        choice("output", {"hidden", "logits", "argmax"}, "what leaves the machine; default: the output of the graph"),
        choice("output-steps", {"every", "last", "final"},
               "the steps whose output leaves the machine; default: those of the graph"),
        number("lstm-weight-bits", 1, kMostBits, "quantize LSTM weights that are not binary to this number of bits"),
        number("dense-weight-bits", 1, kMostBits, "quantize dense weights that are not binary to this number of bits"),
        number("input-exponent", -kMaxInputExponent, kMaxInputExponent,
               "quantize vector inputs for numbers up to 2 to this power; default: what the model says, or 0"),
        number("region", 1, kMostRegions, "the region of the model, as `bru inspect` lists them"),
        number("steps", 1, std::numeric_limits<std::int64_t>::max(),
               "run only this number of steps from the start of the trace"),
    };
    return keys;
}

const RunKey* find_run_key(const std::string& key) {
    for (const RunKey& known : run_keys())
        if (known.key() == key) return &known;
    return nullptr;
}

std::string run_value(const RunKey& key, const std::string& text, const std::string& directory) {
    const bool good = key.is_path            ? !text.empty()
                      : !key.choices.empty() ? std::count(key.choices.begin(), key.choices.end(), text) != 0
                                             : parse_integer(text, key.low, key.high).has_value();
    if (!good)
        throw InputError(
            fmt::format("{} = {}: not allowed; allowed is {}{}", key.key(), text.substr(0, 60), key.allowed(),
                        key.choices.empty() ? whole_number_remark(text) : did_you_mean(text, key.choices)));
    if (!key.is_path) return text;
    const std::filesystem::path path = std::filesystem::path(directory) / text; // an absolute path stays
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
        if (const auto shipped = find_shipped(key.kind, text)) return *shipped;
    return path.string();
}

} // namespace bru
