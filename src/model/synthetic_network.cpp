#include "model/synthetic_network.hpp"

#include <cmath>
#include <random>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "model/fingerprint.hpp"

namespace bru {

namespace {

constexpr std::uint64_t kNetworkSeed = 1;
constexpr std::uint64_t kStepSeed = 2;

WeightMatrix random_weights(std::mt19937_64& random, int rows, int columns, int planes) {
    WeightMatrix matrix;
    matrix.rows = rows;
    matrix.columns = columns;
    matrix.planes = planes;
    const std::size_t count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
    const int largest = 1 << (planes - 1);
    matrix.values.reserve(count);
    for (std::size_t k = 0; k < count; ++k) {
        const std::uint64_t number = random();
        matrix.values.push_back(static_cast<std::int8_t>(
            planes == 1 ? ((number & 1) != 0 ? 1 : -1)
                        : static_cast<int>(number % static_cast<unsigned>(2 * largest)) - largest));
    }
    matrix.scales.assign(rows, 1.0 / (largest * std::sqrt(columns)));
    return matrix;
}

} // namespace

Network synthetic_network(int hidden_size) {
    std::mt19937_64 random(kNetworkSeed);
    const std::size_t units = hidden_size;
    LstmDirection direction;
    direction.input = random_weights(random, kGates * hidden_size, kSyntheticInputs, 1);
    direction.recurrent = random_weights(random, kGates * hidden_size, hidden_size, 1);
    direction.bias.assign(kGates * units, 0.0);
    direction.initial_h.assign(units, 0.0);
    direction.initial_c.assign(units, 0.0);
    Network network;
    network.name = fmt::format("random 1 x {}", hidden_size);
    network.layers.push_back({kSyntheticInputs, hidden_size, {direction}});
    network.dense = DenseLayer{random_weights(random, kSyntheticOutputs, hidden_size, kSyntheticDensePlanes),
                               std::vector<double>(kSyntheticOutputs, 0.0)};
    network.input_encoding = InputEncoding::one_hot;
    network.graph_output = {OutputKind::logits, OutputSteps::every};
    network.fingerprint = network_fingerprint(network);
    return network;
}

std::vector<Step> synthetic_steps(const Network& network, std::size_t count, std::size_t sequence_steps) {
    std::mt19937_64 random(kStepSeed);
    std::vector<Step> steps(count);
    for (std::size_t k = 0; k < count; ++k) {
        Step& step = steps[k];
        step.first = k % sequence_steps == 0;
        step.last = (k + 1) % sequence_steps == 0 || k + 1 == count;
        if (network.input_encoding == InputEncoding::one_hot) {
            step.symbol = narrow<std::uint32_t>(random() % narrow<unsigned>(network.input_size()));
            continue;
        }
        constexpr double kLargest = 9007199254740992.0; // 2^53
        for (int input = 0; input < network.input_size(); ++input)
            step.values.push_back(2.0 * real(random() >> 11U) / kLargest - 1.0);
    }
    return steps;
}

} // namespace bru
