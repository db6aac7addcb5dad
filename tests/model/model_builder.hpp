// Builds small ONNX models for tests, node by node, and writes them to a temporary file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include "model/onnx/import.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru::test {

/// A file that is gone with the object.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& bytes) {
        static int count = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("bru_test_" + std::to_string(getpid()) + "_" + std::to_string(count++) + ".onnx");
        std::ofstream(path_, std::ios::binary) << bytes;
    }
    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

class NodeBuilder {
public:
    explicit NodeBuilder(onnx::NodeProto* node) : node_(node) {}
    NodeBuilder& integer(const std::string& name, std::int64_t value) {
        attribute(name, onnx::AttributeProto::INT)->set_i(value);
        return *this;
    }
    NodeBuilder& real(const std::string& name, float value) {
        attribute(name, onnx::AttributeProto::FLOAT)->set_f(value);
        return *this;
    }
    NodeBuilder& text(const std::string& name, const std::string& value) {
        attribute(name, onnx::AttributeProto::STRING)->set_s(value);
        return *this;
    }
    NodeBuilder& integers(const std::string& name, const std::vector<std::int64_t>& values) {
        auto* made = attribute(name, onnx::AttributeProto::INTS);
        for (const std::int64_t value : values) made->add_ints(value);
        return *this;
    }
    NodeBuilder& texts(const std::string& name, const std::vector<std::string>& values) {
        auto* made = attribute(name, onnx::AttributeProto::STRINGS);
        for (const std::string& value : values) made->add_strings(value);
        return *this;
    }

private:
    onnx::AttributeProto* attribute(const std::string& name, onnx::AttributeProto::AttributeType type) {
        auto* made = node_->add_attribute();
        made->set_name(name);
        made->set_type(type);
        return made;
    }
    onnx::NodeProto* node_;
};

class ModelBuilder {
public:
    explicit ModelBuilder(int opset = 14) {
        proto.set_ir_version(7);
        proto.add_opset_import()->set_version(opset);
        proto.mutable_graph()->set_name("test");
    }

    /// A dimension is a number, or where it is open a name or nothing.
    ModelBuilder& input(const std::string& name, const std::vector<std::string>& dims) {
        set_float_tensor(*proto.mutable_graph()->add_input(), name, dims);
        return *this;
    }
    /// Of unknown type and shape.
    ModelBuilder& output(const std::string& name) {
        proto.mutable_graph()->add_output()->set_name(name);
        return *this;
    }
    ModelBuilder& output(const std::string& name, const std::vector<std::string>& dims) {
        set_float_tensor(*proto.mutable_graph()->add_output(), name, dims);
        return *this;
    }
    ModelBuilder& floats(const std::string& name, const std::vector<std::int64_t>& dims,
                         const std::vector<float>& values) {
        auto* tensor = initializer(name, dims, onnx::TensorProto::FLOAT);
        for (const float value : values) tensor->add_float_data(value);
        return *this;
    }
    ModelBuilder& int8s(const std::string& name, const std::vector<std::int64_t>& dims,
                        const std::vector<int>& values) {
        auto* tensor = initializer(name, dims, onnx::TensorProto::INT8);
        for (const int value : values) tensor->add_int32_data(value);
        return *this;
    }
    ModelBuilder& int64s(const std::string& name, const std::vector<std::int64_t>& dims,
                         const std::vector<std::int64_t>& values) {
        auto* tensor = initializer(name, dims, onnx::TensorProto::INT64);
        for (const std::int64_t value : values) tensor->add_int64_data(value);
        return *this;
    }
    NodeBuilder node(const std::string& op, const std::vector<std::string>& inputs,
                     const std::vector<std::string>& outputs) {
        auto* made = proto.mutable_graph()->add_node();
        made->set_op_type(op);
        made->set_name(op + "_" + outputs.front());
        for (const std::string& name : inputs) made->add_input(name);
        for (const std::string& name : outputs) made->add_output(name);
        return NodeBuilder(made);
    }
    ModelBuilder& metadata(const std::string& key, const std::string& value) {
        auto* property = proto.add_metadata_props();
        property->set_key(key);
        property->set_value(value);
        return *this;
    }

    /// Initializers NAME_W, NAME_R and NAME_B of binary rows: row r of W has magnitude 0.1 + r/100, of R 0.2 + r/100.
    ModelBuilder& lstm_weights(const std::string& name, std::int64_t directions, std::int64_t inputs,
                               std::int64_t units) {
        return cell_weights(name, directions, inputs, units, 4);
    }

    /// The same for a GRU.
    ModelBuilder& gru_weights(const std::string& name, std::int64_t directions, std::int64_t inputs,
                              std::int64_t units) {
        return cell_weights(name, directions, inputs, units, 3);
    }

    /// Rows of +a and -a in a fixed irregular pattern.
    static std::vector<float> binary(std::int64_t rows, std::int64_t columns, float base) {
        std::vector<float> values;
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t column = 0; column < columns; ++column) {
                const float magnitude = base + 0.01F * static_cast<float>(row);
                values.push_back((row * 7 + column * 5 + row * column) % 3 == 0 ? -magnitude : magnitude);
            }
        return values;
    }

    /// [steps, 1, 3] -> LSTM of 2 units -> outputs y, y_h, y_c. Nothing is a graph output yet.
    NodeBuilder simple_lstm(const std::vector<std::string>& more_inputs = {}, std::int64_t directions = 1) {
        input("x", {"steps", "1", "3"});
        lstm_weights("l", directions, 3, 2);
        std::vector<std::string> inputs = {"x", "l_W", "l_R", "l_B"};
        inputs.insert(inputs.end(), more_inputs.begin(), more_inputs.end());
        NodeBuilder made = node("LSTM", inputs, {"y", "y_h", "y_c"});
        made.integer("hidden_size", 2);
        return made;
    }

    /// [batch 1, channels 2, samples] -> convolution, Relu -> an LSTM of 2 units over every second sample, in "y".
    void convolution_before_lstm() {
        input("audio", {"1", "2", "samples"}).floats("K", {3, 2, 3}, std::vector<float>(18, 0.5F));
        node("Conv", {"audio", "K"}, {"c"}).integers("strides", {2}).integers("pads", {1, 1});
        node("Relu", {"c"}, {"r"});
        node("Transpose", {"r"}, {"features"}).integers("perm", {2, 0, 1});
        lstm_weights("l", 1, 3, 2);
        node("LSTM", {"features", "l_W", "l_R", "l_B"}, {"y"}).integer("hidden_size", 2);
    }

    /// "x" -> an LSTM of 2 units, "y", whose states of zero have the batch of graph input `batch_of` (axis 0), as
    /// PyTorch makes them.
    void lstm_with_states_of(const std::string& batch_of) {
        int64s("place", {1}, {0}).int64s("one", {1}, {1}).int64s("two", {1}, {2});
        node("Shape", {batch_of}, {"shape"});
        node("Gather", {"shape", "place"}, {"size"});
        node("Concat", {"one", "size", "two"}, {"state_shape"}).integer("axis", 0);
        node("ConstantOfShape", {"state_shape"}, {"h"});
        lstm_weights("l", 1, 3, 2);
        node("LSTM", {"x", "l_W", "l_R", "l_B", "", "h", "h"}, {"y"}).integer("hidden_size", 2);
    }

    ImportedModel load(const ImportOptions& options = {}) const {
        const TemporaryFile file(proto.SerializeAsString());
        return import_onnx(file.path(), options);
    }

    ModelRegions regions() const {
        const TemporaryFile file(proto.SerializeAsString());
        return list_regions(file.path());
    }

    onnx::ModelProto proto;

private:
    ModelBuilder& cell_weights(const std::string& name, std::int64_t directions, std::int64_t inputs,
                               std::int64_t units, std::int64_t gates) {
        const std::int64_t rows = gates * units;
        floats(name + "_W", {directions, rows, inputs}, binary(directions * rows, inputs, 0.1F));
        floats(name + "_R", {directions, rows, units}, binary(directions * rows, units, 0.2F));
        std::vector<float> bias;
        for (std::int64_t i = 0; i < directions * 2 * rows; ++i) bias.push_back(0.01F * static_cast<float>(i));
        return floats(name + "_B", {directions, 2 * rows}, bias);
    }
    static void set_float_tensor(onnx::ValueInfoProto& value, const std::string& name,
                                 const std::vector<std::string>& dims) {
        value.set_name(name);
        auto* tensor = value.mutable_type()->mutable_tensor_type();
        tensor->set_elem_type(onnx::TensorProto::FLOAT);
        for (const std::string& size : dims) {
            auto* dimension = tensor->mutable_shape()->add_dim();
            if (size.find_first_not_of("0123456789") != std::string::npos)
                dimension->set_dim_param(size);
            else if (!size.empty())
                dimension->set_dim_value(std::stoll(size));
        }
    }
    onnx::TensorProto* initializer(const std::string& name, const std::vector<std::int64_t>& dims, int type) {
        auto* tensor = proto.mutable_graph()->add_initializer();
        tensor->set_name(name);
        tensor->set_data_type(type);
        for (const std::int64_t size : dims) tensor->add_dims(size);
        return tensor;
    }
};

/// One per line.
inline std::string all_messages(const ImportedModel& model) {
    std::string text;
    for (const std::string& message : model.messages) text += message + "\n";
    return text;
}

} // namespace bru::test
