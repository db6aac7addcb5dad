#include "train/text_task.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>

#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/fnv.hpp"
#include "base/folder_names.hpp"
#include "base/integers.hpp"
#include "base/output_file.hpp"
#include "base/read_text.hpp"

namespace bru::train {
namespace {

constexpr std::int64_t kLeastCharacters = 1000;
constexpr std::size_t kMostSymbols = 32768;
constexpr std::int64_t kScoreWindow = 500;
constexpr std::int64_t kScoreStreams = 64;
constexpr std::int64_t kWarmup = 500; ///< characters that a stream reads before it is scored, to have the right state

std::string whole_file(const std::string& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        throw InputError(fmt::format("{}: is a folder; give a text file", path));
    std::ifstream file(path, std::ios::binary);
    if (!file) throw unreadable(path, errno);
    return rest_of(file, path);
}

/// Length of the UTF-8 sequence at `at`, 0 where there is none (overlong forms and surrogates are none).
std::size_t character_length(const std::string& bytes, std::size_t at) {
    const auto byte = [&](std::size_t k) {
        return at + k < bytes.size() ? static_cast<unsigned char>(bytes[at + k]) : 0U;
    };
    const auto follows = [&](std::size_t count) {
        for (std::size_t k = 1; k <= count; ++k)
            if ((byte(k) & 0xc0U) != 0x80U) return false;
        return true;
    };
    const unsigned first = byte(0);
    const unsigned second = byte(1);
    if (first < 0x80U) return 1;
    if (first >= 0xc2U && first <= 0xdfU && follows(1)) return 2;
    if (first >= 0xe0U && first <= 0xefU && follows(2) && !(first == 0xe0U && second < 0xa0U) &&
        !(first == 0xedU && second >= 0xa0U))
        return 3;
    if (first >= 0xf0U && first <= 0xf4U && follows(3) && !(first == 0xf0U && second < 0x90U) &&
        !(first == 0xf4U && second >= 0x90U))
        return 4;
    return 0;
}

/// `name` is a file's where the text is one of the user.
[[noreturn]] void refuse_byte(const std::string& bytes, std::size_t at, const std::string& name) {
    const auto line = 1 + std::count(bytes.begin(), bytes.begin() + at, '\n');
    const std::size_t start = at == 0 ? 0 : bytes.rfind('\n', at - 1) + 1;
    const std::string other_kind = file_kind_remark(name, "text");
    throw InputError(fmt::format("{}: line {}, byte {} of it: 0x{:02x} is not UTF-8{}", name, line, at - start + 1,
                                 static_cast<unsigned char>(bytes[at]),
                                 other_kind.empty() ? "; convert the text first (iconv -t UTF-8)" : other_kind));
}

} // namespace

Text text_from(const std::string& bytes, const std::string& name) {
    if (bytes.empty())
        throw InputError(fmt::format("{}: is empty; give a text of at least {} characters", name, kLeastCharacters));
    std::map<std::string, std::int32_t> known; // UTF-8 sorts as code points do
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t length = character_length(bytes, at);
        if (length == 0) refuse_byte(bytes, at, name);
        known.emplace(bytes.substr(at, length), 0);
        at += length;
    }
    if (known.size() < 2)
        throw InputError(fmt::format(
            "{}: has one kind of character only; there is nothing to predict: give a text with at least two", name));
    if (known.size() > kMostSymbols)
        throw InputError(fmt::format("{}: has {} kinds of characters, more than the {} that are allowed", name,
                                     known.size(), kMostSymbols));
    Text text;
    text.name = name;
    for (auto& [character, index] : known) {
        index = narrow<std::int32_t>(text.vocabulary.size());
        text.vocabulary.push_back(character);
    }
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t length = character_length(bytes, at);
        text.symbols.push_back(known.find(bytes.substr(at, length))->second);
        at += length;
    }
    return text;
}

Text read_text(const std::string& path) { return text_from(whole_file(path), path); }

std::string kernel_headers(const std::string& folder) {
    const std::vector<std::string> files = names_in_folder(folder, ".h");
    if (files.empty())
        throw InputError(fmt::format("{}: has no kernel headers; install linux-libc-dev, or give a text file", folder));
    std::string text;
    for (const std::string& file : files) text += whole_file((std::filesystem::path(folder) / file).string());
    return text;
}

TextTask::TextTask(Text text, const TextSplit& split, const TextBatches& batches)
    : text_(std::move(text)), batches_(batches) {
    const auto count = real(size());
    training_end_ = static_cast<std::int64_t>(count * split.training);
    validation_end_ = static_cast<std::int64_t>(count * (split.training + split.validation));
    if (size() < kLeastCharacters)
        throw InputError(fmt::format("{}: has {} characters; at least {} are needed: give a longer text", text_.name,
                                     size(), kLeastCharacters));
    const TextBatches wanted = batches_;
    batches_.window = std::min(batches_.window, std::max<std::int64_t>(10, training_end_ / 20));
    // At least four windows a place, so that states are carried from window to window.
    const std::int64_t most = (training_end_ - 1) / batches_.window;
    batches_.batch = std::clamp<std::int64_t>(batches_.batch, 1, std::max<std::int64_t>(1, most / 4));
    windows_ = (training_end_ - 1 - batches_.window) / (batches_.batch * batches_.window);
    if (batches_.batch != wanted.batch || batches_.window != wanted.window)
        remark_ = fmt::format("note: a step reads {} places of {} characters, not {} of {}: the text is too short for "
                              "them",
                              batches_.batch, batches_.window, wanted.batch, wanted.window);
}

NetworkShape TextTask::shape() const {
    NetworkShape shape;
    shape.inputs = shape.outputs = count_of(text_.vocabulary);
    shape.one_hot = true;
    shape.every_step = true;
    return shape;
}

Batch TextTask::batch(std::int64_t step) {
    const std::uint64_t epoch = step / windows_;
    const std::int64_t window = step % windows_;
    const std::int64_t places = batches_.batch;
    const std::int64_t stride = (training_end_ - 1 - batches_.window) / places;
    // Every epoch cuts the text at other places.
    const std::int64_t shift = drawn(batches_.seed, epoch, batches_.window);
    Batch batch;
    batch.inputs = at::empty({batches_.window, places}, at::kInt);
    batch.labels = at::empty({batches_.window * places}, at::kInt);
    batch.continues = window > 0;
    std::int32_t* input = batch.inputs.data_ptr<std::int32_t>();
    std::int32_t* label = batch.labels.data_ptr<std::int32_t>();
    for (std::int64_t t = 0; t < batches_.window; ++t) {
        for (std::int64_t place = 0; place < places; ++place) {
            const std::size_t at = shift + place * stride + window * batches_.window + t;
            *input++ = text_.symbols[at];
            *label++ = text_.symbols[at + 1];
        }
    }
    return batch;
}

Score TextTask::score(const NetworkShape& shape, const Weights& weights, Split split) {
    // The part is cut into streams that run side by side, each warmed up on the characters before it: the same as one
    // run over the whole part but for what a state remembers longer than the warm-up.
    const std::int64_t first = begin(split);
    const std::int64_t labelled = end(split) - first - 1;
    const std::int64_t streams = std::clamp<std::int64_t>(labelled / (4 * kWarmup), 1, kScoreStreams);
    const std::int64_t length = (labelled + streams - 1) / streams;
    const c10::NoGradGuard no_gradients;
    std::vector<LstmState> states;
    double nats = 0;
    std::int64_t correct = 0;
    for (std::int64_t start = -kWarmup; start < length; start += kScoreWindow) {
        const std::int64_t steps = std::min(kScoreWindow, length - start);
        at::Tensor inputs = at::empty({steps, streams}, at::kInt);
        at::Tensor labels = at::full({steps, streams}, -1, at::kInt);
        for (std::int64_t t = 0; t < steps; ++t) {
            for (std::int64_t stream = 0; stream < streams; ++stream) {
                const std::int64_t offset = start + t;
                const std::int64_t at = first + stream * length + offset;
                const bool inside = offset >= 0 && at + 1 < end(split);
                // The first stream has nothing before it within the part: its state begins as zero, in the part.
                const std::int64_t read = std::clamp<std::int64_t>(at, first, end(split) - 1);
                inputs.data_ptr<std::int32_t>()[t * streams + stream] = text_.symbols[read];
                if (inside) labels.data_ptr<std::int32_t>()[t * streams + stream] = text_.symbols[at + 1];
            }
        }
        if (start == 0 && !states.empty()) {
            for (LstmState& state : states) {
                state.h.select(0, 0).zero_();
                state.c.select(0, 0).zero_();
            }
        }
        NetworkOutput output = run_network(shape, weights, inputs, states, {});
        states = output.states;
        if (start < 0) continue;
        const at::Tensor rows = labels.view(-1).ge(0).nonzero().view(-1);
        const at::Tensor logits = output.logits.index_select(0, rows);
        const at::Tensor kept = labels.view(-1).index_select(0, rows);
        nats += cross_entropy(logits, kept).item<double>() * real(kept.numel());
        correct += logits.argmax(1).eq(kept).sum().item<std::int64_t>();
    }
    const auto count = real(labelled);
    return {nats / count, real(correct) / count, labelled};
}

std::string TextTask::description() const {
    std::uint64_t sum = kFnvStart;
    for (const std::int32_t symbol : text_.symbols) sum = fnv1a(sum, narrow<std::uint64_t>(symbol));
    return fmt::format("{} characters of {} kinds (checksum {:08x}): {} to train, {} to validate, {} to test", size(),
                       text_.vocabulary.size(), sum & 0xffffffffU, training_end_, validation_end_ - training_end_,
                       size() - validation_end_);
}

TraceOptions TextTask::test_trace(const std::string& folder, const std::string& stem) const {
    TraceOptions options;
    options.source = TraceSource::text;
    options.path = folder + "/" + stem + ".test.txt";
    OutputFile file(options.path);
    file.write(characters(begin(Split::test), end(Split::test)));
    file.commit();
    return options;
}

std::string TextTask::characters(std::int64_t from, std::int64_t to) const {
    std::string text;
    for (std::int64_t at = from; at < to; ++at) text += text_.vocabulary[text_.symbols[at]];
    return text;
}

} // namespace bru::train
