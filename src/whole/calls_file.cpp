// Records are ONNX messages (GraphProto), each behind its length in 8 bytes, so that a few lines of Python read them.
// The length of the last one stands behind it once more, so that a reader finds it without the others.
#include "whole/calls_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/fnv.hpp"
#include "base/integers.hpp"
#include "base/printable.hpp"
#include "model/onnx/protobuf.hpp"

namespace bru {
namespace {

constexpr const char* kFormat = "bru-calls-2";
constexpr const char* kCall = "call";
constexpr const char* kEnd = "end";
constexpr const char* kSteps = "bru.steps";
constexpr const char* kCalls = "bru.calls";
constexpr const char* kFrontUs = "bru.front_us";
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kChunkBytes = 1 << 16;

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

std::string length_text(std::uint64_t count) {
    std::string bytes(kLengthBytes, '\0');
    std::memcpy(bytes.data(), &count, kLengthBytes);
    return bytes;
}

/// Tells one trace from another.
std::string digest_of(const std::string& trace_path) {
    std::ifstream trace(trace_path, std::ios::binary);
    std::vector<char> chunk(kChunkBytes);
    std::uint64_t digest = kFnvStart;
    while (trace.read(chunk.data(), narrow<std::streamsize>(chunk.size())) || trace.gcount() > 0)
        digest = fnv1a(digest, std::string_view(chunk.data(), narrow<std::size_t>(trace.gcount())));
    return fmt::format("{:016x}", digest);
}

InputError damaged(const std::string& path) {
    return InputError({path}, "is damaged or cut short; make the trace again with bru trace");
}

/// The record that begins here.
std::string read_record(std::ifstream& file, const std::string& path) {
    char length[kLengthBytes];
    file.read(length, sizeof length);
    std::uint64_t count = 0;
    std::memcpy(&count, length, sizeof count);
    if (!file || count > std::filesystem::file_size(path)) throw damaged(path);
    std::string bytes(count, '\0');
    file.read(bytes.data(), narrow<std::streamsize>(bytes.size()));
    if (!file) throw damaged(path);
    return bytes;
}

/// What the last record says.
struct CallsEnd {
    std::string trace_digest;
    double front_us = 0;
};

CallsEnd read_end(std::ifstream& file, const std::string& path) {
    file.seekg(-static_cast<std::streamoff>(kLengthBytes), std::ios::end);
    char length[kLengthBytes];
    file.read(length, sizeof length);
    std::uint64_t count = 0;
    std::memcpy(&count, length, sizeof count);
    if (!file || count > std::filesystem::file_size(path)) throw damaged(path);
    file.seekg(-static_cast<std::streamoff>(count + 2 * kLengthBytes), std::ios::end);
    onnx::GraphProto end;
    if (!file || !end.ParseFromString(read_record(file, path)) || end.name() != kEnd || end.initializer_size() != 2 ||
        end.initializer(1).double_data_size() != 1)
        throw damaged(path);
    return {end.doc_string(), end.initializer(1).double_data(0)};
}

/// Whether the bytes are those of the dimensions, whose product may be larger than any number of elements.
bool has_all_elements(const HostTensor& tensor) {
    const std::size_t bytes = element_bytes(tensor.type);
    if (bytes == 0 || tensor.bytes.size() % bytes != 0) return false;
    const auto elements = narrow<std::int64_t>(tensor.bytes.size() / bytes);
    std::int64_t count = 1;
    bool empty = false;
    for (const std::int64_t size : tensor.dims) {
        if (size < 0) return false;
        empty = empty || size == 0;
    }
    if (empty) return elements == 0;
    for (const std::int64_t size : tensor.dims) {
        if (size > elements / count) return false;
        count *= size;
    }
    return count == elements;
}

} // namespace

std::string calls_path(const std::string& trace_path) { return trace_path + ".calls"; }

bool has_calls(const std::string& trace_path) {
    const std::string path = calls_path(trace_path);
    std::ifstream file(path, std::ios::binary);
    return file && read_end(file, path).trace_digest == digest_of(trace_path);
}

CallsWriter::CallsWriter(const std::string& trace_path, const std::string& fingerprint)
    : trace_path_(trace_path), file_(calls_path(trace_path)) {
    onnx::GraphProto head;
    head.set_name(kFormat);
    head.set_doc_string(fingerprint);
    write_record(head.SerializeAsString());
}

void CallsWriter::write_record(const std::string& bytes) {
    file_.write(length_text(bytes.size()));
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
    end.set_doc_string(digest_of(trace_path_));
    add_number(end, kCalls, narrow<std::int64_t>(calls_));
    add_number(end, kFrontUs, front_us);
    const std::string bytes = end.SerializeAsString();
    write_record(bytes);
    file_.write(length_text(bytes.size()));
    file_.commit();
}

CallsReader::CallsReader(const std::string& trace_path, const std::string& fingerprint)
    : path_(calls_path(trace_path)), file_(path_, std::ios::binary) {
    if (!file_)
        throw InputError({path_}, "is missing; it holds what the graph's outputs need beside the trace: make the trace "
                                  "of the whole model with bru trace");
    onnx::GraphProto head;
    if (!head.ParseFromString(read_record(file_, path_)) || head.name() != kFormat)
        throw InputError({path_}, "is no file of calls, as bru trace writes it beside a trace; make the trace again");
    if (head.doc_string() != fingerprint)
        throw InputError({path_}, "was written for another region or model; make the trace again with this model and "
                                  "the same --region");
    const std::streampos calls_begin = file_.tellg();
    const CallsEnd end = read_end(file_, path_);
    if (end.trace_digest != digest_of(trace_path))
        throw InputError({path_}, fmt::format("belongs to an older {}; make the trace of the whole model again with "
                                              "bru trace, without --output",
                                              printable(trace_path)));
    front_us_ = end.front_us;
    file_.seekg(calls_begin);
}

std::optional<GraphCall> CallsReader::next() {
    if (ended_) return std::nullopt;
    onnx::GraphProto record;
    if (!record.ParseFromString(read_record(file_, path_))) throw damaged(path_);
    if (record.name() == kEnd) {
        ended_ = true;
        return std::nullopt;
    }
    if (record.name() != kCall || record.initializer_size() < 1 || record.initializer(0).int64_data_size() != 1)
        throw damaged(path_);
    GraphCall call;
    const std::int64_t steps = record.initializer(0).int64_data(0);
    if (steps < 1) throw damaged(path_);
    call.steps = narrow<std::uint64_t>(steps);
    for (int i = 1; i < record.initializer_size(); ++i) {
        const onnx::TensorProto& kept = record.initializer(i);
        HostTensor tensor{kept.name(), static_cast<ElementType>(kept.data_type()), {}, kept.raw_data()};
        for (const std::int64_t size : kept.dims()) tensor.dims.push_back(size);
        if (!has_all_elements(tensor)) throw damaged(path_);
        call.around.push_back(std::move(tensor));
    }
    ++calls_;
    return call;
}

} // namespace bru
