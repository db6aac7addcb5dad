// Does the file that is written read back as the same network, and is it a graph that other tools take?
#include "support/catch.hpp"

#include <filesystem>
#include <set>

#include "model/fingerprint.hpp"
#include "model/model_builder.hpp"
#include "model/onnx/export.hpp"
#include "support/random_network.hpp"
#include "support/shipped.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

ImportedModel read_back(const std::string& bytes, const ImportOptions& options = {}) {
    const TemporaryFile file(bytes);
    return import_onnx(file.path(), options);
}

/// Two networks of import_onnx(), number by number and name by name.
void check_same(const Network& a, const Network& b) {
    CHECK(network_fingerprint(a) == network_fingerprint(b)); // encoding, exponent, weights, scales, biases, states
    CHECK(a.layers.size() == b.layers.size());
    CHECK(a.vocabulary == b.vocabulary);
    CHECK(a.graph_output == b.graph_output);
    CHECK(a.input_name == b.input_name);
    CHECK(a.output_name == b.output_name);
}

/// The recipe's network with real weights of no grid, as training leaves them.
Network real_network(const NetworkRecipe& recipe, std::uint64_t seed) {
    Network network = random_network(recipe, seed);
    std::mt19937_64 random(seed + 1);
    const auto make_real = [&random](WeightMatrix& matrix) {
        matrix.values.clear();
        matrix.scales.clear();
        for (int k = 0; k < matrix.rows * matrix.columns; ++k)
            matrix.original.push_back(static_cast<float>(static_cast<double>(random() % 1'000'003) / 500'000 - 1));
    };
    for (LstmLayer& layer : network.layers)
        for (LstmDirection& direction : layer.directions) {
            make_real(direction.input);
            make_real(direction.recurrent);
        }
    if (network.dense) make_real(network.dense->weights);
    return network;
}

/// Of the weights as real numbers: a row of zeros, or of one magnitude, has more than one form in integers.
double largest_difference(const WeightMatrix& a, const WeightMatrix& b) {
    REQUIRE(a.values.size() == b.values.size());
    double largest = 0;
    for (std::size_t k = 0; k < a.values.size(); ++k) {
        const std::size_t row = k / static_cast<std::size_t>(a.columns);
        largest = std::max(largest, std::fabs(a.values[k] * a.scales[row] - b.values[k] * b.scales[row]));
    }
    return largest;
}

/// Every kind of network that there is: directions, layers, states, encodings, outputs.
std::vector<NetworkRecipe> recipes() {
    std::vector<NetworkRecipe> all;
    for (const int directions : {1, -1, 2})
        for (const int dense : {0, 3})
            for (const bool one_hot : {false, true})
                for (const bool states : {false, true}) {
                    NetworkRecipe recipe;
                    recipe.directions = directions;
                    recipe.dense_outputs = dense;
                    recipe.one_hot = one_hot;
                    recipe.initial_states = states;
                    recipe.input_exponent = one_hot ? 0 : static_cast<int>(all.size()) - 8;
                    recipe.gru_layers = all.size() % 5 == 4 ? 7 : all.size() % 5 == 3 ? 2 : 0;
                    recipe.hidden_sizes = all.size() % 3 == 0 ? std::vector<int>{5} : std::vector<int>{4, 3, 6};
                    all.push_back(recipe);
                }
    return all;
}

std::vector<OutputMode> modes_of(const Network& network) {
    std::vector<OutputMode> modes;
    for (const OutputSteps steps : {OutputSteps::every, OutputSteps::last, OutputSteps::final_state}) {
        if (network.dense) {
            modes.push_back({OutputKind::logits, steps});
            modes.push_back({OutputKind::argmax, steps});
        } else {
            modes.push_back({OutputKind::hidden, steps});
        }
    }
    return modes;
}

} // namespace

TEST_CASE("does every kind of network read back as it was written?") {
    std::uint64_t seed = 1;
    for (NetworkRecipe recipe : recipes())
        for (const int planes : {1, 2, 5, 8}) {
            recipe.lstm_planes = planes;
            recipe.dense_planes = 9 - planes;
            Network network = random_network(recipe, ++seed);
            network.input_name = "eingabe/0";
            network.output_name = "bru.y"; // begins as names inside of the graph do
            if (recipe.one_hot) network.vocabulary = {"a", "b\n", "\"", "ä", "\xf0\x9f\x99\x82"};
            for (const OutputMode mode : modes_of(network)) {
                CAPTURE(seed, recipe.directions, recipe.dense_outputs, static_cast<int>(mode.kind),
                        static_cast<int>(mode.steps));
                network.graph_output = mode;
                const ImportedModel once = read_back(onnx_model(network));
                CHECK(once.messages.empty());
                CHECK(once.network.graph_output.kind == mode.kind);
                // The last step of a forward layer is its final state, and has one name.
                if (network.layers.back().has_reverse() || mode.steps == OutputSteps::every)
                    CHECK(once.network.graph_output == mode);
                CHECK(once.network.input_name == network.input_name);
                CHECK(once.network.output_name == network.output_name);
                CHECK(once.network.vocabulary == network.vocabulary);
                CHECK(once.network.input_exponent == network.input_exponent);
                check_same(read_back(onnx_model(once.network)).network, once.network);
                for (std::size_t index = 0; index < network.layers.size(); ++index)
                    for (std::size_t d = 0; d < network.layers[index].directions.size(); ++d) {
                        const LstmDirection& wanted = network.layers[index].directions[d];
                        const LstmDirection& got = once.network.layers[index].directions[d];
                        CHECK(got.reverse == wanted.reverse);
                        CHECK(largest_difference(got.input, wanted.input) < 1e-6);
                        CHECK(largest_difference(got.recurrent, wanted.recurrent) < 1e-6);
                        CHECK(got.bias[1] == Approx(wanted.bias[1]));
                        CHECK(got.bias.size() == wanted.bias.size());
                        CHECK(got.initial_h[2] == Approx(wanted.initial_h[2]));
                        CHECK(got.initial_c.empty() == wanted.initial_c.empty());
                        if (!got.initial_c.empty()) CHECK(got.initial_c[2] == Approx(wanted.initial_c[2]));
                    }
            }
        }
}

TEST_CASE("does a network that was quantized on request read back without the request, bit for bit?") {
    std::uint64_t seed = 100;
    for (NetworkRecipe recipe : recipes())
        for (int bits = 1; bits <= 8; ++bits) {
            recipe.inputs = 1 + static_cast<int>(seed % 5); // few columns: rows of one magnitude, too
            const Network real = real_network(recipe, ++seed);
            const std::string file = onnx_model(real);
            const ImportedModel quantized = read_back(file, {bits, 9 - bits});
            CAPTURE(seed, bits);
            CHECK(quantized.network.layers[0].directions[0].recurrent.planes == bits);
            CHECK_FALSE(quantized.network.layers[0].directions[0].recurrent.original.empty());
            const ImportedModel again = read_back(onnx_model(quantized.network));
            check_same(again.network, quantized.network);
            CHECK(again.messages.empty());
        }
}

TEST_CASE("do quantized rows of one magnitude, of zeros and of small numbers read back as they are?") {
    for (int bits = 1; bits <= 8; ++bits) {
        ModelBuilder model;
        model.simple_lstm();
        // Rows of the layer: one magnitude and nearly so, zeros, one of them tiny, no grid.
        model.floats("D", {2, 5}, {1, 0.75F, 0, 1e-30F, 0.3F, -1, 0.7501F, 0, 1, 0.1F});
        model.node("MatMul", {"y", "D"}, {"z"});
        model.output("z");
        const Network quantized = model.load({{}, bits}).network;
        CAPTURE(bits);
        check_same(read_back(onnx_model(quantized)).network, quantized);
    }
}

TEST_CASE("do float weights on a grid, and rows of nearly one magnitude, read back as they are?") {
    ModelBuilder model;
    model.simple_lstm();
    // Rows of the layer: thirds and a half of numbers that float cannot divide exactly, and almost one magnitude.
    model.floats("D", {2, 3}, {0.3F, 0.7F, 0.1F, 0.1F, -0.35F, 0.1F * (1 + 4e-7F)});
    model.node("MatMul", {"y", "D"}, {"z"});
    model.output("z");
    const Network network = model.load().network;
    CHECK(network.dense->weights.values == std::vector<std::int8_t>{3, 1, 2, -1, 1, 1});
    check_same(read_back(onnx_model(network)).network, network);
}

TEST_CASE("do biases keep every bit that two of them, or a chain of them, have?") {
    ModelBuilder model;
    model.simple_lstm();
    auto* bias = model.proto.mutable_graph()->mutable_initializer(2);
    REQUIRE(bias->name() == "l_B");
    bias->set_float_data(0, 1.0F);
    bias->set_float_data(8, 1.2345678e-9F); // input and recurrent bias of one row
    model.floats("D", {2, 1}, {0.5F, -0.5F}).floats("b", {1}, {1.1F}).floats("c", {1}, {1.2345678e-9F});
    model.node("MatMul", {"y", "D"}, {"m"});
    model.node("Add", {"m", "b"}, {"n"});
    model.node("Add", {"n", "c"}, {"z"});
    model.output("z");
    const Network network = model.load().network;
    CHECK(network.layers[0].directions[0].bias[0] == 1.0 + double{1.2345678e-9F});
    CHECK(network.dense->bias[0] == double{1.1F} + double{1.2345678e-9F});
    check_same(read_back(onnx_model(network)).network, network);
}

TEST_CASE("do the shipped models read back as they are?") {
    for (const char* name : {"warpeace_h256", "mnist_rows_h128", "digits_h128", "kernel_h256"}) {
        const Network network = import_onnx(source(std::string("models/") + name + ".onnx")).network;
        CAPTURE(name);
        check_same(read_back(onnx_model(network)).network, network);
    }
}

TEST_CASE("is what is written a plain ONNX graph: each name made once, and before its use?") {
    NetworkRecipe recipe;
    recipe.directions = 2;
    recipe.hidden_sizes = {4, 3};
    recipe.dense_outputs = 2;
    recipe.initial_states = true;
    onnx::ModelProto model;
    REQUIRE(model.ParseFromString(onnx_model(random_network(recipe, 7), {{"author", "me"}, {"input_exponent", "9"}})));
    std::set<std::string> known;
    for (const auto& tensor : model.graph().initializer()) CHECK(known.insert(tensor.name()).second);
    CHECK(known.insert(model.graph().input(0).name()).second);
    std::set<std::string> nodes;
    for (const auto& node : model.graph().node()) {
        CHECK(nodes.insert(node.name()).second);
        for (const std::string& name : node.input()) CHECK((name.empty() || known.count(name) == 1));
        for (const std::string& name : node.output()) CHECK(known.insert(name).second);
    }
    CHECK(known.count(model.graph().output(0).name()) == 1);
    CHECK(model.graph().output(0).type().tensor_type().shape().dim(0).dim_param() == "steps");
    CHECK(model.graph().output(0).type().tensor_type().shape().dim(2).dim_value() == 2);
    int authors = 0;
    int exponents = 0;
    for (const auto& property : model.metadata_props()) {
        authors += property.key() == "author" ? 1 : 0;
        exponents += property.key() == "input_exponent" ? 1 : 0;
    }
    CHECK(authors == 1);
    CHECK(exponents == 1);
}

TEST_CASE("does an input exponent that is asked for take the place of the file's?") {
    NetworkRecipe recipe;
    recipe.input_exponent = 2;
    const std::string file = onnx_model(random_network(recipe, 3));
    CHECK(read_back(file).network.input_exponent == 2);
    CHECK(read_back(file, {{}, {}, -5}).network.input_exponent == -5);
    CHECK(read_back(file, {{}, {}, -5}).network.fingerprint != read_back(file).network.fingerprint);
    CHECK_THROWS_WITH(read_back(file, {{}, {}, 33}),
                      ContainsSubstring("--input-exponent 33") && ContainsSubstring("-32 to 32"));
    recipe.one_hot = true;
    recipe.input_exponent = 0;
    CHECK_THROWS_WITH(read_back(onnx_model(random_network(recipe, 3)), {{}, {}, 1}),
                      ContainsSubstring("--input-exponent 1") && ContainsSubstring("one-hot"));
}
