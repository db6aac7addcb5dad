/* Images, steps and outputs: bytes in memory, no registers. docs/interfaces.md has the formats. */
#include <string.h>

#include "bru.h"

const char* bru_result_text(enum bru_result result) {
    switch (result) {
    case BRU_OK: return "good";
    case BRU_TIMEOUT: return "the deadline came before the event";
    case BRU_DMA_ERROR: return "a channel of the DMA stopped with an error";
    case BRU_NEEDS_RESET: return "an earlier error or timeout needs bru_reset first";
    case BRU_BUSY: return "the channel is still at work";
    case BRU_NO_DEVICE: return "the VERSION register is not that of BRU";
    case BRU_WRONG_SHAPE: return "the image was made for a machine of another shape";
    case BRU_NO_SPACE: return "the memories of the machine have no room for the network";
    case BRU_BAD_IMAGE: return "the file is damaged, of another kind or of another version";
    case BRU_BAD_BUFFER: return "the buffer is too small, not on a beat, or longer than one transfer";
    case BRU_REFUSED: return "the core tells a mistake in its registers, a load or a header";
    case BRU_WRONG_STREAMS: return "the image was made for a machine with another number of streams";
    case BRU_NO_GRU: return "the network has GRU layers, and the machine was built for LSTM layers alone";
    case BRU_CORE_RUNNING: return "the core is in the middle of a run, and the port cannot reset it";
    }
    return "unknown";
}

/* ---- images ---- */

/* Four bits at a time: a table of 64 bytes, and an eighth of the work of single bits. */
uint32_t bru_crc32(uint32_t before, const void* bytes, size_t size) {
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                       0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    const unsigned char* byte = (const unsigned char*)bytes;
    uint32_t crc = ~before;
    size_t k;
    for (k = 0; k < size; ++k) {
        crc ^= byte[k];
        crc = (crc >> 4) ^ table[crc & 15U];
        crc = (crc >> 4) ^ table[crc & 15U];
    }
    return ~crc;
}

static int in_file(const uint32_t* words, uint32_t offset, uint64_t bytes) {
    return offset % BRU_BEAT_BYTES == 0 && offset <= words[BRU_IMAGE_BYTES] && bytes <= words[BRU_IMAGE_BYTES] - offset;
}

static enum bru_result check_header(const uint32_t* words, size_t size) {
    if (size < BRU_IMAGE_HEADER_BYTES || (uintptr_t)words % BRU_BEAT_BYTES != 0) return BRU_BAD_IMAGE;
    if (words[BRU_IMAGE_MAGIC] != BRU_IMAGE_MAGIC_VALUE) return BRU_BAD_IMAGE;
    if (words[BRU_IMAGE_VERSION] != BRU_IMAGE_VERSION_VALUE) return BRU_BAD_IMAGE;
    if (words[BRU_IMAGE_BYTES] < BRU_IMAGE_HEADER_BYTES || words[BRU_IMAGE_BYTES] > size) return BRU_BAD_IMAGE;
    if (bru_crc32(0, words + BRU_IMAGE_CHECKSUM + 1, words[BRU_IMAGE_BYTES] - 4U * (BRU_IMAGE_CHECKSUM + 1U)) !=
        words[BRU_IMAGE_CHECKSUM])
        return BRU_BAD_IMAGE;
    return BRU_OK;
}

static enum bru_result read_region(const uint32_t* words, uint32_t number, struct bru_region* region) {
    const uint32_t* entry = words + BRU_IMAGE_REGIONS + (size_t)number * 4U;
    region->target = entry[0];
    region->word_beats = entry[1];
    region->words = entry[2];
    if (region->target == BRU_LOAD_RUN || region->target >= BRU_LOAD_TARGETS) return BRU_BAD_IMAGE;
    if (region->word_beats == 0 || region->word_beats > UINT16_MAX) return BRU_BAD_IMAGE;
    if (!in_file(words, entry[3], (uint64_t)region->words * region->word_beats * BRU_BEAT_BYTES)) return BRU_BAD_IMAGE;
    region->beats = (const uint64_t*)(const void*)(words + entry[3] / 4U);
    return BRU_OK;
}

enum bru_result bru_read_image(const void* bytes, size_t size, struct bru_image* image) {
    const uint32_t* words = (const uint32_t*)bytes;
    enum bru_result result = check_header(words, size);
    uint32_t k;
    if (result != BRU_OK) return result;
    memcpy(image->shape, words + BRU_IMAGE_SHAPE, sizeof image->shape);
    image->mode = words[BRU_IMAGE_MODE];
    image->input = words[BRU_IMAGE_INPUT];
    image->input_slots = words[BRU_IMAGE_INPUT_SLOTS];
    image->step_beats = words[BRU_IMAGE_STEP_BEATS];
    image->step_values = words[BRU_IMAGE_STEP_VALUES];
    image->vector_beats = words[BRU_IMAGE_VECTOR_BEATS];
    image->vector_values = words[BRU_IMAGE_VECTOR_VALUES];
    image->vectors = words[BRU_IMAGE_VECTORS];
    image->input_exponent = (int32_t)words[BRU_IMAGE_INPUT_EXPONENT];
    image->descriptor_count = words[BRU_IMAGE_DESCRIPTOR_COUNT];
    if (image->descriptor_count > BRU_MOST_DESCRIPTORS || image->vector_beats == 0 || image->step_beats == 0)
        return BRU_BAD_IMAGE;
    if (!in_file(words, words[BRU_IMAGE_DESCRIPTORS], (uint64_t)image->descriptor_count * BRU_DESCRIPTOR_FIELDS * 4U))
        return BRU_BAD_IMAGE;
    image->descriptors = words + words[BRU_IMAGE_DESCRIPTORS] / 4U;
    for (k = 0; k < BRU_REGIONS && result == BRU_OK; ++k) result = read_region(words, k, &image->regions[k]);
    return result;
}

enum bru_result bru_read_steps(const void* bytes, size_t size, struct bru_steps* steps) {
    const uint32_t* words = (const uint32_t*)bytes;
    uint64_t beats_bytes;
    if (size < BRU_STEPS_HEADER_BYTES || (uintptr_t)bytes % BRU_BEAT_BYTES != 0) return BRU_BAD_IMAGE;
    if (words[BRU_IMAGE_MAGIC] != BRU_STEPS_MAGIC_VALUE || words[BRU_IMAGE_VERSION] != BRU_IMAGE_VERSION_VALUE)
        return BRU_BAD_IMAGE;
    steps->steps = words[BRU_STEPS_COUNT];
    steps->step_beats = words[BRU_STEPS_BEATS];
    steps->beats = (const uint64_t*)(const void*)(words + BRU_STEPS_HEADER_BYTES / 4U);
    if (steps->step_beats > UINT16_MAX) return BRU_BAD_IMAGE;
    beats_bytes = (uint64_t)steps->steps * steps->step_beats * BRU_BEAT_BYTES;
    if (words[BRU_IMAGE_BYTES] > size || words[BRU_IMAGE_BYTES] != BRU_STEPS_HEADER_BYTES + beats_bytes)
        return BRU_BAD_IMAGE;
    return bru_crc32(0, steps->beats, (size_t)beats_bytes) == words[BRU_IMAGE_CHECKSUM] ? BRU_OK : BRU_BAD_IMAGE;
}

/* ---- steps and outputs ---- */

static uint32_t shape_value(const struct bru_image* image, uint32_t offset) {
    return image->shape[(offset - BRU_SHAPE) / 4U];
}

void bru_encode_symbol(const struct bru_image* image, uint32_t symbol, unsigned flags, uint64_t* beats) {
    const uint32_t width = shape_value(image, BRU_SHAPE_LANE_WIDTH);
    beats[0] = flags | (uint64_t)(symbol / width) << BRU_HEADER_CHUNK_SHIFT |
               (uint64_t)(symbol % width) << BRU_HEADER_COLUMN_SHIFT;
}

void bru_encode_vector(const struct bru_image* image, const int32_t* activations, unsigned flags, uint64_t* beats) {
    const uint32_t width = shape_value(image, BRU_SHAPE_LANE_WIDTH);
    const uint32_t bits = shape_value(image, BRU_SHAPE_ACTIVATION_BITS);
    const uint64_t mask = (UINT64_C(1) << bits) - 1U;
    const uint64_t padding = bits == 1 ? 1 : 0; /* one bit has no zero */
    uint64_t* beat = beats;
    uint32_t column = 0;
    *beat = flags;
    while (column < (image->input & 0xFFFFU) * width) {
        uint64_t fields = 0;
        uint32_t used = 0, k;
        for (k = 0; k < width; ++k, ++column) {
            uint64_t field = padding;
            if (column < image->step_values)
                field = bits == 1 ? (activations[column] > 0 ? 1U : 0U) : (uint64_t)(int64_t)activations[column] & mask;
            fields |= field << used;
            used += bits;
            if (used < 64) continue;
            *++beat = fields;
            used -= 64;
            fields = used > 0 ? field >> (bits - used) : 0; /* the field reaches into the next beat */
        }
        if (used > 0) *++beat = fields; /* a chunk begins with a beat */
    }
}

static double power_of_two(int32_t exponent) {
    double value = 1.0;
    for (; exponent > 0; --exponent) value *= 2.0;
    for (; exponent < 0; ++exponent) value *= 0.5;
    return value;
}

int32_t bru_quantize(const struct bru_image* image, double value) {
    const uint32_t bits = shape_value(image, BRU_SHAPE_ACTIVATION_BITS);
    const double high = (double)((UINT32_C(1) << (bits - 1U)) - 1U);
    double scaled;
    int32_t truncated;
    if (bits == 1) return value >= 0 ? 1 : -1;
    scaled = value * power_of_two(image->input_exponent) + 0.5;
    if (!(scaled < high + 1)) return (int32_t)high;
    if (scaled < -high - 1) return (int32_t)(-high - 1);
    truncated = (int32_t)scaled;
    return (double)truncated > scaled ? truncated - 1 : truncated;
}

void bru_decode_vector(const struct bru_image* image, const uint64_t* beats, int32_t* values) {
    const int hidden = (image->mode & BRU_MODE_OUTPUT_KIND_MASK) == 0;
    const unsigned bits = !hidden ? 32U : shape_value(image, BRU_SHAPE_ACTIVATION_BITS) <= 8 ? 8U : 16U;
    const uint64_t sign = UINT64_C(1) << (bits - 1U);
    const uint64_t mask = sign | (sign - 1U);
    uint32_t k;
    for (k = 0; k < image->vector_values; ++k) {
        const uint64_t field = beats[(size_t)k * bits / 64U] >> ((size_t)k * bits % 64U) & mask;
        values[k] = (int32_t)((int64_t)(field ^ sign) - (int64_t)sign);
    }
}
