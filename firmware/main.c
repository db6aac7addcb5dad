/* Firmware of the virtual board: it loads the network that the board left in memory, streams the steps through BRU, and
 * prints each output through the UART: the symbol of a character model, or the numbers of any other.
 */
#include "board.h"
#include "bru.h"
#include "ports/bare_metal/bru_bare_metal.h"
#include "uart.h"

#define STAGING_BEATS 8192U
#define INPUT_BEATS 4096U
#define OUTPUT_BEATS 16384U
#define MOST_VALUES 4096U

#define CPU_INTERFACE(offset) (*(volatile uint32_t*)(uintptr_t)(BOARD_CPU_INTERFACE + (offset)))

/* Lines of the cache hold nothing else. */
#define DMA_MEMORY __attribute__((aligned(64)))
static uint64_t staging_beats[STAGING_BEATS] DMA_MEMORY;
static uint64_t input_beats[2][INPUT_BEATS] DMA_MEMORY;
static uint64_t output_beats[2][OUTPUT_BEATS] DMA_MEMORY;

static struct bru_bare_metal board;
static struct bru_image image;

struct application {
    const struct board_job* job;
    uint32_t next_step;
};

void irq_handler(void) __attribute__((interrupt("IRQ")));
int main(void);

void irq_handler(void) {
    const uint32_t acknowledged = CPU_INTERFACE(0x0CU);
    const uint32_t number = acknowledged & 0x3FFU;
    if (number == BOARD_UART_INTERRUPT) uart_interrupt();
    bru_bare_metal_interrupt(&board, number);
    CPU_INTERFACE(0x10U) = acknowledged;
}

static void begin_phase(enum board_phase phase) { *(volatile uint32_t*)(uintptr_t)BOARD_PHASE = (uint32_t)phase; }

static size_t next_steps(void* context, uint64_t* beats, size_t most_bytes) {
    struct application* application = (struct application*)context;
    const struct board_job* job = application->job;
    const size_t step_bytes = (size_t)image.step_beats * BRU_BEAT_BYTES;
    size_t bytes = 0;
    uint32_t count = 0;
    while (count < job->transfer_steps && bytes + step_bytes <= most_bytes && application->next_step < job->steps) {
        const uint32_t* step =
            (const uint32_t*)(uintptr_t)(job->steps_address + 4U * job->step_words * application->next_step);
        if ((image.input & BRU_INPUT_ONE_HOT) != 0)
            bru_encode_symbol(&image, step[1], step[0], beats + bytes / BRU_BEAT_BYTES);
        else
            bru_encode_vector(&image, (const int32_t*)(step + 1), step[0], beats + bytes / BRU_BEAT_BYTES);
        bytes += step_bytes;
        ++application->next_step;
        ++count;
    }
    return bytes;
}

static void print_number(int32_t value) {
    char digits[11];
    uint32_t left = value < 0 ? 0U - (uint32_t)value : (uint32_t)value;
    unsigned count = 0;
    if (value < 0) uart_put('-');
    do {
        digits[count++] = (char)('0' + left % 10U);
        left /= 10U;
    } while (left != 0);
    while (count > 0) uart_put(digits[--count]);
}

static void __attribute__((noinline)) print_vector(const struct board_job* job, const int32_t* values) {
    uint32_t k;
    if (job->vocabulary_address != 0 && image.vector_values == 1 && (uint32_t)values[0] < job->vocabulary_entries) {
        uart_put_text((const char*)(uintptr_t)(job->vocabulary_address + BOARD_VOCABULARY_BYTES * (uint32_t)values[0]));
        return;
    }
    for (k = 0; k < image.vector_values; ++k) {
        if (k > 0) uart_put(' ');
        print_number(values[k]);
    }
    uart_put('\n');
}

static void take_outputs(void* context, const uint64_t* beats, size_t bytes) {
    static int32_t values[MOST_VALUES];
    const struct application* application = (const struct application*)context;
    size_t beat;
    for (beat = 0; beat < bytes / BRU_BEAT_BYTES; beat += image.vector_beats) {
        bru_decode_vector(&image, beats + beat, values);
        print_vector(application->job, values);
    }
}

static struct bru_buffer buffer_of(uint64_t* beats, size_t count) {
    struct bru_buffer buffer;
    buffer.data = beats;
    buffer.bus_address = (uintptr_t)beats;
    buffer.bytes = count * BRU_BEAT_BYTES;
    return buffer;
}

static enum bru_result run(struct bru_device* device, const struct bru_network* network, struct board_job* job) {
    struct application application;
    struct bru_stream stream;
    struct bru_counters counters;
    enum bru_result result;
    uint32_t k, packet_vectors;
    application.job = job;
    application.next_step = 0;
    stream.context = &application;
    stream.next_steps = next_steps;
    stream.take_outputs = take_outputs;
    for (k = 0; k < 2; ++k) {
        stream.inputs[k] = buffer_of(input_beats[k], INPUT_BEATS);
        stream.outputs[k] = buffer_of(output_beats[k], OUTPUT_BEATS);
    }
    stream.timeout_ticks = BRU_FOREVER;
    packet_vectors = OUTPUT_BEATS / image.vector_beats;
    if (packet_vectors == 0 || image.vector_values > MOST_VALUES) return BRU_BAD_BUFFER;
    if (packet_vectors > job->packet_vectors) packet_vectors = job->packet_vectors;
    bru_select(device, network, bru_packet_vectors(device, &image, packet_vectors));
    bru_start_counters(device);
    result = bru_run(device, network, &stream);
    bru_stop_counters(device);
    counters = bru_read_counters(device);
    for (k = 0; k < BRU_COUNTERS; ++k) job->counters[k] = counters.values[k];
    return result;
}

static enum bru_result work(struct board_job* job) {
    const struct bru_addresses addresses = {BOARD_CORE, BOARD_DMA, job->length_bits};
    const struct bru_buffer staging = buffer_of(staging_beats, STAGING_BEATS);
    struct bru_port port;
    struct bru_device device;
    struct bru_network network;
    enum bru_result result;
    bru_bare_metal_port(&port, &board);
    bru_initialise(&device, &port, addresses);
    device.drain_ticks = job->drain_ticks;
    result = bru_identify(&device);
    if (result == BRU_OK) result = bru_read_image((const void*)(uintptr_t)job->image_address, job->image_bytes, &image);
    if (result != BRU_OK) return result;
    bru_enable(&device);
    result = bru_load(&device, &network, &image, &staging);
    if (result != BRU_OK) return result;
    begin_phase(BOARD_RUNNING);
    return run(&device, &network, job);
}

int main(void) {
    struct board_job* job = (struct board_job*)(uintptr_t)BOARD_JOB;
    const struct bru_bare_metal zynq = {BOARD_DISTRIBUTOR,    BOARD_GLOBAL_TIMER,   job->timer_ticks_per_s,
                                        BOARD_S2MM_INTERRUPT, BOARD_MM2S_INTERRUPT, BOARD_CORE_INTERRUPT};
    board = zynq;
    *(volatile uint32_t*)(uintptr_t)(BOARD_DISTRIBUTOR + 0x100U + 4U * (BOARD_UART_INTERRUPT / 32U)) =
        UINT32_C(1) << (BOARD_UART_INTERRUPT % 32U);
    CPU_INTERFACE(0x04U) = 0xF0U; /* lets every priority through */
    CPU_INTERFACE(0x00U) = 1U;
    __asm__ volatile("cpsie i" ::: "memory");
    job->result = (uint32_t)work(job);
    begin_phase(BOARD_FINISHED);
    uart_flush();
    *(volatile uint32_t*)(uintptr_t)BOARD_RESET = 1U;
    for (;;) {
    }
}
