// GRU cells that are written out step by step: is a chain of them the layer that it is?
#include "support/catch.hpp"

#include "model/model_builder.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr int kSteps = 4;
constexpr int kInputs = 3;
constexpr int kUnits = 2;
constexpr int kRows = 3 * kUnits;
const std::vector<float> kBias = {1, 2, 3, 4, 5, 6};
const std::vector<float> kBiasOfH = {-1, -2, -3, -4, -5, -6};

/// How the same cell may be written.
struct Form {
    bool mixture = false;      ///< (1 - z) n + z h, and not (h - n) z + n
    bool all_steps = false;    ///< one product for the inputs of all steps
    bool known_start = false;  ///< what h = 0 adds in the first cell was computed by the exporter
    bool reset_before = false; ///< r h goes into the product, as with linear_before_reset = 0: no layer
    std::vector<int> order = {0, 1, 2, 3};
};

void add_update(ModelBuilder& model, const std::string& t, const std::string& h, bool mixture) {
    if (mixture) {
        model.node("Sub", {"one", "z" + t}, {"rest" + t});
        model.node("Mul", {"rest" + t, "n" + t}, {"added" + t});
        model.node("Mul", {"z" + t, h}, {"kept" + t});
        model.node("Add", {"added" + t, "kept" + t}, {"h" + t});
    } else {
        model.node("Sub", {h, "n" + t}, {"difference" + t});
        model.node("Mul", {"difference" + t, "z" + t}, {"part" + t});
        model.node("Add", {"part" + t, "n" + t}, {"h" + t});
    }
}

/// What h adds to the gates r, z, n of step `t`.
void add_sum_of_h(ModelBuilder& model, const std::string& t, const std::string& h, const Form& form) {
    if (h == "zero" && form.known_start) {
        for (int gate = 0; gate < 3; ++gate)
            model.floats(std::string(1, "rzn"[gate]) + "_h" + t, {1, kUnits},
                         {kBiasOfH.begin() + gate * kUnits, kBiasOfH.begin() + (gate + 1) * kUnits});
        return;
    }
    model.node("Gemm", {h == "zero" ? "other_zero" : h, "R", "bh"}, {"sh" + t}).integer("transB", 1);
    model.node("Split", {"sh" + t, "thirds"}, {"r_h" + t, "z_h" + t, "n_h" + t}).integer("axis", -1);
}

/// nn.GRUCell, r, z, n, in a loop over [steps, 1, inputs], its outputs stacked in "y" [steps, 1, units].
ModelBuilder cells(const Form& form) {
    ModelBuilder model;
    model.input("x", {std::to_string(kSteps), "1", std::to_string(kInputs)});
    model.floats("W", {kRows, kInputs}, ModelBuilder::binary(kRows, kInputs, 0.1F));
    model.floats("R", {kRows, kUnits}, ModelBuilder::binary(kRows, kUnits, 0.2F));
    model.floats("b", {kRows}, kBias).floats("bh", {kRows}, kBiasOfH).floats("one", {1}, {1});
    model.floats("zero", {1, kUnits}, {0, 0}).floats("other_zero", {1, kUnits}, {0, 0}); // PyTorch writes one per use
    model.int64s("thirds", {3}, {kUnits, kUnits, kUnits}).int64s("axis", {1}, {0});
    if (form.all_steps) {
        model.node("Transpose", {"W"}, {"Wt"}).integers("perm", {1, 0});
        model.node("MatMul", {"x", "Wt"}, {"Px"});
        model.node("Add", {"Px", "b"}, {"P"});
    }
    std::vector<std::string> outputs;
    std::string h = "zero";
    for (std::size_t step = 0; step < form.order.size(); ++step) {
        const std::string t = std::to_string(step);
        model.int64s("at" + t, {}, {form.order[step]});
        model.node("Gather", {form.all_steps ? "P" : "x", "at" + t}, {"x" + t}).integer("axis", 0);
        if (form.all_steps)
            model.node("Identity", {"x" + t}, {"s" + t});
        else
            model.node("Gemm", {"x" + t, "W", "b"}, {"s" + t}).integer("transB", 1);
        model.node("Split", {"s" + t, "thirds"}, {"r_x" + t, "z_x" + t, "n_x" + t}).integer("axis", -1);
        add_sum_of_h(model, t, h, form);
        model.node("Add", {"r_h" + t, "r_x" + t}, {"r_sum" + t});
        model.node("Sigmoid", {"r_sum" + t}, {"r" + t});
        model.node("Add", {"z_h" + t, "z_x" + t}, {"z_sum" + t});
        model.node("Sigmoid", {"z_sum" + t}, {"z" + t});
        model.node("Mul", {form.reset_before ? "z_h" + t : "n_h" + t, "r" + t}, {"reset" + t});
        model.node("Add", {"n_x" + t, "reset" + t}, {"n_sum" + t});
        model.node("Tanh", {"n_sum" + t}, {"n" + t});
        add_update(model, t, h, form.mixture);
        h = "h" + t;
        model.node("Unsqueeze", {h, "axis"}, {"u" + t});
        outputs.push_back("u" + t);
    }
    model.node("Concat", outputs, {"y"}).integer("axis", 0);
    model.output("y");
    return model;
}

/// Rows r, z, n as ONNX has them: z, r, n.
std::vector<float> onnx_rows(const std::vector<float>& rows, int columns) {
    std::vector<float> result;
    for (const int gate : {1, 0, 2})
        result.insert(result.end(), rows.begin() + gate * kUnits * columns,
                      rows.begin() + (gate + 1) * kUnits * columns);
    return result;
}

std::string fingerprint_of_layer(const std::string& direction) {
    ModelBuilder model;
    model.input("x", {std::to_string(kSteps), "1", std::to_string(kInputs)});
    model.floats("W", {1, kRows, kInputs}, onnx_rows(ModelBuilder::binary(kRows, kInputs, 0.1F), kInputs));
    model.floats("R", {1, kRows, kUnits}, onnx_rows(ModelBuilder::binary(kRows, kUnits, 0.2F), kUnits));
    std::vector<float> bias = onnx_rows(kBias, 1);
    const std::vector<float> of_h = onnx_rows(kBiasOfH, 1);
    bias.insert(bias.end(), of_h.begin(), of_h.end());
    model.floats("b", {1, 2 * kRows}, bias);
    model.node("GRU", {"x", "W", "R", "b"}, {"y"}).text("direction", direction).integer("linear_before_reset", 1);
    model.output("y");
    return model.load().network.fingerprint;
}

} // namespace

TEST_CASE("are GRU cells in a loop over the steps one layer, however they are written?") {
    for (const bool mixture : {false, true})
        for (const bool all_steps : {false, true})
            for (const bool known_start : {false, true}) {
                CAPTURE(mixture, all_steps, known_start);
                const ModelBuilder model = cells({mixture, all_steps, known_start, false, {0, 1, 2, 3}});
                const ImportedModel loaded = model.load();
                CHECK(loaded.network.fingerprint == fingerprint_of_layer("forward"));
                CHECK_THAT(all_messages(loaded), ContainsSubstring("4 GRU cells that are written out, from 'h0' on, "
                                                                   "are one GRU layer"));
                CHECK(model.regions().whole_graph);
            }
}

TEST_CASE("are GRU cells that start with the last step a layer in reverse?") {
    ModelBuilder model = cells({false, false, false, false, {3, 2, 1, 0}});
    model.proto.mutable_graph()->clear_output();
    model.node("Identity", {"h3"}, {"z"});
    model.output("z");
    CHECK(model.load().network.fingerprint == fingerprint_of_layer("reverse"));
}

TEST_CASE("are GRU cells that are no layer left as they are?") {
    const auto has_no_region = [](const ModelBuilder& model) { return model.regions().regions.empty(); };
    CHECK(has_no_region(cells({false, false, false, true, {0, 1, 2, 3}})));
    CHECK(has_no_region(cells({false, false, false, false, {0, 2, 1, 3}})));
    ModelBuilder other_start = cells({false, false, true, false, {0, 1, 2, 3}}); // not what h = 0 adds
    for (auto& tensor : *other_start.proto.mutable_graph()->mutable_initializer())
        if (tensor.name() == "z_h0") tensor.set_float_data(0, 7);
    CHECK(has_no_region(other_start));
}

TEST_CASE("does a node with too few inputs end the search for cells?") {
    for (const char* op : {"Mul", "Add", "Sub", "Tanh", "Sigmoid"}) {
        CAPTURE(op);
        ModelBuilder model = cells({});
        for (auto& node : *model.proto.mutable_graph()->mutable_node())
            if (node.op_type() == op) node.mutable_input()->RemoveLast();
        CHECK(model.regions().regions.empty());
    }
}
