// memory_libmap tries every kind of RAM in every width and takes the cheapest; the first of equals wins. Costs are
// those of its libraries: a RAM, half a unit for every bit of a read multiplexer and every enable of a write decoder.
#include "device/memory_shape.hpp"

#include <limits>
#include <vector>

#include "base/integers.hpp"

namespace bru {

namespace {

constexpr double kMultiplexerCost = 0.5; // memory_libmap's FACTOR_MUX and FACTOR_DEMUX
constexpr double kEmulationCost = 2;     // FACTOR_EMU: here, of a read port that is not the write port
constexpr std::int64_t kByteBits = 9;    // of a block RAM's write enables
constexpr std::int64_t kLutsOfRam = 4;   // RAM32M, RAM64M: a write port and up to four reads

/// One kind of RAM as the library describes it.
struct Kind {
    std::int64_t address_bits = 0; ///< at the smallest width
    std::vector<std::int64_t> widths;
    double cost = 0;
    double width_scale = 0; ///< of the cost, what is proportional to the bits that are used
    std::int64_t byte = 0;  ///< 0: one enable for a word
    std::int64_t ports = 1; ///< beside the write port, or with it where that can be shared
    bool write_port_reads = false;
    std::int64_t ramb18 = 0;
    std::int64_t ramb36 = 0;
};

std::vector<Kind> make_block_kinds() {
    Kind dual_port_18; // true dual port
    dual_port_18.address_bits = 14;
    dual_port_18.widths = {1, 2, 4, 9, 18};
    dual_port_18.cost = 129;
    dual_port_18.byte = kByteBits;
    dual_port_18.write_port_reads = true;
    dual_port_18.ramb18 = 1;
    Kind dual_port_36 = dual_port_18;
    dual_port_36.address_bits = 15;
    dual_port_36.widths = {1, 2, 4, 9, 18, 36};
    dual_port_36.cost = 257;
    dual_port_36.ramb18 = 0;
    dual_port_36.ramb36 = 1;
    Kind cascaded = dual_port_36; // two RAMB36
    cascaded.address_bits = 16;
    cascaded.widths = {1, 2, 4, 9};
    cascaded.cost = 513;
    cascaded.ramb36 = 2;
    Kind simple_18 = dual_port_18; // simple dual port
    simple_18.widths = {1, 2, 4, 9, 18, 36};
    simple_18.write_port_reads = false;
    Kind simple_36 = dual_port_36;
    simple_36.widths = {1, 2, 4, 9, 18, 36, 72};
    simple_36.write_port_reads = false;
    return {dual_port_18, dual_port_36, cascaded, simple_18, simple_36};
}

/// In the order of the libraries.
const std::vector<Kind>& block_kinds() {
    static const std::vector<Kind> kinds = make_block_kinds();
    return kinds;
}

std::vector<Kind> make_distributed_kinds() {
    const auto of_size = [](Kind kind, std::int64_t address_bits, std::int64_t width) {
        kind.address_bits = address_bits;
        kind.widths = {width};
        return kind;
    };
    Kind dual_port;
    dual_port.cost = 8;
    dual_port.width_scale = 8;
    dual_port.write_port_reads = true;
    Kind quad_port;
    quad_port.cost = 7;
    quad_port.width_scale = 7;
    quad_port.ports = 3;
    quad_port.write_port_reads = true;
    Kind simple; // simple dual port
    simple.cost = 8;
    simple.width_scale = 7;
    return {of_size(dual_port, 5, 4), of_size(dual_port, 6, 2),
            of_size(dual_port, 7, 1), of_size(quad_port, 5, 2), // RAM32M
            of_size(quad_port, 6, 1),                           // RAM64M
            of_size(simple, 5, 6),    of_size(simple, 6, 3)};   // RAM32M, RAM64M
}

const std::vector<Kind>& distributed_kinds() {
    static const std::vector<Kind> kinds = make_distributed_kinds();
    return kinds;
}

struct Choice {
    const Kind* kind = nullptr; ///< never null in a result
    double cost = 0;
    std::int64_t rams = 0;
    std::int64_t ways = 1;
};

/// The cheapest width of one kind; the first of equals.
Choice choose_width(const RamShape& memory, const Kind& kind) {
    const bool shared = memory.shares_port && kind.write_port_reads;
    const std::int64_t free_reads = memory.reads - (shared ? 1 : 0);
    const std::int64_t copies = free_reads > 0 ? divide_up(free_reads, kind.ports) : 1;
    const std::int64_t group_bits = memory.width_bits / memory.write_groups;
    Choice best{&kind, 0, 0, 1};
    std::int64_t best_cost = std::numeric_limits<std::int64_t>::max(); // memory_libmap keeps it as an integer
    for (std::size_t i = 0; i < kind.widths.size(); ++i) {
        const std::int64_t width = kind.widths[i];
        const std::int64_t byte = kind.byte == 0 || kind.byte > width ? width : kind.byte;
        const std::int64_t ways = divide_up(memory.depth, std::int64_t{1} << (kind.address_bits - narrow<int>(i)));
        const std::int64_t bits = ways * memory.write_groups * divide_up(group_bits, byte) * byte;
        const std::int64_t rams = divide_up(bits, width);
        const std::int64_t selected = (ways - 1) * memory.width_bits * memory.reads;
        const std::int64_t decoded = ways > 1 ? ways * memory.write_groups : 0;
        const double used = ratio(ways * memory.width_bits, width);
        double cost = (kind.cost - kind.width_scale) * real(rams * copies) + kind.width_scale * used * real(copies);
        cost += kMultiplexerCost * real(selected + decoded);
        cost += kEmulationCost * real(free_reads);
        if (cost < real(best_cost)) {
            best = {&kind, cost, rams * copies, ways};
            best_cost = static_cast<std::int64_t>(cost);
        }
    }
    return best;
}

Choice choose(const RamShape& memory, const std::vector<Kind>& kinds) {
    Choice best = choose_width(memory, kinds.front());
    for (const Kind& kind : kinds) {
        const Choice choice = choose_width(memory, kind);
        if (choice.cost < best.cost) best = choice;
    }
    return best;
}

bool is_empty(const RamShape& memory) { return memory.width_bits <= 0 || memory.depth <= 0 || memory.reads <= 0; }

} // namespace

MemoryMapping map_block_ram(const RamShape& memory) {
    if (is_empty(memory)) return {};
    const Choice choice = choose(memory, block_kinds());
    return {choice.rams * choice.kind->ramb18, choice.rams * choice.kind->ramb36, 0, choice.ways};
}

MemoryMapping map_distributed_ram(const RamShape& memory) {
    if (is_empty(memory)) return {};
    const Choice choice = choose(memory, distributed_kinds());
    return {0, 0, choice.rams * kLutsOfRam, choice.ways};
}

MemoryMapping map_memory(const RamShape& memory) {
    return memory.depth <= kDistributedRamWords ? map_distributed_ram(memory) : map_block_ram(memory);
}

} // namespace bru
