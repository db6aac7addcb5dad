/* A whole run over the functions of the device: two buffers of inputs, two of outputs. */
#include "bru.h"

struct run {
    struct bru_device* device;
    const struct bru_image* image;
    const struct bru_stream* stream;
    size_t prepared_bytes; /* in the input buffer that is next; 0: nothing is left */
    unsigned next_input;
    unsigned next_output;
    int end_prepared;
    uint64_t expected_vectors;
    uint64_t received_vectors;
};

/* Fills the next input buffer, and counts the output vectors that its steps will bring. */
static enum bru_result prepare(struct run* run) {
    const struct bru_buffer* buffer = &run->stream->inputs[run->next_input];
    uint64_t* beats = (uint64_t*)buffer->data;
    const uint64_t counts = (run->image->mode & BRU_MODE_OUTPUT_STEPS_MASK) == 0 ? 0 : BRU_STEP_LAST;
    const size_t step_bytes = (size_t)run->image->step_beats * BRU_BEAT_BYTES;
    size_t step;
    run->prepared_bytes = 0;
    if (run->end_prepared) return BRU_OK;
    run->prepared_bytes = run->stream->next_steps(run->stream->context, beats, buffer->bytes);
    if (run->prepared_bytes == 0 || run->prepared_bytes % step_bytes != 0) return BRU_BAD_BUFFER;
    for (step = 0; step < run->prepared_bytes / step_bytes; ++step) {
        const uint64_t header = beats[step * run->image->step_beats];
        if ((header & counts) == counts) run->expected_vectors += run->image->vectors;
        if ((header & BRU_STEP_END) != 0) run->end_prepared = 1;
    }
    return BRU_OK;
}

static enum bru_result send_prepared(struct run* run) {
    const enum bru_result result = bru_send(run->device, &run->stream->inputs[run->next_input], run->prepared_bytes);
    run->next_input = 1U - run->next_input;
    return result == BRU_OK ? prepare(run) : result;
}

static enum bru_result receive(struct run* run) {
    return bru_receive(run->device, &run->stream->outputs[run->next_output], run->device->packet_bytes);
}

/* The next packet goes to the other buffer before the application reads this one. */
static enum bru_result take_packet(struct run* run, size_t bytes) {
    const struct bru_buffer* buffer = &run->stream->outputs[run->next_output];
    enum bru_result result = BRU_OK;
    run->received_vectors += bytes / BRU_BEAT_BYTES / run->image->vector_beats;
    run->next_output = 1U - run->next_output;
    if (!run->end_prepared || run->received_vectors < run->expected_vectors) result = receive(run);
    run->stream->take_outputs(run->stream->context, (const uint64_t*)buffer->data, bytes);
    return result;
}

static uint64_t next_deadline(const struct run* run) {
    const struct bru_port* port = run->device->port;
    const uint64_t now = port->now(port->context);
    return run->stream->timeout_ticks < BRU_FOREVER - now ? now + run->stream->timeout_ticks : BRU_FOREVER;
}

enum bru_result bru_run(struct bru_device* device, const struct bru_network* network, const struct bru_stream* stream) {
    struct run run = {device, network->image, stream, 0, 0, 0, 0, 0, 0};
    struct bru_event event = {BRU_EVENT_DONE, 0};
    enum bru_result result = prepare(&run);
    int done = 0;
    if (result == BRU_OK) result = receive(&run);
    if (result != BRU_OK) return result;
    bru_start(device);
    result = send_prepared(&run);
    while (result == BRU_OK && !(done && run.end_prepared && run.received_vectors >= run.expected_vectors)) {
        result = bru_next_event(device, next_deadline(&run), &event);
        if (result == BRU_TIMEOUT && bru_check(device) != BRU_OK) result = BRU_REFUSED;
        if (result != BRU_OK) break;
        if (event.kind == BRU_EVENT_DONE) done = 1;
        if (event.kind == BRU_EVENT_RECEIVED) result = take_packet(&run, event.bytes);
        if (event.kind == BRU_EVENT_SENT && run.prepared_bytes > 0) result = send_prepared(&run);
    }
    return result;
}
