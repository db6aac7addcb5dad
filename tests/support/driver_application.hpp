// What an application has: a network as an image, steps, the outputs that the reference makes of them, and the stream
// that a run of the driver takes its steps from. For tests of the driver on a machine.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "config/configuration.hpp"
#include "driver/bru.h"
#include "machine/stream_format.hpp"
#include "platform/driver_image.hpp"
#include "platform/network_image.hpp"
#include "reference/reference.hpp"
#include "support/catch.hpp"
#include "support/random_network.hpp"

namespace bru::test {

using Values = std::vector<std::int32_t>; ///< of all outputs, one after the other

/// A network as image, with steps and what the reference makes of them.
struct Application {
    Application(const Shape& shape, const Network& made, OutputMode mode, const std::vector<int>& lengths,
                std::uint64_t seed)
        : network(made), quantized(quantize(network, shape.formats())), placement(place_network(shape, quantized)),
          steps(random_steps(network, lengths, seed)) {
        placement.shape = shape;
        load_image = make_network_image(placement, quantized, mode);
        image = driver_image(load_image, shape, network);
        StepList source(steps);
        Reference(quantized, mode).run(source, [this](const OutputVector& output) {
            expected.insert(expected.end(), output.values.begin(), output.values.end());
        });
    }

    Network network;
    QuantizedNetwork quantized;
    NetworkPlacement placement;
    NetworkImage load_image;
    bru_image image = {};
    std::vector<Step> steps;
    Values expected;
};

/// The stream of bru_run over an application's steps, a few per transfer.
struct Stream {
    /// Buffers begin `offset` bytes behind a beat's place of memory.
    Stream(const Application& a, std::size_t steps_per_transfer, std::size_t packet_bytes, std::uint64_t offset = 0)
        : application(a), input_memory(2 * steps_per_transfer * a.image.step_beats),
          output_memory(2 * packet_bytes / kBeatBytes) {
        const std::size_t input_bytes = input_memory.size() / 2 * kBeatBytes;
        for (std::size_t k = 0; k < 2; ++k) {
            stream.inputs[k] = {input_memory.data() + k * input_memory.size() / 2, 0x2000'0000 + k * 0x10'0000 + offset,
                                input_bytes};
            stream.outputs[k] = {output_memory.data() + k * output_memory.size() / 2,
                                 0x3000'0000 + k * 0x10'0000 + offset, packet_bytes};
        }
        stream.context = this;
        stream.timeout_ticks = BRU_FOREVER;
        stream.next_steps = [](void* self, std::uint64_t* beats, std::size_t most_bytes) {
            return static_cast<Stream*>(self)->next_steps(beats, most_bytes);
        };
        stream.take_outputs = [](void* self, const std::uint64_t* beats, std::size_t bytes) {
            static_cast<Stream*>(self)->take_outputs(beats, bytes);
        };
    }

    std::size_t next_steps(std::uint64_t* beats, std::size_t most_bytes) {
        const bru_image& image = application.image;
        const std::size_t step_bytes = std::size_t{image.step_beats} * kBeatBytes;
        std::size_t bytes = 0;
        for (; bytes + step_bytes <= most_bytes && taken < application.steps.size(); ++taken) {
            const Step& step = application.steps[taken];
            const unsigned flags = (step.first ? unsigned{BRU_STEP_FIRST} : 0U) |
                                   (step.last ? unsigned{BRU_STEP_LAST} : 0U) |
                                   (taken + 1 == application.steps.size() ? unsigned{BRU_STEP_END} : 0U);
            std::vector<std::int32_t> activations;
            for (const double value : step.values) activations.push_back(bru_quantize(&image, value));
            if (application.load_image.one_hot)
                bru_encode_symbol(&image, step.symbol, flags, beats + bytes / kBeatBytes);
            else
                bru_encode_vector(&image, activations.data(), flags, beats + bytes / kBeatBytes);
            bytes += step_bytes;
        }
        return bytes;
    }

    void take_outputs(const std::uint64_t* beats, std::size_t bytes) {
        std::vector<std::int32_t> vector(application.image.vector_values);
        for (std::size_t beat = 0; beat < bytes / kBeatBytes; beat += application.image.vector_beats) {
            bru_decode_vector(&application.image, beats + beat, vector.data());
            values.insert(values.end(), vector.begin(), vector.end());
        }
    }

    const Application& application;
    std::vector<std::uint64_t> input_memory;
    std::vector<std::uint64_t> output_memory;
    std::size_t taken = 0;
    Values values;
    bru_stream stream = {};
};

inline Values run(bru_device& device, const bru_network& network, const Application& application,
                  std::uint32_t packet_vectors, std::size_t steps_per_transfer) {
    bru_select(&device, &network, packet_vectors);
    Stream stream(application, steps_per_transfer, device.packet_bytes);
    CHECK(bru_run(&device, &network, &stream.stream) == BRU_OK);
    return stream.values;
}

inline void load(bru_device& device, bru_network& network, const Application& application) {
    std::vector<std::uint64_t> memory(1024);
    const bru_buffer staging = {memory.data(), 0x1000'0000, memory.size() * kBeatBytes};
    REQUIRE(bru_load(&device, &network, &application.image, &staging) == BRU_OK);
}

/// A machine whose RTL is built, too (rtl/shapes.txt, l16w4).
inline Configuration small_machine() {
    Configuration configuration;
    Shape& shape = configuration.shape;
    shape.lanes = 16;
    shape.lane_width = 4;
    shape.update_width = 1;
    shape.weight_words = 8192;
    shape.scale_words = 2048;
    shape.bias_words = shape.state_words = 1024;
    shape.cell_words = 512;
    shape.input_words = 64;
    shape.output_fifo_beats = 4;
    return configuration;
}

inline NetworkRecipe recipe(int inputs, std::vector<int> hidden, int directions = 1) {
    NetworkRecipe made;
    made.inputs = inputs;
    made.hidden_sizes = std::move(hidden);
    made.directions = directions;
    made.initial_states = true;
    return made;
}

} // namespace bru::test
