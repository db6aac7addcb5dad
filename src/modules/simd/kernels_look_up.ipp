// Table look-up for levels without fast gathers. Include inside an anonymous namespace.

void look_up(const std::int32_t* values, const std::int32_t* table, int address_bits, std::size_t count,
             std::int32_t* __restrict results) {
    const int shift = 16 - address_bits;
    const std::int32_t half = shift > 0 ? 1 << (shift - 1) : 0;
    const std::int32_t high = (1 << (address_bits - 1)) - 1;
    const std::int32_t mask = (1 << address_bits) - 1;
    for (std::size_t k = 0; k < count; ++k) {
        std::int32_t address = (values[k] + half) >> shift; // rounding can only leave the range at the top
        address = address > high ? high : address;
        results[k] = table[address & mask];
    }
}
