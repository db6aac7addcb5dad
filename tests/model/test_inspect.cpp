// The description of a network says what is in it.
#include <catch2/catch.hpp>

#include "model/inspect.hpp"
#include "model/onnx_import.hpp"

using namespace bru;
using Catch::Matchers::Contains;

TEST_CASE("does the description of the shipped model name shapes, planes and bits?") {
    const Network network = import_onnx(BRU_SOURCE_DIR "/models/warpeace_h256.onnx").network;
    const std::int64_t bits = 1024 * 82 + 1024 * 256 + 82 * 256 * 6;
    CHECK(weight_bits(network) == bits);
    const std::string text = describe(network);
    CHECK_THAT(text, Contains("LSTM 82 -> 256, forward") && Contains("256 -> 82") && Contains("one-hot, 82 symbols"));
    CHECK_THAT(text, Contains("logits of every step") && Contains(std::to_string(bits)) && Contains(network.fingerprint));
    CHECK_THAT(text, Contains("82 names: \"\\n\" \" \" \"!\""));
    const nlohmann::json json = describe_json(network);
    CHECK(json["weight_bits"] == bits);
    CHECK(json["weights"].size() == 3);
    CHECK(json["weights"][2]["planes"] == 6);
    CHECK(json["weights"][0]["scale_max"].get<double>() >= json["weights"][0]["scale_min"].get<double>());
    CHECK(json["graph_output"]["kind"] == "logits");
}
