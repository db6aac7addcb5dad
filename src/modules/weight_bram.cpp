#include "modules/weight_bram.hpp"

#include <algorithm>
#include <cassert>

namespace bru {

LoadedMemory::LoadedMemory(std::int64_t words, std::int64_t bits)
    : words_(static_cast<std::uint32_t>(words)), beats_per_word_(static_cast<std::size_t>(CoreShape::beats(bits))),
      beats_(words_ * beats_per_word_) {}

void LoadedMemory::access(MemoryAccess& access) {
    assert(std::uint64_t{access.address} + access.words <= words_ && "the host places networks inside the memories");
    std::uint64_t* start = beats_.data() + access.address * beats_per_word_;
    if (access.write) {
        std::copy_n(access.data, access.words * beats_per_word_, start);
        ++generation_;
    } else {
        access.data = start;
    }
    access.generation = generation_;
}

std::uint64_t word_bits(const std::uint64_t* word, std::int64_t position, int width) {
    const auto index = static_cast<std::size_t>(position / 64);
    const int offset = static_cast<int>(position % 64);
    std::uint64_t value = word[index] >> offset;
    if (offset + width > 64) value |= word[index + 1] << (64 - offset);
    return value & ((std::uint64_t{1} << width) - 1);
}

WeightBram::WeightBram(const sc_core::sc_module_name& name, const CoreShape& shape)
    : sc_module(name), load_socket("load_socket"), read_socket("read_socket"),
      memory_(shape.kept_words(shape.shape.weight_words), shape.weight_word_bits()) {
    load_socket.on_b_transport = [this](MemoryAccess& access, sc_core::sc_time&) { memory_.access(access); };
    read_socket.on_b_transport = [this](MemoryAccess& access, sc_core::sc_time&) { memory_.access(access); };
}

} // namespace bru
