/* The device: registers, transfers, interrupts, errors. */
#include "bru.h"

#include <string.h>

#define ALL_LINES ((uint32_t)BRU_LINE_S2MM | (uint32_t)BRU_LINE_MM2S | (uint32_t)BRU_LINE_CORE)
#define DMA_CONTROL_ON (BRU_DMACR_RUN | BRU_DMACR_IOC_IRQ_EN | BRU_DMACR_ERR_IRQ_EN)

/* ---- registers ---- */

static uint32_t core_read(const struct bru_device* device, uint32_t offset) {
    return device->port->read32(device->port->context, device->core + offset);
}

static void core_write(const struct bru_device* device, uint32_t offset, uint32_t value) {
    device->port->write32(device->port->context, device->core + offset, value);
}

static uint32_t dma_read(const struct bru_device* device, uint32_t offset) {
    return device->port->read32(device->port->context, device->dma + offset);
}

static void dma_write(const struct bru_device* device, uint32_t offset, uint32_t value) {
    device->port->write32(device->port->context, device->dma + offset, value);
}

static uint32_t pending(const struct bru_device* device) { return device->port->pending(device->port->context); }

static uint64_t deadline_after(const struct bru_device* device, uint64_t ticks) {
    const uint64_t now = device->port->now(device->port->context);
    return ticks < BRU_FOREVER - now ? now + ticks : BRU_FOREVER;
}

uint64_t bru_ticks(const struct bru_device* device, uint64_t microseconds) {
    const uint64_t ticks_per_s = device->port->ticks_per_s;
    return microseconds / 1000000U * ticks_per_s + microseconds % 1000000U * ticks_per_s / 1000000U;
}

/* ---- beginning ---- */

void bru_initialise(struct bru_device* device, const struct bru_port* port, struct bru_addresses addresses) {
    memset(device, 0, sizeof *device);
    device->port = port;
    device->core = addresses.core;
    device->dma = addresses.dma;
    device->most_bytes = ((UINT32_C(1) << addresses.length_bits) - 1U) & ~(BRU_BEAT_BYTES - 1U);
    device->timeout_ticks = BRU_FOREVER;
    device->buffer_alignment = BRU_BEAT_BYTES;
}

enum bru_result bru_identify(struct bru_device* device) {
    uint32_t k;
    if (core_read(device, BRU_VERSION) != BRU_VERSION_VALUE) return BRU_NO_DEVICE;
    for (k = 0; k < BRU_SHAPE_REGISTERS; ++k) device->shape[k] = core_read(device, BRU_SHAPE + 4U * k);
    return BRU_OK;
}

void bru_enable(struct bru_device* device) {
    dma_write(device, BRU_MM2S_DMACR, DMA_CONTROL_ON);
    dma_write(device, BRU_S2MM_DMACR, DMA_CONTROL_ON);
}

/* ---- transfers ---- */

static enum bru_result failed(struct bru_device* device, enum bru_result result) {
    device->needs_reset = 1;
    return result;
}

static enum bru_result check_buffer(const struct bru_device* device, const struct bru_buffer* buffer, size_t bytes) {
    if (bytes == 0 || bytes > buffer->bytes || bytes % BRU_BEAT_BYTES != 0) return BRU_BAD_BUFFER;
    /* A power of two: a Cortex-A9 would take hundreds of instructions for a division of 64 bits. */
    return (buffer->bus_address & (device->buffer_alignment - 1U)) == 0 ? BRU_OK : BRU_BAD_BUFFER;
}

/* An address register keeps its upper half, so that half is written only where it is not zero or was not. */
static void write_address(struct bru_device* device, uint32_t offset, uint32_t offset_msb, uint64_t address,
                          uint64_t before) {
    dma_write(device, offset, (uint32_t)(address & UINT32_MAX));
    if ((address | before) >> 32 != 0) dma_write(device, offset_msb, (uint32_t)(address >> 32));
}

static void start_input_part(struct bru_device* device, uint64_t address_before) {
    const size_t left = device->input_bytes - device->input_done;
    device->input_part = left < device->most_bytes ? left : device->most_bytes;
    write_address(device, BRU_MM2S_SA, BRU_MM2S_SA_MSB, device->input.bus_address + device->input_done, address_before);
    dma_write(device, BRU_MM2S_LENGTH, (uint32_t)device->input_part);
}

enum bru_result bru_send(struct bru_device* device, const struct bru_buffer* buffer, size_t bytes) {
    const uint64_t address_before = device->input.bus_address;
    const enum bru_result result = check_buffer(device, buffer, bytes);
    if (device->needs_reset) return BRU_NEEDS_RESET;
    if (device->input_bytes != 0) return BRU_BUSY;
    if (result != BRU_OK) return result;
    device->port->clean(device->port->context, buffer, bytes);
    device->input = *buffer;
    device->input_bytes = bytes;
    device->input_done = 0;
    start_input_part(device, address_before);
    return BRU_OK;
}

enum bru_result bru_receive(struct bru_device* device, const struct bru_buffer* buffer, size_t bytes) {
    const uint64_t address_before = device->output.bus_address;
    const enum bru_result result = check_buffer(device, buffer, bytes);
    if (device->needs_reset) return BRU_NEEDS_RESET;
    if (device->output_busy) return BRU_BUSY;
    if (result != BRU_OK || bytes > device->most_bytes) return BRU_BAD_BUFFER;
    device->output = *buffer;
    device->output_busy = 1;
    write_address(device, BRU_S2MM_DA, BRU_S2MM_DA_MSB, buffer->bus_address, address_before);
    dma_write(device, BRU_S2MM_LENGTH, (uint32_t)bytes);
    return BRU_OK;
}

int bru_sending(const struct bru_device* device) { return device->input_bytes != 0; }
int bru_receiving(const struct bru_device* device) { return device->output_busy; }

/* ---- interrupts ---- */

/* Clears the completion of a channel. Where its line stays high, the channel stopped with an error: only a reset clears
 * that. So the status need not be read at every interrupt, which would cost an access. */
static enum bru_result acknowledge(struct bru_device* device, uint32_t status_offset, uint32_t line) {
    uint32_t errors;
    dma_write(device, status_offset, BRU_DMASR_IOC_IRQ);
    if ((pending(device) & line) == 0) return BRU_OK;
    errors = dma_read(device, status_offset) & BRU_DMASR_ERRORS;
    if (errors == 0) return BRU_OK;
    device->dma_errors = errors;
    return failed(device, BRU_DMA_ERROR);
}

/* What an interrupt brought: an event, nothing, or an error. */
struct served {
    enum bru_result result;
    int has_event;
};

static struct served serve_received(struct bru_device* device, struct bru_event* event) {
    struct served served = {BRU_OK, 0};
    served.result = acknowledge(device, BRU_S2MM_DMASR, BRU_LINE_S2MM);
    if (served.result != BRU_OK || !device->output_busy) return served;
    event->kind = BRU_EVENT_RECEIVED;
    event->bytes = dma_read(device, BRU_S2MM_LENGTH);
    if (event->bytes > device->output.bytes) event->bytes = device->output.bytes;
    device->output_busy = 0;
    device->port->invalidate(device->port->context, &device->output, event->bytes);
    served.has_event = 1;
    return served;
}

static struct served serve_sent(struct bru_device* device, struct bru_event* event) {
    struct served served = {BRU_OK, 0};
    served.result = acknowledge(device, BRU_MM2S_DMASR, BRU_LINE_MM2S);
    if (served.result != BRU_OK || device->input_bytes == 0) return served;
    device->input_done += device->input_part;
    if (device->input_done < device->input_bytes) {
        start_input_part(device, device->input.bus_address);
        return served;
    }
    event->kind = BRU_EVENT_SENT;
    event->bytes = device->input_bytes;
    device->input_bytes = 0;
    served.has_event = 1;
    return served;
}

static struct served serve_done(struct bru_device* device, struct bru_event* event) {
    const struct served served = {BRU_OK, 1};
    core_write(device, BRU_INTERRUPT_STATUS, BRU_INTERRUPT_DONE);
    event->kind = BRU_EVENT_DONE;
    event->bytes = 0;
    return served;
}

static struct served serve_line(struct bru_device* device, uint32_t line, struct bru_event* event) {
    if (line == BRU_LINE_S2MM) return serve_received(device, event);
    if (line == BRU_LINE_MM2S) return serve_sent(device, event);
    return serve_done(device, event);
}

/* One interrupt serves the lines in order, each where it is high by then; an event leaves the others for the next call.
 */
enum bru_result bru_next_event(struct bru_device* device, uint64_t deadline, struct bru_event* event) {
    if (device->needs_reset) return BRU_NEEDS_RESET;
    for (;;) {
        if (device->lines_left == 0) {
            if (device->port->wait(device->port->context, deadline) == 0) return BRU_TIMEOUT;
            device->lines_left = ALL_LINES;
        }
        while (device->lines_left != 0) {
            const uint32_t line = device->lines_left & (~device->lines_left + 1U); /* the lowest bit */
            struct served served;
            device->lines_left &= ~line;
            if ((pending(device) & line) == 0) continue;
            served = serve_line(device, line, event);
            if (served.result != BRU_OK || served.has_event) return served.result;
        }
    }
}

/* ---- loading ---- */

static const uint32_t shape_register_of_target[BRU_LOAD_TARGETS] = {
    0, BRU_SHAPE_WEIGHT_WORDS, BRU_SHAPE_SCALE_WORDS, BRU_SHAPE_BIAS_WORDS,
    0, BRU_SHAPE_STATE_WORDS,  BRU_SHAPE_CELL_WORDS};

/* The tables depend on the number formats alone, so all networks share them. */
static uint32_t first_word_of(const struct bru_device* device, uint32_t target) {
    return target == BRU_LOAD_TABLES ? 0 : device->used_words[target];
}

static uint32_t shape_place(uint32_t offset) { return (offset - BRU_SHAPE) / 4U; }

/* Words of the area that each stream has in a memory (docs/interfaces.md, rule 6 of the descriptors). */
static uint32_t area_words(const uint32_t* shape, uint32_t words_offset) {
    const uint64_t areas = (uint64_t)shape[shape_place(BRU_SHAPE_STREAMS)] + 1U;
    uint32_t words = 1;
    while (2U * areas * words <= shape[shape_place(words_offset)]) words *= 2U;
    return words;
}

static enum bru_result check_streams(const struct bru_device* device, const struct bru_image* image) {
    const uint32_t streams = device->shape[shape_place(BRU_SHAPE_STREAMS)];
    if (streams != image->shape[shape_place(BRU_SHAPE_STREAMS)]) return BRU_WRONG_STREAMS;
    if (streams <= 1) return BRU_OK;
    if (area_words(device->shape, BRU_SHAPE_STATE_WORDS) != area_words(image->shape, BRU_SHAPE_STATE_WORDS) ||
        area_words(device->shape, BRU_SHAPE_CELL_WORDS) != area_words(image->shape, BRU_SHAPE_CELL_WORDS))
        return BRU_WRONG_SHAPE;
    return BRU_OK;
}

static enum bru_result check_cells(const struct bru_device* device, const struct bru_image* image) {
    uint32_t d;
    if (device->shape[shape_place(BRU_SHAPE_CELL_KINDS)] > 1) return BRU_OK;
    for (d = 0; d < image->descriptor_count; ++d)
        if ((image->descriptors[(size_t)d * BRU_DESCRIPTOR_FIELDS + BRU_FIELD_FLAGS] & BRU_FLAG_GRU) != 0)
            return BRU_NO_GRU;
    return BRU_OK;
}

static enum bru_result check_shape(const struct bru_device* device, const struct bru_image* image) {
    enum bru_result result;
    uint32_t k;
    if (device->shape[0] == 0) return BRU_OK; /* not identified */
    for (k = 0; k <= shape_place(BRU_SHAPE_LUT_ADDRESS_BITS); ++k)
        if (device->shape[k] != image->shape[k]) return BRU_WRONG_SHAPE;
    result = check_streams(device, image);
    if (result == BRU_OK) result = check_cells(device, image);
    if (result != BRU_OK) return result;
    for (k = 0; k < BRU_REGIONS; ++k) {
        const uint32_t target = image->regions[k].target;
        const uint32_t place = shape_register_of_target[target];
        if (place == 0) continue;
        if (image->regions[k].words > device->shape[shape_place(place)] - device->used_words[target])
            return BRU_NO_SPACE;
    }
    return BRU_OK;
}

/* What the core does not have yet must not meet the next load target. */
static void let_beats_arrive(const struct bru_device* device) {
    const uint64_t deadline = deadline_after(device, device->drain_ticks);
    while (device->port->now(device->port->context) < deadline) device->port->wait(device->port->context, deadline);
}

/* Sends one transfer and waits until the core has it; nothing else goes on meanwhile. */
static enum bru_result send_and_wait(struct bru_device* device, const struct bru_buffer* buffer, size_t bytes) {
    struct bru_event event;
    enum bru_result result = bru_send(device, buffer, bytes);
    if (result != BRU_OK) return result;
    do {
        result = bru_next_event(device, deadline_after(device, device->timeout_ticks), &event);
    } while (result == BRU_OK && event.kind != BRU_EVENT_SENT);
    device->lines_left = 0;
    if (result == BRU_OK && device->drain_ticks > 0) let_beats_arrive(device);
    return result == BRU_TIMEOUT ? failed(device, result) : result;
}

static enum bru_result load_region(struct bru_device* device, const struct bru_region* region,
                                   const struct bru_buffer* staging) {
    const size_t word_bytes = (size_t)region->word_beats * BRU_BEAT_BYTES;
    const size_t most_words = staging->bytes / word_bytes;
    const uint32_t base = first_word_of(device, region->target);
    size_t first;
    if (most_words == 0) return BRU_BAD_BUFFER;
    for (first = 0; first < region->words; first += most_words) {
        const size_t left = region->words - first;
        const size_t words = left < most_words ? left : most_words;
        enum bru_result result;
        core_write(device, BRU_LOAD_ADDRESS, base + (uint32_t)first);
        core_write(device, BRU_LOAD_TARGET, region->target);
        if (region->beats != NULL)
            memcpy(staging->data, region->beats + first * region->word_beats, words * word_bytes);
        result = send_and_wait(device, staging, words * word_bytes);
        if (result != BRU_OK) return result;
    }
    return BRU_OK;
}

enum bru_result bru_load(struct bru_device* device, struct bru_network* network, const struct bru_image* image,
                         const struct bru_buffer* staging) {
    enum bru_result result = check_shape(device, image);
    uint32_t k;
    if (device->needs_reset) return BRU_NEEDS_RESET;
    if (device->input_bytes != 0) return BRU_BUSY;
    if (result != BRU_OK) return result;
    network->image = image;
    for (k = 0; k < BRU_LOAD_TARGETS; ++k) network->first_word[k] = first_word_of(device, k);
    for (k = 0; k < BRU_REGIONS && result == BRU_OK; ++k)
        if (image->regions[k].words > 0) result = load_region(device, &image->regions[k], staging);
    if (result != BRU_OK) return result;
    for (k = 0; k < BRU_REGIONS; ++k) device->used_words[image->regions[k].target] += image->regions[k].words;
    core_write(device, BRU_LOAD_TARGET, BRU_LOAD_RUN);
    return BRU_OK;
}

void bru_forget_networks(struct bru_device* device) { memset(device->used_words, 0, sizeof device->used_words); }

/* ---- starting ---- */

/* A field of a descriptor as it is where the network lies: bases move with the regions. */
static uint32_t placed_field(const struct bru_network* network, const uint32_t* descriptor, uint32_t field) {
    const uint32_t value = descriptor[field];
    switch (field) {
    case BRU_FIELD_WEIGHT_BASE: return value + network->first_word[BRU_LOAD_WEIGHTS];
    case BRU_FIELD_SCALE_BASE: return value + network->first_word[BRU_LOAD_SCALES];
    case BRU_FIELD_BIAS_BASE: return value + network->first_word[BRU_LOAD_BIASES];
    case BRU_FIELD_X_BASE:
    case BRU_FIELD_H_BASE:
    case BRU_FIELD_H_INITIAL: return value + network->first_word[BRU_LOAD_STATE];
    case BRU_FIELD_CELL_BASE:
    case BRU_FIELD_CELL_INITIAL: return value + network->first_word[BRU_LOAD_CELL];
    default: return value;
    }
}

uint32_t bru_packet_vectors(const struct bru_device* device, const struct bru_image* image, uint32_t wanted) {
    const uint32_t most = device->most_bytes / (image->vector_beats * BRU_BEAT_BYTES);
    return wanted < most ? wanted : most;
}

void bru_select(struct bru_device* device, const struct bru_network* network, uint32_t packet_vectors) {
    const struct bru_image* image = network->image;
    uint32_t d, field;
    for (d = 0; d < image->descriptor_count; ++d) {
        const uint32_t* descriptor = image->descriptors + (size_t)d * BRU_DESCRIPTOR_FIELDS;
        const uint32_t offset = BRU_DESCRIPTOR + BRU_DESCRIPTOR_BYTES * d;
        for (field = 0; field < BRU_DESCRIPTOR_FIELDS; ++field)
            core_write(device, offset + 4U * field, placed_field(network, descriptor, field));
    }
    core_write(device, BRU_DESCRIPTORS, image->descriptor_count);
    core_write(device, BRU_MODE, image->mode);
    core_write(device, BRU_INPUT, image->input);
    core_write(device, BRU_INPUT_SLOTS, image->input_slots);
    core_write(device, BRU_PACKET_VECTORS, packet_vectors);
    core_write(device, BRU_INTERRUPT_ENABLE, BRU_INTERRUPT_DONE);
    device->packet_bytes = (size_t)packet_vectors * image->vector_beats * BRU_BEAT_BYTES;
}

void bru_start(struct bru_device* device) { core_write(device, BRU_CONTROL, BRU_CONTROL_START); }

enum bru_result bru_check(const struct bru_device* device) {
    return (core_read(device, BRU_STATUS) & BRU_STATUS_ERROR) != 0 ? BRU_REFUSED : BRU_OK;
}

/* ---- recovery ---- */

static void forget_transfers(struct bru_device* device) {
    device->needs_reset = 0;
    device->dma_errors = 0;
    device->input_bytes = 0;
    device->output_busy = 0;
    device->lines_left = 0;
    device->input.bus_address = 0;
    device->output.bus_address = 0;
}

enum bru_result bru_reset(struct bru_device* device) {
    const uint64_t deadline = deadline_after(device, device->timeout_ticks);
    const struct bru_port* port = device->port;
    device->needs_reset = 1;
    if (port->reset != NULL) {
        port->reset(port->context);
        bru_forget_networks(device);
    }
    dma_write(device, BRU_MM2S_DMACR, BRU_DMACR_RESET); /* of both channels */
    while ((dma_read(device, BRU_MM2S_DMACR) & BRU_DMACR_RESET) != 0)
        if (port->now(port->context) >= deadline) return BRU_TIMEOUT;
    if ((core_read(device, BRU_STATUS) & BRU_STATUS_RUNNING) != 0) return BRU_CORE_RUNNING;
    core_write(device, BRU_INTERRUPT_STATUS, BRU_INTERRUPT_DONE);
    forget_transfers(device);
    bru_enable(device);
    return BRU_OK;
}

/* ---- counters ---- */

void bru_start_counters(struct bru_device* device) { core_write(device, BRU_CONTROL, BRU_CONTROL_COUNT); }

void bru_stop_counters(struct bru_device* device) { core_write(device, BRU_CONTROL, BRU_CONTROL_FREEZE); }

struct bru_counters bru_read_counters(struct bru_device* device) {
    struct bru_counters counters;
    uint32_t k;
    for (k = 0; k < BRU_COUNTERS; ++k) {
        const uint64_t low = core_read(device, BRU_COUNTER + 8U * k);
        counters.values[k] = low | (uint64_t)core_read(device, BRU_COUNTER + 8U * k + 4U) << 32;
    }
    return counters;
}
