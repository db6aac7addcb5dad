// What stands around LSTM layers and changes nothing that the machine computes: batches, reversed steps, lengths.
#include <algorithm>

#include "support/catch.hpp"

#include "base/error.hpp"
#include "model/model_builder.hpp"
#include "model/onnx/partition.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// [steps, 1, 3] -> LSTM of 2 units -> dense layer of 2 over every step.
ModelBuilder plain_model() {
    ModelBuilder model;
    model.simple_lstm();
    model.floats("D", {2, 2}, {1, 1, 1, -1}).floats("b", {2}, {1, 2}).int64s("axis", {1}, {1});
    model.node("Squeeze", {"y", "axis"}, {"s"});
    model.node("MatMul", {"s", "D"}, {"m"});
    model.node("Add", {"m", "b"}, {"z"});
    model.output("z");
    return model;
}

/// The same with a batch; the batch first in the input, as Keras has it.
ModelBuilder batched_model(const std::string& batch) {
    ModelBuilder model;
    model.input("x", {batch, "steps", "3"}).lstm_weights("l", 1, 3, 2);
    model.floats("D", {2, 2}, {1, 1, 1, -1}).floats("b", {2}, {1, 2}).int64s("axis", {1}, {1});
    model.node("Transpose", {"x"}, {"t"}).integers("perm", {1, 0, 2});
    model.node("LSTM", {"t", "l_W", "l_R", "l_B"}, {"y", "y_h"}).integer("hidden_size", 2);
    model.node("Squeeze", {"y", "axis"}, {"s"});
    model.node("Transpose", {"s"}, {"u"}).integers("perm", {1, 0, 2});
    model.node("MatMul", {"u", "D"}, {"m"});
    model.node("Add", {"m", "b"}, {"z"});
    return model;
}

} // namespace

TEST_CASE("is a batch a number of independent sequences?") {
    ModelBuilder model = batched_model("4");
    model.output("z");
    const ImportedModel loaded = model.load();
    CHECK(loaded.network.fingerprint == plain_model().load().network.fingerprint);
    CHECK(loaded.network.graph_output == OutputMode{OutputKind::logits, OutputSteps::every});
    CHECK_THAT(all_messages(loaded), ContainsSubstring("batch of 4"));
    CHECK_THAT(all_messages(plain_model().load()), !ContainsSubstring("batch"));
    CHECK(model.regions().whole_graph);
}

TEST_CASE("is a dense layer over all steps of all sequences one dense layer?") {
    ModelBuilder model = batched_model("4"); // TimeDistributed: the rows of all steps, then the shape of before
    model.int64s("rows", {2}, {-1, 2}).int64s("back", {3}, {4, -1, 2});
    model.node("Reshape", {"u", "rows"}, {"r"});
    model.node("MatMul", {"r", "D"}, {"rm"});
    model.node("Add", {"rm", "b"}, {"ra"});
    model.node("Reshape", {"ra", "back"}, {"rz"});
    model.output("rz");
    CHECK(model.load().network.fingerprint == plain_model().load().network.fingerprint);
    CHECK(model.regions().whole_graph);
}

TEST_CASE("is the last step of each sequence the last step?") {
    ModelBuilder model = batched_model("4");
    model.int64s("last", {}, {-1});
    model.node("Gather", {"u", "last"}, {"l"}).integer("axis", 1);
    model.node("Gemm", {"l", "D", "b"}, {"g"});
    model.node("Softmax", {"g"}, {"p"}).integer("axis", 1);
    model.output("p");
    const ImportedModel loaded = model.load();
    CHECK(loaded.network.graph_output == OutputMode{OutputKind::logits, OutputSteps::last});
    CHECK(loaded.network.dense->bias == std::vector<double>{1, 2});
}

TEST_CASE("are sequences of a batch that something mixes left to the host?") {
    ModelBuilder model = batched_model("2"); // the first sequence alone
    model.int64s("first", {}, {0});
    model.node("Gather", {"z", "first"}, {"one"}).integer("axis", 0);
    model.output("one");
    const ModelRegions regions = model.regions();
    CHECK_FALSE(regions.whole_graph);
    REQUIRE(regions.regions.size() == 1);
    ModelBuilder pairs = batched_model("2"); // a dense layer over what two sequences have at one step
    pairs.int64s("rows", {2}, {-1, 4}).floats("E", {4, 1}, {1, 1, 1, 1});
    pairs.node("Squeeze", {"y", "axis"}, {"s2"});
    pairs.node("Reshape", {"s2", "rows"}, {"p"});
    pairs.node("MatMul", {"p", "E"}, {"e"});
    pairs.output("e");
    CHECK_FALSE(pairs.regions().whole_graph);
}

TEST_CASE("must the sequences of a batch start with the same states?") {
    const auto with_states = [](const std::vector<float>& states) {
        ModelBuilder model;
        model.input("x", {"steps", "2", "3"}).lstm_weights("l", 1, 3, 2).floats("h", {1, 2, 2}, states);
        model.node("LSTM", {"x", "l_W", "l_R", "l_B", "", "h", "h"}, {"y"}).integer("hidden_size", 2);
        model.output("y");
        return model;
    };
    const LstmDirection direction = with_states({0.5F, 0.25F, 0.5F, 0.25F}).load().network.layers[0].directions[0];
    CHECK(direction.initial_h == std::vector<double>{0.5, 0.25});
    CHECK_THROWS_WITH(with_states({0.5F, 0.25F, 0.5F, 0.5F}).load(),
                      ContainsSubstring("initial_h") && ContainsSubstring("differs between the sequences"));
}

TEST_CASE("does the region of a batch keep it?") {
    ModelBuilder model = batched_model("4");
    model.node("Tanh", {"z"}, {"t2"});
    model.output("t2", {"", "", ""});
    const TemporaryFile file(model.proto.SerializeAsString());
    const Partition partition = partition_onnx(file.path(), {});
    CHECK(partition.region.inputs[0].shape == "[4, steps, 3]");
    const TemporaryFile region(partition.region.bytes);
    CHECK(import_onnx(region.path()).network.fingerprint == model.load().network.fingerprint);
}

TEST_CASE("is an LSTM over reversed steps one that runs in reverse?") {
    // Forward over the steps, forward over the reversed steps, turned back, side by side.
    ModelBuilder model;
    model.input("x", {"steps", "1", "3"}).lstm_weights("l", 2, 3, 2);
    model.int64s("start", {1}, {-1})
        .int64s("end", {1}, {-2147483647})
        .int64s("axis", {1}, {0})
        .int64s("step", {1}, {-1});
    model.int64s("zero", {}, {0}).int64s("one", {}, {1}).int64s("axis_1", {1}, {1});
    for (const char* matrix : {"W", "R", "B"}) {
        const std::string name = std::string("l_") + matrix;
        model.int64s(name + "_halves", {2}, {1, 1});
        model.node("Split", {name, name + "_halves"}, {name + "f", name + "b"}).integer("axis", 0);
    }
    model.node("Slice", {"x", "start", "end", "axis", "step"}, {"rx"});
    model.node("LSTM", {"x", "l_Wf", "l_Rf", "l_Bf"}, {"yf"}).integer("hidden_size", 2);
    model.node("LSTM", {"rx", "l_Wb", "l_Rb", "l_Bb"}, {"yr"}).integer("hidden_size", 2);
    model.node("Slice", {"yr", "start", "end", "axis", "step"}, {"yb"});
    model.node("Concat", {"yf", "yb"}, {"y"}).integer("axis", 3);
    model.output("y");
    const ImportedModel loaded = model.load();
    REQUIRE(loaded.network.layers.size() == 1);
    CHECK(loaded.network.layers[0].direction_count() == 2);
    CHECK(loaded.network.graph_output == OutputMode{OutputKind::hidden, OutputSteps::every});
    ModelBuilder plain;
    plain.input("x", {"steps", "1", "3"}).lstm_weights("l", 2, 3, 2);
    plain.node("LSTM", {"x", "l_W", "l_R", "l_B"}, {"y"}).text("direction", "bidirectional");
    plain.output("y");
    CHECK(loaded.network.fingerprint == plain.load().network.fingerprint);
}

TEST_CASE("are lengths that an input gives the ends of sequences?") {
    ModelBuilder model;
    model.input("lengths", {"1"});
    model.proto.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
        onnx::TensorProto::INT32);
    model.simple_lstm({"lengths"});
    model.output("y");
    const ImportedModel loaded = model.load();
    CHECK_THAT(all_messages(loaded), ContainsSubstring("'lengths' gives the lengths of sequences"));
    ModelBuilder plain;
    plain.simple_lstm();
    plain.output("y");
    CHECK(loaded.network.fingerprint == plain.load().network.fingerprint);
}

TEST_CASE("is a Sigmoid behind the dense layer seen through?") {
    ModelBuilder model = plain_model();
    model.proto.mutable_graph()->clear_output();
    model.node("Sigmoid", {"z"}, {"p"});
    model.output("p");
    const ImportedModel loaded = model.load();
    CHECK(loaded.network.fingerprint == plain_model().load().network.fingerprint);
    CHECK(loaded.network.graph_output == OutputMode{OutputKind::logits, OutputSteps::every});
    CHECK_THAT(all_messages(loaded), ContainsSubstring("Sigmoid_p") && ContainsSubstring("classes are the same"));
    CHECK(model.regions().whole_graph);
}

TEST_CASE("does a region end before the Softmax or Sigmoid that the machine does not compute?") {
    for (const char* op : {"Softmax", "Sigmoid"}) {
        ModelBuilder at_end = plain_model();
        at_end.proto.mutable_graph()->clear_output();
        at_end.node(op, {"z"}, {"p"});
        at_end.output("p", {"", ""});
        ModelBuilder within = at_end; // the host goes on behind it
        within.node("Tanh", {"p"}, {"q"});
        within.proto.mutable_graph()->mutable_output(0)->set_name("q");
        for (const ModelBuilder* model : {&at_end, &within}) {
            const TemporaryFile file(model->proto.SerializeAsString());
            const Partition partition = partition_onnx(file.path(), {});
            CHECK(partition.region.outputs[0].name == "z");
            CHECK(partition.layers == "3 -> LSTM 2 -> dense 2");
            REQUIRE(partition.back);
            CHECK(partition.back->nodes == (model == &within ? 2 : 1));
        }
    }
}

TEST_CASE("is ReverseSequence over whole sequences the same as running in reverse?") {
    const auto reversed = [](const std::vector<std::int64_t>& lengths) {
        ModelBuilder model;
        model.input("x", {"4", "2", "3"}).lstm_weights("l", 1, 3, 2).int64s("lengths", {2}, lengths);
        model.node("ReverseSequence", {"x", "lengths"}, {"rx"}).integer("time_axis", 0).integer("batch_axis", 1);
        model.node("LSTM", {"rx", "l_W", "l_R", "l_B"}, {"ry"}).integer("hidden_size", 2);
        model.int64s("axis_1", {1}, {1});
        model.node("Squeeze", {"ry", "axis_1"}, {"s"});
        model.node("ReverseSequence", {"s", "lengths"}, {"y"}).integer("time_axis", 0).integer("batch_axis", 1);
        model.output("y");
        return model;
    };
    ModelBuilder plain;
    plain.input("x", {"4", "2", "3"}).lstm_weights("l", 1, 3, 2);
    plain.node("LSTM", {"x", "l_W", "l_R", "l_B"}, {"y"}).text("direction", "reverse");
    plain.output("y");
    CHECK(reversed({4, 4}).load().network.fingerprint == plain.load().network.fingerprint);
    CHECK(reversed({4, 4}).regions().whole_graph);
    CHECK_FALSE(reversed({4, 3}).regions().whole_graph); // the other order of a part of a sequence
}

TEST_CASE("is a dense layer that is written out step by step one over every step?") {
    const auto step_by_step = [](std::int64_t last, const std::string& squash, const std::string& odd_weights) {
        ModelBuilder model;
        model.input("x", {"3", "1", "3"}).lstm_weights("l", 1, 3, 2);
        model.floats("D", {2, 2}, {1, 1, 1, -1}).floats("E", {2, 2}, {1, 1, 1, 1}).floats("b", {2}, {1, 2});
        model.int64s("axis", {1}, {1}).int64s("first_axis", {1}, {0});
        model.node("LSTM", {"x", "l_W", "l_R", "l_B"}, {"y"}).integer("hidden_size", 2);
        model.node("Squeeze", {"y", "axis"}, {"s"});
        std::vector<std::string> steps;
        for (std::int64_t t = 0; t <= last; ++t) {
            const std::string n = std::to_string(t);
            model.int64s("at" + n, {}, {t});
            model.node("Gather", {"s", "at" + n}, {"g" + n}).integer("axis", 0);
            model.node("MatMul", {"g" + n, t == 1 ? odd_weights : "D"}, {"m" + n});
            model.node("Add", {"m" + n, "b"}, {"z" + n});
            model.node(squash, {"z" + n}, {"q" + n});
            model.node("Unsqueeze", {"q" + n, "first_axis"}, {"u" + n});
            steps.push_back("u" + n);
        }
        model.node("Concat", steps, {"z"}).integer("axis", 0);
        model.output("z");
        return model;
    };
    for (const char* squash : {"Identity", "Sigmoid", "Softmax"}) {
        const ImportedModel loaded = step_by_step(2, squash, "D").load();
        CHECK(loaded.network.fingerprint == plain_model().load().network.fingerprint);
        CHECK(loaded.network.graph_output == OutputMode{OutputKind::logits, OutputSteps::every});
        CHECK(step_by_step(2, squash, "D").regions().whole_graph);
    }
    CHECK_FALSE(step_by_step(1, "Identity", "D").regions().whole_graph); // the last step is missing
    CHECK_FALSE(step_by_step(2, "Identity", "E").regions().whole_graph); // other weights at step 1
    CHECK(step_by_step(2, "Identity", "E").regions().regions[0].layers == "3 -> LSTM 2");
    ModelBuilder middle = step_by_step(2, "Identity", "D");
    middle.proto.mutable_graph()->mutable_output(0)->set_name("z1");
    const ModelRegions regions = middle.regions();
    CHECK_FALSE(regions.whole_graph);
    CHECK(std::any_of(regions.outside.begin(), regions.outside.end(), [](const OutsideNodes& nodes) {
        return nodes.reason.find("takes step 1 of the sequence") != std::string::npos;
    }));
}

TEST_CASE("does each of two sequences have its own length?") {
    ModelBuilder model; // the last hidden values of both, which something compares
    model.input("a", {"steps_a", "1", "3"}).input("b", {"steps_b", "1", "3"}).lstm_weights("l", 1, 3, 2);
    model.int64s("last", {}, {-1});
    for (const char* each : {"a", "b"}) {
        const std::string name = each;
        model.node("LSTM", {name, "l_W", "l_R", "l_B"}, {"y" + name}).integer("hidden_size", 2);
        model.node("Gather", {"y" + name, "last"}, {"h" + name}).integer("axis", 0);
    }
    model.node("Sub", {"ha", "hb"}, {"d"});
    model.output("d");
    REQUIRE(model.regions().regions.size() == 2);
    for (const int region : {1, 2}) {
        ImportOptions options;
        options.region = region;
        CHECK(model.load(options).network.graph_output == OutputMode{OutputKind::hidden, OutputSteps::last});
    }
}
