#include "machine/register_table.hpp"

#include <array>

#include <fmt/format.h>

#include "machine/cycle_class.hpp"
#include "machine/descriptor.hpp"
#include "machine/dma_registers.hpp"
#include "machine/image_format.hpp"
#include "machine/registers.hpp"
#include "machine/stream_format.hpp"

namespace bru {

namespace {

constexpr std::array<std::string_view, reg::kShapeRegisters> kShapeNames = {
    "lanes",      "lane_width",  "update_width", "activation_bits", "lut_address_bits",  "weight_words", "scale_words",
    "bias_words", "state_words", "cell_words",   "input_words",     "output_fifo_beats", "streams",      "cell_kinds"};

constexpr std::array<std::string_view, kDescriptorFields> kFieldNames = {
    "FLAGS",       "GROUPS",       "SIZE",      "X_CHUNKS", "X_PLANES",      "X_WORDS",    "H_CHUNKS", "H_PLANES",
    "WEIGHT_BASE", "SCALE_BASE",   "BIAS_BASE", "X_BASE",   "X_STRIDE",      "H_BASE",     "H_STRIDE", "H_INITIAL",
    "CELL_BASE",   "CELL_INITIAL", "SHIFT",     "SOURCE",   "SOURCE_CHUNKS", "SOURCE_SIZE"};

/// Control and status of a channel of the DMA: what both have.
std::string control_meaning() {
    return "bit 0 run; bit 2 reset: a soft reset of both channels, 1 until it is done; bit 12 interrupt on completion; "
           "bit 14 "
           "interrupt on error";
}

std::string status_meaning() {
    return "bit 0 halted; bit 1 idle; bits 4, 5, 6 internal, slave and decode error, which only a reset clears; bit 12 "
           "completed, bit 14 stopped by an error (both W1C)";
}

std::vector<RegisterConstant> image_constants() {
    using namespace image_word;
    return {{"IMAGE_MAGIC_VALUE", kImageMagic},
            {"IMAGE_VERSION_VALUE", kImageVersion},
            {"IMAGE_HEADER_BYTES", 4 * kHeaderWords},
            {"IMAGE_MAGIC", kMagic},
            {"IMAGE_VERSION", kVersion},
            {"IMAGE_BYTES", kBytes},
            {"IMAGE_CHECKSUM", kChecksum},
            {"IMAGE_SHAPE", kShape},
            {"IMAGE_MODE", kMode},
            {"IMAGE_INPUT", kInput},
            {"IMAGE_INPUT_SLOTS", kInputSlots},
            {"IMAGE_STEP_BEATS", kStepBeats},
            {"IMAGE_STEP_VALUES", kStepValues},
            {"IMAGE_VECTOR_BEATS", kVectorBeats},
            {"IMAGE_VECTOR_VALUES", kVectorValues},
            {"IMAGE_VECTORS", kVectors},
            {"IMAGE_INPUT_EXPONENT", kInputExponent},
            {"IMAGE_DESCRIPTOR_COUNT", kDescriptorCount},
            {"IMAGE_DESCRIPTORS", kDescriptors},
            {"IMAGE_REGIONS", kRegions},
            {"STEPS_MAGIC_VALUE", kStepsMagic},
            {"STEPS_HEADER_BYTES", 4 * steps_word::kHeaderWords},
            {"STEPS_COUNT", steps_word::kSteps},
            {"STEPS_BEATS", steps_word::kStepBeats}};
}

std::string define(std::string_view name, std::uint32_t value) {
    return fmt::format("#define BRU_{} UINT32_C(0x{:X})\n", name, value);
}

std::string defines(const std::vector<RegisterEntry>& registers) {
    std::string text;
    for (const RegisterEntry& entry : registers) {
        if (entry.name.empty()) continue;
        text += define(entry.name, entry.offset);
        for (const RegisterConstant& constant : entry.constants) text += define(constant.name, constant.value);
    }
    return text;
}

std::string upper(std::string_view name) {
    std::string text(name);
    for (char& letter : text)
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    return text;
}

std::string counter_defines() {
    std::string text = define("COUNTERS", reg::kCounters);
    for (const CycleClass each : kAllCycleClasses)
        text += define("COUNTER_" + upper(cycle_class_name(each)), static_cast<std::uint32_t>(each));
    return text + define("COUNTER_STEPS", kCounterSteps) + define("COUNTER_FIRST_INPUT", kCounterFirstInput) +
           define("COUNTER_LAST_OUTPUT", kCounterLastOutput);
}

std::string descriptor_defines() {
    std::string text = define("DESCRIPTOR_BYTES", reg::kDescriptorBytes) +
                       define("DESCRIPTOR_FIELDS", kDescriptorFields) + define("MOST_DESCRIPTORS", kMaxDescriptors);
    for (std::uint32_t field = 0; field < kFieldNames.size(); ++field)
        text += define(fmt::format("FIELD_{}", kFieldNames[field]), field);
    return text;
}

std::string shape_defines() {
    std::string text = define("SHAPE_REGISTERS", reg::kShapeRegisters);
    for (std::uint32_t place = 0; place < kShapeNames.size(); ++place)
        text += define("SHAPE_" + upper(kShapeNames[place]), reg::kShape + 4 * place);
    return text;
}

std::string shape_meaning() {
    std::string text;
    for (std::uint32_t place = 0; place < kShapeNames.size(); ++place)
        text += fmt::format("{}0x{:02X} {}", place > 0 ? ", " : "", reg::kShape + 4 * place, kShapeNames[place]);
    return text;
}

} // namespace

std::vector<RegisterEntry> core_register_table() {
    return {
        {reg::kControl,
         "0x00",
         "CONTROL",
         "W",
         "bit 0 `start`; bit 1 `count`: clears and starts the cycle counters; bit 2 `freeze`: stops the cycle "
         "counters, of no effect together with `count`",
         {{"CONTROL_START", kControlStart}, {"CONTROL_COUNT", kControlCount}, {"CONTROL_FREEZE", kControlFreeze}}},
        {reg::kStatus,
         "0x04",
         "STATUS",
         "R",
         "bit 0 running: from the start to the issue of the last chunk of the step marked `end`; bit 1 done: the last "
         "output beat was transferred and the last chunk was issued; a start clears it; bit 2 error: a mistake of "
         "software, which a reset clears",
         {{"STATUS_RUNNING", kStatusRunning}, {"STATUS_DONE", kStatusDone}, {"STATUS_ERROR", kStatusError}}},
        {reg::kInterruptEnable, "0x08", "INTERRUPT_ENABLE", "RW", "bit 0 done", {{"INTERRUPT_DONE", 1}}},
        {reg::kInterruptStatus, "0x0C", "INTERRUPT_STATUS", "R, W1C",
         "bit 0 done; the interrupt line is status & enable"},
        {reg::kLoadTarget,
         "0x10",
         "LOAD_TARGET",
         "RW",
         "where stream beats go: 0 run (inputs), 1 weights, 2 scales, 3 biases, 4 tables, 5 state, 6 cell. A write "
         "also "
         "sets the load address to LOAD_ADDRESS",
         {{"LOAD_RUN", 0},
          {"LOAD_WEIGHTS", 1},
          {"LOAD_SCALES", 2},
          {"LOAD_BIASES", 3},
          {"LOAD_TABLES", 4},
          {"LOAD_STATE", 5},
          {"LOAD_CELL", 6},
          {"LOAD_TARGETS", kLoadTargets}}},
        {reg::kLoadAddress, "0x14", "LOAD_ADDRESS", "RW",
         "bits 21:0: first word of the next load; write it before LOAD_TARGET"},
        {reg::kDescriptors, "0x18", "DESCRIPTORS", "RW", "number of descriptors, 1 to 32"},
        {reg::kMode,
         "0x1C",
         "MODE",
         "RW",
         "bit 0 sequence mode; bits 5:4 output kind (0 hidden, 1 logits, 2 argmax); bits 9:8 output steps (0 every, 1 "
         "last, 2 final)",
         {{"MODE_SEQUENCE", 1}, {"MODE_OUTPUT_KIND_MASK", 3 << 4}, {"MODE_OUTPUT_STEPS_MASK", 3 << 8}}},
        {reg::kInput,
         "0x20",
         "INPUT",
         "RW",
         "bits 15:0 chunks of an input step; bit 31 one-hot",
         {{"INPUT_CHUNKS_MASK", 0xFFFF}, {"INPUT_ONE_HOT", kInputOneHot}}},
        {reg::kInputSlots, "0x24", "INPUT_SLOTS", "RW",
         "steps that the input memory holds; 0 counts as 1, more than the memory has words (a power of two) as that"},
        {reg::kPacketVectors, "0x28", "PACKET_VECTORS", "RW", "output vectors per packet; 0 counts as 1"},
        {reg::kVersion, "0x2C", "VERSION", "R", "0x42525501", {{"VERSION_VALUE", kVersionValue}}},
        {reg::kShape, "0x30..", "SHAPE", "R", shape_meaning()},
        {reg::kCounter, "0x80 + 8k", "COUNTER", "R", "counter k, 64 bits, low word first; see below"},
        {reg::kDescriptor,
         "0x1000 + 0x80 d + 4 f",
         "DESCRIPTOR",
         "W",
         "d = 0..31; fields see below",
         {{"FLAG_DENSE", Descriptor::kDense},
          {"FLAG_REVERSE", Descriptor::kReverse},
          {"FLAG_X_FROM_INPUT", Descriptor::kXFromInput},
          {"FLAG_ONE_HOT", Descriptor::kOneHot},
          {"FLAG_EMIT", Descriptor::kEmit},
          {"FLAG_GRU", Descriptor::kGru}}},
    };
}

std::vector<RegisterEntry> dma_register_table() {
    using namespace dma_reg;
    return {
        {kControl,
         "0x00",
         "MM2S_DMACR",
         "RW",
         control_meaning(),
         {{"DMACR_RUN", kRun},
          {"DMACR_RESET", kReset},
          {"DMACR_IOC_IRQ_EN", kInterruptOnComplete},
          {"DMACR_ERR_IRQ_EN", kInterruptOnError}}},
        {kStatus,
         "0x04",
         "MM2S_DMASR",
         "R, W1C",
         status_meaning(),
         {{"DMASR_HALTED", kHalted},
          {"DMASR_IDLE", kIdle},
          {"DMASR_INTERNAL_ERROR", kInternalError},
          {"DMASR_SLAVE_ERROR", kSlaveError},
          {"DMASR_DECODE_ERROR", kDecodeError},
          {"DMASR_ERRORS", kErrors},
          {"DMASR_IOC_IRQ", kInterruptOnComplete},
          {"DMASR_ERR_IRQ", kInterruptOnError}}},
        {kAddress, "0x18", "MM2S_SA", "RW", "address of the source, bits 31:0"},
        {kAddressMsb, "0x1C", "MM2S_SA_MSB", "RW", "bits 63:32"},
        {kLength, "0x28", "MM2S_LENGTH", "RW", "bytes; a write starts the transfer"},
        {kS2mm + kControl, "0x30", "S2MM_DMACR", "RW", "as MM2S_DMACR"},
        {kS2mm + kStatus, "0x34", "S2MM_DMASR", "R, W1C", "as MM2S_DMASR"},
        {kS2mm + kAddress, "0x48", "S2MM_DA", "RW", "address of the destination, bits 31:0"},
        {kS2mm + kAddressMsb, "0x4C", "S2MM_DA_MSB", "RW", "bits 63:32"},
        {kS2mm + kLength, "0x58", "S2MM_LENGTH", "RW",
         "bytes of the buffer; a write starts the transfer. Reads the bytes of the packet after its end"},
    };
}

std::string registers_markdown(const std::vector<RegisterEntry>& registers) {
    std::string text = "| offset | name | access | meaning |\n|---|---|---|---|\n";
    for (const RegisterEntry& entry : registers) {
        const std::string name = entry.offset == reg::kDescriptor ? "DESCRIPTOR d, field f" : std::string(entry.name);
        text += fmt::format("| {} | {} | {} | {} |\n", entry.shown_offset, name, entry.access, entry.meaning);
    }
    return text;
}

std::string registers_c_header() {
    std::string text = "/* Made from src/machine/register_table.cpp; docs/interfaces.md says what each register does.\n"
                       " * Renew it with: build/test_machine \"write the registers\" */\n"
                       "#ifndef BRU_REGISTERS_H\n#define BRU_REGISTERS_H\n\n#include <stdint.h>\n\n";
    text += "/* The core. */\n" + defines(core_register_table());
    text += "\n/* Registers of the shape. */\n" + shape_defines();
    text += "\n/* Counters by number. */\n" + counter_defines();
    text += "\n/* Fields of a descriptor by number. */\n" + descriptor_defines();
    text += "\n/* The AXI DMA (PG021, direct register mode). */\n" + defines(dma_register_table());
    text += "\n/* Bits of the header beat of an input step. */\n" + define("HEADER_STREAM_SHIFT", kHeaderStreamShift) +
            define("HEADER_CHUNK_SHIFT", kHeaderChunkShift) + define("HEADER_COLUMN_SHIFT", kHeaderColumnShift);
    text += "\n/* Words of the headers of files for software by number. */\n";
    for (const RegisterConstant& constant : image_constants()) text += define(constant.name, constant.value);
    return text + "\n#endif\n";
}

} // namespace bru
