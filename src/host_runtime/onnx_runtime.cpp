// The one file that knows ONNX Runtime. Its headers are needed for the build, its library only where a session is made:
// dlopen() brings it, and everything goes through the table of functions that it gives.
#include "host_runtime/session.hpp"

#include <iostream>

#include <dlfcn.h>
#include <fmt/format.h>

#define ORT_API_MANUAL_INIT
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <onnxruntime_cxx_api.h>
#pragma GCC diagnostic pop

#include "base/error.hpp"
#include "base/printable.hpp"

namespace bru {
namespace {

struct Runtime {
    const OrtApiBase* base = nullptr;
    std::string problem; ///< where there is none
};

/// Debian's ONNX Runtime 1.21 complains of each operator that libonnx has registered before, a thousand lines long, and
/// works nevertheless.
class QuietErrors {
public:
    QuietErrors() : before_(std::cerr.rdbuf(nullptr)) {}
    ~QuietErrors() { std::cerr.rdbuf(before_); }
    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;

private:
    std::streambuf* before_;
};

Runtime load_runtime() {
    void* const library = dlopen(BRU_ONNX_RUNTIME_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
        return {nullptr, fmt::format("ONNX Runtime cannot be loaded ({}); install the package libonnxruntime-dev, or "
                                     "cut the model with `bru partition`",
                                     dlerror())};
    using GetBase = const OrtApiBase* (*)();
    const auto get_base = reinterpret_cast<GetBase>(dlsym(library, "OrtGetApiBase"));
    const OrtApiBase* const base = get_base != nullptr ? get_base() : nullptr;
    const OrtApi* const api = base != nullptr ? base->GetApi(ORT_API_VERSION) : nullptr;
    if (api == nullptr)
        return {nullptr, fmt::format("{} is another version of ONNX Runtime than this program was built with; build "
                                     "the program again",
                                     BRU_ONNX_RUNTIME_LIBRARY)};
    Ort::InitApi(api);
    return {base, ""};
}

const Runtime& runtime() {
    static const Runtime loaded = load_runtime();
    return loaded;
}

Ort::Env& environment() {
    static Ort::Env env(ORT_LOGGING_LEVEL_ERROR, "bru");
    return env;
}

std::string shown(const Ort::Exception& error) {
    constexpr std::size_t kMostCharacters = 300;
    return printable(error.what(), kMostCharacters);
}

HostTensor from_value(const std::string& name, const Ort::Value& value, const std::string& label) {
    if (!value.IsTensor())
        throw InputError(fmt::format("{}: output '{}' is no tensor, but a list or a map", label, name));
    const auto information = value.GetTensorTypeAndShapeInfo();
    HostTensor tensor{name, static_cast<ElementType>(information.GetElementType()), information.GetShape(), {}};
    const std::size_t bytes = element_bytes(tensor.type);
    if (bytes == 0)
        throw InputError(fmt::format("{}: output '{}' has elements of {}, which cannot be read here", label, name,
                                     element_type_name(tensor.type)));
    tensor.bytes.assign(static_cast<const char*>(value.GetTensorRawData()), information.GetElementCount() * bytes);
    return tensor;
}

} // namespace

struct HostSession::State {
    std::string label;
    Ort::Session session{nullptr};
    std::vector<std::string> outputs; ///< all names
};

std::string why_no_host_runtime() { return runtime().problem; }

std::string host_runtime_name() {
    return runtime().base == nullptr ? "" : fmt::format("ONNX Runtime {}", runtime().base->GetVersionString());
}

HostSession::HostSession(const std::string& model, std::string label, int threads) : state_(std::make_unique<State>()) {
    if (!runtime().problem.empty()) throw InputError(runtime().problem);
    state_->label = std::move(label);
    try {
        Ort::SessionOptions options;
        options.SetIntraOpNumThreads(threads);
        options.SetInterOpNumThreads(1);
        options.AddConfigEntry("session.disable_quant_qdq", "1"); // weights are dequantized once
        options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
        const QuietErrors quiet;
        state_->session = Ort::Session(environment(), model.data(), model.size(), options);
        Ort::AllocatorWithDefaultOptions allocator;
        for (std::size_t i = 0; i < state_->session.GetOutputCount(); ++i)
            state_->outputs.emplace_back(state_->session.GetOutputNameAllocated(i, allocator).get());
    } catch (const Ort::Exception& error) {
        throw InputError(fmt::format("ONNX Runtime refuses {}: {}", state_->label, shown(error)));
    }
}

HostSession::~HostSession() = default;
HostSession::HostSession(HostSession&&) noexcept = default;
HostSession& HostSession::operator=(HostSession&&) noexcept = default;

namespace {

/// The call of ONNX Runtime itself.
std::vector<Ort::Value> call(Ort::Session& session, const std::vector<HostTensor>& inputs,
                             const std::vector<std::string>& outputs) {
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    std::vector<const char*> input_names;
    std::vector<Ort::Value> values;
    for (const HostTensor& input : inputs) {
        input_names.push_back(input.name.c_str());
        // ONNX Runtime takes a pointer to data that it does not change.
        values.push_back(Ort::Value::CreateTensor(memory, const_cast<char*>(input.bytes.data()), input.bytes.size(),
                                                  input.dims.data(), input.dims.size(),
                                                  static_cast<ONNXTensorElementDataType>(input.type)));
    }
    std::vector<const char*> output_names;
    for (const std::string& name : outputs) output_names.push_back(name.c_str());
    return session.Run(Ort::RunOptions{nullptr}, input_names.data(), values.data(), values.size(), output_names.data(),
                       output_names.size());
}

} // namespace

std::vector<HostTensor> HostSession::run(const std::vector<HostTensor>& inputs,
                                         const std::vector<std::string>& outputs) {
    try {
        const std::vector<Ort::Value> made = call(state_->session, inputs, outputs);
        std::vector<HostTensor> tensors;
        for (std::size_t i = 0; i < made.size(); ++i) tensors.push_back(from_value(outputs[i], made[i], state_->label));
        return tensors;
    } catch (const Ort::Exception& error) {
        throw InputError(fmt::format("ONNX Runtime cannot run {}: {}", state_->label, shown(error)));
    }
}

void HostSession::run_all(const std::vector<HostTensor>& inputs) {
    try {
        call(state_->session, inputs, state_->outputs);
    } catch (const Ort::Exception& error) {
        throw InputError(fmt::format("ONNX Runtime cannot run {}: {}", state_->label, shown(error)));
    }
}

} // namespace bru
