// FNV-1a over the network's numbers in a fixed order, 64 bits.
#include "model/fingerprint.hpp"

#include <cstdint>
#include <cstring>

#include <fmt/format.h>

#include "base/fnv.hpp"
#include "base/integers.hpp"

namespace bru {
namespace {

class Hash {
public:
    void add_byte(std::uint8_t byte) { value_ = fnv1a(value_, std::uint64_t{byte}); }

    void add(std::int64_t number) {
        for (int shift = 0; shift < 64; shift += 8)
            add_byte(static_cast<std::uint8_t>(static_cast<std::uint64_t>(number) >> shift));
    }

    void add(double number) {
        std::int64_t bits = 0;
        const double plain = number == 0 ? 0 : number; // -0 is 0
        std::memcpy(&bits, &plain, sizeof bits);
        add(bits);
    }

    void add(const std::vector<double>& numbers) {
        add(signed_size(numbers));
        for (const double number : numbers) add(number);
    }

    void add(const WeightMatrix& matrix) {
        add(std::int64_t{matrix.rows});
        add(std::int64_t{matrix.columns});
        add(std::int64_t{matrix.planes});
        for (const std::int8_t value : matrix.values) add_byte(value);
        add(matrix.scales);
    }

    std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_ = kFnvStart;
};

} // namespace

std::string network_fingerprint(const Network& network) {
    Hash hash;
    hash.add(static_cast<std::int64_t>(network.input_encoding));
    hash.add(std::int64_t{network.input_exponent});
    hash.add(signed_size(network.layers));
    for (const LstmLayer& layer : network.layers) {
        hash.add(std::int64_t{layer.direction_count()});
        if (layer.cell != CellKind::lstm) hash.add(static_cast<std::int64_t>(layer.cell));
        for (const LstmDirection& direction : layer.directions) {
            hash.add(std::int64_t{direction.reverse});
            hash.add(direction.input);
            hash.add(direction.recurrent);
            hash.add(direction.bias);
            hash.add(direction.initial_h);
            hash.add(direction.initial_c);
        }
    }
    hash.add(std::int64_t{network.dense.has_value()});
    if (network.dense) {
        hash.add(network.dense->weights);
        hash.add(network.dense->bias);
    }
    return fmt::format("{:016x}", hash.value());
}

std::string input_fingerprint(const Network& network) {
    Hash hash;
    hash.add(static_cast<std::int64_t>(network.input_encoding));
    hash.add(std::int64_t{network.input_size()});
    hash.add(signed_size(network.vocabulary));
    for (const std::string& name : network.vocabulary) {
        hash.add(signed_size(name));
        for (const char character : name) hash.add_byte(character);
    }
    return fmt::format("{:016x}", hash.value());
}

} // namespace bru
