// What is not inside the model: tensors in files beside it, and inputs that are constants of use.
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"

#include "base/error.hpp"
#include "model/model_builder.hpp"
#include "model/onnx/partition.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A folder with a model whose tensor l_W lies in a file beside it, and one folder around it.
class ModelFolder {
public:
    ModelFolder() : outer_(std::filesystem::temp_directory_path() / ("bru_external_" + std::to_string(getpid()))) {
        std::filesystem::create_directories(outer_ / "inner");
        model_.simple_lstm();
        model_.output("y");
        onnx::TensorProto& tensor = *model_.proto.mutable_graph()->mutable_initializer(0);
        for (const float value : tensor.float_data()) data_.append(reinterpret_cast<const char*>(&value), sizeof value);
        tensor.clear_float_data();
        tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    }
    ~ModelFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(outer_, ignored);
    }
    ModelFolder(const ModelFolder&) = delete;
    ModelFolder& operator=(const ModelFolder&) = delete;

    void write_data(const std::string& name, std::size_t offset = 0) const {
        std::ofstream(outer_ / "inner" / name, std::ios::binary) << std::string(offset, 'x') << data_;
    }
    std::filesystem::path folder() const { return outer_ / "inner"; }

    ImportedModel load(const std::vector<std::pair<std::string, std::string>>& entries) {
        onnx::TensorProto& tensor = *model_.proto.mutable_graph()->mutable_initializer(0);
        tensor.clear_external_data();
        for (const auto& [key, value] : entries) {
            auto* entry = tensor.add_external_data();
            entry->set_key(key);
            entry->set_value(value);
        }
        const std::string path = (folder() / "model.onnx").string();
        std::ofstream(path, std::ios::binary) << model_.proto.SerializeAsString();
        return import_onnx(path);
    }

    std::string refusal(const std::vector<std::pair<std::string, std::string>>& entries) {
        try {
            load(entries);
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    }

private:
    std::filesystem::path outer_;
    ModelBuilder model_;
    std::string data_;
};

/// An LSTM within the branch of an If that runs where the input "rate" is 16000.
ModelBuilder model_with_rate() {
    ModelBuilder inner;
    inner.lstm_weights("l", 1, 3, 2);
    inner.node("Transpose", {"x"}, {"t"}).integers("perm", {0, 1, 2});
    inner.node("LSTM", {"t", "l_W", "l_R", "l_B"}, {"y"}).integer("hidden_size", 2);
    inner.output("y");
    ModelBuilder other;
    other.node("Relu", {"x"}, {"r"});
    other.output("r");
    ModelBuilder model;
    model.input("x", {"steps", "1", "3"}).input("rate", {}).int64s("wanted", {}, {16000});
    model.proto.mutable_graph()->mutable_input(1)->mutable_type()->mutable_tensor_type()->set_elem_type(
        onnx::TensorProto::INT64);
    model.proto.mutable_graph()->mutable_input(1)->mutable_type()->mutable_tensor_type()->mutable_shape();
    model.node("Equal", {"rate", "wanted"}, {"is_wanted"});
    model.node("If", {"is_wanted"}, {"z"});
    onnx::NodeProto* node = model.proto.mutable_graph()->mutable_node(1);
    for (const auto& [name, graph] : {std::pair("then_branch", &inner), std::pair("else_branch", &other)}) {
        auto* attribute = node->add_attribute();
        attribute->set_name(name);
        attribute->set_type(onnx::AttributeProto::GRAPH);
        *attribute->mutable_g() = graph->proto.graph();
    }
    model.node("Tanh", {"z"}, {"out"});
    model.output("out", {"", "", "", ""});
    return model;
}

} // namespace

TEST_CASE("is a tensor read from the file beside the model?") {
    ModelFolder folder;
    folder.write_data("weights.bin", 8);
    ModelBuilder inside;
    inside.simple_lstm();
    inside.output("y");
    const std::string expected = inside.load().network.fingerprint;
    CHECK(folder.load({{"location", "weights.bin"}, {"offset", "8"}}).network.fingerprint == expected);
    CHECK(folder.load({{"location", "./weights.bin"}, {"offset", "8"}, {"length", "96"}}).network.fingerprint ==
          expected);
}

TEST_CASE("is a file that is missing, too short or outside of the folder refused by its name?") {
    ModelFolder folder;
    CHECK_THAT(folder.refusal({{"location", "weights.bin"}}),
               ContainsSubstring("model.onnx") && ContainsSubstring("l_W") && ContainsSubstring("'weights.bin'") &&
                   ContainsSubstring("copy that file there"));
    folder.write_data("weights.bin");
    CHECK_THAT(folder.refusal({{"location", "weights.bin"}, {"offset", "4"}}), ContainsSubstring("has 96 bytes"));
    CHECK_THAT(folder.refusal({{"location", "weights.bin"}, {"offset", "9223372036854775807"}}),
               ContainsSubstring("has 96 bytes"));
    CHECK_THAT(folder.refusal({{"location", "weights.bin"}, {"offset", "-4"}}), ContainsSubstring("'offset'"));
    CHECK_THAT(folder.refusal({{"location", "weights.bin"}, {"length", "92"}}), ContainsSubstring("needs 96"));
    std::filesystem::rename(folder.folder() / "weights.bin", folder.folder() / "../weights.bin");
    CHECK_THAT(folder.refusal({{"location", "../weights.bin"}}), ContainsSubstring("only files there are read"));
    CHECK_THAT(folder.refusal({{"location", "a/../../weights.bin"}}), ContainsSubstring("only files there are read"));
    CHECK_THAT(folder.refusal({{"location", (folder.folder() / "../weights.bin").string()}}),
               ContainsSubstring("only files there are read"));
    std::filesystem::create_symlink("../weights.bin", folder.folder() / "link.bin");
    CHECK_THAT(folder.refusal({{"location", "link.bin"}}), ContainsSubstring("a link that leads out"));
    CHECK_THAT(folder.refusal({{"location", "."}}), ContainsSubstring("no plain file"));
    CHECK_THAT(folder.refusal({{"location", ""}}), ContainsSubstring("no file is named"));
}

TEST_CASE("does a side input decide what runs, and does the message say how it is given?") {
    const ModelBuilder model = model_with_rate();
    CHECK_THROWS_WITH(model.load(), ContainsSubstring("graph input 'rate' decides") &&
                                        ContainsSubstring("--input rate=16000") &&
                                        !ContainsSubstring("network's values"));
    ImportOptions options;
    options.inputs = read_given_inputs({"rate=16000"});
    CHECK(model.load(options).network.layers.front().hidden_size == 2);
    options.inputs = read_given_inputs({"rate=8000"});
    CHECK_THROWS_WITH(model.load(options), ContainsSubstring("no LSTM"));
}

TEST_CASE("is a region within a branch cut out?") {
    const TemporaryFile file(model_with_rate().proto.SerializeAsString());
    const Partition partition = partition_onnx(file.path(), {}, read_given_inputs({"rate=16000"}));
    const TemporaryFile region(partition.region.bytes);
    ImportOptions options;
    options.inputs = read_given_inputs({"rate=16000"});
    CHECK(import_onnx(region.path()).network.fingerprint == import_onnx(file.path(), options).network.fingerprint);
    REQUIRE(partition.back);
    CHECK(partition.back->nodes == 1);
}

TEST_CASE("are inputs that do not fit refused?") {
    const ModelBuilder model = model_with_rate();
    const auto refusal = [&](const std::string& text) {
        ImportOptions options;
        options.inputs = read_given_inputs({text});
        try {
            model.load(options);
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK_THAT(refusal("sr=16000"), ContainsSubstring("no such input") && ContainsSubstring("'x', 'rate'"));
    CHECK_THAT(refusal("rate=1.5"), ContainsSubstring("--input rate: 1.5"));
    CHECK_THAT(refusal("rate=1,2"), ContainsSubstring("2 numbers are given, and the input has 1"));
    CHECK_THROWS_WITH(read_given_inputs({"rate"}), ContainsSubstring("NAME=NUMBER"));
    CHECK_THROWS_WITH(read_given_inputs({"rate=a"}), ContainsSubstring("'a' is no number"));
    CHECK_THROWS_WITH(read_given_inputs({"rate=1", "rate=2"}), ContainsSubstring("already"));
    CHECK(texts_of(read_given_inputs({"a=b=1,-2.5"})) == std::vector<std::string>{"a=b=1,-2.5"});
}
