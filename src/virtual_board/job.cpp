#include "virtual_board/job.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "firmware/board.h"
#include "model/number_formats.hpp"
#include "platform/driver_image.hpp"
#include "platform/image_file.hpp"
#include "platform/network_image.hpp"
#include "platform/platform_clocks.hpp"

namespace bru {

namespace {

/// Fills memory from an address on; each part begins with a beat.
class JobWriter {
public:
    JobWriter(std::vector<unsigned char>& ram, std::uint32_t address) : ram_(ram), next_(address) {}

    std::uint32_t put(const void* data, std::size_t bytes) {
        const std::uint32_t address = next_;
        if (bytes > ram_.size() - address)
            throw InputError(fmt::format("the network and the steps need more than the {} MiB of the board; give fewer "
                                         "steps with --steps",
                                         ram_.size() >> 20));
        std::memcpy(ram_.data() + address, data, bytes);
        next_ = narrow<std::uint32_t>(round_up(std::uint64_t{address} + bytes, std::uint64_t{kBeatBytes}));
        return address;
    }

private:
    static constexpr int kBeatBytes = 8;
    std::vector<unsigned char>& ram_;
    std::uint32_t next_;
};

/// The flags of the header, then the symbol or the activations.
std::vector<std::uint32_t> step_words(const Run& run, const std::vector<Step>& steps) {
    const Network& network = run.network();
    const bool one_hot = network.input_encoding == InputEncoding::one_hot;
    const ActivationQuantizer quantize(network.input_exponent, narrow<int>(run.configuration().shape.activation_bits));
    std::vector<std::uint32_t> words;
    for (std::size_t k = 0; k < steps.size(); ++k) {
        const Step& step = steps[k];
        const bool end = k + 1 == steps.size();
        words.push_back((step.first ? std::uint32_t{BRU_STEP_FIRST} : 0) |
                        (step.last || end ? std::uint32_t{BRU_STEP_LAST} : 0) |
                        (end ? std::uint32_t{BRU_STEP_END} : 0));
        if (one_hot) words.push_back(step.symbol);
        for (const double value : step.values) words.push_back(static_cast<std::uint32_t>(quantize(value).integer));
    }
    return words;
}

/// An entry of the vocabulary: at most seven bytes and a zero.
std::string vocabulary_bytes(const std::vector<std::string>& vocabulary) {
    std::string bytes;
    for (const std::string& symbol : vocabulary) {
        const std::string part = symbol.substr(0, BOARD_VOCABULARY_BYTES - 1);
        bytes += part + std::string(BOARD_VOCABULARY_BYTES - part.size(), '\0');
    }
    return bytes;
}

} // namespace

void write_job(std::vector<unsigned char>& ram, const Run& run, const std::vector<Step>& steps,
               const BoardOptions& options) {
    const NetworkPlacement placement = resolved_placement(run.configuration(), run.quantized(), run.mode());
    const NetworkImage network_image = make_network_image(placement, run.quantized(), run.mode());
    const std::string image = image_bytes(driver_image(network_image, placement.shape, run.network()));
    const std::vector<std::uint32_t> words = step_words(run, steps);
    board_job job = {};
    JobWriter writer(ram, BOARD_JOB + narrow<std::uint32_t>(sizeof job));
    job.magic = BOARD_JOB_MAGIC;
    job.image_address = writer.put(image.data(), image.size());
    job.image_bytes = narrow<std::uint32_t>(image.size());
    job.steps_address = writer.put(words.data(), words.size() * sizeof words[0]);
    job.steps = narrow<std::uint32_t>(steps.size());
    job.step_words = narrow<std::uint32_t>(words.size() / steps.size());
    if (run.mode().kind == OutputKind::argmax && !run.network().vocabulary.empty()) {
        const std::string vocabulary = vocabulary_bytes(run.network().vocabulary);
        job.vocabulary_address = writer.put(vocabulary.data(), vocabulary.size());
        job.vocabulary_entries = narrow<std::uint32_t>(run.network().vocabulary.size());
    }
    job.length_bits = narrow<std::uint32_t>(run.configuration().dma.length_bits);
    job.packet_vectors = narrow<std::uint32_t>(back_to_back_packet_vectors(run.configuration().host));
    job.transfer_steps = narrow<std::uint32_t>(run.configuration().host.input_transfer_steps);
    job.timer_ticks_per_s = static_cast<std::uint32_t>(options.processor.clock_mhz * 1e6 / 2);
    const double drain_us = run.configuration().us(real(drain_cycles(run.configuration())));
    job.drain_ticks = static_cast<std::uint32_t>(std::ceil(drain_us * options.processor.clock_mhz / 2));
    std::memcpy(ram.data() + BOARD_JOB, &job, sizeof job);
}

} // namespace bru
