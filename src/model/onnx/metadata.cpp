// Reading and checking metadata properties.
#include "model/onnx/metadata.hpp"

#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/json_text.hpp"
#include "base/numbers.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::onnx_import {
namespace {

std::vector<std::string> vocabulary_of(const std::string& text) {
    const nlohmann::ordered_json parsed = json_or_discarded(text);
    if (!parsed.is_array())
        throw InputError("metadata 'vocabulary' is not a JSON array of strings, such as [\"a\", \"b\"]");
    std::vector<std::string> names;
    for (const nlohmann::ordered_json& entry : parsed) {
        if (!entry.is_string())
            throw InputError(fmt::format("metadata 'vocabulary': entry {} is not a string", names.size()));
        names.push_back(entry.get<std::string>());
    }
    if (names.empty())
        throw InputError("metadata 'vocabulary' is an empty array; leave it out or name every input or class");
    return names;
}

int exponent_of(const std::string& text) {
    const auto exponent = parse_integer<int>(text, -kMaxInputExponent, kMaxInputExponent);
    if (!exponent)
        throw InputError(fmt::format("metadata 'input_exponent' is '{}'; a whole number from -{} to {} is allowed",
                                     text, kMaxInputExponent, kMaxInputExponent));
    return *exponent;
}

void check_vocabulary(const Network& network) {
    const auto names = count_of(network.vocabulary);
    const int inputs = network.input_size();
    const int classes = network.dense ? network.dense->weights.rows : network.output_size(OutputKind::hidden);
    const bool names_inputs = network.input_encoding == InputEncoding::one_hot && names == inputs;
    if (!names_inputs && names != classes && names != inputs)
        throw InputError(fmt::format("metadata 'vocabulary' has {} names, but the network has {} inputs and {} "
                                     "outputs; one name for each of either is allowed",
                                     names, inputs, classes));
}

} // namespace

Network with_metadata(Network network, const onnx::ModelProto& model) {
    std::map<std::string, std::string> properties;
    for (const auto& property : model.metadata_props()) properties[property.key()] = property.value();
    if (const auto encoding = properties.find("input_encoding"); encoding != properties.end()) {
        if (encoding->second == "onehot")
            network.input_encoding = InputEncoding::one_hot;
        else if (encoding->second != "vector")
            throw InputError(
                fmt::format("metadata 'input_encoding' is '{}'; 'onehot' and 'vector' are allowed", encoding->second));
    }
    if (const auto exponent = properties.find("input_exponent"); exponent != properties.end()) {
        network.input_exponent = exponent_of(exponent->second);
        if (network.input_encoding == InputEncoding::one_hot && network.input_exponent != 0)
            throw InputError(
                "metadata 'input_exponent' has no meaning for one-hot inputs, which are exactly 1; leave it out");
    }
    if (const auto vocabulary = properties.find("vocabulary"); vocabulary != properties.end()) {
        network.vocabulary = vocabulary_of(vocabulary->second);
        check_vocabulary(network);
    }
    return network;
}

Network with_input_exponent(Network network, int exponent) {
    if (exponent < -kMaxInputExponent || exponent > kMaxInputExponent)
        throw InputError(fmt::format("--input-exponent {}: a whole number from -{} to {} is allowed", exponent,
                                     kMaxInputExponent, kMaxInputExponent));
    if (network.input_encoding == InputEncoding::one_hot)
        throw InputError(fmt::format("--input-exponent {}: the model takes one-hot inputs, which are exactly 1; leave "
                                     "the option out",
                                     exponent));
    network.input_exponent = exponent;
    return network;
}

std::vector<std::pair<std::string, std::string>> metadata_of(const Network& network) {
    std::vector<std::pair<std::string, std::string>> properties;
    if (!network.vocabulary.empty())
        properties.emplace_back("vocabulary", json_text(nlohmann::ordered_json(network.vocabulary)));
    if (network.input_encoding == InputEncoding::one_hot) {
        properties.emplace_back("input_encoding", "onehot");
    } else {
        properties.emplace_back("input_encoding", "vector");
        properties.emplace_back("input_exponent", fmt::format("{}", network.input_exponent));
    }
    return properties;
}

} // namespace bru::onnx_import
