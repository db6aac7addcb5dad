// A function per block, written from the module of the same name in rtl/. L, W, E, U, D, A, N as in
// docs/architecture.md.
#include "device/structure.hpp"

#include <algorithm>
#include <cmath>

#include "base/integers.hpp"
#include "machine/descriptor.hpp"
#include "machine/stream_format.hpp"
#include "machine/timing.hpp"
#include "model/network.hpp"

namespace bru {

namespace {

constexpr std::int64_t kSumBits = kBiasBits;   // bias, products and their sums
constexpr std::int64_t kValueBits = kCellBits; // gates, c, table entries
constexpr std::int64_t kBankBits = 576;        // of a wide load word
constexpr std::int64_t kFifoBeatBits = 66;     // in the output FIFO: data, TLAST, last of run
constexpr std::int64_t kDescriptors = kMaxDescriptors;
constexpr std::int64_t kTallyBits = 24;
constexpr std::int64_t kClasses = 8; // counters of cycle classes, in pieces
constexpr std::int64_t kPieceBits = 16;
constexpr std::int64_t kLeastStateWords = 16;
constexpr std::int64_t kLeastDepth = 512; // of a RAMB18 or RAMB36 at its widest

std::int64_t root(std::int64_t value) { return std::lround(std::sqrt(real(value))); }

std::int64_t address_bits(std::int64_t words) { return std::max<std::int64_t>(1, ceil_log2(words)); }

/// What the modules derive from their parameters.
struct Widths {
    explicit Widths(const Shape& shape)
        : lanes(shape.lanes), width(shape.lane_width), update(shape.update_width), bits(shape.activation_bits),
          table(shape.lut_address_bits), rows(kGates * update), slices(lanes / rows), part(bits <= 8 ? 25 : 32),
          operand(bits == 1 ? 2 : bits), chunk(width * bits), column(address_bits(width)),
          levels(tree_levels(narrow<int>(width))), stages(tree_stages(narrow<int>(width))),
          state_words(std::max(shape.state_words, kLeastStateWords)), ring(address_bits(shape.input_words)),
          state(ceil_log2(state_words)), cell(address_bits(shape.cell_words)), weight(address_bits(shape.weight_words)),
          scale(address_bits(shape.scale_words)), bias(address_bits(shape.bias_words)), valid(ceil_log2(rows + 1)),
          gru(shape.cell_kinds > 1 ? 1 : 0), stream(ceil_log2(shape.streams)) {}

    std::int64_t lanes, width, update, bits, table; ///< L, W, E, A, N
    std::int64_t rows, slices, part, operand, chunk, column, levels, stages, state_words;
    std::int64_t ring, state, cell, weight, scale, bias, valid; ///< bits of addresses and of a slice's count
    std::int64_t gru;    ///< 1 where there are GRU cells; quantities that are named so are 0 without
    std::int64_t stream; ///< bits of a stream's number; 0 in a machine with one stream
    std::int64_t fifo_slices() const { return slice_fifo_slices(narrow<int>(slices)); }
};

/// Collects a block.
class Block {
public:
    explicit Block(std::string name) { result.block = std::move(name); }

    Block& lut(const std::string& name, std::int64_t quantity) { return add(result.lut, name, quantity); }
    Block& ff(const std::string& name, std::int64_t quantity) { return add(result.ff, name, quantity); }
    Block& levels(const std::string& name, std::int64_t quantity) { return add(result.levels, name, quantity); }
    /// A LUT and a flip-flop each.
    Block& both(const std::string& name, std::int64_t quantity) { return lut(name, quantity).ff(name, quantity); }

    /// The same for bits of counters and addresses. When a counter of n bits counts, bit k changes every 2^k-th time,
    /// so less than two bits change, however large n is.
    Block& counted(const std::string& name, std::int64_t bits, std::int64_t counters = 1) {
        both(name, bits);
        result.lut.back().moving = real(std::min(bits, kMovingBits * counters));
        return *this;
    }

    /// A memory whose word is registered in flip-flops where `registered` says so (an output register), or where
    /// distributed RAM needs it for a synchronous read.
    Block& memory(const RamShape& memory, bool synchronous, bool output_register) {
        const MemoryMapping mapped = rare_memory(memory, synchronous, output_register);
        const std::int64_t word = memory.width_bits * memory.reads;
        (mapped.memory_luts > 0 ? result.access.lut_bits : result.access.ram_bits) += real(word);
        if (mapped.ways > 1) {
            constexpr std::int64_t kBitsPerLevel = 2; // of the index: a level of multiplexers of four
            selected_moving_ += word * divide_up(ceil_log2(mapped.ways), kBitsPerLevel);
            decoded_moving_ += kMovingBits; // one way is no longer chosen, another one is
        }
        return *this;
    }

    /// One that is not accessed in each cycle in which the block works, but once per vector or step.
    MemoryMapping rare_memory(const RamShape& memory, bool synchronous, bool output_register) {
        const MemoryMapping mapped = synchronous ? map_memory(memory) : map_distributed_ram(memory);
        const bool distributed = mapped.memory_luts > 0;
        result.memory.ramb18 += mapped.ramb18;
        result.memory.ramb36 += mapped.ramb36;
        result.memory.memory_luts += mapped.memory_luts;
        const std::int64_t word = memory.width_bits * memory.reads;
        if (output_register) registered_bits_ += word;
        if (synchronous && distributed) registered_bits_ += word;
        if (mapped.ways > 1) {
            selected_luts_ += word * multiplexer_luts(mapped.ways);
            decoded_ += mapped.ways * memory.write_groups;
            if (synchronous && !distributed) registered_bits_ += ceil_log2(mapped.ways) * memory.reads;
        }
        return mapped;
    }

    /// Ends a block with the terms that its memories have in common.
    BlockStructure done() {
        lut("memory_select", selected_luts_);
        result.lut.back().moving = real(std::min(selected_luts_, selected_moving_));
        lut("memory_decode", decoded_);
        result.lut.back().moving = real(std::min(decoded_, decoded_moving_));
        ff("memory_register_bits", registered_bits_);
        return result;
    }

    BlockStructure result;

private:
    Block& add(std::vector<StructureTerm>& terms, const std::string& name, std::int64_t quantity) {
        terms.push_back({name, real(quantity), real(quantity)});
        return *this;
    }

    static constexpr std::int64_t kMovingBits = 2; // of a counter

    std::int64_t selected_luts_ = 0;
    std::int64_t selected_moving_ = 0;
    std::int64_t decoded_ = 0;
    std::int64_t decoded_moving_ = 0;
    std::int64_t registered_bits_ = 0;
};

BlockStructure control_registers() {
    Block block("control_registers");
    block.both("fixed", 1);
    for (std::int64_t bits = 0; bits < kSumBits; bits += kPieceBits)
        block.memory({kPieceBits, kClasses, 1, 2}, false, false);
    block.levels("fixed", 1);
    return block.done();
}

BlockStructure stream_input(const Widths& w) {
    const std::int64_t depth = std::int64_t{1} << w.ring;
    const std::int64_t word = std::max(w.chunk, kBankBits);
    const std::int64_t header = 3 + 16 + w.column + w.stream + 1; // above it whether its one-hot is none
    const std::int64_t sequence = 1 + (w.ring + 1) + (w.ring + 2) + w.state;
    Block block("stream_input");
    block.both("fixed", 1).counted("position_bits", w.ring).counted("offset_bits", w.state);
    block.lut("word_beats", divide_up(word, kBeatBits)).ff("word_bits", word).ff("header_bits", header);
    block.lut("sequence_bits", sequence).ff("sequence_bits", sequence);
    block.rare_memory({header, depth}, true, false);
    block.rare_memory({sequence, depth}, true, false);
    block.memory({w.chunk, depth}, true, false);
    block.levels("fixed", 1).levels("position_bits", w.ring);
    return block.done();
}

/// rtl/stream_scoreboard.sv: the latest vectors, each with its stream and descriptor. Without it the sequencer has
/// logic that a machine with several streams leaves out, so that the factor of `streams` may be negative.
void add_stream_scoreboard(Block& block, const Widths& w) {
    constexpr std::int64_t kPlaces = 8;
    const std::int64_t interval = std::max<std::int64_t>(w.slices, kScaleBiasTurnaround);
    const std::int64_t written = write_back_cycles(narrow<int>(w.width)) + w.slices - 1;
    const std::int64_t vectors = divide_up(written - 1, 2 * interval); // that may not be written yet
    const std::int64_t several = w.stream > 0 ? 1 : 0;
    block.both("streams", several).lut("streams_listed_bits", several * vectors * (w.stream + 5));
    // Without sequences as wholes, a bit of a place in the input memory takes less: counted from a memory of 2^16 words
    // down.
    block.lut("streams_short_places", several * std::max<std::int64_t>(16 - w.ring, 0));
    block.ff("streams_listed_bits", several * (vectors * (w.stream + 5 + 2) + 2 * w.stream));
    block.levels("streams", several).levels("streams_bits", several * w.stream);
    if (several == 0) return;
    block.rare_memory({kTallyBits, kPlaces}, false, false);
    block.rare_memory({1, std::int64_t{1} << w.stream}, false, false);
}

BlockStructure sequencer(const Widths& w) {
    Block block("sequencer");
    const std::int64_t address = std::max(w.state, w.ring + 2);
    const std::int64_t room = ceil_log2(w.fifo_slices() + 1);
    block.both("fixed", 1).counted("state_bits", w.state).counted("position_bits", w.ring);
    block.counted("address_bits", address).counted("weight_bits", w.weight);
    block.counted("table_bits", w.scale + w.bias, 2).counted("cell_bits", w.cell);
    block.both("room_bits", room + ceil_log2(w.slices + 1)).both("column_bits", w.column);
    const auto field = [&block](std::int64_t bits, std::int64_t reads) {
        block.rare_memory({bits, kDescriptors, 1, reads}, false, false);
    };
    field(5 + w.gru, 1);
    for (int i = 0; i < 2; ++i) field(4, 1);
    for (const std::int64_t bits : {w.weight, w.scale, w.bias}) field(bits, 1);
    for (const std::int64_t reads : {1, 2, 1, 2, 1}) field(w.state, reads);
    for (int i = 0; i < 2; ++i) field(w.cell, 1);
    field(7, 1);
    field(5, 1);
    for (int i = 0; i < 7; ++i) field(16, 1); // groups, size, chunks and words, source
    block.memory({kTallyBits, kDescriptors, 1, 3}, false, false);
    add_stream_scoreboard(block, w);
    block.levels("fixed", 1).levels("address_bits", address).levels("room_bits", room);
    return block.done();
}

BlockStructure weight_bram(const Shape& shape, const Widths& w) {
    Block block("weight_bram");
    const std::int64_t word = w.lanes * w.width;
    for (std::int64_t at = 0; at < word; at += kBankBits)
        block.memory({std::min(kBankBits, word - at), shape.weight_words}, true, true);
    block.lut("banks", divide_up(word, kBankBits));
    const MemoryMapping& memory = block.result.memory;
    block.levels("fixed", 1).levels("ram_loads", ceil_log2(memory.ramb18 + memory.ramb36));
    return block.done();
}

/// LUTs per bit of rtl/word_select.sv: multiplexers of four, a level for every two bits of the index.
std::int64_t select_tree_luts(std::int64_t inputs) {
    if (inputs <= 1) return 0;
    constexpr std::int64_t kInputs = 4;
    const std::int64_t alone = inputs % kInputs == 1 ? 1 : 0; // a word by itself goes through
    return divide_up(inputs, kInputs) - alone + select_tree_luts(divide_up(inputs, kInputs));
}

/// Banks of h: the chunks that a slice touches, rounded up to a power of two.
std::int64_t state_banks(const Widths& w) {
    if (w.width % w.update == 0) return 1;
    if (w.update % w.width == 0) return std::int64_t{1} << ceil_log2(w.update / w.width);
    return std::int64_t{1} << ceil_log2((w.width + w.update - 2) / w.width + 1);
}

/// Bits of the tree of one lane. The first level chooses among the sums of a pair; the second adds two such choices in
/// the same LUTs; adders above it take a LUT per bit, but for the sign that is doubled. Registers after every second
/// level; those behind the last are the DSP's. The lane that sums all activations has adders from the second level on
/// and no choices.
struct Tree {
    std::int64_t choice_bits = 0, single_bits = 0, adder_bits = 0, sum_adder_bits = 0, register_bits = 0;
};

Tree tree_of(const Widths& w) {
    Tree tree;
    std::int64_t operands = w.width;
    std::int64_t last_bits = w.operand; // of the last operand, which is narrower where it has had no partner yet
    for (std::int64_t level = 1; level <= w.levels; ++level) {
        const std::int64_t bits = w.operand + level;
        const std::int64_t sums = divide_up(operands, 2);
        if (level == 1) {
            tree.choice_bits = operands / 2 * bits;
            if (operands % 2 != 0 && (sums % 2 == 0 || w.width == 1))
                tree.single_bits = w.operand; // the one without a partner is added to a pair, or is all there is
            if (w.width == 3)                 // choice, mask and adder of a bit have seven inputs, which is two LUTs
                tree.single_bits += bits;
        } else {
            if (level > 2) tree.adder_bits += operands / 2 * (bits - 1);
            tree.sum_adder_bits += operands / 2 * (bits - 1);
        }
        if (operands % 2 == 0) last_bits = bits;
        if (level % 2 == 0 && level != w.levels) tree.register_bits += (sums - 1) * bits + last_bits;
        operands = sums;
    }
    return tree;
}

BlockStructure dot_product_lanes(const Widths& w) {
    Block block("dot_product_lanes");
    const Tree tree = tree_of(w);
    const std::int64_t pairs = divide_up(w.width, 2) * (w.operand + 1);
    const std::int64_t ahead = w.rows * w.part; // parts of the next slice, and of this one
    block.lut("choice_bits", w.lanes * tree.choice_bits);
    block.lut("adder_bits", w.lanes * tree.adder_bits + tree.sum_adder_bits)
        .lut("single_bits", w.lanes * tree.single_bits);
    block.lut("activation_bits", w.width * w.operand).lut("pair_bits", pairs).lut("fixed", 1);
    block.lut("slice_select", w.slices > 1 ? ahead * select_tree_luts(2 * (w.slices - 1)) : 0);
    block.lut("slice_bits", ahead);
    block.ff("lane_bits", (w.lanes + 1) * (tree.register_bits + 2 * w.part));
    block.ff("slice_bits", w.slices > 1 ? ahead : 0);
    block.ff("activation_bits", w.width * w.operand + pairs).ff("fixed", 1).ff("stages", w.stages);
    block.ff("column_bits", w.column);
    block.result.dsp = w.lanes + 1; // accumulators
    block.levels("fixed", 1).levels("operand_bits", w.operand).levels("lane_loads", ceil_log2(w.lanes));
    // Activations come from block RAM without an output register, those of h after the choice of a bank.
    const bool state_block_ram = divide_up(w.state_words, state_banks(w)) > kDistributedRamWords;
    const bool input_block_ram = (std::int64_t{1} << w.ring) > kDistributedRamWords;
    block.levels("block_ram", state_block_ram || input_block_ram ? 1 : 0);
    block.levels("banked_block_ram", state_block_ram && state_banks(w) > 1 ? 1 : 0);
    block.levels("select_levels", divide_up(ceil_log2(2 * w.slices), 2));
    return block.done();
}

BlockStructure scale_bias(const Shape& shape, const Widths& w) {
    Block block("scale_bias");
    const std::int64_t index = w.slices > 1 ? ceil_log2(w.slices) : 1;
    const std::int64_t record = 8 + 7 + 16 + w.scale + w.bias + 2 * w.cell + w.state;
    const bool shift_register = w.stages >= 2; // of three cycles and more
    block.lut("rows", w.rows).lut("row_part_bits", w.rows * w.part).lut("row_table_bits", w.rows * w.table);
    block.lut("fixed", 1).lut("part_bits", w.part).lut("address_bits", w.scale + w.bias + 2 * w.cell + w.state);
    block.lut("units", w.update).lut("delay_bits", shift_register ? record : 0).lut("index_bits", index);
    block.ff("row_bits", w.rows * (kLogitBits + kLogitBits + w.table + 2)).ff("fixed", 1).ff("stages", w.stages);
    block.ff("wide_rows", w.part > 25 ? w.rows : 0);
    block.ff("address_bits", w.scale + w.bias + 2 * w.cell + w.state);
    block.ff("record_bits", record * (shift_register ? 0 : w.stages + 1));
    block.ff("slice_bits", w.update + w.valid + 2 * w.cell + w.state + 2 * w.column).ff("index_bits", index);
    block.memory({w.rows * kScaleFieldBits, shape.scale_words}, true, true);
    const std::int64_t biases = w.rows * kSumBits;
    for (std::int64_t at = 0; at < biases; at += kBankBits)
        block.memory({std::min(kBankBits, biases - at), shape.bias_words}, true, true);
    block.memory({biases, w.slices}, false, false);
    block.result.dsp = w.rows * (w.part > 25 ? 2 : 1);
    block.levels("fixed", 1).levels("part_bits", w.part).levels("row_loads", ceil_log2(w.rows));
    return block.done();
}

BlockStructure activation_lut(const Widths& w) {
    Block block("activation_lut");
    const std::int64_t entries = std::int64_t{1} << w.table;
    const bool distributed = entries <= kDistributedRamWords;
    std::int64_t loaded = 0;
    for (const std::int64_t reads : {3 * w.update, 2 * w.update}) {
        if (distributed) {
            block.memory({kValueBits, entries, 1, reads}, false, true);
        } else {
            for (std::int64_t read = 0; read < reads; read += 2) {
                const std::int64_t ports = std::min<std::int64_t>(2, reads - read);
                block.memory({kValueBits, entries, 1, ports, true}, true, true);
                loaded += w.table;
            }
        }
    }
    block.lut("load_bits", loaded).ff("small_table_bits", distributed ? 5 * w.update * kValueBits : 0);
    block.levels("fixed", 1).levels("update_loads", ceil_log2(w.update));
    return block.done();
}

BlockStructure cell_update(const Widths& w) {
    Block block("cell_update");
    block.both("units", w.update).both("table_bits", w.update * w.table);
    block.both("hidden_bits", w.bits == 1 ? 0 : w.update * w.bits);
    block.lut("rounded_units", w.bits == 1 ? 0 : w.update);
    block.both("gru", w.gru).both("gru_units", w.gru * w.update);
    block.lut("gru_hidden_bits", w.gru * w.update * w.bits);
    block.result.dsp = 3 * w.update;
    block.levels("fixed", 1).levels("hidden_bits", w.bits);
    return block.done();
}

BlockStructure state_registers(const Shape& shape, const Widths& w) {
    Block block("state_registers");
    const bool inside = w.width % w.update == 0; // a slice lies in a chunk
    const bool across = !inside && w.update % w.width == 0;
    const bool ragged = !inside && !across;
    const std::int64_t banks = state_banks(w);
    const std::int64_t groups = inside ? w.width / w.update : across ? 1 : w.width;
    const std::int64_t depth = divide_up(w.state_words, banks);
    block.lut("fixed", 1).lut("address_bits", w.state * banks).lut("cell_bits", w.update * kValueBits + w.cell);
    block.lut("inside_bits", inside ? w.chunk : 0).lut("inside_groups", inside ? groups : 0);
    block.lut("slice_bits", inside || across ? w.update * w.bits : 0).lut("across_bits", across ? banks * w.chunk : 0);
    block.lut("turned_bits", ragged ? w.update * w.bits * multiplexer_luts(w.update) : 0);
    block.lut("pair_columns", ragged && w.update == 2 ? w.width : 0);
    block.lut("turned_columns", ragged && w.update > 2 ? w.width : 0);
    block.lut("two_banks_bits", ragged && banks == 2 ? (banks + 1) * w.chunk : 0); // written in each, read from one
    block.lut("two_banks_columns", ragged && banks == 2 ? banks * w.width : 0);
    block.lut("four_banks_bits", ragged && banks > 2 ? (2 * banks + 1) * w.chunk : 0);
    // A bank chooses among the chunks of a slice: of two in the LUT that writes, of four in one more, of eight in four
    // more.
    block.lut("across_choice_bits", across && banks > 2 ? banks * w.chunk * (banks / 4) * (banks / 4) : 0);
    block.lut("bank_groups", banks > 1 && !ragged ? banks * groups : 0);
    block.lut("bank_select", banks > 1 && !ragged ? w.chunk * multiplexer_luts(banks) : 0);
    block.ff("bank_bits", ceil_log2(banks));
    for (std::int64_t bank = 0; bank < banks; ++bank) block.memory({w.chunk, depth, groups}, true, false);
    block.memory({w.update * kValueBits, shape.cell_words}, true, true);
    block.levels("fixed", 1).levels("across", across ? 1 : 0).levels("turned", ragged ? 1 : 0);
    block.levels("turned_levels", ragged ? divide_up(ceil_log2(w.update), 2) : 0);
    // A net takes longer with the root of its loads: here the choice of a bank's data and enables.
    block.levels("turned_load_root", ragged ? root(banks * (w.chunk + groups)) : 0);
    return block.done();
}

BlockStructure stream_output(const Shape& shape, const Widths& w) {
    Block block("stream_output");
    const std::int64_t element = w.bits <= 8 ? 8 : 16;
    const std::int64_t hidden = w.update * element;
    const std::int64_t pointer = ceil_log2(w.fifo_slices());
    const std::int64_t fifo = address_bits(shape.output_fifo_beats);
    block.both("fixed", 1).both("fifo_bits", fifo).both("pointer_bits", pointer).both("count_bits", w.valid);
    block.ff("packed_bits", 64 / element * (w.bits == 1 ? 2 : w.bits)); // equal bits of an element are one register
    block.lut("hidden_bits", w.update * w.bits).lut("element_bits", hidden);
    block.lut("logit_select", std::int64_t{2} * kLogitBits * select_tree_luts(2 * w.update));
    block.memory({w.rows * kLogitBits, w.fifo_slices()}, false, false); // slices
    block.memory({2 * w.valid + 3, w.fifo_slices()}, false, false);     // what decides about them
    block.memory({kFifoBeatBits, shape.output_fifo_beats}, true, false);
    block.memory({kFifoBeatBits, 4}, false, false);
    block.levels("fixed", 1).levels("logit_levels", ceil_log2(2 * w.update));
    return block.done();
}

/// Beside a slice: addresses, counts and flags that bru_core hands on in shift registers.
BlockStructure delays(const Widths& w) {
    Block block("delays");
    block.lut("bits", 2 * w.cell + w.state + w.column + w.update + 2 * w.valid).lut("fixed", 1);
    block.ff("fixed", 1);
    block.both("gru", w.gru).ff("gru_units", w.gru * w.update);
    block.levels("fixed", 1);
    return block.done();
}

} // namespace

std::int64_t multiplexer_luts(std::int64_t inputs) {
    constexpr std::int64_t kInputs = 4;
    constexpr std::int64_t kInputsBehindMuxf8 = 16;
    if (inputs <= 1) return 0;
    return divide_up(inputs, kInputs) + multiplexer_luts(divide_up(inputs, kInputsBehindMuxf8));
}

Shape with_least_depths(Shape shape) {
    for (std::int64_t* words : {&shape.weight_words, &shape.scale_words, &shape.bias_words, &shape.state_words,
                                &shape.cell_words, &shape.input_words}) {
        if (*words == kAuto) *words = kLeastDepth;
    }
    if (shape.cell_kinds == kAuto) shape.cell_kinds = 1;
    return shape;
}

std::vector<BlockStructure> structure_of(const Shape& shape) {
    const Widths w(shape);
    return {control_registers(),       stream_input(w),         sequencer(w),      weight_bram(shape, w),
            dot_product_lanes(w),      scale_bias(shape, w),    activation_lut(w), cell_update(w),
            state_registers(shape, w), stream_output(shape, w), delays(w)};
}

} // namespace bru
