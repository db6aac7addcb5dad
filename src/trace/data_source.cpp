#include "trace/data_source.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string_view>

#include "base/error.hpp"

namespace bru {

namespace {

std::string first_bytes(const std::string& path) {
    constexpr std::uint64_t kBytes = 16;
    const BinaryFile file(path);
    const auto bytes = file.read(0, static_cast<std::size_t>(std::min(kBytes, file.size())));
    return {bytes.begin(), bytes.end()};
}

bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

bool is_folder(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
}

} // namespace

std::unique_ptr<DataSet> open_data(TraceSource source, const std::string& path, const Network& network) {
    switch (source) {
    case TraceSource::text: return open_text(path, network);
    case TraceSource::images: return open_images(path, network);
    case TraceSource::csv: return open_csv(path, network);
    case TraceSource::npy: return open_npy(path, network);
    case TraceSource::wav: return open_wav(path, network);
    case TraceSource::sample: break;
    }
    return nullptr;
}

bool is_trace(const std::string& path) { return !is_folder(path) && starts_with(first_bytes(path), "bru trace "); }

TraceSource data_kind(const std::string& path, const Network& network) {
    if (is_folder(path)) return TraceSource::images;
    const std::string bytes = first_bytes(path);
    if (starts_with(bytes, "\x93NUMPY")) return TraceSource::npy;
    if (starts_with(bytes, std::string_view("\0\0\x08", 3))) return TraceSource::images;
    if (starts_with(bytes, "RIFF")) return TraceSource::wav;
    const std::string ending = std::filesystem::path(path).extension().string();
    if (ending == ".npy") return TraceSource::npy;
    if (ending == ".csv") return TraceSource::csv;
    if (ending == ".json") return TraceSource::images;
    const bool takes_text = network.input_encoding == InputEncoding::one_hot && !network.vocabulary.empty();
    return takes_text ? TraceSource::text : TraceSource::csv;
}

DataSteps::DataSteps(const DataChoice& choice, const Network& network) : path_(choice.path) {
    if (is_trace(path_)) {
        if (!choice.labels_path.empty() || !choice.indices_path.empty())
            throw InputError({path_}, "is a trace, which has sequences and labels of its own; leave --labels and "
                                      "--indices out, or give the data that the trace was made of");
        source_ = std::make_unique<TraceReader>(path_, network);
    } else {
        data_ = open_data(data_kind(path_, network), path_, network);
        source_ = std::make_unique<PickedSteps>(*data_, choice.indices_path, choice.labels_path);
    }
    limited_ =
        std::make_unique<LimitedSteps>(*source_, choice.steps.value_or(std::numeric_limits<std::uint64_t>::max()));
}

const Step* DataSteps::next() {
    const Step* const step = limited_->next();
    if (step == nullptr && !any_) throw without_steps(path_);
    any_ = true;
    return step;
}

} // namespace bru
