// Random networks in the machine's own numbers, their arithmetic in plain integers, and their image in the machine's
// memories: what tests/rtl needs to drive the core without the rest of the project. Written from
// docs/architecture.md and docs/interfaces.md.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace rtl_test {

struct Shape {
    int lanes, lane_width, update_width, activation_bits, lut_address_bits;
    int weight_words, scale_words, bias_words, state_words, cell_words, input_words, output_fifo_beats;
    int units() const { return lanes / 4; }
    int slices() const { return units() / update_width; }
};

inline int divide_up(int value, int by) { return (value + by - 1) / by; }

/// A row's weights for one source; value = integer weight of `planes` bits (one plane: -1 or +1).
struct Part {
    int size = 0;
    int planes = 1;
    bool one_hot = false;
    std::vector<int> weights;        ///< rows x size
    std::vector<std::uint32_t> mantissas;
};

/// A layer direction (rows gate * size + unit) or the dense layer.
struct Rows {
    bool dense = false;
    bool reverse = false;
    int size = 0; ///< H or rows
    std::vector<Part> parts;
    std::vector<std::int64_t> bias;
    int shift = 0;
    std::vector<int> initial_h, initial_c;
    int layer = 0;
    int direction = 0;
    int row_count() const { return dense ? size : 4 * size; }
};

struct Network {
    bool one_hot = false;
    int input_size = 0;
    bool sequence_mode = false;
    int output_kind = 0;  ///< 0 hidden, 1 logits, 2 argmax
    int output_steps = 0; ///< 0 every, 1 last, 2 final
    std::vector<std::vector<Rows>> layers;
    std::vector<Rows> dense; ///< none or one
    std::vector<std::int16_t> sigmoid, tanh;
};

struct Step {
    bool first = false, last = false, end = false;
    int symbol = 0;
    std::vector<int> values;
};

/// Descriptor registers, memory images as beats, and what a model of the schedule needs.
struct Image {
    struct Load {
        int target = 0;
        int address = 0;
        std::vector<std::uint64_t> beats;
    };
    std::vector<std::vector<std::uint32_t>> descriptors; ///< 22 fields each
    std::vector<const Rows*> rows;                       ///< per descriptor
    std::vector<Load> loads;
};

using Random = std::mt19937_64;

inline int uniform(Random& random, int low, int high) {
    return low + static_cast<int>(random() % static_cast<std::uint64_t>(high - low + 1));
}

Network random_network(Random& random, const Shape& shape);

/// Steps of `sequences` sequences of at most `longest` steps.
std::vector<Step> random_steps(Random& random, const Shape& shape, const Network& network, int sequences, int longest);

/// False where the network does not fit the shape's memories (`longest`: steps of a sequence).
bool place(const Network& network, const Shape& shape, int longest, Image& image);

/// Gates or logits of one row: the exact sum, rounded once and saturated.
std::int64_t row_sum(const Rows& rows, int row, const std::vector<const std::vector<int>*>& sources, int symbol,
                     int activation_bits);

} // namespace rtl_test
