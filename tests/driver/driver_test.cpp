// Does the driver write what docs/interfaces.md asks for, tell errors and timeouts, and recover from them?
#include "support/catch.hpp"

#include <array>
#include <stdexcept>
#include <vector>

#include "driver/fake_port.hpp"

using namespace bru::test;

namespace {

/// A network of one descriptor, with three words of two beats for the weights and one word for the tables.
struct SmallImage {
    std::array<std::uint64_t, 6> weights = {1, 2, 3, 4, 5, 6};
    std::array<std::uint64_t, 1> table = {7};
    std::array<std::uint32_t, BRU_DESCRIPTOR_FIELDS> descriptor = {};
    bru_image image = {};

    SmallImage() {
        for (std::uint32_t field = 0; field < BRU_DESCRIPTOR_FIELDS; ++field) descriptor[field] = 100 + field;
        descriptor[BRU_FIELD_FLAGS] = BRU_FLAG_X_FROM_INPUT;
        for (std::uint32_t k = 0; k < BRU_REGIONS; ++k) image.regions[k] = {k + 1, 1, 0, nullptr};
        image.regions[0] = {BRU_LOAD_WEIGHTS, 2, 3, weights.data()};
        image.regions[3] = {BRU_LOAD_TABLES, 1, 1, table.data()};
        image.shape[0] = 64;
        image.step_beats = 1;
        image.vector_beats = 1;
        image.vector_values = 1;
        image.vectors = 1;
        image.descriptor_count = 1;
        image.descriptors = descriptor.data();
    }
};

struct Buffer {
    explicit Buffer(std::size_t beats, std::uint64_t bus_address = 0x1000) : memory(beats) {
        buffer = {memory.data(), bus_address, beats * 8};
    }
    std::vector<std::uint64_t> memory;
    bru_buffer buffer = {};
};

/// A device, a network, and what a load of it needs.
struct Load {
    FakePort port;
    bru_device device = port.device();
    SmallImage small;
    Buffer staging{16};
    bru_network network = {};

    std::uint32_t& core(std::uint32_t offset) { return port.registers[FakePort::kCore + offset]; }
    bru_result run() { return bru_load(&device, &network, &small.image, &staging.buffer); }
    /// A load by a device that was identified before. One that is refused writes nothing.
    bru_result run_identified() {
        REQUIRE(bru_identify(&device) == BRU_OK);
        port.writes.clear();
        const bru_result result = run();
        CHECK(port.writes.empty() == (result != BRU_OK));
        return result;
    }
};

using Words = std::vector<std::uint32_t>;

} // namespace

TEST_CASE("identification reads the shape, and refuses what is not BRU", "[driver]") {
    FakePort port;
    bru_device device = port.device();
    port.registers[FakePort::kCore + BRU_SHAPE_LANES] = 64;
    port.registers[FakePort::kCore + BRU_SHAPE_WEIGHT_WORDS] = 9;
    CHECK(bru_identify(&device) == BRU_OK);
    CHECK(device.shape[0] == 64);
    CHECK(device.shape[5] == 9);
    port.registers[FakePort::kCore + BRU_VERSION] = 0;
    CHECK(bru_identify(&device) == BRU_NO_DEVICE);
}

TEST_CASE("a load writes address and target of each piece, and ends with the target for inputs", "[driver]") {
    FakePort port;
    bru_device device = port.device();
    const SmallImage small;
    Buffer staging(5); // two words of two beats, and no third
    bru_network network = {};
    REQUIRE(bru_load(&device, &network, &small.image, &staging.buffer) == BRU_OK);
    CHECK(port.written(FakePort::kCore + BRU_LOAD_ADDRESS) == Words{0, 2, 0});
    CHECK(port.written(FakePort::kCore + BRU_LOAD_TARGET) ==
          Words{BRU_LOAD_WEIGHTS, BRU_LOAD_WEIGHTS, BRU_LOAD_TABLES, BRU_LOAD_RUN});
    CHECK(port.written(FakePort::kDma + BRU_MM2S_LENGTH) == Words{32, 16, 8});
    CHECK(port.cleaned_bytes == 56);
}

TEST_CASE("a transfer that is longer than LENGTH takes is split on a beat", "[driver]") {
    FakePort port;
    bru_device device = port.device(8); // 255 bytes, so 248
    Buffer steps(64);
    REQUIRE(bru_send(&device, &steps.buffer, 512) == BRU_OK);
    CHECK(bru_send(&device, &steps.buffer, 8) == BRU_BUSY);
    bru_event event = {};
    REQUIRE(bru_next_event(&device, BRU_FOREVER, &event) == BRU_OK);
    CHECK(event.kind == BRU_EVENT_SENT);
    CHECK(event.bytes == 512);
    CHECK(port.written(FakePort::kDma + BRU_MM2S_LENGTH) == Words{248, 248, 16});
    CHECK(port.written(FakePort::kDma + BRU_MM2S_SA) == Words{0x1000, 0x1000 + 248, 0x1000 + 496});
    CHECK(bru_receive(&device, &steps.buffer, 256) == BRU_BAD_BUFFER); // one packet, one transfer
    CHECK(bru_receive(&device, &steps.buffer, 248) == BRU_OK);
}

TEST_CASE("the upper half of an address is written where it is or was not zero", "[driver]") {
    FakePort port;
    bru_device device = port.device();
    Buffer high(1, 0x1'0000'0008);
    Buffer low(1);
    bru_event event = {};
    for (const Buffer* buffer : {&low, &high, &low, &low}) {
        REQUIRE(bru_send(&device, &buffer->buffer, 8) == BRU_OK);
        REQUIRE(bru_next_event(&device, BRU_FOREVER, &event) == BRU_OK);
    }
    CHECK(port.written(FakePort::kDma + BRU_MM2S_SA_MSB) == Words{1, 0});
}

TEST_CASE("two networks lie one behind the other and share the tables", "[driver]") {
    FakePort port;
    bru_device device = port.device();
    const SmallImage small;
    Buffer staging(16);
    bru_network first = {}, second = {};
    REQUIRE(bru_load(&device, &first, &small.image, &staging.buffer) == BRU_OK);
    port.writes.clear();
    REQUIRE(bru_load(&device, &second, &small.image, &staging.buffer) == BRU_OK);
    CHECK(port.written(FakePort::kCore + BRU_LOAD_ADDRESS) == Words{3, 0});
    bru_select(&device, &second, 4);
    const auto field = [&](std::uint32_t number) {
        return port.registers[FakePort::kCore + BRU_DESCRIPTOR + std::uintptr_t{4} * number];
    };
    CHECK(field(BRU_FIELD_WEIGHT_BASE) == 100 + BRU_FIELD_WEIGHT_BASE + 3);
    CHECK(field(BRU_FIELD_SCALE_BASE) == 100 + BRU_FIELD_SCALE_BASE);
    CHECK(field(BRU_FIELD_SIZE) == 100 + BRU_FIELD_SIZE);
    CHECK(port.registers[FakePort::kCore + BRU_PACKET_VECTORS] == 4);
    bru_select(&device, &first, 4);
    CHECK(field(BRU_FIELD_WEIGHT_BASE) == 100 + BRU_FIELD_WEIGHT_BASE);
}

TEST_CASE("images of another shape, and networks without room, are refused before anything is written", "[driver]") {
    Load load;
    for (const auto& [lanes, words, result] :
         {std::make_tuple(32U, 9U, BRU_WRONG_SHAPE), std::make_tuple(64U, 2U, BRU_NO_SPACE),
          std::make_tuple(64U, 3U, BRU_OK), std::make_tuple(64U, 5U, BRU_NO_SPACE)}) {
        load.core(BRU_SHAPE_LANES) = lanes;
        load.core(BRU_SHAPE_WEIGHT_WORDS) = words;
        CHECK(load.run_identified() == result);
    }
    bru_forget_networks(&load.device);
    CHECK(load.run() == BRU_OK);
    Buffer too_small(1);
    bru_forget_networks(&load.device);
    CHECK(bru_load(&load.device, &load.network, &load.small.image, &too_small.buffer) == BRU_BAD_BUFFER);
}

TEST_CASE("an image needs as many streams as the machine has, with areas of its sizes", "[driver]") {
    constexpr std::size_t kStreams = (BRU_SHAPE_STREAMS - BRU_SHAPE) / 4;
    constexpr std::size_t kStateWords = (BRU_SHAPE_STATE_WORDS - BRU_SHAPE) / 4;
    Load load;
    load.core(BRU_SHAPE_LANES) = 64;
    load.core(BRU_SHAPE_WEIGHT_WORDS) = 100;
    const auto loads = [&](std::uint32_t streams, std::uint32_t state_words) {
        load.core(BRU_SHAPE_STREAMS) = streams;
        load.core(BRU_SHAPE_STATE_WORDS) = state_words;
        const bru_result result = load.run_identified();
        bru_forget_networks(&load.device);
        return result;
    };
    load.small.image.shape[kStreams] = 1;
    load.small.image.shape[kStateWords] = 36;
    CHECK(loads(1, 64) == BRU_OK); // any place of the memory serves
    CHECK(loads(8, 64) == BRU_WRONG_STREAMS);
    load.small.image.shape[kStreams] = 8; // nine areas of four words
    CHECK(loads(1, 64) == BRU_WRONG_STREAMS);
    CHECK(loads(8, 64) == BRU_OK);
    CHECK(loads(8, 72) == BRU_WRONG_SHAPE);
    CHECK(loads(8, 35) == BRU_WRONG_SHAPE);
    CHECK(std::string(bru_result_text(BRU_WRONG_STREAMS)).find("streams") != std::string::npos);
}

TEST_CASE("a network with a GRU needs a machine that was built for GRUs", "[driver]") {
    Load load;
    load.core(BRU_SHAPE_LANES) = 64;
    load.core(BRU_SHAPE_WEIGHT_WORDS) = 100;
    for (const std::uint32_t kinds : {1U, 2U})
        for (const std::uint32_t flags : {0U, BRU_FLAG_GRU | BRU_FLAG_EMIT}) {
            load.core(BRU_SHAPE_CELL_KINDS) = kinds;
            load.small.descriptor[BRU_FIELD_FLAGS] = flags;
            CHECK(load.run_identified() == (kinds == 1 && flags != 0 ? BRU_NO_GRU : BRU_OK));
        }
    CHECK(std::string(bru_result_text(BRU_NO_GRU)).find("GRU") != std::string::npos);
}

TEST_CASE("the error bit of the status is BRU_REFUSED, and the other bits are not", "[driver]") {
    FakePort port;
    const bru_device device = port.device();
    for (std::uint32_t status = 0; status < 8; ++status) {
        port.registers[FakePort::kCore + BRU_STATUS] = status;
        CHECK(bru_check(&device) == ((status & BRU_STATUS_ERROR) != 0 ? BRU_REFUSED : BRU_OK));
    }
}

TEST_CASE("buffers that the DMA cannot take are refused", "[driver]") {
    FakePort port;
    bru_device device = port.device();
    Buffer two(2), odd(2, 0x1004);
    CHECK(bru_send(&device, &two.buffer, 24) == BRU_BAD_BUFFER);
    CHECK(bru_send(&device, &two.buffer, 0) == BRU_BAD_BUFFER);
    CHECK(bru_send(&device, &two.buffer, 12) == BRU_BAD_BUFFER);
    CHECK(bru_send(&device, &odd.buffer, 8) == BRU_BAD_BUFFER);
    CHECK(bru_receive(&device, &odd.buffer, 8) == BRU_BAD_BUFFER);
    CHECK(port.writes.empty());
}

TEST_CASE("one interrupt brings every event that has happened, outputs first", "[driver]") {
    FakePort port;
    bru_device device = port.device();
    Buffer steps(4), outputs(4, 0x2000);
    REQUIRE(bru_receive(&device, &outputs.buffer, 32) == BRU_OK);
    REQUIRE(bru_send(&device, &steps.buffer, 32) == BRU_OK);
    port.receive(16);
    port.has_core_done = true;
    bru_event event = {};
    REQUIRE(bru_next_event(&device, BRU_FOREVER, &event) == BRU_OK);
    CHECK(event.kind == BRU_EVENT_RECEIVED);
    CHECK(event.bytes == 16);
    CHECK(port.invalidated_bytes == 16);
    CHECK_FALSE(bru_receiving(&device));
    REQUIRE(bru_next_event(&device, BRU_FOREVER, &event) == BRU_OK);
    CHECK(event.kind == BRU_EVENT_SENT);
    REQUIRE(bru_next_event(&device, BRU_FOREVER, &event) == BRU_OK);
    CHECK(event.kind == BRU_EVENT_DONE);
    CHECK(bru_next_event(&device, port.time + 10, &event) == BRU_TIMEOUT);
}

TEST_CASE("an event that does not come in time is a timeout, and may still come", "[driver]") {
    FakePort port;
    bru_device device = port.device();
    Buffer outputs(4);
    bru_event event = {};
    REQUIRE(bru_receive(&device, &outputs.buffer, 32) == BRU_OK);
    CHECK(bru_next_event(&device, 500, &event) == BRU_TIMEOUT);
    CHECK(port.time == 500);
    port.receive(8);
    CHECK(bru_next_event(&device, 600, &event) == BRU_OK);
    CHECK(event.bytes == 8);
}

TEST_CASE("a load that times out needs a reset", "[driver]") {
    Load load;
    load.port.transfers = FakePort::Transfers::hang;
    CHECK(load.run() == BRU_TIMEOUT);
    load.port.transfers = FakePort::Transfers::complete;
    CHECK(load.run() == BRU_NEEDS_RESET);
    CHECK(bru_reset(&load.device) == BRU_OK);
    CHECK(load.run() == BRU_OK);
    CHECK(load.network.first_word[BRU_LOAD_WEIGHTS] == 0); // what failed occupies nothing
}

TEST_CASE("an error of the DMA is told once, and a soft reset recovers from it", "[driver]") {
    FakePort port;
    bru_device device = port.device();
    Buffer buffer(4);
    bru_event event = {};
    SECTION("of MM2S") {
        port.transfers = FakePort::Transfers::fail;
        REQUIRE(bru_send(&device, &buffer.buffer, 32) == BRU_OK);
    }
    SECTION("of S2MM") {
        REQUIRE(bru_receive(&device, &buffer.buffer, 32) == BRU_OK);
        port.stop_with_error(BRU_S2MM_DMASR, BRU_DMASR_SLAVE_ERROR);
    }
    CHECK(bru_next_event(&device, BRU_FOREVER, &event) == BRU_DMA_ERROR);
    CHECK(device.dma_errors == BRU_DMASR_SLAVE_ERROR);
    CHECK(bru_next_event(&device, BRU_FOREVER, &event) == BRU_NEEDS_RESET);
    CHECK(bru_send(&device, &buffer.buffer, 8) == BRU_NEEDS_RESET);
    CHECK(bru_receive(&device, &buffer.buffer, 8) == BRU_NEEDS_RESET);
    port.transfers = FakePort::Transfers::complete;
    CHECK(bru_reset(&device) == BRU_OK);
    CHECK(device.dma_errors == 0);
    CHECK(port.written(FakePort::kDma + BRU_MM2S_DMACR).front() == BRU_DMACR_RESET);
    CHECK((port.registers[FakePort::kDma + BRU_MM2S_DMACR] & BRU_DMACR_RUN) != 0);
    REQUIRE(bru_send(&device, &buffer.buffer, 8) == BRU_OK);
    REQUIRE(bru_next_event(&device, BRU_FOREVER, &event) == BRU_OK);
    CHECK(event.kind == BRU_EVENT_SENT);
}

TEST_CASE("a completion costs no read of the status register", "[driver]") {
    FakePort port;
    bru_device device = port.device();
    Buffer buffer(4);
    bru_event event = {};
    REQUIRE(bru_send(&device, &buffer.buffer, 32) == BRU_OK);
    const std::uint64_t before = port.time;
    REQUIRE(bru_next_event(&device, BRU_FOREVER, &event) == BRU_OK);
    CHECK(port.time == before + 1); // the write that clears it
}

TEST_CASE("a reset that does not end, and a core in the middle of a run, are told", "[driver]") {
    FakePort port;
    bru_device device = port.device();
    port.reads_until_reset = 1'000'000;
    CHECK(bru_reset(&device) == BRU_TIMEOUT);
    bru_event event = {};
    CHECK(bru_next_event(&device, BRU_FOREVER, &event) == BRU_NEEDS_RESET);
    port.reads_until_reset = 1;
    port.registers[FakePort::kCore + BRU_STATUS] = BRU_STATUS_RUNNING;
    CHECK(bru_reset(&device) == BRU_CORE_RUNNING);
    port.registers[FakePort::kCore + BRU_STATUS] = 0;
    port.reads_until_reset = 1;
    CHECK(bru_reset(&device) == BRU_OK);
}

TEST_CASE("a port with a reset wire ends a run, and the networks must be loaded again", "[driver]") {
    FakePort port;
    port.port_.reset = [](void* self) { static_cast<FakePort*>(self)->registers[FakePort::kCore + BRU_STATUS] = 0; };
    bru_device device = port.device();
    device.used_words[BRU_LOAD_WEIGHTS] = 3;
    port.registers[FakePort::kCore + BRU_STATUS] = BRU_STATUS_RUNNING;
    CHECK(bru_reset(&device) == BRU_OK);
    CHECK(device.used_words[BRU_LOAD_WEIGHTS] == 0);
}

TEST_CASE("packets have the vectors that one transfer takes", "[driver]") {
    FakePort port;
    const bru_device wide = port.device(23);
    const bru_device narrow = port.device(8); // 31 beats
    SmallImage small;
    small.image.vector_beats = 4;
    CHECK(bru_packet_vectors(&wide, &small.image, 256) == 256);
    CHECK(bru_packet_vectors(&narrow, &small.image, 256) == 7);
    small.image.vector_beats = 32;
    CHECK(bru_packet_vectors(&narrow, &small.image, 256) == 0);
}

TEST_CASE("microseconds become ticks without overflow", "[driver]") {
    FakePort port;
    port.port_.ticks_per_s = 333'333'333;
    const bru_device device = port.device();
    CHECK(bru_ticks(&device, 3) == 999);
    CHECK(bru_ticks(&device, 1'000'000'000'000) == 333'333'333'000'000);
}

TEST_CASE("the checksum is the CRC-32 that everybody has", "[driver]") {
    CHECK(bru_crc32(0, "123456789", 9) == 0xCBF43926);
    CHECK(bru_crc32(bru_crc32(0, "1234", 4), "56789", 5) == 0xCBF43926);
    CHECK(bru_crc32(0, "", 0) == 0);
}

TEST_CASE("every result has a text", "[driver]") {
    for (int result = BRU_OK; result <= BRU_NO_GRU; ++result)
        CHECK(std::string(bru_result_text(static_cast<bru_result>(result))) != "unknown");
}
