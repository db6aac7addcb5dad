// Damaged files: whatever is cut off or flipped, the importer answers with a network or with InputError.
#include <fstream>
#include <iterator>
#include <random>

#include "support/catch.hpp"

#include "base/error.hpp"
#include "model/model_builder.hpp"

using namespace bru;
using namespace bru::test;

namespace {

std::string read_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Either a network or a message; anything else ends the test program.
bool survives(const std::string& bytes) {
    const TemporaryFile file(bytes);
    try {
        const ImportedModel model = import_onnx(file.path());
        return !model.network.layers.empty();
    } catch (const InputError& error) {
        return std::string(error.what()).find(file.path()) == 0;
    }
}

/// A model that has every kind of plumbing, small enough to flip each of its bytes.
std::string small_model() {
    ModelBuilder model(13);
    model.input("x", {"batch", "steps", "3"})
        .lstm_weights("l", 2, 3, 2)
        .int64s("one", {1}, {1})
        .int64s("batch_axis", {}, {0});
    model.node("Shape", {"x"}, {"shape"});
    model.node("Gather", {"shape", "batch_axis"}, {"n"});
    model.int64s("zero", {1}, {0}).int64s("two", {1}, {2});
    model.node("Unsqueeze", {"n", "zero"}, {"n1"});
    model.node("Concat", {"two", "n1", "two"}, {"state_shape"}).integer("axis", 0);
    model.node("ConstantOfShape", {"state_shape"}, {"h"});
    model.node("Transpose", {"x"}, {"t"}).integers("perm", {1, 0, 2});
    model.node("LSTM", {"t", "l_W", "l_R", "l_B", "", "h", "h"}, {"y", "y_h"})
        .integer("hidden_size", 2)
        .text("direction", "bidirectional");
    model.node("Transpose", {"y"}, {"yt"}).integers("perm", {0, 2, 1, 3});
    model.int64s("flat", {3}, {0, 0, -1}).int64s("last", {}, {-1});
    model.node("Reshape", {"yt", "flat"}, {"seq"});
    model.node("Gather", {"seq", "last"}, {"final"}).integer("axis", 0);
    model.int8s("q", {4, 3}, {1, -2, 3, 4, 5, -6, 7, 0, 1, 2, 3, 3})
        .floats("s", {3}, {0.1F, 0.2F, 0.3F})
        .floats("b", {3}, {1, 2, 3});
    model.node("DequantizeLinear", {"q", "s"}, {"D"}).integer("axis", 1);
    model.node("Gemm", {"final", "D", "b"}, {"logits"});
    model.node("Softmax", {"logits"}, {"z"}).integer("axis", 1);
    model.output("z").metadata("vocabulary", R"(["a","b","c"])").metadata("input_encoding", "vector");
    return model.proto.SerializeAsString();
}

} // namespace

TEST_CASE("is the small model of the damage tests itself accepted?") {
    const TemporaryFile file(small_model());
    const Network network = import_onnx(file.path()).network;
    CHECK(network.dense->weights.planes == 4);
    CHECK(network.graph_output == OutputMode{OutputKind::logits, OutputSteps::last});
}

TEST_CASE("does the importer survive files cut short?") {
    const std::string small = small_model();
    for (std::size_t length = 0; length < small.size(); ++length)
        if (!survives(small.substr(0, length))) FAIL("cut to " << length << " bytes");
    for (const char* name : {"warpeace_h256.onnx", "mnist_rows_h128.onnx"}) {
        const std::string whole = read_bytes(std::string(BRU_SOURCE_DIR "/models/") + name);
        for (std::size_t cut = 1; cut < whole.size(); cut += whole.size() / 60)
            if (!survives(whole.substr(0, whole.size() - cut))) FAIL(name << " without its last " << cut << " bytes");
    }
}

TEST_CASE("does the importer survive flipped bytes?") {
    const std::string small = small_model();
    std::mt19937 random(2018);
    for (std::size_t place = 0; place < small.size(); ++place)
        for (const int flip : {0x01, 0x80, static_cast<int>(random() % 255 + 1)}) {
            std::string damaged = small;
            damaged[place] = static_cast<char>(damaged[place] ^ flip);
            if (!survives(damaged)) FAIL("byte " << place << " flipped by " << flip);
        }
    for (const char* name : {"warpeace_h256.onnx", "mnist_rows_h128.onnx"}) {
        const std::string whole = read_bytes(std::string(BRU_SOURCE_DIR "/models/") + name);
        for (int trial = 0; trial < 60; ++trial) {
            std::string damaged = whole;
            // Half of the damage hits the nodes at the front, half lies anywhere.
            const std::size_t range = trial % 2 == 0 ? std::min<std::size_t>(4096, whole.size()) : whole.size();
            for (int flips = 0; flips < 3; ++flips) damaged[random() % range] ^= static_cast<char>(random() % 255 + 1);
            if (!survives(damaged)) FAIL(name << ", trial " << trial);
        }
    }
}
