// --wav: samples of a WAVE file, one step per sample with a number per channel, -1 to 1. PCM of 8 to 32 bits, and
// 32-bit float.
#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/integers.hpp"
#include "trace/data_set.hpp"

namespace bru {
namespace {

constexpr std::uint64_t kPcm = 1;
constexpr std::uint64_t kFloat = 3;
constexpr std::uint64_t kExtensible = 0xfffe; ///< the format stands at the end of the chunk
constexpr std::size_t kExtendedFormatBytes = 26;
constexpr std::uint64_t kUnknownSize = 0x7fff'0000; ///< programs that write to a pipe name such a size, or a larger one

std::uint64_t little_endian(const std::vector<unsigned char>& bytes, std::size_t place, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = count; i-- > 0;) value = value << 8 | bytes[place + i];
    return value;
}

struct WavFormat {
    std::uint64_t code = 0;
    std::uint64_t channels = 0;
    std::uint64_t sample_bytes = 0;
    std::uint64_t data_offset = 0;
    std::uint64_t samples = 0; ///< of each channel
};

[[noreturn]] void fail(const std::string& path, const std::string& why) {
    throw InputError({path}, why + "; save it as WAVE with PCM samples of 16 bits");
}

void read_format(WavFormat& format, const BinaryFile& file, std::uint64_t place, std::uint64_t size) {
    if (size < 16) fail(file.path(), "its chunk 'fmt ' is too short");
    const auto bytes = file.read(place, static_cast<std::size_t>(std::min<std::uint64_t>(size, kExtendedFormatBytes)));
    format.code = little_endian(bytes, 0, 2);
    format.channels = little_endian(bytes, 2, 2);
    const std::uint64_t bits = little_endian(bytes, 14, 2);
    if (format.code == kExtensible && bytes.size() == kExtendedFormatBytes) format.code = little_endian(bytes, 24, 2);
    format.sample_bytes = bits / 8;
    const bool is_pcm = format.code == kPcm && bits % 8 == 0 && bits >= 8 && bits <= 32;
    const bool is_float = format.code == kFloat && bits == 32;
    if ((!is_pcm && !is_float) || format.channels == 0)
        fail(file.path(), fmt::format("has {} channels of {} bits in format {}, which cannot be read", format.channels,
                                      bits, format.code));
}

/// Goes through the chunks to the samples.
WavFormat format_of(const BinaryFile& file) {
    constexpr std::uint64_t kHeadBytes = 12;
    constexpr std::uint64_t kChunkHeadBytes = 8;
    const auto head = file.size() >= kHeadBytes ? file.read(0, kHeadBytes) : std::vector<unsigned char>();
    if (head.empty() || std::memcmp(head.data(), "RIFF", 4) != 0 || std::memcmp(head.data() + 8, "WAVE", 4) != 0)
        fail(file.path(), "is no WAVE file" + file_kind_remark(file.path(), "a WAVE file"));
    WavFormat format;
    std::uint64_t place = kHeadBytes;
    while (place + kChunkHeadBytes <= file.size()) {
        const auto chunk = file.read(place, kChunkHeadBytes);
        const std::uint64_t size = little_endian(chunk, 4, 4);
        place += kChunkHeadBytes;
        if (std::memcmp(chunk.data(), "fmt ", 4) == 0) read_format(format, file, place, size);
        if (std::memcmp(chunk.data(), "data", 4) == 0) {
            if (format.channels == 0) fail(file.path(), "has samples before its chunk 'fmt '");
            format.data_offset = place;
            const std::uint64_t there = file.size() - place;
            if (size > there && size < kUnknownSize)
                throw InputError(
                    {file.path()},
                    fmt::format("is cut off: its header promises {} bytes of samples, and the file has {}; "
                                "copy it again, or write it anew",
                                size, there));
            format.samples = std::min(size, there) / format.sample_bytes / format.channels;
            if (format.samples == 0) fail(file.path(), "has no samples");
            return format;
        }
        place += size + size % 2;
    }
    fail(file.path(), "has no samples");
}

std::string taken_by(const Network& network) {
    if (network.input_encoding == InputEncoding::one_hot) return "one-hot symbols";
    return fmt::format("{} number{} per step", network.input_size(), network.input_size() == 1 ? "" : "s");
}

std::string instead_for(const Network& network) {
    if (network.input_encoding == InputEncoding::one_hot) return "symbols with --text, --csv or --npy";
    return fmt::format("a file of {} channel{}, or features of the sound with --csv or --npy", network.input_size(),
                       network.input_size() == 1 ? "" : "s");
}

class WavData : public DataSet {
public:
    WavData(const std::string& path, const Network& network) : file_(path), format_(format_of(file_)) {
        if (network.input_encoding == InputEncoding::one_hot ||
            format_.channels != static_cast<std::uint64_t>(network.input_size()))
            throw InputError({path}, fmt::format("has {} channel{}, and {} takes {}; give {}", format_.channels,
                                                 format_.channels == 1 ? "" : "s", network.name, taken_by(network),
                                                 instead_for(network)));
    }

    std::uint64_t sequence_count() override { return 1; }
    std::uint64_t step_count() override { return format_.samples; }
    void seek(std::uint64_t /*sequence*/) override { place_ = 0; }

    const Step* next() override {
        if (place_ == format_.samples) return nullptr;
        const std::uint64_t bytes_per_step = format_.sample_bytes * format_.channels;
        const std::uint64_t in_block = place_ % kBlockSteps;
        if (in_block == 0)
            block_ =
                file_.read(format_.data_offset + place_ * bytes_per_step,
                           static_cast<std::size_t>(std::min(kBlockSteps, format_.samples - place_) * bytes_per_step));
        step_.first = place_ == 0;
        step_.last = place_ + 1 == format_.samples;
        step_.values.clear();
        for (std::uint64_t channel = 0; channel < format_.channels; ++channel)
            step_.values.push_back(
                sample(static_cast<std::size_t>(in_block * bytes_per_step + channel * format_.sample_bytes)));
        ++place_;
        return &step_;
    }

private:
    static constexpr std::uint64_t kBlockSteps = 4096;

    double sample(std::size_t place) const {
        const auto bytes = static_cast<std::size_t>(format_.sample_bytes);
        const std::uint64_t raw = little_endian(block_, place, bytes);
        if (format_.code == kFloat) {
            const auto bits = static_cast<std::uint32_t>(raw);
            float value = 0;
            std::memcpy(&value, &bits, sizeof value);
            if (!std::isfinite(value))
                throw InputError({file_.path()}, fmt::format("sample {} is {}; inputs must be finite", place_, value));
            return value;
        }
        const double half = std::ldexp(1.0, static_cast<int>(8 * bytes) - 1);
        const auto number = static_cast<double>(raw);
        if (bytes == 1) return (number - half) / half; // 8 bits have no sign
        return (number >= half ? number - 2 * half : number) / half;
    }

    BinaryFile file_;
    WavFormat format_;
    std::vector<unsigned char> block_;
    std::uint64_t place_ = 0;
    Step step_;
};

} // namespace

int wav_channels(const std::string& path) { return narrow<int>(format_of(BinaryFile(path)).channels); }

std::unique_ptr<DataSet> open_wav(const std::string& path, const Network& network) {
    return std::make_unique<WavData>(path, network);
}

} // namespace bru
