#include "platform/image_file.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/output_file.hpp"
#include "machine/image_format.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

using Words = std::vector<std::uint32_t>;

/// Little-endian, whatever the host is.
std::string bytes_of(const Words& words) {
    std::string bytes;
    bytes.reserve(words.size() * 4);
    for (const std::uint32_t word : words)
        for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(word >> shift & 0xFF);
    return bytes;
}

void append_beats(Words& words, const std::uint64_t* beats, std::size_t count) {
    for (std::size_t beat = 0; beat < count; ++beat) {
        words.push_back(static_cast<std::uint32_t>(beats[beat] & 0xFFFFFFFF));
        words.push_back(static_cast<std::uint32_t>(beats[beat] >> 32));
    }
}

/// Bytes 0 up to the checksum are not part of it.
constexpr std::size_t kCheckedFrom = std::size_t{4} * (image_word::kChecksum + 1);
static_assert(image_word::kChecksum == steps_word::kChecksum);

void append_region(Words& words, std::uint32_t number, const bru_region& region) {
    const std::uint32_t place = image_word::kRegions + 4 * number;
    words[place] = region.target;
    words[place + 1] = region.word_beats;
    words[place + 2] = region.words;
    words[place + 3] = narrow<std::uint32_t>(words.size() * 4);
    append_beats(words, region.beats, std::size_t{region.words} * region.word_beats);
}

} // namespace

std::string image_bytes(const bru_image& image) {
    using namespace image_word;
    Words words(kHeaderWords, 0);
    words[kMagic] = kImageMagic;
    words[kVersion] = kImageVersion;
    std::copy(std::begin(image.shape), std::end(image.shape), words.begin() + kShape);
    words[kMode] = image.mode;
    words[kInput] = image.input;
    words[kInputSlots] = image.input_slots;
    words[kStepBeats] = image.step_beats;
    words[kStepValues] = image.step_values;
    words[kVectorBeats] = image.vector_beats;
    words[kVectorValues] = image.vector_values;
    words[kVectors] = image.vectors;
    words[kInputExponent] = static_cast<std::uint32_t>(image.input_exponent);
    words[kDescriptorCount] = image.descriptor_count;
    words[kDescriptors] = narrow<std::uint32_t>(words.size() * 4);
    words.insert(words.end(), image.descriptors,
                 image.descriptors + std::size_t{image.descriptor_count} * BRU_DESCRIPTOR_FIELDS);
    if (words.size() % 2 != 0) words.push_back(0); // beats are aligned
    for (std::uint32_t number = 0; number < kImageRegions; ++number)
        append_region(words, number, image.regions[number]);
    words[kBytes] = narrow<std::uint32_t>(words.size() * 4);
    const std::string bytes = bytes_of(words);
    words[kChecksum] = bru_crc32(0, bytes.data() + kCheckedFrom, bytes.size() - kCheckedFrom);
    return bytes_of(words);
}

std::string image_c_source(const std::string& bytes, const std::string& comment) {
    std::string text = fmt::format("/* {} */\n#include <stddef.h>\n#include <stdint.h>\n\n"
                                   "extern const uint64_t bru_image[];\nextern const size_t bru_image_bytes;\n\n"
                                   "const size_t bru_image_bytes = {};\nconst uint64_t bru_image[] = {{\n",
                                   comment, bytes.size());
    for (std::size_t beat = 0; beat < bytes.size() / kBeatBytes; ++beat) {
        std::uint64_t value = 0;
        for (std::size_t k = 0; k < kBeatBytes; ++k)
            value |= std::uint64_t{static_cast<unsigned char>(bytes[beat * kBeatBytes + k])} << 8 * k;
        text += fmt::format("{}0x{:016x}u,{}", beat % 4 == 0 ? "    " : " ", value, beat % 4 == 3 ? "\n" : "");
    }
    return text + "\n};\n";
}

WrittenSteps write_steps_file(const std::string& path, StepSource& steps, StepEncoder& encoder,
                              std::uint32_t step_beats) {
    using namespace steps_word;
    OutputFile file(path);
    Words header(kHeaderWords, 0);
    header[kMagic] = kStepsMagic;
    header[kVersion] = kImageVersion;
    header[kStepBeats] = step_beats;
    file.write(bytes_of(header));
    WrittenSteps written;
    std::uint32_t beats_crc = 0;
    const Step* next = steps.next();
    if (next == nullptr) throw InputError("the trace has no steps; give one with at least one step");
    std::vector<std::uint64_t> beats;
    while (next != nullptr) {
        Step step = *next;
        next = steps.next();
        step.last = step.last || next == nullptr; // a trace that was cut short ends its sequence
        beats.clear();
        encoder.append(step, next == nullptr, beats);
        Words words;
        append_beats(words, beats.data(), beats.size());
        const std::string bytes = bytes_of(words);
        beats_crc = bru_crc32(beats_crc, bytes.data(), bytes.size());
        file.write(bytes);
        ++written.steps;
        written.bytes = std::uint64_t{4} * kHeaderWords + written.steps * step_beats * kBeatBytes;
        if (written.bytes > 0xFFFFFFFF)
            throw InputError("a file of steps must be smaller than 4 GiB; give fewer steps with --steps");
    }
    header[kBytes] = narrow<std::uint32_t>(written.bytes);
    header[kSteps] = narrow<std::uint32_t>(written.steps);
    header[kChecksum] = beats_crc;
    file.patch(0, bytes_of(header));
    file.commit();
    return written;
}

} // namespace bru
