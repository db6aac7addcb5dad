// Records are ONNX messages (GraphProto), each behind its length in 8 bytes, so that a few lines of Python read them.
#include "whole/calls_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru {
namespace {

constexpr const char* kFormat = "bru-calls-1";
constexpr const char* kCall = "call";
constexpr const char* kEnd = "end";
constexpr const char* kSteps = "bru.steps";
constexpr const char* kCalls = "bru.calls";
constexpr const char* kFrontUs = "bru.front_us";
constexpr std::size_t kLengthBytes = 8;

void add_number(onnx::GraphProto& graph, const char* name, std::int64_t number) {
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::INT64);
    tensor.add_int64_data(number);
}

void add_number(onnx::GraphProto& graph, const char* name, double number) {
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::DOUBLE);
    tensor.add_double_data(number);
}

} // namespace

std::string calls_path(const std::string& trace_path) { return trace_path + ".calls"; }

CallsWriter::CallsWriter(const std::string& path, const std::string& fingerprint) : file_(path) {
    onnx::GraphProto head;
    head.set_name(kFormat);
    head.set_doc_string(fingerprint);
    write_record(head.SerializeAsString());
}

void CallsWriter::write_record(const std::string& bytes) {
    char length[kLengthBytes];
    const std::uint64_t count = bytes.size();
    std::memcpy(length, &count, sizeof length);
    file_.write({length, sizeof length});
    file_.write(bytes);
}

void CallsWriter::write(const GraphCall& call) {
    onnx::GraphProto record;
    record.set_name(kCall);
    add_number(record, kSteps, narrow<std::int64_t>(call.steps));
    for (const HostTensor& tensor : call.around) {
        onnx::TensorProto& kept = *record.add_initializer();
        kept.set_name(tensor.name);
        kept.set_data_type(static_cast<int>(tensor.type));
        for (const std::int64_t size : tensor.dims) kept.add_dims(size);
        kept.set_raw_data(tensor.bytes);
    }
    write_record(record.SerializeAsString());
    ++calls_;
}

void CallsWriter::commit(double front_us) {
    onnx::GraphProto end;
    end.set_name(kEnd);
    add_number(end, kCalls, narrow<std::int64_t>(calls_));
    add_number(end, kFrontUs, front_us);
    write_record(end.SerializeAsString());
    file_.commit();
}

CallsReader::CallsReader(const std::string& path, const std::string& fingerprint)
    : path_(path), file_(path, std::ios::binary) {
    if (!file_)
        throw InputError({path}, "is missing; it holds what the graph's outputs need beside the trace: make the trace "
                                 "of the whole model with bru trace");
    onnx::GraphProto head;
    if (!head.ParseFromString(read_record()) || head.name() != kFormat)
        throw InputError({path}, "is no file of calls, as bru trace writes it beside a trace; make the trace again");
    if (head.doc_string() != fingerprint)
        throw InputError({path}, "was written for another region or model; make the trace again with this model and "
                                 "the same --region");
}

std::string CallsReader::read_record() {
    char length[kLengthBytes];
    file_.read(length, sizeof length);
    std::uint64_t count = 0;
    std::memcpy(&count, length, sizeof count);
    const auto left = std::filesystem::file_size(path_);
    if (!file_ || count > left) throw InputError({path_}, "is damaged or cut short; make the trace again");
    std::string bytes(count, '\0');
    file_.read(bytes.data(), narrow<std::streamsize>(bytes.size()));
    if (!file_) throw InputError({path_}, "is damaged or cut short; make the trace again");
    return bytes;
}

std::optional<GraphCall> CallsReader::next() {
    if (ended_) return std::nullopt;
    const auto damaged = [&] { return InputError({path_}, "is damaged; make the trace again"); };
    onnx::GraphProto record;
    if (!record.ParseFromString(read_record())) throw damaged();
    if (record.name() == kEnd) {
        ended_ = true;
        if (record.initializer_size() != 2 || record.initializer(1).double_data_size() != 1) throw damaged();
        front_us_ = record.initializer(1).double_data(0);
        return std::nullopt;
    }
    if (record.name() != kCall || record.initializer_size() < 1 || record.initializer(0).int64_data_size() != 1)
        throw damaged();
    GraphCall call;
    const std::int64_t steps = record.initializer(0).int64_data(0);
    if (steps < 1) throw damaged();
    call.steps = narrow<std::uint64_t>(steps);
    for (int i = 1; i < record.initializer_size(); ++i) {
        const onnx::TensorProto& kept = record.initializer(i);
        HostTensor tensor{kept.name(), static_cast<ElementType>(kept.data_type()), {}, kept.raw_data()};
        for (const std::int64_t size : kept.dims()) tensor.dims.push_back(size);
        const std::size_t bytes = element_bytes(tensor.type);
        if (bytes == 0 || tensor.size() < 0 || narrow<std::uint64_t>(tensor.size()) * bytes != tensor.bytes.size())
            throw damaged();
        call.around.push_back(std::move(tensor));
    }
    ++calls_;
    return call;
}

} // namespace bru
