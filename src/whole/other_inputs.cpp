#include "whole/other_inputs.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/printable.hpp"

namespace bru {
namespace {

class CallsWithOthers : public CallSource {
public:
    explicit CallsWithOthers(std::unique_ptr<CallSource> data) : data_(std::move(data)) {}

    void add(const GraphInput& input, const std::string& path, const std::string& model) {
        Other other{input, open_calls(TraceSource::npy, path, input, model), {}};
        const std::uint64_t calls = count();
        if (other.calls->count() != calls && other.calls->count() != 1)
            throw InputError({path}, fmt::format("has the values of {} calls for input '{}', and the data have {} "
                                                 "calls; give as many, or those of one call for all",
                                                 other.calls->count(), printable(input.name), calls));
        if (other.calls->count() == 1) other.of_all_calls = tensor_of_call(input, *other.calls->next());
        others_.push_back(std::move(other));
    }

    std::optional<DataCall> next() override {
        std::optional<DataCall> call = data_->next();
        if (!call) return call;
        for (Other& other : others_)
            call->others.push_back(other.of_all_calls ? *other.of_all_calls
                                                      : tensor_of_call(other.input, *other.calls->next()));
        return call;
    }

    void restart() override {
        data_->restart();
        for (Other& other : others_) other.calls->restart();
    }

    std::uint64_t count() override { return data_->count(); }
    std::string remark() const override { return data_->remark(); }

private:
    struct Other {
        GraphInput input;
        std::unique_ptr<CallSource> calls;
        std::optional<HostTensor> of_all_calls;
    };

    static HostTensor tensor_of_call(const GraphInput& input, const DataCall& call) {
        return tensor_of(input.name, static_cast<ElementType>(input.element_type), call.dims, call.values);
    }

    std::unique_ptr<CallSource> data_;
    std::vector<Other> others_;
};

} // namespace

InputFiles read_input_files(const std::vector<std::string>& texts) {
    InputFiles files;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
            throw InputError(fmt::format("--input-npy {}: NAME=FILE is allowed, for example --input-npy mask=mask.npy",
                                         printable(text)));
        const std::string name = text.substr(0, equals);
        if (!files.emplace(name, text.substr(equals + 1)).second)
            throw InputError(
                fmt::format("--input-npy {}: input '{}' has a file already", printable(text), printable(name)));
    }
    return files;
}

std::unique_ptr<CallSource> with_other_inputs(std::unique_ptr<CallSource> data, const std::vector<GraphInput>& inputs,
                                              const InputFiles& files, const std::string& model) {
    if (files.empty()) return data;
    auto all = std::make_unique<CallsWithOthers>(std::move(data));
    for (const GraphInput& input : inputs)
        if (const auto file = files.find(input.name); file != files.end()) all->add(input, file->second, model);
    return all;
}

} // namespace bru
