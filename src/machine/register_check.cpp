#include "machine/register_check.hpp"

#include "base/integers.hpp"

namespace bru {

namespace {

constexpr std::uint32_t kMost16Bits = 0xFFFF;
constexpr std::uint32_t kMostPlanes = 8;
constexpr std::int32_t kLeastShift = -16;
constexpr std::int32_t kMostShift = 47;

bool is_outside(std::uint32_t value, std::uint32_t least, std::uint32_t most) { return value < least || value > most; }

bool flags_are_wrong(std::uint32_t value, const CoreShape& shape) {
    const std::uint32_t known = shape.has_gru() ? 2 * Descriptor::kGru - 1 : Descriptor::kGru - 1;
    return value > known;
}

std::uint64_t end_of(std::uint32_t base, std::uint64_t words) { return base + words; }

/// Of descriptor `index`: sizes that do not fit each other.
const char* wrong_sizes(const CoreRegisters& registers, std::uint32_t index, const CoreShape& shape) {
    const Descriptor& d = registers.descriptors[index];
    const auto per_group = narrow<std::uint32_t>(d.dense() ? shape.lanes : shape.units_per_group);
    if (d.groups != divide_up(d.size, per_group)) return "GROUPS is not SIZE over the rows or units of a group";
    if (d.dense() ? d.h_chunks != 0 : d.h_planes == 0) return "part h has no planes, or a dense layer has one";
    if (!d.dense() && d.h_chunks != divide_up(d.size, narrow<std::uint32_t>(shape.lane_width)))
        return "H_CHUNKS is not SIZE over the lane width";
    if (index == 0 && !d.x_from_input()) return "the first descriptor does not read the input";
    if (!d.one_hot() && d.x_words != d.x_chunks) return "X_WORDS is not X_CHUNKS";
    if (d.x_from_input()) {
        if (d.one_hot() != registers.input_one_hot()) return "FLAGS and INPUT differ in one-hot";
        if (d.one_hot() && d.x_words != registers.descriptors[0].x_words) return "X_WORDS is not that of descriptor 0";
        const bool fits = d.one_hot() ? d.x_chunks == 1 : d.x_chunks == registers.input_chunks();
        return fits ? nullptr : "X_CHUNKS is not that of INPUT";
    }
    if (d.one_hot()) return "one-hot x does not come from the input";
    if (d.source >= index || registers.descriptors[d.source].dense()) return "SOURCE is no layer before it";
    const std::uint32_t first = registers.descriptors[d.source].h_chunks;
    if (d.source_chunks == 0 || d.source_chunks > d.x_chunks || d.source_chunks > first)
        return "SOURCE_CHUNKS is not within X_CHUNKS and the source";
    if (d.source_chunks == d.x_chunks) return nullptr;
    const bool second = d.source + 1 < index && !registers.descriptors[d.source + 1].dense() &&
                        d.x_chunks - d.source_chunks <= registers.descriptors[d.source + 1].h_chunks;
    return second ? nullptr : "the second source is no layer before it, or is smaller";
}

/// Of descriptor `index`: a place in the order of work that it cannot have.
const char* wrong_place(const CoreRegisters& registers, std::uint32_t index) {
    const Descriptor& d = registers.descriptors[index];
    const bool last = index + 1 == registers.descriptor_count;
    if (d.dense() && d.reverse()) return "a dense layer has no direction";
    if (d.dense() && d.x_from_input() && registers.sequence_mode())
        return "a dense layer reads the input in sequence mode";
    if (d.dense() && !last) return "a dense layer is not the last descriptor";
    if (last && d.dense() == (registers.output_kind() == OutputKind::hidden))
        return d.dense() ? "MODE asks for hidden vectors, and the last descriptor is a dense layer"
                         : "MODE asks for logits or an index, and the last descriptor is no dense layer";
    const std::uint32_t input_readers = registers.sequence_mode() ? 2 : 1; // both directions of the first layer
    if (d.x_from_input() && index >= input_readers) return "x comes from the input, but not to the first layer";
    return nullptr;
}

/// What lies beyond a memory, slot 0 of the state alone.
const char* beyond_memory(const Descriptor& d, const CoreShape& shape) {
    const Shape& s = shape.shape;
    const auto has = [](std::int64_t words, std::uint64_t end) { return end <= narrow<std::uint64_t>(words); };
    const std::uint64_t slices = std::uint64_t{d.groups} * narrow<std::uint64_t>(shape.slices_per_group);
    const std::uint64_t group_words = std::uint64_t{d.x_words} * d.x_planes + std::uint64_t{d.h_chunks} * d.h_planes;
    if (!has(s.weight_words, end_of(d.weight_base, d.groups * group_words))) return "weights beyond the memory";
    if (!has(s.scale_words, end_of(d.scale_base, slices * narrow<std::uint64_t>(d.part_count()))))
        return "scales beyond the memory";
    if (!has(s.bias_words, end_of(d.bias_base, slices))) return "biases beyond the memory";
    if (!d.x_from_input() && !has(s.state_words, end_of(d.x_base, d.x_chunks))) return "x beyond the state memory";
    if (d.dense()) return nullptr;
    const std::uint64_t cells = divide_up(d.size, narrow<std::uint32_t>(shape.update_width));
    if (!has(s.state_words, end_of(d.h_base, d.h_chunks)) || !has(s.state_words, end_of(d.h_initial, d.h_chunks)))
        return "h beyond the state memory";
    const std::int64_t own_cells = s.streams == 1 ? s.cell_words : s.cell_area_words();
    if (!has(own_cells, end_of(d.cell_base, cells)) || !has(s.cell_words, end_of(d.cell_initial, cells)))
        return "c beyond the cell memory";
    return nullptr;
}

} // namespace

bool out_of_range(std::uint32_t field, std::uint32_t value, const CoreShape& shape) {
    const Shape& s = shape.shape;
    switch (field) {
    case 0: return flags_are_wrong(value, shape);
    case 1:
    case 2:
    case 3:
    case 5: return is_outside(value, 1, kMost16Bits);
    case 4: return is_outside(value, 1, kMostPlanes);
    case 6:
    case 20:
    case 21: return value > kMost16Bits;
    case 7: return value > kMostPlanes;
    case 8: return value >= narrow<std::uint64_t>(s.weight_words);
    case 9: return value >= narrow<std::uint64_t>(s.scale_words);
    case 10: return value >= narrow<std::uint64_t>(s.bias_words);
    case 11:
    case 12:
    case 13:
    case 14:
    case 15: return value >= narrow<std::uint64_t>(s.state_words);
    case 16:
    case 17: return value >= narrow<std::uint64_t>(s.cell_words);
    case 18: return static_cast<std::int32_t>(value) < kLeastShift || static_cast<std::int32_t>(value) > kMostShift;
    case 19: return value >= kMaxDescriptors;
    default: return false; // no field
    }
}

std::uint64_t words_of(LoadTarget target, const CoreShape& shape) {
    const auto words = [](std::int64_t count) { return narrow<std::uint64_t>(count); };
    switch (target) {
    case LoadTarget::weights: return words(shape.shape.weight_words);
    case LoadTarget::scales: return words(shape.shape.scale_words);
    case LoadTarget::biases: return words(shape.shape.bias_words);
    case LoadTarget::tables: return std::uint64_t{1} << shape.lut_address_bits;
    case LoadTarget::state: return words(shape.shape.state_words);
    case LoadTarget::cell: return words(shape.shape.cell_words);
    case LoadTarget::run: break;
    }
    return 0;
}

std::string contradiction(const CoreRegisters& registers, const CoreShape& shape) {
    if (registers.sequence_mode() && shape.shape.streams > 1)
        return "MODE: sequence mode, which a machine with several streams does not have";
    for (std::uint32_t index = 0; index < registers.descriptor_count; ++index) {
        const char* found = wrong_sizes(registers, index, shape);
        if (found == nullptr) found = wrong_place(registers, index);
        if (found == nullptr) found = beyond_memory(registers.descriptors[index], shape);
        if (found != nullptr) return "descriptor " + std::to_string(index) + ": " + found;
    }
    return "";
}

} // namespace bru
