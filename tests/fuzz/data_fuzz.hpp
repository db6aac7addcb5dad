// The readers of data: the first byte says what network the data are for, and the file is the rest.
#pragma once

#include <memory>
#include <string>

#include "fuzz/fuzz_input.hpp"
#include "model/network.hpp"
#include "trace/data_set.hpp"

namespace bru::fuzz {

inline Network network_for(std::uint8_t choice) {
    Network network;
    network.name = "model.onnx";
    network.fingerprint = "0123456789abcdef";
    network.layers.resize(1);
    network.layers[0].input_size = choice % 16 == 15 ? 28 : 1 + choice % 16;
    if (choice < 128) return network;
    network.input_encoding = InputEncoding::one_hot;
    for (int k = 0; k < network.layers[0].input_size; ++k)
        network.vocabulary.push_back(std::string(1, static_cast<char>('a' + k)));
    return network;
}

using Open = std::unique_ptr<DataSet> (*)(const std::string& path, const Network& network);

inline int read_data(const std::uint8_t* data, std::size_t size, Open open) {
    if (size == 0) return 0;
    const Network network = network_for(data[0]);
    const std::string& path = file_of(text_of(data + 1, size - 1));
    return try_to_read([&] {
        const std::unique_ptr<DataSet> set = open(path, network);
        const std::uint64_t sequences = set->sequence_count();
        set->step_count();
        constexpr int kSteps = 2000;
        for (int step = 0; step < kSteps && set->next() != nullptr; ++step) {
        }
        if (sequences > 0) set->seek(sequences - 1);
        set->next();
        set->remark();
    });
}

} // namespace bru::fuzz
