/* The driver of BRU and its AXI DMA: C99, no operating system, no allocation. It reaches the hardware through the
 * functions of a port (struct bru_port), and all its state lies in structs of the caller. docs/driver.md explains how
 * to use it.
 *
 * Contract: one thread uses a device at a time. A buffer that was given to the DMA belongs to the driver until the
 * event that gives it back. Functions return BRU_OK or say why they did nothing.
 */
#ifndef BRU_H
#define BRU_H

#include <stddef.h>
#include <stdint.h>

#include "bru_registers.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BRU_BEAT_BYTES 8U
#define BRU_REGIONS 6U
#define BRU_FOREVER UINT64_MAX /* a deadline that never comes */

enum bru_result {
    BRU_OK = 0,
    BRU_TIMEOUT,       /* the deadline came first; nothing is lost, so the call may be repeated */
    BRU_DMA_ERROR,     /* a channel stopped with an error: device->dma_errors; only bru_reset helps */
    BRU_NEEDS_RESET,   /* an earlier call failed or timed out in the middle of a load */
    BRU_BUSY,          /* the channel, or the core, is still at work */
    BRU_NO_DEVICE,     /* VERSION does not say that this is BRU */
    BRU_WRONG_SHAPE,   /* the image was made for a machine of another shape */
    BRU_NO_SPACE,      /* the memories of the machine have no room for this network beside the others */
    BRU_BAD_IMAGE,     /* not an image, damaged, or of another version */
    BRU_BAD_BUFFER,    /* too small, not on a beat, or longer than one transfer of the DMA */
    BRU_CORE_RUNNING,  /* the core is in the middle of a run, and the port cannot reset it */
    BRU_REFUSED,       /* the core tells a mistake in its registers, a load or a header; only bru_reset helps */
    BRU_WRONG_STREAMS, /* the image was made for a machine with another number of streams */
    BRU_NO_GRU         /* the network has GRU layers, and the machine was built for LSTM layers alone */
};

/* What the result means, for messages. */
const char* bru_result_text(enum bru_result result);

/* ---- the port ---- */

/* Memory that both the processor and the DMA reach. */
struct bru_buffer {
    void* data;           /* as the processor sees it; a multiple of 8 */
    uint64_t bus_address; /* as the DMA sees it; a multiple of 8 */
    size_t bytes;
};

/* Interrupt lines, one bit each. */
enum bru_line { BRU_LINE_S2MM = 1, BRU_LINE_MM2S = 2, BRU_LINE_CORE = 4 };

/* What the driver needs of its surroundings. Every function gets `context`. Times are ticks of a clock of the port. */
struct bru_port {
    void* context;
    uint64_t ticks_per_s;
    uint32_t (*read32)(void* context, uintptr_t address);
    void (*write32)(void* context, uintptr_t address, uint32_t value);
    /* After this the DMA sees what the processor wrote to the first `bytes`. */
    void (*clean)(void* context, const struct bru_buffer* buffer, size_t bytes);
    /* After this the processor sees what the DMA wrote to the first `bytes`. */
    void (*invalidate)(void* context, const struct bru_buffer* buffer, size_t bytes);
    /* Lines that are high now, a set of enum bru_line. */
    uint32_t (*pending)(void* context);
    /* Sleeps until a line is high or `deadline` has come; gives the lines that are high, 0 for the deadline. A deadline
     * that has come wins. */
    uint32_t (*wait)(void* context, uint64_t deadline);
    uint64_t (*now)(void* context);
    /* Resets core and DMA through their reset wire, or NULL where software has no such wire. */
    void (*reset)(void* context);
};

/* ---- the image ---- */

/* A run of words for one memory of the core. */
struct bru_region {
    uint32_t target; /* BRU_LOAD_WEIGHTS, ... */
    uint32_t word_beats;
    uint32_t words;
    const uint64_t* beats; /* NULL: the DMA sends whatever the staging buffer holds */
};

/* A network, placed for a machine of one shape from word 0 of every memory. */
struct bru_image {
    uint32_t shape[BRU_SHAPE_REGISTERS]; /* as the SHAPE registers tell it */
    uint32_t mode;
    uint32_t input;
    uint32_t input_slots;
    uint32_t step_beats;    /* of an input step, its header included */
    uint32_t step_values;   /* inputs of a step; symbols of a one-hot input */
    uint32_t vector_beats;  /* of an output vector */
    uint32_t vector_values; /* of an output vector */
    uint32_t vectors;       /* output vectors per output: 2 for hidden vectors of a bidirectional layer */
    int32_t input_exponent; /* an activation is the input times 2 to this power, rounded */
    uint32_t descriptor_count;
    const uint32_t* descriptors; /* BRU_DESCRIPTOR_FIELDS words each */
    struct bru_region regions[BRU_REGIONS];
};

/* Reads an image file that lies in memory at a multiple of 8; the image points into it, so it must stay. */
enum bru_result bru_read_image(const void* bytes, size_t size, struct bru_image* image);

/* Encoded steps of a file; the last one ends the run. */
struct bru_steps {
    uint32_t steps;
    uint32_t step_beats;
    const uint64_t* beats;
};

/* Reads a file of steps that lies in memory at a multiple of 8; the result points into it. */
enum bru_result bru_read_steps(const void* bytes, size_t size, struct bru_steps* steps);

/* The checksum of these files: CRC-32 of IEEE 802.3. `before`: of the bytes in front of these, 0 at the beginning. */
uint32_t bru_crc32(uint32_t before, const void* bytes, size_t size);

/* ---- the device ---- */

/* A network that lies in the machine: an image and the first word of each of its regions. */
struct bru_network {
    const struct bru_image* image;
    uint32_t first_word[BRU_LOAD_TARGETS]; /* by load target */
};

struct bru_device {
    const struct bru_port* port;
    uintptr_t core;         /* address of CONTROL */
    uintptr_t dma;          /* address of MM2S_DMACR */
    uint32_t most_bytes;    /* of one transfer; whole beats */
    uint64_t timeout_ticks; /* of a transfer of a load and of a reset; BRU_FOREVER: none */
    /* What bus addresses of buffers are multiples of: 8, unless the application sets 1, since its DMA has the data
     * realignment engine. */
    uint32_t buffer_alignment;
    /* Longest time that beats take from the DMA to the core after the DMA has sent them: 0, unless the application sets
     * more, since FIFOs cross between two clocks there (docs/driver.md). */
    uint64_t drain_ticks;

    uint32_t shape[BRU_SHAPE_REGISTERS]; /* 0 until bru_identify */
    uint32_t used_words[BRU_LOAD_TARGETS];
    int needs_reset;
    uint32_t dma_errors; /* error bits of the status register of the channel that failed */

    struct bru_buffer input; /* of the transfer under way */
    size_t input_done;       /* bytes of it that earlier transfers took */
    size_t input_bytes;      /* 0: MM2S is idle */
    size_t input_part;       /* bytes of the transfer under way */
    struct bru_buffer output;
    int output_busy;
    size_t packet_bytes; /* of the selected network */
    uint32_t lines_left; /* lines that the present interrupt may still have raised */
};

struct bru_addresses {
    uintptr_t core;
    uintptr_t dma;
    unsigned length_bits; /* of the DMA's LENGTH registers: 8 to 26, as its block design says; Vivado's default is 14 */
};

/* Fills in the struct; touches no hardware. The port must stay. */
void bru_initialise(struct bru_device* device, const struct bru_port* port, struct bru_addresses addresses);

/* Reads VERSION and SHAPE. From then on bru_load refuses images of another shape, networks that do not fit, and
 * networks with cells that the machine was not built for. */
enum bru_result bru_identify(struct bru_device* device);

/* Lets both channels of the DMA run, with interrupts for completion and for errors. */
void bru_enable(struct bru_device* device);

/* Places the image behind the networks that are loaded, and sends it through `staging`, which is free again afterwards
 * and holds one memory word or more (BRU_BAD_BUFFER). Blocks. The core must be idle. */
enum bru_result bru_load(struct bru_device* device, struct bru_network* network, const struct bru_image* image,
                         const struct bru_buffer* staging);

/* Forgets all networks; the next one lies at word 0 again. */
void bru_forget_networks(struct bru_device* device);

/* Output vectors of a packet: `wanted`, or as many as one transfer takes; 0 where it takes none. */
uint32_t bru_packet_vectors(const struct bru_device* device, const struct bru_image* image, uint32_t wanted);

/* Writes the descriptors and the mode of a loaded network. Its packets have `packet_vectors` output vectors. The core
 * must be idle. */
void bru_select(struct bru_device* device, const struct bru_network* network, uint32_t packet_vectors);

/* Starts the selected network: it takes steps until the one that is marked as the end of the run. */
void bru_start(struct bru_device* device);

/* BRU_REFUSED where the core has told a mistake since its reset. A start that it refuses brings no event. */
enum bru_result bru_check(const struct bru_device* device);

/* Sends beats of whole input steps; more than one transfer where they are longer. The buffer is free again with
 * BRU_EVENT_SENT. */
enum bru_result bru_send(struct bru_device* device, const struct bru_buffer* buffer, size_t bytes);

/* Gives the DMA a place for the next packet of `bytes` at most. The buffer is free again with BRU_EVENT_RECEIVED. */
enum bru_result bru_receive(struct bru_device* device, const struct bru_buffer* buffer, size_t bytes);

int bru_sending(const struct bru_device* device);
int bru_receiving(const struct bru_device* device);

enum bru_event_kind { BRU_EVENT_RECEIVED, BRU_EVENT_SENT, BRU_EVENT_DONE };

struct bru_event {
    enum bru_event_kind kind;
    size_t bytes; /* of the packet received */
};

/* Waits for the next event until `deadline` (ticks of the port) and serves its interrupt. Without BRU_OK there is
 * no event. */
enum bru_result bru_next_event(struct bru_device* device, uint64_t deadline, struct bru_event* event);

/* Recovers from errors and timeouts by the soft reset of the DMA, which resets the core, too, where the block design
 * connects the reset output of the DMA with it (else BRU_CORE_RUNNING in the middle of a run). Networks stay loaded;
 * bru_select comes next. A port with a reset wire uses it first; then bru_load starts at word 0 again. Afterwards the
 * DMA runs. */
enum bru_result bru_reset(struct bru_device* device);

/* Ticks of the port in so many microseconds. */
uint64_t bru_ticks(const struct bru_device* device, uint64_t microseconds);

/* ---- the counters ---- */

struct bru_counters {
    uint64_t values[BRU_COUNTERS]; /* BRU_COUNTER_...: clock cycles by class, steps, first input, last output */
};

void bru_start_counters(struct bru_device* device);
void bru_stop_counters(struct bru_device* device);
/* After bru_stop_counters. */
struct bru_counters bru_read_counters(struct bru_device* device);

/* ---- steps and outputs ---- */

/* Flags of a step's header. A machine with several streams needs the number of the stream beside them, below the SHAPE
 * register `streams`: the core ignores a step of another stream, and bru_check tells it. */
enum bru_step_flag { BRU_STEP_FIRST = 1, BRU_STEP_LAST = 2, BRU_STEP_END = 4 };
#define BRU_STEP_STREAM(stream) ((unsigned)(stream) << BRU_HEADER_STREAM_SHIFT)

/* The beats of a one-hot step: one. The symbol must be below step_values. */
void bru_encode_symbol(const struct bru_image* image, uint32_t symbol, unsigned flags, uint64_t* beats);

/* The beats of a step of activations, step_beats of them. */
void bru_encode_vector(const struct bru_image* image, const int32_t* activations, unsigned flags, uint64_t* beats);

/* An input value as the activation nearest to it, saturated. */
int32_t bru_quantize(const struct bru_image* image, double value);

/* The values of an output vector, vector_values of them; argmax: the index. */
void bru_decode_vector(const struct bru_image* image, const uint64_t* beats, int32_t* values);

/* ---- a whole run ---- */

/* What a run asks of the application. */
struct bru_stream {
    void* context;
    /* Writes the beats of the next steps to `beats`, at most `most_bytes`, and returns how many bytes; 0: no step is
     * left. The last step has BRU_STEP_END. */
    size_t (*next_steps)(void* context, uint64_t* beats, size_t most_bytes);
    /* Takes the output vectors of one packet. */
    void (*take_outputs)(void* context, const uint64_t* beats, size_t bytes);
    struct bru_buffer inputs[2];  /* one is filled while the DMA sends the other */
    struct bru_buffer outputs[2]; /* one is read while the DMA fills the other */
    uint64_t timeout_ticks;       /* between two events; BRU_FOREVER: none */
};

/* Runs the selected network over all steps; returns after its last output. */
enum bru_result bru_run(struct bru_device* device, const struct bru_network* network, const struct bru_stream* stream);

#ifdef __cplusplus
}
#endif

#endif
